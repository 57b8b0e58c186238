/**
 * The hive's books of memory: what a worker is measured to need, whether it gets it, what it really took.
 *
 * Owns: the decision whether a worker may start here, and what is booked for it. Does not own: the sums
 * (machines/rules), measuring (a port), who makes room (the queen).
 *
 *  B1 What a model needs is measured first and arrives as an event; the decision is made on it. Kernel rule 1.
 *  B2 Memory is booked in the step that decides and unbooked in the step that hears of the reap (RS6, RJ3).
 *  B3 What does not fit only because others are still stopping waits for them; who waits is not overtaken by who came
 *     later and would take its room.
 *  B7 What a worker took is remembered, the most of it, for the next of its kind; and what is booked for one that runs
 *     is never less than what it took. Of one that never was ready nothing is remembered: it had not taken all of it.
 *  B8 Nothing is refused on a measurement that is older than a worker's end: it is measured again.
 *  B9 Whom this hive turns away the queen asks of another one, by the same name: she hears of it once it is on disk
 *     that it is not begun here (RM4).
 *
 * @module
 */
import type { Held, HiveEvent } from "../../../machines/hive.ts";
import type { ProcessEnd, ProcessEvent } from "../../../machines/process.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import { threadsFor } from "../../../machines/rules/cores.ts";
import { type Booked, type Limits, reserve, type Reservation } from "../../../machines/rules/reserve.ts";
import { address, type Address, hostOf } from "../../../machines/words.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import { MACHINE_PORT, type MachineAsk } from "../../protocol/ports.ts";
import { ask, type Command, del, put, refuse, reply, type Scope, spawn, tell, watch } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { askMeasure } from "./measuring.ts";
import { devicesFor, noteDeparture } from "./quarantine.ts";
import { type MemberRow, members, PEAKS_KEPT, peaks, pending, type PendingRow } from "./tables.ts";

const read = reader<HiveEvent>();
const toQueen = event<QueenEvent>();
const toProcess = event<ProcessEvent>();

export interface MemorySettings extends Limits {
  readonly queen: Address;
  readonly threads: number | "auto";
}

export const processOf = (scope: Scope, worker: string): Address => address(hostOf(scope.self), "process", worker);

const rowsOf = (scope: Scope): readonly MemberRow[] => [...scope.rows(members).entries()].map(([, row]) => row);

/** Those that make room are on their way out from this step on, so that the decision waits for them: B3. */
export function makeRoom(instead: readonly string[], model: string, scope: Scope): readonly Command[] {
  const end: ProcessEnd = { code: "worker.evicted", class: "cancelled", message: `it made room for ${model}` };
  return instead.flatMap((worker) => {
    const row = scope.rows(members).get(worker);
    if (row === undefined || row.state === "stopping") return [];
    return [
      put(members, worker, { ...row, state: "stopping" }),
      tell(processOf(scope, worker), toProcess({ type: "stop", end }), "control"),
    ];
  });
}

/** As the queen hears it, also of what it was decided before. */
export const reserved = ({ worker, reservedBytes, device }: MemberRow, why: string) =>
  toQueen({ type: "worker.reserved", worker, reservedBytes, device, why });

/** B9. */
export const turnedAway = (worker: string, { re }: PendingRow, error: ErrorData): readonly Command[] => [
  del(pending, worker),
  refuse(re, error, "flush"),
];

export const decide =
  (settings: MemorySettings) =>
  (_params: unknown, scope: Scope): readonly Command[] => {
    const found = read(scope, "measured");
    const waiting = scope.rows(pending).get(found.worker);
    if (waiting === undefined) return [];
    const rows = rowsOf(scope).map((row) => grown(row, peakIn(found.held, row.worker)));
    const peakBytes = scope.rows(peaks).get(found.profile)?.peakBytes;
    const booked = [...rows.map((row) => bookedBy(row, found.held)), ...claimsBefore(waiting, scope)];
    const { usable, why, commands } = devicesFor(found.devices, scope);
    const decision = reserve(found.needs, peakBytes, booked, usable, settings);
    const told = { ...decision, why: `${decision.why}${why}` };
    return [
      ...commands,
      ...bookGrowth(rows, settings.queen, scope),
      ...carriedOut(told, waiting, rows, settings, scope),
    ];
  };

function carriedOut(
  decision: Reservation,
  waiting: PendingRow,
  rows: readonly MemberRow[],
  settings: MemorySettings,
  scope: Scope,
): readonly Command[] {
  const { worker, held } = read(scope, "measured");
  const { model } = waiting;
  const message = `${model} ${decision.why}`;
  if (decision.kind === "fits") return begin(decision, waiting, rows, settings, scope);
  if (decision.kind === "waits") {
    const { device, bytes } = decision;
    return [put(pending, worker, { ...waiting, waits: "memory", claim: { device, bytes } })];
  }
  // B8: what it held was counted as gone for good.
  if (held.some(({ worker: id }) => !scope.rows(members).has(id))) return askMeasure(worker, waiting, scope);
  if (decision.kind === "refused") return turnedAway(worker, waiting, { code: "memory.insufficient", message });
  const { missingBytes, device, untilFreeBytes } = decision;
  const details = { missingBytes, device, ...(untilFreeBytes === undefined ? {} : { untilFreeBytes }) };
  return turnedAway(worker, waiting, { code: "memory.busy", message, details });
}

