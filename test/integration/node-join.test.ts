/**
 * Goal: a machine that a person has given a token becomes part of the cluster, one machine a token, and nobody else.
 * Method: the real program, its `rbee token`, and joining as `rbee join` does it; many at the same moment, a restart
 * between token and join, a clock that was set, tokens of other clusters.
 *
 * @see src/net/authority/join.ts, JO1 JO2; src/hosts/cluster/cluster.ts, CU1 CU2; src/actors/queen/tokens.ts, JN1 JN2;
 *   machines/rules/join-token.ts, JT1
 */
import { X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { clusterDirOf } from "../../src/hosts/cluster/key-file.ts";
import { makeKey, publicKeyOf } from "../../src/net/authority/certificates.ts";
import { joinCluster, type Membership } from "../../src/net/authority/join.ts";
import { readToken, writeToken } from "../../src/net/authority/join-token.ts";
import { tokenCreated, type TokenCreated, tokensView, type TokenView } from "../../src/protocol/cluster-api.ts";
import { errorData } from "../../src/protocol/errors.ts";
import { clockAhead } from "../support/clock-preload.ts";
import { post } from "../support/http.ts";
import { keeper } from "../support/keeper.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";

const MINUTE_MS = 60_000;

async function told(home: string, ...args: readonly string[]): Promise<string> {
  const run = keeper(["token", ...args], { home });
  if ((await run.exitCode) !== 0) throw new Error(run.stderr);
  return run.stdout;
}

const tokenOf = async (node: TestNode): Promise<TokenCreated> =>
  tokenCreated.parse((await node.call("POST", "/v2/tokens", {})).json());
const tokensAt = async (node: TestNode): Promise<readonly TokenView[]> =>
  tokensView.parse((await node.call("GET", "/v2/tokens")).json()).tokens;

const outcome = (joining: Promise<Membership>): Promise<string> =>
  joining.then(
    ({ certificate }) => new X509Certificate(certificate).subject.replaceAll("\n", " "),
    (thrown: unknown) => errorData(thrown).code,
  );
const asMachine = (token: string, name: string, key = makeKey()): Promise<string> =>
  outcome(joinCluster(readToken(token), { name, key }));

function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const kind = statSync(path);
    if (kind.isDirectory()) yield* filesBelow(path);
    else if (kind.isFile()) yield path;
  }
}

