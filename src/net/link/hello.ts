/**
 * Whether two machines may talk: a pure judgement of a hello.
 *
 * Owns: what is compared, and the reason of a refusal, which names both sides' values. Does not own: proof of who
 * speaks (the certificate, before), or which of two connections of a pair is kept (keeper.ts).
 *
 *  HE1 The version spoken is the highest that both can; without one in common the hello is refused.
 *  HE2 A machine of another cluster, or other than was dialled or certified, is refused; so is a role that was not
 *      certified.
 *  HE3 One id is one machine: our own id, or the id of a life that is known under another instance, is refused.
 *  HE4 A life older than the last one heard of is refused: what was removed does not come back (RC3).
 *  HE5 Both sides come to the same version, and neither accepts what the other refuses on versions or clusters.
 *
 * @module
 */
import type { ErrorCode, ErrorData } from "../../protocol/errors.ts";
import { MESSAGE_BYTES_MAX } from "./messages.ts";
import type { Hello, Role } from "./words.ts";

/**
 * What this program can speak; since version 2 mail may come in runs (runs.ts). When it rises, and what is kept of
 * each: test/recorded/README.md.
 */
export const VERSIONS = { min: 1, max: 2 } as const;

/** The hello of a machine that runs this program. */
export const helloOf = (self: Pick<Hello, "cluster" | "node" | "life" | "instance" | "roles">): Hello => ({
  word: "hello",
  versions: VERSIONS,
  messageBytesMax: MESSAGE_BYTES_MAX,
  ...self,
});

/** What is known of the other side before it speaks. */
export interface Expected {
  /** Who was dialled, or whom the certificate names. */
  readonly node?: string;
  /** What the certificate allows. Absent: whoever opened the connection answers for it. */
  readonly roles?: readonly Role[];
}

/** A start of a machine. */
export interface Life {
  readonly life: number;
  readonly instance: string;
}

export type Verdict =
  | { readonly ok: true; readonly version: number }
  | { readonly ok: false; readonly error: ErrorData };

/** @param seen the last start of that machine that was let in */
export function judge(self: Hello, theirs: Hello, expected: Expected = {}, seen?: Life): Verdict {
  const version = Math.min(self.versions.max, theirs.versions.max);
  if (version < Math.max(self.versions.min, theirs.versions.min)) {
    return refuse("link.version", `${theirs.node} speaks`, range(theirs), range(self));
  }
  if (theirs.cluster !== self.cluster) {
    return refuse("link.cluster", `${theirs.node} belongs to`, theirs.cluster, self.cluster);
  }
  if (theirs.node === self.node) {
    return refuse("link.duplicate", "another machine calls itself", theirs.node, self.node);
  }
  if (expected.node !== undefined && theirs.node !== expected.node) {
    return refuse("link.foreign", "who answers is", theirs.node, expected.node, "expected was");
  }
  const uncertified = theirs.roles.find((role) => expected.roles?.includes(role) === false);
  if (uncertified !== undefined) {
    const certified = expected.roles?.join(" ") ?? "";
    return refuse("link.role", `${theirs.node} claims to be`, uncertified, certified, "its certificate says");
  }
  return seen === undefined ? { ok: true, version } : judgeLife(theirs, seen, version);
}

function judgeLife({ node, life, instance }: Hello, seen: Life, version: number): Verdict {
  if (life < seen.life) return refuse("link.stale", `${node} is in its life`, life, seen.life, "known is");
  if (life === seen.life && instance !== seen.instance) {
    return refuse("link.duplicate", `${node} is started as`, instance, seen.instance, "known is");
  }
  return { ok: true, version };
}

function refuse(
  code: ErrorCode,
  what: string,
  theirs: string | number,
  ours: string | number,
  against = "here it is",
): Verdict {
  return { ok: false, error: { code, message: `${what} ${theirs}; ${against} ${ours}`, details: { theirs, ours } } };
}

const range = ({ versions }: Hello): string => `versions ${versions.min} to ${versions.max}`;