function begin(
  { device, bytes, why }: Extract<Reservation, { kind: "fits" }>,
  { re, model, epoch }: PendingRow,
  rows: readonly MemberRow[],
  settings: MemorySettings,
  scope: Scope,
): readonly Command[] {
  const { worker, path, profile, needs, cores } = read(scope, "measured");
  const given = threadsFor(
    settings.threads,
    needs.weightsBytes,
    cores,
    rows.map(({ threads }) => threads),
  );
  const row: MemberRow = {
    worker,
    model,
    path,
    state: "loading",
    facts: undefined,
    pid: 0,
    port: 0,
    device,
    reservedBytes: bytes,
    threads: given.threads,
    profile,
  };
  return [
    del(pending, worker),
    put(members, worker, row),
    spawn("process", worker, { model, path, epoch }),
    watch(processOf(scope, worker)),
    reply(re, reserved(row, `${why}; ${given.why}`)),
  ];
}

export function bookedBy(row: MemberRow, held: readonly Held[]): Booked {
  const found = held.find(({ worker }) => worker === row.worker);
  return {
    device: row.device,
    reservedBytes: row.reservedBytes,
    // A worker that was not there when it was measured has taken nothing of what was free then. Where a machine does
    // not tell, it has taken all.
    takenBytes: found === undefined ? 0 : (found.takenBytes ?? row.reservedBytes),
    leaving: row.state === "stopping",
  };
}

/** Room that others wait for, who asked earlier: B3. */
const claimsBefore = ({ seq }: PendingRow, scope: Scope): readonly Booked[] =>
  [...scope.rows(pending).entries()].flatMap(([, row]) =>
    row.waits === "memory" && row.claim !== undefined && row.seq < seq
      ? [{ device: row.claim.device, reservedBytes: row.claim.bytes, takenBytes: 0, leaving: false }]
      : [],
  );

const peakIn = (held: readonly Held[], worker: string): number =>
  held.find((each) => each.worker === worker)?.peakBytes ?? 0;

/** B7: it has what it has, so that is what is booked. */
const grown = (row: MemberRow, peakBytes: number): MemberRow =>
  peakBytes > row.reservedBytes ? { ...row, reservedBytes: peakBytes } : row;

const bookGrowth = (rows: readonly MemberRow[], queen: Address, scope: Scope): readonly Command[] =>
  rows.flatMap((row) => {
    const { worker, reservedBytes } = row;
    if (row === scope.rows(members).get(worker)) return [];
    const news = toQueen({ type: "worker.weighed", worker, reservedBytes });
    return [put(members, worker, row), tell(queen, news, "control")];
  });

/** Of what is not to be remembered. */
const NO_PROFILE = "";

/** What its process has taken so far, asked when it is ready and once more at its end. */
export function askWeigh(worker: string, isLoaded: boolean, scope: Scope): readonly Command[] {
  const row = scope.rows(members).get(worker);
  if (row === undefined || row.pid === 0) return [];
  const made: MachineAsk = { type: "weigh", worker, pid: row.pid, profile: isLoaded ? row.profile : NO_PROFILE };
  return [ask(MACHINE_PORT, made, { name: "weigh", key: worker, deadlineMs: 10_000, onRestart: "once" })];
}

export const noteWeighed =
  ({ queen }: MemorySettings) =>
  (_params: unknown, scope: Scope): readonly Command[] => {
    const { worker, profile, peakBytes, devices } = read(scope, "weighed");
    const row = scope.rows(members).get(worker);
    return [
      ...(row === undefined ? [] : bookGrowth([grown(row, peakBytes)], queen, scope)),
      ...(row === undefined ? [] : noteDeparture(row, devices, scope)),
      ...(profile === NO_PROFILE ? [] : remember(profile, peakBytes, scope)),
    ];
  };

function remember(profile: string, peakBytes: number, scope: Scope): readonly Command[] {
  const known = scope.rows(peaks);
  const before = known.get(profile);
  if (peakBytes <= (before?.peakBytes ?? 0)) return [];
  const oldest = before === undefined && known.size >= PEAKS_KEPT ? oldestOf(known.entries()) : undefined;
  return [put(peaks, profile, { peakBytes, atMs: scope.at }), ...(oldest === undefined ? [] : [del(peaks, oldest)])];
}

function oldestOf(rows: Iterable<readonly [string, { readonly atMs: number }]>): string | undefined {
  let oldest: readonly [string, { readonly atMs: number }] | undefined;
  for (const entry of rows) if (oldest === undefined || entry[1].atMs < oldest[1].atMs) oldest = entry;
  return oldest?.[0];
}
