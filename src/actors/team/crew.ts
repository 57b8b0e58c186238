/**
 * The crew of a thread: its machine, and what each of its actions means.
 *
 * Owns: where each thinker lives and what waits for it. Does not own: what a task asks (the discussion).
 *
 *  CW1 What it tells a thinker comes in the order in which it was told: a task is there before what cuts it.
 *  CW2 A task whose thinker had gone when it came there is another's.
 *
 * @module
 */
import { crewMachine } from "../../../machines/crew.ts";
import type { DiscussionEvent } from "../../../machines/discussion.ts";
import type { SpecialistEvent } from "../../../machines/specialist.ts";
import { address, type Address, hostOf, idOf } from "../../../machines/words.ts";
import {
  behaviour,
  type Behaviour,
  type Command,
  del,
  put,
  refuse,
  reply,
  type Scope,
  spawn,
  stop,
  tell,
} from "../../runtime/behaviour.ts";
import type { Message } from "../../runtime/envelope.ts";
import { event } from "../../runtime/reading.ts";
import type { Timed } from "./assignment.ts";
import type { Assigned } from "./specialist.ts";
import { type Task, type ThinkerRow, thinkers } from "./tables.ts";

const toThinker = event<SpecialistEvent>();
const toDiscussion = event<DiscussionEvent>();

/** Turns, a ballot, a summary: more is not asked of one thinker at once. */
const WAITING_MAX = 8;

const nameOf = ({ discussion, agent }: Pick<Timed, "discussion" | "agent">): string => `${discussion}/${agent}`;

const assigned = (task: Task): Message => {
  const made: Assigned = { type: "assigned", duty: task.assignment.duty, task };
  return made;
};

function give(_params: unknown, scope: Scope): readonly Command[] {
  const { re } = scope;
  if (re === undefined) return [];
  // The machine needs whose it is only; the rest of the ask is the thinker's.
  const assignment = scope.event as Message & Timed;
  const name = nameOf(assignment);
  const task: Task = { re, assignment };
  const row = scope.rows(thinkers).get(name);
  if (row === undefined) return begun(name, [task], scope);
  // Asked again by a store that restarted, or over a connection that came back: it is at it.
  if ([row.running, ...row.waiting].some((given) => given?.re.id === re.id)) return [];
  if (row.running === undefined) {
    return [put(thinkers, name, { ...row, running: task }), tell(row.address, assigned(task))];
  }
  if (row.waiting.length >= WAITING_MAX) {
    return [refuse(re, { code: "mailbox.full", message: `${name} has ${WAITING_MAX} tasks waiting already` })];
  }
  return [put(thinkers, name, { ...row, waiting: [...row.waiting, task] })];
}

/** A thinker for these tasks, the first of which it has at once. */
function begun(name: string, [running, ...waiting]: readonly Task[], scope: Scope): readonly Command[] {
  if (running === undefined) return [];
  const { discussion, agent } = running.assignment;
  const id = `${discussion}-${agent}-${scope.serial}`;
  const at = address(hostOf(scope.self), "specialist", id);
  const row: ThinkerRow = { address: at, running, waiting };
  return [spawn("specialist", id, {}), put(thinkers, name, row), tell(at, assigned(running))];
}

/** CR2. */
function giveUp({ id }: { id: string }, scope: Scope): readonly Command[] {
  for (const [name, row] of scope.rows(thinkers).entries()) {
    if (row.running?.re.id === id) return [tell(row.address, toThinker({ type: "cut" }))];
    const waiting = row.waiting.filter((task) => task.re.id !== id);
    if (waiting.length < row.waiting.length) return [put(thinkers, name, { ...row, waiting })];
  }
  return [];
}

function giveNext({ thinker: name }: { thinker: string }, scope: Scope): readonly Command[] {
  const row = scope.rows(thinkers).get(name);
  if (row === undefined) return [];
  const [next, ...waiting] = row.waiting;
  const after: ThinkerRow = { ...row, running: next, waiting };
  return [put(thinkers, name, after), ...(next === undefined ? [] : [tell(row.address, assigned(next))])];
}

/** CW2. */
function forget({ thinker: id }: { thinker: string }, scope: Scope): readonly Command[] {
  for (const [name, row] of scope.rows(thinkers).entries()) {
    if (idOf(row.address) !== id) continue;
    const left = [...(row.running === undefined ? [] : [row.running]), ...row.waiting];
    return [del(thinkers, name), ...begun(name, left, scope)];
  }
  return [];
}

const interrupted = ({ re, assignment }: Task): Command =>
  refuse(re, { code: "interrupted", message: `${assignment.agent} was told to stop` });

const ofDiscussion = (discussion: string, scope: Scope): readonly (readonly [string, ThinkerRow])[] =>
  [...scope.rows(thinkers).entries()].filter(([name]) => name.startsWith(`${discussion}/`));

function cutAll({ discussion }: { discussion: string }, scope: Scope): readonly Command[] {
  const told = ofDiscussion(discussion, scope).flatMap(([name, row]): readonly Command[] => [
    put(thinkers, name, { ...row, waiting: [] }),
    ...row.waiting.map(interrupted),
    ...(row.running === undefined ? [] : [tell(row.address, toThinker({ type: "cut" }))]),
  ]);
  return [...told, ...answer(scope, toDiscussion({ type: "cut" }))];
}

/** CR3. */
function dismiss({ discussion }: { discussion: string }, scope: Scope): readonly Command[] {
  const gone = ofDiscussion(discussion, scope).flatMap(([name, row]): readonly Command[] => [
    del(thinkers, name),
    stop(row.address),
    ...(row.running === undefined ? [] : [interrupted(row.running)]),
    ...row.waiting.map(interrupted),
  ]);
  return [...gone, ...answer(scope, toDiscussion({ type: "released" }))];
}

const answer = ({ re }: Scope, made: Message): readonly Command[] => (re === undefined ? [] : [reply(re, made)]);

export const CREW: Address = address("thinkers", "crew", "main");

export const crewBehaviour = (): Behaviour =>
  behaviour(crewMachine, { give, giveUp, giveNext, forget, cutAll, dismiss }, { limits: { mailMax: 1024 } });
