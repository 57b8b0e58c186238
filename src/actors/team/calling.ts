/**
 * How a discussion asks its crew.
 *
 * @module
 */
import { type Roster, thinkingMs } from "../../../machines/discussion.ts";
import { type Address, idOf } from "../../../machines/words.ts";
import { ask, type AskOptions, type Command, type Scope } from "../../runtime/behaviour.ts";
import type { Assignment, CrewAsk } from "./assignment.ts";
import { rowOf } from "./log-writing.ts";
import type { TaskFacts } from "./tasks.ts";

export interface TeamSettings {
  readonly crew: Address;
  /** Who sums up, and its words. */
  readonly summarizer: Roster;
  /** What all of them are told before anything else. */
  readonly frame: string;
}

type Asked = Pick<AskOptions, "name" | "deadlineMs"> & Partial<AskOptions>;

export const toCrew = (crew: Address, made: CrewAsk, options: Asked): Command =>
  ask(crew, { ...made }, { onRestart: "again", ...options });

type Given = Pick<AskOptions, "name" | "deadlineMs"> & { readonly at: number; readonly key?: string };

/** A turn, a ballot, a summary or the last word. */
export const task = (crew: Address, made: Assignment, { name, deadlineMs, at, key = "" }: Given): Command =>
  toCrew(crew, { type: "task", ...made, answerBy: at + thinkingMs(deadlineMs) }, { name, key, deadlineMs });

export const factsOf = (settings: TeamSettings, scope: Scope): TaskFacts => ({
  frame: settings.frame,
  discussion: idOf(scope.self),
  row: rowOf(scope),
});
