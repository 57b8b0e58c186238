/**
 * How she takes everything down.
 *
 * Owns: the phases of draining. Does not own: what a hive does to drain.
 *
 *  C3 The answer to `drain` leaves when every hive that is there has stopped, or the deadline of the phase has passed.
 *  C4 A step that broke while she stopped does not undo it: whoever still waits makes her stop again.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { JobEvent } from "../../../machines/job.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import { address, type Address, hostOf } from "../../../machines/words.ts";
import { type Command, del, put, raise, reply, type Scope, tell } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { drains, type HiveRow, hives, jobs } from "./tables.ts";

const read = reader<QueenEvent>();
const toHive = event<HiveEvent>();
const toJob = event<JobEvent>();
const toSelf = event<QueenEvent>();

export function rememberDrain(_params: unknown, scope: Scope): readonly Command[] {
  return scope.re === undefined ? [] : [put(drains, scope.re.id, scope.re)];
}

export function resumeDrain(_params: unknown, scope: Scope): readonly Command[] {
  return scope.rows(drains).size === 0 ? [] : [raise(toSelf({ type: "drain" }))];
}

export function checkIdle(_params: unknown, scope: Scope): readonly Command[] {
  return scope.rows(jobs).index.running === 0 ? [raise(toSelf({ type: "jobs.idle" }))] : [];
}

/** What still runs gives its slot back and waits, in the journal, for the node's next start. */
export function suspendJobs(_params: unknown, scope: Scope): readonly Command[] {
  const commands: Command[] = [];
  for (const [id, row] of scope.rows(jobs).entries()) {
    if (row.state !== "running") continue;
    commands.push(tell(address(hostOf(scope.self), "job", id), toJob({ type: "suspend" }), "control"));
  }
  return commands;
}

const toHives = (scope: Scope, made: Parameters<typeof toHive>[0]): readonly Command[] =>
  [...scope.rows(hives).entries()].flatMap(([, { address: hive, isPresent }]) =>
    isPresent ? [tell(hive, toHive(made), "control")] : [],
  );

export const drainHives = ({ epoch }: { epoch: number }, scope: Scope): readonly Command[] =>
  toHives(scope, { type: "drain", epoch });

export const hurryHives = ({ epoch }: { epoch: number }, scope: Scope): readonly Command[] =>
  toHives(scope, { type: "hurry", epoch });

export function noteHiveStopped(_params: unknown, scope: Scope): readonly Command[] {
  const { hive } = read(scope, "hive.stopped");
  const row = scope.rows(hives).get(hive);
  return row === undefined
    ? []
    : [put(hives, hive, { ...row, stopped: true, known: true }), ...allStopped(hive, scope)];
}

/** Nobody waits for a hive that is not there. */
export function allStopped(but: Address, scope: Scope): readonly Command[] {
  const isOver = ({ stopped, isPresent }: HiveRow): boolean => stopped || !isPresent;
  const others = [...scope.rows(hives).entries()].every(([id, row]) => id === but || isOver(row));
  return others ? [raise(toSelf({ type: "hives.stopped" }))] : [];
}

export function answerDrain(_params: unknown, scope: Scope): readonly Command[] {
  return [...scope.rows(drains).entries()].flatMap(([id, re]) => [
    del(drains, id),
    reply(re, { type: "drained" }, "flush"),
  ]);
}
