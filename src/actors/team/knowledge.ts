/**
 * What the team knows: its machine, and what each of its actions means.
 *
 * Owns: the rows of what is known, and their vectors. Does not own: what belongs to a question
 * (machines/rules/retrieve.ts).
 *
 *  KB1 A vector is kept for the very text that it was made of.
 *  KB2 Who is told that something is forgotten is told so once the disk has it.
 *
 * @module
 */
import type { AgentEvent } from "../../../machines/agent.ts";
import type { DiscussionEvent } from "../../../machines/discussion.ts";
import { type KnowledgeEvent, knowledgeMachine } from "../../../machines/knowledge.ts";
import { mayGo } from "../../../machines/rules/label.ts";
import { isSameLesson, type Lesson, LESSON_LENGTH_MAX, wholeOf } from "../../../machines/rules/learn.ts";
import { retrieved, type Hit } from "../../../machines/rules/retrieve.ts";
import { address, hostOf, type Label } from "../../../machines/words.ts";
import {
  behaviour,
  type Behaviour,
  type Command,
  del,
  put,
  refuse,
  reply,
  type Scope,
  tell,
} from "../../runtime/behaviour.ts";
import type { Message } from "../../runtime/envelope.ts";
import { event, reader } from "../../runtime/reading.ts";
import { agentTold } from "./knowing.ts";
import { agents, discussions, knowledge, type KnowledgeRow, logs, vectors } from "./tables.ts";

const read = reader<KnowledgeEvent>();
const toAgent = event<AgentEvent>();
const toDiscussion = event<DiscussionEvent>();

/** KN4. More than a person teaches; of such a size each, all of it is looked through in a tenth of a second. */
const KNOWN_MAX = 1_000;
/** At once: what is left gets its vector with the next question. */
const LACKING_MAX = 32;
const VECTOR_DIMS_MAX = 4_096;

export interface KnownRow extends KnowledgeRow {
  readonly id: string;
}

export type FoundRow = KnownRow & Pick<Hit, "score" | "by">;

export interface TaughtEvent {
  readonly type: "taught";
  readonly id: string;
}
export interface ListedEvent {
  readonly type: "listed";
  readonly known: readonly KnownRow[];
}
export interface FoundEvent {
  readonly type: "found";
  readonly found: readonly FoundRow[];
}
export interface LackingEvent {
  readonly type: "lacking";
  readonly known: number;
  readonly pieces: readonly { readonly id: string; readonly text: string; readonly label: Label }[];
}
export interface SessionForgottenEvent {
  readonly type: "session.forgotten";
  /** What had been learnt in it. */
  readonly known: readonly string[];
}
export interface ForgottenEvent {
  readonly type: "forgotten";
  readonly known: KnownRow;
}

const answered = ({ re }: Scope, made: Message, after: "commit" | "flush" = "commit"): readonly Command[] =>
  re === undefined ? [] : [reply(re, made, after)];

function learn(_params: unknown, scope: Scope): readonly Command[] {
  const { lesson } = read(scope, "learn");
  const { origin } = lesson;
  const noted = noting(lesson, scope);
  if (noted === undefined || origin.by === "user") return [];
  const told = [...scope.rows(agents).entries()].filter(([, { session }]) => session === origin.session);
  return [
    ...noted.commands,
    ...told.flatMap(([, { session, name }]) => agentTold(session, name, { type: "learnt" }, scope)),
  ];
}

function teach(_params: unknown, scope: Scope): readonly Command[] {
  const { text, label } = read(scope, "teach");
  const { re, refusing } = scope;
  if (re === undefined) return [];
  if (refusing !== undefined) {
    return [refuse(re, { code: "admission.closed", message: "the disk is short of room for what is to be known" })];
  }
  const said: Lesson = {
    about: "",
    text: text.trim().slice(0, LESSON_LENGTH_MAX),
    origin: { by: "user" },
    confidence: 1,
    label,
  };
  const noted = noting(said, scope);
  if (noted === undefined) {
    return [refuse(re, { code: "knowledge.full", message: `${KNOWN_MAX} things were taught already` })];
  }
  const taught: TaughtEvent = { type: "taught", id: noted.id };
  return [...noted.commands, reply(re, { ...taught }, "flush")];
}

/** Anew, or in the place of what says the same. @returns nothing where there is no room for it */
function noting(
  lesson: Lesson,
  scope: Scope,
): { readonly id: string; readonly commands: readonly Command[] } | undefined {
  const rows = scope.rows(knowledge);
  const row: KnowledgeRow = { ...lesson, createdAt: scope.at, accessedAt: scope.at };
  const same = [...rows.entries()].find(([, before]) => isSameLesson(before, lesson));
  if (same !== undefined) {
    const [id, before] = same;
    // What the user said is not put otherwise by a discussion.
    if (before.origin.by === "user" && lesson.origin.by !== "user") return { id, commands: [] };
    return { id, commands: [put(knowledge, id, row), ...(before.text === lesson.text ? [] : [del(vectors, id)])] };
  }
  const id = `k${scope.serial.toString(36)}`;
  if (rows.size < KNOWN_MAX) return { id, commands: [put(knowledge, id, row)] };
  const least = leastNeeded([...rows.entries()]);
  if (least === undefined) return undefined;
  return { id, commands: [del(knowledge, least), del(vectors, least), put(knowledge, id, row)] };
}