describe("a token that a person made", () => {
  test("CU1 JO2 JN2 lets one machine in, over a restart of the queen too, and stands in no file", async () => {
    const home = join(temporaryFolder(), "home");
    const first = await startNode({ home });
    const printed = await told(home, "create");
    expect(printed).toMatch(/^rbj1_[\w-]{60,}\n$/);
    const token = printed.trim();
    const port = new URL(first.ready.url).port;
    await first.kill();

    await startNode({ home, args: ["--listen", `127.0.0.1:${port}`] });
    const key = makeKey();
    const member = await joinCluster(readToken(token), { name: "desk", key });
    const certificate = new X509Certificate(member.certificate);
    expect(certificate.subject).toBe(`O=${member.clusterId}\nOU=hive\nCN=desk`);
    expect(certificate.publicKey.export({ type: "spki", format: "pem" })).toBe(publicKeyOf(key));
    expect(certificate.verify(new X509Certificate(member.authority).publicKey)).toBe(true);
    expect(member.url).toBe(`https://127.0.0.1:${port}`);
    expect(await told(home, "list")).toMatch(/spent .* desk$/m);

    // Its answer may have been lost; anybody else's question was not answered.
    expect(await asMachine(token, "desk", key)).toContain("CN=desk");
    expect([await asMachine(token, "desk"), await asMachine(token, "lamp", key)]).toEqual([
      "token.refused",
      "token.refused",
    ]);
    const { secret } = readToken(token);
    for (const path of filesBelow(home)) expect([path, readFileSync(path).includes(secret)]).toEqual([path, false]);
  });

  test("JN1 of many that come with it at the same moment exactly one is let in", async () => {
    const node = await startNode();
    const { token } = await tokenOf(node);
    const names = Array.from({ length: 8 }, (_, at) => `m${at}`);
    const came = await Promise.all(names.map((name) => asMachine(token, name)));
    expect(came.filter((one) => one === "token.refused")).toHaveLength(7);
    expect((await tokensAt(node))[0]).toMatchObject({ state: "spent", spentBy: expect.stringMatching(/^m\d$/) });
  });

  test("JT1 JN2 that is ten minutes old lets nobody in, by her machine's clock and over a restart of the queen", async () => {
    const home = join(temporaryFolder(), "home");
    const first = await startNode({ home });
    const [early, late] = [await tokenOf(first), await tokenOf(first)];
    const { port } = new URL(first.ready.url);
    await first.kill();
    const later = (ms: number): Promise<TestNode> =>
      startNode({ home, args: ["--listen", `127.0.0.1:${port}`], env: clockAhead(ms) });

    const soon = await later(8 * MINUTE_MS);
    expect(await asMachine(early.token, "desk")).toContain("CN=desk");
    await soon.kill();
    const over = await later(10 * MINUTE_MS);
    const refused = keeper(["join", late.token, "--name", "lamp"], { home: join(temporaryFolder(), "home") });
    expect([await refused.exitCode, refused.stderr]).toEqual([
      4,
      expect.stringMatching(/token\.refused.* ten minutes/),
    ]);
    // Whoever was let in stays the one, and comes no second time either.
    expect(await asMachine(early.token, "desk")).toBe("token.refused");
    const states = (await tokensAt(over)).map(({ id, state }) => [id, state]);
    expect(Object.fromEntries(states)).toEqual({ [early.id]: "spent", [late.id]: "ended" });
    // Set back by more than that, it ends it too.
    await over.kill();
    await later(-11 * MINUTE_MS);
    expect(await asMachine(late.token, "lamp")).toBe("token.refused");
  });

  test("CU2 JO1 that is revoked, made up, or of another cluster lets nobody in, and its secret stays with its owner", async () => {
    const [node, other] = await Promise.all([startNode(), startNode()]);
    const [revoked, kept, foreign] = [await tokenOf(node), await tokenOf(node), await tokenOf(other)];
    expect(await told(node.home, "revoke", revoked.id)).toBe(`${revoked.id} revoked\n`);
    expect(await asMachine(revoked.token, "desk")).toBe("token.refused");
    const { fingerprint } = readToken(foreign.token);
    const madeUp = writeToken({ ...readToken(kept.token), secret: readToken(foreign.token).secret });
    expect(await asMachine(madeUp, "desk")).toBe("token.refused");
    // At the right place, and known by another's fingerprint: nobody is asked.
    const misled = writeToken({ ...readToken(kept.token), fingerprint });
    expect(await asMachine(misled, "desk")).toBe("queen.untrusted");
    expect((await tokensAt(node)).map(({ id, state }) => [id, state])).toEqual([[kept.id, "open"]]);
  });
});

describe("the door for machines that join", () => {
  test("CD1 CD2 gives tokens to nobody over TCP, and takes no more than a small request", async () => {
    const node = await startNode();
    const port = Number(new URL(node.ready.url).port);
    // A node that no other machine has to do with makes no authority.
    expect(existsSync(clusterDirOf(node.home))).toBe(false);
    expect((await post(port, "/v2/tokens", {})).status).toBe(403);
    expect((await post(port, "/v1/cluster/join", { token: "x".repeat(10_000) })).status).toBe(413);
    expect((await post(port, "/v1/cluster/join", { token: "x", name: "y", request: "z" })).status).toBe(400);
    const refused = await node.call("POST", "/v2/tokens", { host: "elsewhere.example" });
    expect([refused.status, refused.text.includes("127.0.0.1")]).toEqual([400, true]);
    const named = await node.call("POST", "/v2/tokens", { host: "localhost" });
    expect(tokenCreated.parse(named.json()).url).toBe(`https://localhost:${port}`);
  });
});
