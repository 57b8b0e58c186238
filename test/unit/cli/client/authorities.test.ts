/**
 * Goal: the command line says nothing, and no key, to who is not proved to be the queen.
 * Method: real doors over TLS on loopback.
 *
 * @see src/cli/client/authorities.ts, TA1 TA2; src/cli/client/door.ts, DR1
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { getCACertificates } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { authoritiesFor } from "../../../../src/cli/client/authorities.ts";
import { fetchJson } from "../../../../src/cli/client/door.ts";
import { authorityFile } from "../../../../src/hosts/cluster/key-file.ts";
import { type Certified, type Identity, fingerprintOf } from "../../../../src/net/authority/identity.ts";
import { createServer } from "../../../../src/net/serve.ts";
import { errorData } from "../../../../src/protocol/errors.ts";
import { authorityFor, certified } from "../../../support/authority.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const DAY_MS = 86_400_000;

async function open(identity: Identity): Promise<{ readonly url: URL; readonly heard: (string | undefined)[] }> {
  const heard: (string | undefined)[] = [];
  const { port, close } = await createServer({
    listen: [{ host: "127.0.0.1", port: 0, orNext: false }],
    routes: [
      {
        method: "GET",
        path: "/who",
        handle: ({ headers }) => {
          heard.push(headers["authorization"]);
          return { status: 200, json: "queen" };
        },
      },
    ],
    hosts: [],
    origins: [],
    bodyBytesMax: 1,
    tls: { identity: () => Promise.resolve(identity), failed: () => {} },
  });
  onTestFinished(() => close(0));
  return { url: new URL(`https://127.0.0.1:${port}`), heard };
}

function homeOf({ certificate }: Certified): string {
  const home = join(temporaryFolder(), "home");
  mkdirSync(dirname(authorityFile(home)), { recursive: true });
  writeFileSync(authorityFile(home), certificate);
  return home;
}

const codeOf = (thrown: unknown): string => errorData(thrown).code;
const who = (url: URL, authorities: readonly string[]): Promise<unknown> =>
  fetchJson({ url, token: "rbee_key", authorities }, { method: "GET", path: "/who" }).catch(codeOf);

describe("whose word is taken for the queen", () => {
  test("TA2 the system's authorities, and this home's", async () => {
    const authority = await authorityFor();
    const { url } = await open(await certified(authority));
    const own = await authoritiesFor(url, {}, homeOf(authority));
    expect(own).toEqual([...getCACertificates("default"), authority.certificate]);
    expect(await who(url, own)).toBe("queen");
    expect(await authoritiesFor(url, {}, "/nowhere")).toEqual(getCACertificates("default"));
  });

  test("TA1 with a fingerprint that authority alone, with colons or without, and not this home's", async () => {
    const [authority, other] = [await authorityFor(), await authorityFor()];
    const { url, heard } = await open(await certified(authority));
    const fingerprint = fingerprintOf(authority.certificate);
    for (const RBEE_QUEEN_FINGERPRINT of [fingerprint, fingerprint.toUpperCase().replaceAll(/..(?=.)/g, "$&:")]) {
      const named = await authoritiesFor(url, { RBEE_QUEEN_FINGERPRINT }, homeOf(other));
      expect(named).toEqual([authority.certificate]);
      expect(await who(url, named)).toBe("queen");
    }
    const wrong = { RBEE_QUEEN_FINGERPRINT: fingerprintOf(other.certificate) };
    expect(await authoritiesFor(url, wrong, homeOf(authority)).catch(codeOf)).toBe("queen.untrusted");
    expect(await authoritiesFor(url, { RBEE_QUEEN_FINGERPRINT: "ab" }, "/nowhere").catch(codeOf)).toBe(
      "config.invalid",
    );
    expect(heard).toHaveLength(2);
  });

  test("DR1 queen.untrusted: of another authority, for another address, ended, or a hive; and none hears the key", async () => {
    const authority = await authorityFor();
    const wrong = [
      await certified(await authorityFor()),
      await certified(authority, "queen", { hosts: ["192.0.2.7"] }),
      await certified(authority, "queen", { atMs: Date.now() - 91 * DAY_MS }),
      await certified(authority, "hive"),
    ];
    for (const identity of wrong) {
      const { url, heard } = await open(identity);
      expect(await who(url, [authority.certificate])).toBe("queen.untrusted");
      expect(heard).toEqual([]);
    }
  });
});
