/**
 * What a thinker is given to do: everything that its words are made of, and nothing else.
 *
 * Owns: the shape. Does not own: how it is written from the log (prompt.ts), or what becomes of it (specialist.ts).
 *
 * @module
 */
import type { Duty, Step } from "../../../machines/specialist.ts";
import type { Claim, Source } from "../../../machines/rules/log.ts";
import type { Usage } from "../../../machines/rules/usage.ts";
import type { JobRequest, ChatMessage } from "../../../machines/request.ts";
import type { Caller, Label } from "../../../machines/words.ts";

export interface Assignment {
  readonly discussion: string;
  readonly agent: string;
  readonly duty: Duty;
  /** Of a turn: its number; of a ballot its round; of a summary what it reaches up to. */
  readonly turn: number;
  /** What was said before in its session, then the question: for whoever answers it by itself. */
  readonly chat: readonly ChatMessage[];
  /** What is common to all thinkers of the discussion: the system's words, and the transcript. First, and the same. */
  readonly system: string;
  readonly shared: string;
  /** What it keeps for itself, and what its tools found; nobody else's prompt has it. "" where that is nothing. */
  readonly own: string;
  /** Who it is. Last, so that all of them share what comes before. */
  readonly role: string;
  readonly model: string | undefined;
  readonly label: Label;
  readonly caller: Caller | undefined;
  readonly seed: number;
  readonly tokensMax: number;
  /** Of an answer of its own, where there is a bound to what that may cost. */
  readonly answerTokensMax?: number | undefined;
  /** It is billed, and what was set aside pays for it once. */
  readonly isOnce: boolean;
  /** Of others, to which it may object. */
  readonly claims: readonly Claim[];
  /** What may be voted for. */
  readonly options: readonly string[];
}

export interface Timed extends Assignment {
  /**
   * By the wall's clock in ms: then it is cut, and has a moment left to say what it took. Nothing of what was asked for
   * before there was such a time, and is open still.
   */
  readonly answerBy?: number | undefined;
}

export type CrewAsk =
  /** -> `turned`, `voted`, `summed`, `concluded`, by its duty. */
  | ({ readonly type: "task" } & Timed)
  /** -> `cut`: whoever thinks for this discussion has been told to stop. */
  | { readonly type: "cut"; readonly discussion: string }
  /** -> `released`. */
  | { readonly type: "release"; readonly discussion: string };

export type CallsAsk =
  /**
   * One job. -> `called {step, text, usage, source}`, or `broke {code, message, usage}` where a part of it came or its
   * time is up. Dropped, it is cancelled. The key is the same after a crash.
   */
  | {
      readonly type: "call";
      readonly key: string;
      readonly discussion: string;
      readonly agent: string;
      readonly turn: number;
      readonly step: Step;
      /** Its words are for people too, as they come. */
      readonly isHeard: boolean;
      readonly request: JobRequest;
      readonly timeMs: number;
      readonly caller: Caller | undefined;
    }
  /** -> `partial {text, usage}`: it runs no more, and had said and taken this. */
  | { readonly type: "cut"; readonly key: string; readonly caller?: Caller | undefined };

export interface Called {
  readonly type: "called";
  readonly step: Step;
  readonly text: string;
  readonly usage: Usage;
  readonly source: Source;
}
