/**
 * Thinkers without a model: how each of them answers when it is asked, fast or slow, well or badly, or not at all.
 *
 * Owns: what is said, and how long it takes. What a thinker says depends on what it was shown, its seat and the seed,
 * and on nothing else, so that the same view always has the same answer.
 *
 * @module
 */
import type { Billed, LogEvent, TurnKind } from "../../../machines/rules/log.ts";
import { plus, priced, UNTOLD, type Usage } from "../../../machines/rules/usage.ts";
import type { Prng } from "../../support/prng.ts";
import type { Said } from "./owner.ts";

export const WAYS = [
  "always-new",
  "always-passes",
  "at-random",
  "objects",
  "babbles",
  "talks-nonsense",
  "dies",
  "hangs",
  "is-slow",
  "fails-now-and-then",
  "repeats-itself",
] as const;
export type Way = (typeof WAYS)[number];

/** What a thinker is shown: the words behind the events up to its basis, never their numbers or times. */
export interface View {
  readonly kind: TurnKind;
  readonly words: readonly string[];
  readonly claims: readonly { readonly id: string; readonly text: string }[];
  readonly turnMs: number;
  readonly tokensMax: number;
  readonly chance: Prng;
  readonly billed?: Billed | undefined;
}

export interface Reply {
  readonly afterMs: number;
  readonly said: Said;
  /** The same once more, so much later each. */
  readonly againMs?: readonly number[];
}

/** @returns nothing when it will never say anything */
export function reply(way: Way, view: View): Reply | undefined {
  const { chance, turnMs, kind } = view;
  const afterMs = chance.int(0, Math.floor(turnMs / 4));
  const again = chance.chance(0.2) ? { againMs: [chance.int(0, turnMs), chance.int(0, turnMs)] } : {};
  const mayPass = kind === "draft" || kind === "talk";
  const speaks = (): Reply => ({ afterMs, said: news(view), ...again });
  const passes = (): Reply => (mayPass ? { afterMs, said: pass(view), ...again } : speaks());
  switch (way) {
    case "always-new":
    case "babbles":
      return speaks();
    case "always-passes":
      return passes();
    case "objects":
      return kind === "talk" ? objects(view, afterMs) : speaks();
    case "talks-nonsense":
      return { afterMs, said: { type: "failed", kind: "thinker.malformed", usage: usageOf(view) } };
    case "dies":
      return { afterMs, said: { type: "failed", kind: "worker.lost" } };
    case "hangs":
      return undefined;
    case "is-slow":
      return { afterMs: chance.int(Math.floor(turnMs / 2), turnMs * 2), said: news(view), ...again };
    case "fails-now-and-then":
      return chance.chance(0.4) ? { afterMs, said: failure(view) } : speaks();
    case "repeats-itself":
      return { afterMs, said: news(view), againMs: [0, 1, turnMs] };
    case "at-random":
      return chance.chance(0.5) ? speaks() : passes();
  }
}

/** Who is billed reads no more than there is; the others may say of that what they like. */
export function usageOf({ chance, tokensMax, billed, words }: Omit<View, "kind" | "claims" | "turnMs">): Usage {
  const completionTokens = chance.int(0, tokensMax);
  if (billed === undefined) return { promptTokens: chance.int(0, 10_000), completionTokens };
  const promptTokens = chance.int(0, billed.promptTokens + Buffer.byteLength(words.join("")));
  return priced({ promptTokens, completionTokens }, billed);
}

function news(view: View): Extract<Said, { type: "said" }> {
  const text = `thought ${view.chance.int(0, 1_000_000)}`;
  const claims = view.kind === "draft" ? { claims: [`${text} holds`] } : {};
  return { type: "said", text, usage: usageOf(view), ...claims };
}

const pass = (view: View): Said => ({ type: "passed", why: "nothing new", usage: usageOf(view) });

/** Now and then behind a step that was answered: what that cost is known where the next one was never sent. */
function failure(view: View): Said {
  const kind = view.chance.pick(["worker.lost", "endpoint.lost", "endpoint.unreachable"]);
  if (view.chance.chance(0.5)) return { type: "failed", kind };
  const usage = usageOf(view);
  return { type: "failed", kind, usage: kind === "endpoint.unreachable" ? usage : plus(usage, UNTOLD) };
}

function objects(view: View, afterMs: number): Reply {
  const claim = view.claims[0];
  if (claim === undefined) return { afterMs, said: pass(view) };
  const objection = { claim: claim.id, quote: claim.text.slice(0, 7), error: "it does not follow" };
  return { afterMs, said: { ...news(view), objection } };
}

/** What somebody who has read as far as `basis` has seen; who is sealed has seen the user's words alone. */
export function seen(log: readonly LogEvent[], basis: number, isSealed: boolean): Pick<View, "words" | "claims"> {
  const read = log.slice(0, basis + 1).filter(({ type }) => !isSealed || type === "opened" || type === "user");
  const words = read.flatMap((event) => {
    if (event.type === "opened") return [event.request];
    return event.type === "contributed" || event.type === "user" ? [event.text] : [];
  });
  return { words, claims: read.flatMap((event) => (event.type === "claims" ? event.list : [])) };
}

/** A number for words: the same for the same words. */
export function hashed(...parts: readonly (string | number)[]): number {
  let hash = 2_166_136_261;
  for (const char of parts.join("\u0000")) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619);
  return hash >>> 0;
}
