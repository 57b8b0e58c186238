/**
 * A discussion as far as it has been heard: its log folded, and the words that are not in the log yet.
 *
 * Owns: the words of open turns, what went wrong last, what came of it all. Does not own: what the events mean
 * (machines/rules/standing.ts), how any of it looks (told.ts, live.ts, panel.ts).
 *
 *  HR1 What went wrong is never taken for an answer: where nobody contributed there is none, and the outcome is the
 *      last failure or, without one, the reason of the end.
 *
 * @module
 */
import type { LogEvent, Logged } from "../../../machines/rules/log.ts";
import { NO_USAGE, plus, type Usage } from "../../../machines/rules/usage.ts";
import { begun, fold, type Standing } from "../../../machines/rules/standing.ts";
import { type ErrorCode, RbeeError } from "../../protocol/errors.ts";
import { errorFrom } from "../../protocol/heard-error.ts";
import type { DiscussionEvent } from "../../protocol/discussion-api.ts";
import { plainLine } from "./plain.ts";

export class Hearing {
  /** Nothing before the first event. */
  standing: Standing | undefined;
  /** By turn. */
  readonly words = new Map<number, string>();
  /** Of whoever puts the answer together when all have ended. */
  ending = "";
  /** What speaks for itself in `/why`, the latest last. */
  readonly reasons: LogEvent[] = [];
  usage: Usage = NO_USAGE;
  #lastFailure: Logged<"failed"> | undefined;
  #firstWordsAt: number | undefined;

  hear(event: DiscussionEvent): void {
    if (event.type === "token") {
      this.#firstWordsAt ??= performance.now();
      const isOver = this.standing?.turns.has(event.turn) !== true;
      if (isOver) this.ending = this.ending.slice(0, event.offset) + event.text;
      else this.words.set(event.turn, (this.words.get(event.turn) ?? "").slice(0, event.offset) + event.text);
      return;
    }
    if (event.type === "opened") this.standing = begun(event);
    else if (this.standing !== undefined) fold(this.standing, event);
    if (event.type === "failed") this.#lastFailure = event;
    if (event.type === "contributed") this.#firstWordsAt ??= performance.now();
    if ("usage" in event && event.usage !== undefined) this.usage = plus(this.usage, event.usage);
    if (EXPLAINING.has(event.type)) this.reasons.push(event);
    if (this.reasons.length > REASONS_MAX) this.reasons.shift();
    if (this.standing === undefined) return;
    for (const turn of this.words.keys()) if (!this.standing.turns.has(turn)) this.words.delete(turn);
  }

  get firstWordsAt(): number | undefined {
    return this.#firstWordsAt;
  }

  /** It has come to its end, and somebody had said something. */
  get isAnswered(): boolean {
    return this.standing?.final !== undefined && this.standing.contributions.length > 0;
  }

  /** @throws RbeeError where there is none */
  outcome(): string {
    const { standing } = this;
    if (standing?.final === undefined) throw new RbeeError("defect", "a discussion ended without an end");
    const { final, reason, contributions } = standing;
    if (contributions.length > 0 || reason === undefined) return final.text.trim();
    const failed = this.#lastFailure;
    if (failed !== undefined) throw errorFrom(failed.kind, failed.message);
    throw new RbeeError(CODE_OF.get(reason) ?? "thinker.empty", plainLine(final.text));
  }
}

const REASONS_MAX = 8;
const EXPLAINING: ReadonlySet<string> = new Set(["passed", "failed", "rejected", "tallied", "closing"]);
const CODE_OF: ReadonlyMap<string, ErrorCode> = new Map([
  ["cancelled", "job.cancelled"],
  ["timeout", "job.deadline"],
  ["budget", "quota.exceeded"],
]);
