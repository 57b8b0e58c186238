/**
 * The team's tables.
 *
 * | what                            | where                                                                 |
 * |---------------------------------|-----------------------------------------------------------------------|
 * | sessions                        | folders of the archive (src/hosts/team/archive.ts): the list is there |
 * | chat history                    | `logs` while a discussion runs, then a file of its session            |
 * | tasks                           | `discussions` as they are asked for, `thinkers` and `works` by turn   |
 * | agents, and each one's memory   | `agents`, `memories`                                                  |
 * | what all of them know           | `knowledge`, `vectors`                                                |
 *
 *  TT1 An agent's own memory is in memory alone: no disk has it, and no restart brings it back.
 *
 * @module
 */
import type { Roster } from "../../../machines/discussion.ts";
import type { LogEvent, Source } from "../../../machines/rules/log.ts";
import type { Usage } from "../../../machines/rules/usage.ts";
import type { Lesson } from "../../../machines/rules/learn.ts";
import type { Note } from "../../../machines/rules/notes.ts";
import type { Vector } from "../../../machines/rules/retrieve.ts";
import { fold, type Standing, standingOf } from "../../../machines/rules/standing.ts";
import type { Address, Caller } from "../../../machines/words.ts";
import type { AskRef } from "../../runtime/envelope.ts";
import { type IndexOf, table } from "../../runtime/tables.ts";
import type { Timed } from "./assignment.ts";

const SEQ_DIGITS = 8;

export const logKey = (discussion: string, seq: number): string =>
  `${discussion}/${String(seq).padStart(SEQ_DIGITS, "0")}`;
const discussionOf = (key: string): string => key.slice(0, key.lastIndexOf("/"));

export interface Kept {
  readonly events: readonly LogEvent[];
  readonly standing: Standing;
}

/** Each log in its order, and folded: a function of the rows alone. */
export class LogIndex implements IndexOf<LogEvent> {
  readonly #logs = new Map<string, { events: LogEvent[]; standing: Standing | undefined }>();

  put(key: string, row: LogEvent, _before: LogEvent | undefined): void {
    const its = this.#of(discussionOf(key));
    if (row.seq === its.events.length && its.standing !== undefined) fold(its.standing, row);
    else its.standing = undefined;
    its.events[row.seq] = row;
  }

  del(key: string, before: LogEvent): void {
    const its = this.#of(discussionOf(key));
    its.standing = undefined;
    // Only an end of a log is ever taken away: what was just written, or all of it.
    its.events.splice(before.seq);
    if (its.events.length === 0) this.#logs.delete(discussionOf(key));
  }

  /** @returns nothing of a discussion that has no log here */
  of(discussion: string): Kept | undefined {
    const its = this.#logs.get(discussion);
    if (its === undefined) return undefined;
    its.standing ??= standingOf(its.events);
    return its.standing === undefined ? undefined : { events: its.events, standing: its.standing };
  }

  #of(discussion: string): { events: LogEvent[]; standing: Standing | undefined } {
    let its = this.#logs.get(discussion);
    if (its === undefined) this.#logs.set(discussion, (its = { events: [], standing: undefined }));
    return its;
  }
}

export const logs = table<LogEvent, LogIndex>({ name: "logs", owner: "discussion", index: () => new LogIndex() });

export interface DiscussionRow {
  readonly session: string;
  readonly roster: readonly Roster[];
  /** What somebody asked for by name, for all of them. */
  readonly model: string | undefined;
  readonly caller: Caller | undefined;
  /** When a summary was last asked for, and whether it is on its way. */
  readonly summaryAt: number;
  readonly isSumming: boolean;
}

export const discussions = table<DiscussionRow>({ name: "discussions", owner: "discussion" });

/** By its id: one whose log has no event yet. */
export const openings = table<{ readonly session: string }>({ name: "openings", owner: "library" });

/** An agent of a session, by both their names: {@link agentKey}. */
export interface AgentRow {
  readonly session: string;
  readonly name: string;
  readonly address: Address;
}

export const agentKey = (session: string, name: string): string => `${session}/${name}`;

/** TT1. */
export const agents = table<AgentRow>({ name: "agents", owner: "library", volatile: true });

/** By the name of its agent, which alone is given it. TT1. */
export const memories = table<readonly Note[]>({ name: "memories", owner: "agent", volatile: true });

export interface KnowledgeRow extends Lesson {
  readonly createdAt: number;
  /** When it was last given to somebody; at first, when it came. */
  readonly accessedAt: number;
}

export const knowledge = table<KnowledgeRow>({ name: "knowledge", owner: "knowledge" });

/**
 * By what is known: how a model means it. Another release may bring another model of the same name, so that no vector
 * outlives the process that it was made in.
 */
export const vectors = table<Vector>({ name: "vectors", owner: "knowledge", volatile: true });

export const storeTables = [logs, discussions, openings, agents, memories, knowledge, vectors];

export interface Task {
  readonly re: AskRef;
  readonly assignment: Timed;
}

/** By its discussion and name: where it lives, what it does, and what waits for it. */
export interface ThinkerRow {
  readonly address: Address;
  readonly running: Task | undefined;
  readonly waiting: readonly Task[];
}

export const thinkers = table<ThinkerRow>({ name: "thinkers", owner: "crew" });

/** What a thinker is at. */
export interface Work {
  readonly task: Task;
  readonly usage: Usage;
  /** The step that runs. */
  readonly call: string;
  readonly text: string;
  readonly conf: number | undefined;
  readonly source: Source | undefined;
  readonly claims: readonly string[];
  readonly objection: { readonly claim: string; readonly error: string } | undefined;
  readonly option: string;
}

export const works = table<Work>({ name: "works", owner: "specialist" });

export const thinkersTables = [thinkers, works];
