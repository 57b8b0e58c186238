/**
 * How a discussion asks its crew.
 *
 * @module
 */
import type { Roster } from "../../../machines/discussion.ts";
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

/** A turn, a ballot or a summary. */
export const task = (crew: Address, made: Assignment, name: string, deadlineMs: number, key = ""): Command =>
  toCrew(crew, { type: "task", ...made }, { name, key, deadlineMs });

export const factsOf = (settings: TeamSettings, scope: Scope): TaskFacts => ({
  frame: settings.frame,
  discussion: idOf(scope.self),
  row: rowOf(scope),
});
