/**
 * Goal: a machine that joins is the same machine when it asks again, and knows its cluster from then on.
 * Method: real files and a real door over TLS, whose node may lose its answer.
 *
 * @see src/hosts/cluster/membership.ts, MB1 to MB5; src/net/authority/join.ts, JO2
 * @module
 */
import { chmodSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { clusterRoutes, type JoinAsked } from "../../../../src/doors/cluster.ts";
import { clusterDirOf } from "../../../../src/hosts/cluster/key-file.ts";
import { becomeMember, keepMembership, readAttempt, readMembership } from "../../../../src/hosts/cluster/membership.ts";
import { issue, keyOfRequest } from "../../../../src/net/authority/certificates.ts";
import { type Certified, clusterOf, fingerprintOf } from "../../../../src/net/authority/identity.ts";
import { type JoinToken, makeSecret } from "../../../../src/net/authority/join-token.ts";
import { createServer } from "../../../../src/net/serve.ts";
import type { Joined, Role } from "../../../../src/protocol/cluster-api.ts";
import { RbeeError } from "../../../../src/protocol/errors.ts";
import { authorityFor, certified } from "../../../support/authority.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

/** A queen's door that lets everybody in. */
class Door {
  readonly keys: string[] = [];
  role: Role = "hive";
  /** Another's, to be told in place of the one that was asked for. */
  publicKey: string | undefined;
  /** A key that is let in no more. */
  removed: string | undefined;
  losesAnswers = 0;
  nowMs = Date.now();

  async open(authority: Certified): Promise<JoinToken> {
    const identity = await certified(authority);
    const never = () => Promise.reject(new RbeeError("defect", "not asked here"));
    const letIn = (asked: JoinAsked): Promise<Joined> => this.#join(authority, asked);
    const { port, close } = await createServer({
      listen: [{ host: "127.0.0.1", port: 0, orNext: false }],
      routes: clusterRoutes({
        tokens: never,
        createToken: never,
        revokeToken: never,
        join: letIn,
        renew: ({ name }, request) => letIn({ token: "", name, request }),
      }),
      hosts: [],
      origins: [],
      bodyBytesMax: 10_000,
      tls: { identity: () => Promise.resolve(identity), failed: () => {} },
    });
    onTestFinished(() => close(0));
    return {
      url: `https://127.0.0.1:${port}`,
      fingerprint: fingerprintOf(authority.certificate),
      secret: makeSecret(),
    };
  }

  async #join(authority: Certified, { name, request }: JoinAsked): Promise<Joined> {
    const publicKey = await keyOfRequest(request);
    this.keys.push(publicKey);
    if (publicKey === this.removed) throw new RbeeError("machine.removed", "it was removed");
    if (this.losesAnswers-- > 0) throw new RbeeError("ask.deadline", "it took too long");
    const holder = { name, role: this.role, publicKey: this.publicKey ?? publicKey, hosts: [] };
    const certificate = await issue(authority, holder, this.nowMs);
    const clusterId = clusterOf(certificate);
    return { schemaVersion: 1, certificate, authority: authority.certificate, clusterId, queen: "alpha" };
  }
}

const DAY_MS = 86_400_000;
const codeOf = (thrown: unknown): string => (thrown instanceof RbeeError ? thrown.code : String(thrown));

describe("a machine that joins", () => {
  test("MB1 MB4 whose answer was lost asks again with the same key, and has it from then on", async () => {
    const home = join(temporaryFolder(), "home");
    const door = new Door();
    door.losesAnswers = 1;
    const token = await door.open(await authorityFor("rbee-one"));
    expect(await becomeMember(home, "desk", token).catch(codeOf)).toBe("ask.deadline");
    expect(readMembership(home)).toBeUndefined();
    expect(readAttempt(home)).toEqual({ schemaVersion: 1, url: token.url, fingerprint: token.fingerprint });
    const member = await becomeMember(home, "desk", token);
    expect([new Set(door.keys).size, door.keys.length]).toEqual([1, 2]);
    expect(readMembership(home)).toEqual(member);
    expect(member).toMatchObject({ name: "desk", clusterId: "rbee-one", url: token.url });
    const folder = clusterDirOf(home);
    expect(readdirSync(folder)).toEqual(["member.json"]);
    const file = join(folder, "member.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    expect(() => readMembership(home)).toThrow("0600");
    chmodSync(file, 0o600);
    writeFileSync(file, "{}");
    expect(() => readMembership(home)).toThrow("of which cluster");
  });

  test("MB2 anew is of the new cluster alone, with a key of its own", async () => {
    const home = join(temporaryFolder(), "home");
    const [one, other] = [new Door(), new Door()];
    await becomeMember(home, "desk", await one.open(await authorityFor("rbee-one")));
    await becomeMember(home, "desk", await other.open(await authorityFor("rbee-other")));
    expect(readMembership(home)?.clusterId).toBe("rbee-other");
    expect(one.keys).not.toEqual(other.keys);
  });

  test("MB3 is certified anew when half a year is left, by the certificate that it has, and keeps its key", async () => {
    const home = join(temporaryFolder(), "home");
    const door = new Door();
    const member = await becomeMember(home, "desk", await door.open(await authorityFor()));
    const at = (days: number): number => door.nowMs + days * DAY_MS;
    expect(await keepMembership(home, member, at(180))).toBe(member);
    const renewed = await keepMembership(home, member, at(184));
    expect(renewed.certificate).not.toBe(member.certificate);
    expect({ ...renewed, certificate: "" }).toEqual({ ...member, certificate: "" });
    expect(readMembership(home)).toEqual(renewed);
    expect([door.keys.length, new Set(door.keys).size]).toEqual([2, 1]);
    const stranger = { ...member, certificate: (await certified(await authorityFor(), "hive")).certificate };
    expect(await keepMembership(home, stranger, at(184)).catch(codeOf)).not.toBe(stranger);
    expect(readMembership(home)).toEqual(renewed);
  });

  test("MB5 is the same machine when it joins its cluster again, and another one when it was removed there", async () => {
    const home = join(temporaryFolder(), "home");
    const door = new Door();
    const token = await door.open(await authorityFor());
    await becomeMember(home, "desk", token);
    await becomeMember(home, "lamp", token);
    expect(new Set(door.keys).size).toBe(1);
    [door.removed] = door.keys;
    const anew = await becomeMember(home, "desk", token);
    expect([door.keys.length, new Set(door.keys).size, readMembership(home)]).toEqual([4, 2, anew]);
  });

  test("JO2 queen.untrusted: does not keep a certificate of another role, or for another's key", async () => {
    const home = join(temporaryFolder(), "home");
    const door = new Door();
    const token = await door.open(await authorityFor());
    door.role = "client";
    expect(await becomeMember(home, "desk", token).catch(codeOf)).toBe("queen.untrusted");
    door.role = "hive";
    [door.publicKey] = door.keys;
    await becomeMember(home, "desk", token);
    const elsewhere = join(temporaryFolder(), "home");
    expect(await becomeMember(elsewhere, "desk", token).catch(codeOf)).toBe("queen.untrusted");
  });
});
