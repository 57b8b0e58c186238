/**
 * Goal: a node that other machines reach serves nobody in the clear and nobody without a key, and programs that know
 * its authority use it as any other server.
 * Method: the real program at an address that is not loopback, in a network of its own; curl, the OpenAI package, rbee.
 *
 * @see src/hosts/node.ts; src/net/serve.ts, S8; src/cli/client/authorities.ts, TA1 TA2; src/cli/client/door.ts, DR1
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { authorityFile } from "../../src/hosts/cluster/key-file.ts";
import { fingerprintOf } from "../../src/net/authority/identity.ts";
import { LAUNCHER } from "../support/keeper.ts";
import { ADDRESS, needsNetwork, OWN_NETWORK, runBeside, type Told } from "../support/network.ts";
import { startNode } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";

const STATUS = ["status", "--json"];
const OPENAI_CLIENT = fileURLToPath(new URL("../support/openai-client-program.ts", import.meta.url));

test(
  "S8 TA1 TA2 DR1 another machine is served over TLS with a key, and in no other way",
  { ...needsNetwork("curl"), timeout: 120_000 },
  async () => {
    const node = await startNode({ within: OWN_NETWORK, args: ["--listen", `${ADDRESS}:0`] });
    const { url } = node.ready;
    expect(url).toMatch(/^https:\/\/192\.0\.2\.10:\d+$/);
    const ca = authorityFile(node.home);
    const curl = (...args: readonly string[]): Promise<Told> =>
      runBeside(node.pid, ["curl", "--silent", "--show-error", "--max-time", "30", ...args]);
    const status = async (...args: readonly string[]): Promise<string> =>
      (await curl("--output", "/dev/null", "--write-out", "%{http_code}", ...args)).stdout;

    const models = `${url}/v1/models`;
    expect(await status("--cacert", ca, models)).toBe("401");
    const { json } = await node.call("POST", "/v2/keys", { name: "phone" });
    const { key } = json() as { key: string };
    const bearer = ["--header", `authorization: Bearer ${key}`];
    expect(await status("--cacert", ca, ...bearer, models)).toBe("200");
    expect(await status("--cacert", ca, "--header", "authorization: Bearer rbee_guess", models)).toBe("401");
    // 60: what answers could not be verified, so the key was not sent.
    expect((await curl(...bearer, models)).code).toBe(60);
    expect((await curl(...bearer, models.replace("https", "http"))).stdout).toContain("request.plain");

    const sdk = { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: key };
    const program = [process.execPath, OPENAI_CLIENT];
    const answered = await runBeside(node.pid, program, { ...sdk, NODE_EXTRA_CA_CERTS: ca });
    expect([answered.code, answered.stdout.length > 0]).toEqual([0, true]);
    expect(
      (await runBeside(node.pid, program, { ...sdk, OPENAI_API_KEY: "guess", NODE_EXTRA_CA_CERTS: ca })).stderr,
    ).toContain("401");
    expect((await runBeside(node.pid, program, sdk)).code).toBe(1);

    const elsewhere = { RBEE_HOME: join(temporaryFolder(), "home"), RBEE_QUEEN: url, RBEE_TOKEN: key };
    const rbee = (env: Record<string, string>, ...args: readonly string[]): Promise<Told> =>
      runBeside(node.pid, [process.execPath, LAUNCHER, ...(args.length === 0 ? STATUS : args)], {
        ...elsewhere,
        ...env,
      });
    const fingerprint = fingerprintOf(readFileSync(ca));
    const infer = ["infer", "--prompt", "What is a hive?", "--max-tokens", "6", "--temperature", "0"];
    const inferred = await rbee({ RBEE_QUEEN_FINGERPRINT: fingerprint }, ...infer);
    expect([inferred.code, inferred.stdout.trim()]).toEqual([0, answered.stdout.trim()]);
    const known = await rbee({ RBEE_QUEEN_FINGERPRINT: fingerprint });
    expect([known.code, known.stdout.includes(url)]).toEqual([0, true]);
    const unknown = await rbee({});
    expect([unknown.code, unknown.stdout]).toEqual([4, expect.stringContaining("queen.untrusted")]);
    const other = await rbee({ RBEE_QUEEN_FINGERPRINT: fingerprint.replaceAll(/[0-7]/g, "8") });
    expect([other.code, other.stdout]).toEqual([4, expect.stringContaining("queen.untrusted")]);
    expect((await rbee({ RBEE_QUEEN_FINGERPRINT: "abc" })).code).toBe(78);
    expect((await rbee({ RBEE_HOME: node.home })).code).toBe(0);
  },
);
