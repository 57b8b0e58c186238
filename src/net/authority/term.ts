/**
 * A queen's term as she says it of herself, signed with the key of her door: others can say it after her.
 *
 *  TE1 Whose word it is shows in it: a hive can neither make one nor raise one, and another cluster's is none (RC1).
 *  TE2 Of two terms the one of the higher epoch is the later; of one epoch, which copies of a home have in common, the
 *      one that began later.
 *
 * @module
 */
import { sign, verify, X509Certificate } from "node:crypto";
import { z } from "zod";
import { type Certified, clusterOf } from "./identity.ts";

export const SAID_CHARS_MAX = 8_192;

const count = z.int().nonnegative();
const signed = z.object({ epoch: count, startedMs: count, certificate: z.string(), signature: z.string() });

export interface Term {
  readonly epoch: number;
  readonly startedMs: number;
}

const wordsOf = ({ epoch, startedMs }: Term): Buffer => Buffer.from(`rbee term ${epoch} ${startedMs}`);

export function sayTerm({ key, certificate }: Certified, { epoch, startedMs }: Term): string {
  const signature = sign("sha256", wordsOf({ epoch, startedMs }), key).toString("base64");
  return JSON.stringify({ epoch, startedMs, certificate, signature } satisfies z.infer<typeof signed>);
}

/** TE1. @returns nothing where it is not the word of that queen; an old certificate is as good as any for that */
export function hearTerm(said: string, authority: string, queen: string): Term | undefined {
  try {
    const { epoch, startedMs, certificate, signature } = signed.parse(JSON.parse(said));
    const [door, signer] = [new X509Certificate(certificate), new X509Certificate(authority)];
    const isHers = door.subject === `O=${clusterOf(authority)}\nOU=queen\nCN=${queen}`;
    const isSigned = verify("sha256", wordsOf({ epoch, startedMs }), door.publicKey, Buffer.from(signature, "base64"));
    return isHers && isSigned && door.verify(signer.publicKey) ? { epoch, startedMs } : undefined;
  } catch {
    // Whatever it is, it is no term.
    return undefined;
  }
}

/** TE2. */
export const isLater = (one: Term, other: Term): boolean =>
  one.epoch === other.epoch ? one.startedMs > other.startedMs : one.epoch > other.epoch;
