/**
 * A machine that its owner wants for something else: nothing new goes there, what runs there ends, and then it is
 * empty.
 *
 * Owns: beginning and ending that. Does not own: how a worker ends (placement P3), the choice of another machine
 * (machines/rules/choose-hive.ts CH1).
 *
 *  DR1 From the step on that drains it a machine gets no job and no worker; what its workers have runs to its end, and
 *      those that have nothing go at once.
 *  DR2 It lasts over restarts of hers and of the machine, until it is resumed; then whoever waits is looked at again.
 *  DR3 Both are said when the disk has them, and may be said again.
 *  DR4 A machine that says that it is about to go is drained too, until it comes again; what is left when it goes is
 *      lost with it (members.ts ME2).
 *
 * @module
 */
import type { ProcessEnd } from "../../../machines/process.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { Address } from "../../../machines/words.ts";
import { type Command, put, refuse, reply, type Scope } from "../../runtime/behaviour.ts";
import { reader } from "../../runtime/reading.ts";
import { askAnew, workersOf } from "./crowding.ts";
import { hiveNamed, noHive } from "./pins.ts";
import { endOnce, placeAll } from "./placement.ts";
import { hives } from "./tables.ts";

const read = reader<QueenEvent>();

const DRAINED: ProcessEnd = { code: "interrupted", class: "cancelled", message: "its machine is being drained" };

export interface HiveStandingEvent {
  readonly type: "hive.standing";
  readonly hive: string;
  readonly state: "draining" | "drained" | "serving";
  /** Jobs that still run there. */
  readonly jobs: number;
}

/** DR1. */
export function drainHive({ epoch }: { epoch: number }, scope: Scope): readonly Command[] {
  const { name } = read(scope, "drain.hive");
  const { re } = scope;
  const row = hiveNamed(name, scope);
  if (row === undefined) return re === undefined ? [] : [refuse(re, noHive(name, scope))];
  const here = workersOf(scope, row.address);
  const jobs = here.reduce((sum, worker) => sum + worker.jobs.length, 0);
  const said: HiveStandingEvent = {
    type: "hive.standing",
    hive: name,
    state: here.length === 0 ? "drained" : "draining",
    jobs,
  };
  return [
    put(hives, row.address, { ...row, isDraining: true }),
    ...emptied(row.address, epoch, scope),
    ...askAnew(scope),
    ...placeAll(undefined, scope),
    ...(re === undefined ? [] : [reply(re, said, "flush")]),
  ];
}

/** DR4. */
export function noteLeaving({ epoch }: { epoch: number }, scope: Scope): readonly Command[] {
  const { hive } = read(scope, "hive.leaving");
  const row = scope.rows(hives).get(hive);
  if (row === undefined || row.isLocal) return [];
  return [
    put(hives, hive, { ...row, isLeaving: true }),
    ...emptied(hive, epoch, scope),
    ...askAnew(scope),
    ...placeAll(undefined, scope),
  ];
}

/** DR1. Also of what it had before it was heard of, and is told of now. */
const emptied = (hive: Address, epoch: number, scope: Scope): readonly Command[] =>
  workersOf(scope, hive).flatMap((row) => (row.state === "stopping" ? [] : endOnce(row, DRAINED, epoch)));

/** DR2. */
export function resumeHive(params: unknown, scope: Scope): readonly Command[] {
  const { name } = read(scope, "resume.hive");
  const { re } = scope;
  const row = hiveNamed(name, scope);
  if (row === undefined) return re === undefined ? [] : [refuse(re, noHive(name, scope))];
  const said: HiveStandingEvent = { type: "hive.standing", hive: name, state: "serving", jobs: 0 };
  return [
    put(hives, row.address, { ...row, isDraining: false }),
    ...placeAll(params, scope),
    ...(re === undefined ? [] : [reply(re, said, "flush")]),
  ];
}
