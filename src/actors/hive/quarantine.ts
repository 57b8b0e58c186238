/**
 * Devices whose memory did not come back when a worker had gone: found out, kept from models, and let go.
 *
 * Owns: what a device had free before a worker went, and which devices are given nothing. Does not own: the verdict
 * (machines/rules/quarantine.ts), how long memory may take to come back (a port looks for that long).
 *
 *  QU1 What is free is noted while a worker is on its way out and still holds its memory; one that ends by itself is
 *      not judged.
 *  QU2 A device is let go in the decision that finds its memory back.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import { type Quarantine, quarantined, usable } from "../../../machines/rules/quarantine.ts";
import type { Device } from "../../../machines/rules/reserve.ts";
import { MACHINE_PORT, type MachineAsk } from "../../protocol/ports.ts";
import { ask, type Command, del, put, type Scope } from "../../runtime/behaviour.ts";
import { reader } from "../../runtime/reading.ts";
import { measureWaiting } from "./measuring.ts";
import { departures, type MemberRow, members, quarantines } from "./tables.ts";

const read = reader<HiveEvent>();

const deviceOf = (id: string, devices: readonly Device[]): Device | undefined => devices.find((each) => each.id === id);

const bookedOn = (device: string, without: string, scope: Scope): number =>
  [...scope.rows(members).entries()].reduce(
    (sum, [, row]) => (row.device === device && row.worker !== without ? sum + row.reservedBytes : sum),
    0,
  );

/** QU1. Plain memory needs no proof but the reap. */
export function noteDeparture(row: MemberRow, devices: readonly Device[], scope: Scope): readonly Command[] {
  const { worker, reservedBytes } = row;
  const device = deviceOf(row.device, devices);
  if (row.state !== "stopping" || device === undefined || device.kind === "cpu") return [];
  const { id, freeBytes } = device;
  const bookedBytes = bookedOn(id, worker, scope);
  return [put(departures, worker, { device: id, heldBytes: reservedBytes, freeBeforeBytes: freeBytes, bookedBytes })];
}

/** It is reaped: its memory is free, or the port looks until it is or should be. */
export function awaitMemory(worker: string, scope: Scope): readonly Command[] {
  const row = scope.rows(departures).get(worker);
  if (row === undefined) return measureWaiting(scope);
  const { device, freeBeforeBytes, heldBytes } = row;
  const made: MachineAsk = { type: "look", worker, device, freeBytes: freeBeforeBytes + heldBytes };
  return [ask(MACHINE_PORT, made, { name: "look", key: worker, deadlineMs: 60_000, onRestart: "again" })];
}

export function noteLooked(_params: unknown, scope: Scope): readonly Command[] {
  const seen = read(scope, "looked", "look.failed");
  const worker = seen.type === "looked" ? seen.worker : seen.key;
  const found = seen.type === "looked" ? judged(worker, seen.devices, scope) : undefined;
  return [
    del(departures, worker),
    ...(found === undefined ? [] : [put(quarantines, found.device, found)]),
    ...measureWaiting(scope),
  ];
}

function judged(worker: string, devices: readonly Device[], scope: Scope): Quarantine | undefined {
  const row = scope.rows(departures).get(worker);
  const device = row === undefined ? undefined : deviceOf(row.device, devices);
  if (row === undefined || device === undefined) return undefined;
  const bookedSinceBytes = Math.max(0, bookedOn(row.device, worker, scope) - row.bookedBytes);
  return quarantined(device, { worker, ...row, bookedSinceBytes });
}

export const quarantinesOf = (scope: Scope): readonly Quarantine[] =>
  [...scope.rows(quarantines).entries()].map(([, row]) => row);

/** The devices that may be given a model now, why others may not, and those that are let go: QU2. */
export function devicesFor(
  devices: readonly Device[],
  scope: Scope,
): { readonly usable: readonly Device[]; readonly why: string; readonly commands: readonly Command[] } {
  const kept = quarantinesOf(scope);
  const found = usable(devices, kept);
  const isBack = ({ device }: Quarantine): boolean => deviceOf(device, found) !== undefined;
  const away = kept.filter((row) => !isBack(row));
  return {
    usable: found,
    why: away.map(({ device, why }) => `; ${device} is given nothing: ${why}`).join(""),
    commands: kept.filter(isBack).map(({ device }) => del(quarantines, device)),
  };
}
