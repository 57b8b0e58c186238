/**
 * What a machine that has joined knows of its cluster, and the key by which it is known there.
 *
 * Owns: joining once, and the file of it in RBEE_HOME. Does not own: joining over the wire (src/net/authority/join.ts),
 * or what is done as a member.
 *
 *  MB1 The key is on disk before it is shown to anybody: whose answer is lost, or who dies, asks again as the same.
 *  MB2 Nothing of another cluster is used: who joins anew has forgotten the one before.
 *  MB3 A certificate is renewed when half a year of it is left: a machine that is put away for months comes back.
 *  MB4 Where it wanted to join last is kept until it has, without the token's secret.
 *  MB5 Who joins the same cluster again comes with the key that it had, and is the same machine there; unless that was
 *      removed: then it comes as another.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Membership } from "../../net/authority/join.ts";
import { fingerprintOf } from "../../net/authority/identity.ts";
import type { JoinToken } from "../../net/authority/join-token.ts";
import { errorData } from "../../protocol/errors.ts";
import { writePrivately } from "../../runtime/config/private-file.ts";
import { clusterDirOf, readPrivately, unusable } from "./key-file.ts";

const RENEW_BEFORE_MS = 182 * 86_400_000;

const memberFile = (home: string): string => join(clusterDirOf(home), "member.json");
const joiningKeyFile = (home: string): string => join(clusterDirOf(home), "joining.key");
const termFile = (home: string): string => join(clusterDirOf(home), "term.json");
const joiningFile = (home: string): string => join(clusterDirOf(home), "joining.json");

const membership = z.object({
  name: z.string(),
  key: z.string(),
  certificate: z.string(),
  authority: z.string(),
  clusterId: z.string(),
  queen: z.string(),
  url: z.string(),
}) satisfies z.ZodType<Membership>;
const kept = z.object({ schemaVersion: z.literal(1), member: membership });

/** @returns nothing where this home has joined no cluster @throws RbeeError home.unusable */
export function readMembership(home: string): Membership | undefined {
  const file = memberFile(home);
  const text = readPrivately(file);
  if (text === undefined) return undefined;
  try {
    return kept.parse(JSON.parse(text)).member;
  } catch {
    throw unusable(file, "does not say of which cluster this is");
  }
}

/** The latest term of its queen that a member has heard of. */
export const readTermSaid = (home: string): string | undefined => readPrivately(termFile(home));
export const keepTermSaid = (home: string, said: string): void => writePrivately(termFile(home), said);

/** Where a machine wants to join, and has not been let in yet: for whoever asks why not. */
const attempt = z.object({ schemaVersion: z.literal(1), url: z.string(), fingerprint: z.string() });
export type Attempt = Readonly<Omit<z.infer<typeof attempt>, "schemaVersion">>;

/** MB4. */
export function readAttempt(home: string): Attempt | undefined {
  const text = readPrivately(joiningFile(home));
  return text === undefined ? undefined : attempt.parse(JSON.parse(text));
}

/**
 * MB1, MB2, MB4.
 *
 * @throws RbeeError queen.untrusted, token.refused, machine.taken, and as unreached.ts says
 */
export async function becomeMember(home: string, name: string, token: JoinToken): Promise<Membership> {
  const { joinCluster } = await import("../../net/authority/join.ts");
  const known = readMembership(home);
  const { url, fingerprint } = token;
  const key = known !== undefined && fingerprintOf(known.authority) === fingerprint ? known.key : undefined;
  const joinAs = async (own: string): Promise<Membership> => keep(home, await joinCluster(token, { name, key: own }));
  writePrivately(joiningFile(home), JSON.stringify({ schemaVersion: 1, url, fingerprint }));
  const member = await joinAs(key ?? (await joiningKey(home))).catch(async (thrown: unknown) => {
    if (key === undefined || errorData(thrown).code !== "machine.removed") throw thrown;
    return joinAs(await joiningKey(home));
  });
  rmSync(joiningKeyFile(home), { force: true });
  rmSync(joiningFile(home), { force: true });
  return member;
}

/**
 * MB3. To be asked whenever the queen is there.
 *
 * @returns the membership from now on, which may be the one that was
 * @throws RbeeError queen.untrusted, request.unauthorized, and as unreached.ts says: the one that was stays in force
 */
export async function keepMembership(home: string, member: Membership, nowMs: number): Promise<Membership> {
  if (Date.parse(new X509Certificate(member.certificate).validTo) - nowMs > RENEW_BEFORE_MS) return member;
  const { renewMember } = await import("../../net/authority/join.ts");
  return keep(home, await renewMember(member));
}

function keep(home: string, member: Membership): Membership {
  writePrivately(memberFile(home), `${JSON.stringify({ schemaVersion: 1, member } satisfies z.infer<typeof kept>)}\n`);
  return member;
}

async function joiningKey(home: string): Promise<string> {
  const begun = readPrivately(joiningKeyFile(home));
  if (begun !== undefined) return begun;
  const { makeKey } = await import("../../net/authority/certificates.ts");
  const key = makeKey();
  writePrivately(joiningKeyFile(home), key);
  return key;
}
