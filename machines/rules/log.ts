/**
 * The log of a discussion: what may be written in it, in which order, and nothing else that happened.
 *
 * Owns: the vocabulary of its events. Does not own: what follows from them (standing.ts), what is written next
 * (discuss.ts), where it is kept (the store's tables).
 *
 *  DL1 An event is numbered by its place in the log, from 0 without a gap (TS1). A turn is named by the number of its
 *       `granted`, so that no two turns of a log have one name (TS8).
 *  DL2 `basis` is the number of the last event that its author had read; of a draft, a sample or the queen's own
 *       answer it is the user's last word or else 0, the question: they read nothing but these (TS9, TS15, TL6).
 *  DL3 What failed is never written as a pass (TS14): a pass has words of the model's, a failure has a code.
 *
 * @module
 */
import type { Label } from "../words.ts";
import type { Price, Usage } from "./usage.ts";

/** How a request is answered. */
export type Mode = "alone" | "vote" | "discuss";

/** `structured`: sealed drafts and their claims first, objections that quote, a ballot. `free`: whoever has news. */
export type Style = "structured" | "free";

/** `all`, `majority`, or a share of what was cast, above 0 and up to 1. */
export type Quorum = "all" | "majority" | number;

/** Times in milliseconds. */
export interface DiscussionConfig {
  readonly style: Style;
  /** How often one thinker may contribute; drafts count. */
  readonly contributionsMax: number;
  readonly roundsMax: number;
  /** How many contributions of others a thought may miss. */
  readonly staleMax: number;
  readonly quorum: Quorum;
  /** Of a vote: how many samples there are at the most. */
  readonly samples: number;
  readonly tokensMax: number;
  /** What it may cost, in millionths; nothing where that is no matter. */
  readonly costMaxMicros?: number | undefined;
  readonly turnTokensMax: number;
  /** Of the last word, where whoever asked said so. */
  readonly answerTokensMax?: number | undefined;
  readonly idleMs: number;
  readonly hardMs: number;
  readonly graceMs: number;
  readonly draftMs: number;
  readonly turnMs: number;
  readonly finalMs: number;
  readonly summaryMs: number;
}

/** A thinker as the log knows it; `hash` is of the file that made it, `model` is what it asks for by name. */
export interface Seat {
  readonly name: string;
  readonly colour: string;
  readonly hash: string;
  readonly model?: string | undefined;
  /** Its own bound, where it has one. */
  readonly contributionsMax?: number | undefined;
  /** Where there is a bound to what the discussion may cost, and its model's work is billed. */
  readonly billed?: Billed | undefined;
}

/** What a thinker's model is billed at, and how many tokens its prompts have beside what the log adds, at the most. */
export interface Billed extends Price {
  readonly promptTokens: number;
}

export interface Reserved {
  readonly agent: string;
  readonly micros: number;
}

/** Which work said it: the job, the model and the machine's worker. */
export interface Source {
  readonly job: string;
  readonly model: string;
  readonly worker: string;
}

export interface Claim {
  /** Of this log: `c1`, `c2`, ... */
  readonly id: string;
  readonly text: string;
}

/** Something that was known when the question was asked. */
export interface Known {
  readonly id: string;
  readonly text: string;
}

/** What a turn is for. `answer`: the queen alone. `sample`: one of a vote. */
export type TurnKind = "draft" | "talk" | "answer" | "sample";

/** In the order of priority where several hold (TS6). */
export const REASONS = [
  "cancelled",
  "budget",
  "timeout",
  "all_failed",
  "consensus",
  "max_rounds",
  "exhausted",
  "all_idle",
] as const;
export type Reason = (typeof REASONS)[number];

export interface BallotOption {
  /** What is voted for: a name of a contribution's author, or the short form of an answer. */
  readonly id: string;
  /** The contribution that it stands for. */
  readonly of: number;
}

/** What the user may order while they talk, beside speaking. */
export type Order =
  | { readonly order: "mute" | "unmute"; readonly agent: string }
  | { readonly order: "extend"; readonly ms: number }
  | { readonly order: "vote" | "stop" };

