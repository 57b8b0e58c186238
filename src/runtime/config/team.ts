/**
 * What a person may say about the team: who is on it, how it talks, and where it stops.
 *
 * Owns: the shapes that only these settings have, and the compiled team. Does not own: the table of keys (settings.ts).
 *
 * @module
 */
import type { AnswerMode } from "../../../machines/rules/gate.ts";
import type { Quorum } from "../../../machines/rules/ballot.ts";

export interface TeamConfig {
  /** How a request is answered that does not say so; `auto` leaves it to the gate. */
  readonly mode: AnswerMode | "auto";
  /** Who discusses: names of files, without their ending. Nobody named: who is shipped for it, and the user's own. */
  readonly specialists: readonly string[] | undefined;
  /** `structured`: sealed drafts, claims, one critique round, a vote. `free`: whoever has something new speaks. */
  readonly style: "structured" | "free";
  readonly contributionsMax: number;
  readonly roundsMax: number;
  readonly quorum: Quorum;
  /** Of one vote. */
  readonly samples: number;
  /** That may be said in one discussion or vote, ballots included; 0 is no bound. */
  readonly tokensMax: number;
  /** What one discussion may cost, as endpoints bill it; 0 is no bound. */
  readonly costMax: number;
  /** Specialists that think at once, over all discussions. */
  readonly concurrentMax: number;
  readonly idleMs: number;
  readonly hardMs: number;
  readonly draftMs: number;
  readonly turnMs: number;
  readonly graceMs: number;
  readonly finalMs: number;
  readonly summaryMs: number;
  /** How long an agent that has nothing to do keeps what it kept for itself. */
  readonly agentTtlMs: number;
}

/** In one discussion. */
export const SPECIALISTS_MAX = 16;
export const THINKER_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

export const SPECIALISTS_EXPECTED = `expected 1 to ${SPECIALISTS_MAX} names of specialists, each once, commas between`;

export function specialistsFrom(written: string | number): readonly string[] | undefined {
  const names = String(written)
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
  const isList = names.length > 0 && names.length <= SPECIALISTS_MAX && new Set(names).size === names.length;
  return isList && names.every((name) => THINKER_NAME.test(name) && name.length <= 64) ? names : undefined;
}

export const QUORUM_EXPECTED = "expected all, majority or a fraction from 0.5 to 1, such as 0.67";

export function quorumFrom(written: string | number): Quorum | undefined {
  if (written === "all" || written === "majority") return written;
  const fraction = typeof written === "string" && written.trim() === "" ? Number.NaN : Number(written);
  return fraction >= 0.5 && fraction <= 1 ? fraction : undefined;
}