/** KN4. */
function leastNeeded(rows: readonly (readonly [string, KnowledgeRow])[]): string | undefined {
  const learnt = rows.filter(([, { origin }]) => origin.by !== "user");
  return learnt.toSorted(([, one], [, other]) => one.accessedAt - other.accessedAt)[0]?.[0];
}

function list(_params: unknown, scope: Scope): readonly Command[] {
  const known = [...scope.rows(knowledge).entries()].map(([id, row]): KnownRow => ({ id, ...row }));
  const listed: ListedEvent = {
    type: "listed",
    known: known.toSorted((one, other) => one.createdAt - other.createdAt),
  };
  return answered(scope, { ...listed });
}

function search(_params: unknown, scope: Scope): readonly Command[] {
  const { question, label, limit, isUse } = read(scope, "search");
  const rows = scope.rows(knowledge);
  // KN5.
  const pieces = [...rows.entries()]
    .filter(([, row]) => mayGo(row.label, label))
    .map(([id, row]) => ({ id, text: wholeOf(row), vector: scope.rows(vectors).get(id) }));
  const found = retrieved(question, pieces, limit).flatMap(({ id, score, by }): readonly FoundRow[] => {
    const row = rows.get(id);
    return row === undefined ? [] : [{ id, ...row, score, by }];
  });
  const used = isUse ? found.flatMap(({ id }) => accessed(id, scope)) : [];
  const answer: FoundEvent = { type: "found", found };
  return [...used, ...answered(scope, { ...answer })];
}

function accessed(id: string, scope: Scope): readonly Command[] {
  const row = scope.rows(knowledge).get(id);
  return row === undefined ? [] : [put(knowledge, id, { ...row, accessedAt: scope.at })];
}

function tellLacking(_params: unknown, scope: Scope): readonly Command[] {
  const { model } = read(scope, "lacking");
  const rows = scope.rows(knowledge);
  const pieces = [...rows.entries()]
    .filter(([id]) => scope.rows(vectors).get(id)?.model !== model)
    .slice(0, LACKING_MAX)
    .map(([id, row]) => ({ id, text: wholeOf(row), label: row.label }));
  const answer: LackingEvent = { type: "lacking", known: rows.size, pieces };
  return answered(scope, { ...answer });
}

/** KB1. */
function keepVector(_params: unknown, scope: Scope): readonly Command[] {
  const { id, text, vector } = read(scope, "embedded");
  const row = scope.rows(knowledge).get(id);
  if (row === undefined || wholeOf(row) !== text || vector.values.length > VECTOR_DIMS_MAX) return [];
  return [put(vectors, id, vector)];
}

/** KN2, KB2. */
function forget(_params: unknown, scope: Scope): readonly Command[] {
  const { id } = read(scope, "forget");
  const { re } = scope;
  const row = scope.rows(knowledge).get(id);
  if (re === undefined) return [];
  if (row === undefined) {
    return [refuse(re, { code: "request.not.found", message: `nothing is known as ${id.slice(0, 64)}` })];
  }
  const forgotten: ForgottenEvent = { type: "forgotten", known: { id, ...row } };
  return [...gone(id, scope), reply(re, { ...forgotten }, "flush")];
}

/** KN2. */
function gone(id: string, scope: Scope): readonly Command[] {
  const host = hostOf(scope.self);
  const running = [...scope.rows(discussions).entries()].map(([discussion]) => discussion);
  const given = running.filter((discussion) => {
    const opened = scope.rows(logs).index.of(discussion)?.standing.opened;
    return opened?.knowledge?.some((known) => known.id === id) === true;
  });
  return [
    del(knowledge, id),
    del(vectors, id),
    ...given.map((discussion) =>
      tell(address(host, "discussion", discussion), toDiscussion({ type: "forgotten", knowledge: id })),
    ),
  ];
}

/** KN3. */
function forgetSession(_params: unknown, scope: Scope): readonly Command[] {
  const { session } = read(scope, "forget.session");
  const learnt = [...scope.rows(knowledge).entries()].filter(
    ([, { origin }]) => origin.by === "discussion" && origin.session === session,
  );
  const its = [...scope.rows(agents).entries()].filter(([, row]) => row.session === session);
  const forgotten: SessionForgottenEvent = { type: "session.forgotten", known: learnt.map(([id]) => id) };
  return [
    ...learnt.flatMap(([id]) => gone(id, scope)),
    ...its.map(([, row]) => tell(row.address, toAgent({ type: "retire" }))),
    ...answered(scope, { ...forgotten }, "flush"),
  ];
}

export const knowledgeBehaviour = (): Behaviour =>
  behaviour(knowledgeMachine, { learn, teach, list, search, tellLacking, keepVector, forget, forgetSession });