type Body =
  | {
      readonly type: "opened";
      readonly request: string;
      readonly mode: Mode;
      /** Why this mode: the gate's words, or that somebody asked for it. */
      readonly why: string;
      readonly label: Label;
      /** What all of them ask for, where whoever asked named one. */
      readonly model?: string | undefined;
      readonly agents: readonly Seat[];
      readonly config: DiscussionConfig;
      /** As of a seat: whoever sums up has none. */
      readonly summarizer?: Billed | undefined;
      /** What was asked and answered before in its session, as the prompts have it. */
      readonly before: readonly { readonly request: string; readonly answer: string }[];
      /** What of all that is known belongs to the question, as the prompts have it; "" where it was forgotten since. */
      readonly knowledge?: readonly Known[] | undefined;
      /** What each agent kept for itself of earlier discussions: its own prompts have it, and no other's. */
      readonly memory?: readonly { readonly agent: string; readonly notes: readonly string[] }[] | undefined;
    }
  | {
      readonly type: "granted";
      readonly agent: string;
      readonly turn: number;
      readonly basis: number;
      readonly kind: TurnKind;
      readonly reservedTokens: number;
      /** Of money, where its model's work is billed and there is a bound to that. */
      readonly reservedMicros?: number | undefined;
    }
  | {
      readonly type: "contributed";
      readonly agent: string;
      readonly turn: number;
      readonly basis: number;
      readonly text: string;
      readonly usage: Usage;
      readonly source: Source;
      /** How sure its author is, from 0 to 1, where it was asked. */
      readonly conf?: number | undefined;
    }
  | { readonly type: "claims"; readonly agent: string; readonly turn: number; readonly list: readonly Claim[] }
  | {
      readonly type: "objection";
      readonly agent: string;
      readonly turn: number;
      readonly claim: string;
      readonly quote: string;
      readonly error: string;
    }
  | {
      readonly type: "passed";
      readonly agent: string;
      readonly turn: number;
      readonly basis: number;
      readonly why: string;
      readonly usage: Usage;
    }
  /** `kind` is an error's code. */
  | {
      readonly type: "failed";
      readonly agent: string;
      readonly turn: number;
      readonly kind: string;
      readonly message: string;
      /** Of its steps that were answered, and of the last as much as came of it (MO5). */
      readonly usage?: Usage | undefined;
    }
  /** What it had said by then is kept, and is no contribution (TS17). */
  | {
      readonly type: "cancelled";
      readonly agent: string;
      readonly turn: number;
      readonly partial: string;
      /** What it had taken by then. */
      readonly usage?: Usage | undefined;
    }
  | {
      readonly type: "rejected";
      readonly agent: string;
      readonly turn: number;
      readonly why: "stale" | "twice";
      readonly usage: Usage;
      /** What it would have said: its own from then on, and nobody else's. */
      readonly text?: string | undefined;
    }
  | { readonly type: "late"; readonly agent: string; readonly turn: number }
  /** A vote is called: these may be voted for, and nothing later is known to who votes. */
  | {
      readonly type: "polled";
      readonly round: number;
      readonly basis: number;
      readonly options: readonly BallotOption[];
      readonly voters: readonly string[];
      /** Of money, for those of them whose models' work is billed, as of a turn. */
      readonly reserved?: readonly Reserved[] | undefined;
    }
  | {
      readonly type: "ballot";
      readonly agent: string;
      readonly round: number;
      readonly basis: number;
      readonly option: string;
      readonly conf: number;
      readonly usage: Usage;
    }
  /** No ballot came from it; `kind` is an error's code, `usage` what it took all the same. */
  | {
      readonly type: "abstained";
      readonly agent: string;
      readonly round: number;
      readonly kind: string;
      readonly usage?: Usage | undefined;
    }
  /** The round is closed: no ballot of it counts any more. */
  | {
      readonly type: "tallied";
      readonly round: number;
      readonly winner?: string | undefined;
      readonly agreement: number;
      readonly reached: boolean;
    }
  | { readonly type: "user"; readonly text: string; readonly to?: string | undefined }
  | ({ readonly type: "ordered" } & Order)
  /** A summary is asked for, and what it may cost is set aside; it is written only where that is bounded. */
  | { readonly type: "summing"; readonly basis: number; readonly reservedMicros: number }
  | {
      readonly type: "summary";
      readonly upTo: number;
      readonly text: string;
      readonly cites: readonly number[];
      readonly usage?: Usage | undefined;
    }
  | { readonly type: "closing"; readonly reason: Reason }
  | { readonly type: "closed" }
  | {
      readonly type: "final";
      readonly upTo: number;
      readonly text: string;
      /** `extract`: put together without a model, from what there is. */
      readonly by: "model" | "extract" | "contribution";
      /** What somebody still holds against it. */
      readonly minority: readonly { readonly agent: string; readonly text: string }[];
      /** Of a model's own words. */
      readonly usage?: Usage | undefined;
      readonly worth: Worth;
    };

/** What the team cost, and what it changed (B4). */
export interface Worth {
  readonly tokens: number;
  /** In millionths, where some of it was billed. */
  readonly costMicros?: number | undefined;
  /** Tokens and cost are the least: of some of its work nobody knows all (US2). */
  readonly isPart?: true | undefined;
  readonly ms: number;
  readonly contributions: number;
  /** The share of the votes that the winner had; nothing where nobody voted. */
  readonly agreement?: number | undefined;
  /** Votes for another than the voter's own draft. */
  readonly flips: number;
}

/** An event as it is kept: `seq` is its place, `at` the wall time of its writing in ms, never less than before. */
export type LogEvent = Body & { readonly seq: number; readonly at: number };
export type LogType = LogEvent["type"];
export type Logged<T extends LogType> = Extract<LogEvent, { readonly type: T }>;

/** What is to be written: its place and time are given as it is. */
export type Unwritten = Body;

/** The events that end a turn (TS7). */
export const TURN_ENDS = ["contributed", "passed", "failed", "cancelled", "rejected", "late"] as const;
export type TurnEnd = (typeof TURN_ENDS)[number];

export const endsTurn = (event: LogEvent): event is Logged<TurnEnd> => TURN_ENDS.some((type) => type === event.type);
