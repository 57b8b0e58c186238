/**
 * What the door of this machine's hive asks: the hive itself, the devices, and whether the queen is there.
 *
 * Owns: putting together what it knows with what the queen says of slots. Decides nothing.
 *
 * @module
 */
import type { MemberRow } from "../../actors/hive/tables.ts";
import type { HiveSeat } from "../../doors/hive.ts";
import type { StatusView, WorkerView } from "../../protocol/api.ts";
import type { HiveWorker } from "../../protocol/hive-api.ts";
import { RBEE_VERSION } from "../../protocol/version.ts";
import { askHive } from "./hive-seat.ts";
import { memory } from "../machine/machine.ts";
import type { Porter } from "../porter/porter.ts";

export interface HiveDoorFacts {
  readonly name: string;
  /** Of now: nobody waits for a queen that restarts. @throws RbeeError queen.unreachable */
  readonly statusNow: () => Promise<StatusView>;
  readonly shutdown: () => void;
}

export function hiveSeat(porter: Porter, { name, statusNow, shutdown }: HiveDoorFacts): HiveSeat {
  return {
    async health() {
      const { members } = await askHive(porter);
      const { pid } = process;
      return { schemaVersion: 1, status: "ok", id: "hive", name, version: RBEE_VERSION, pid, workers: members.length };
    },
    async workers() {
      const [{ members }, seen] = await Promise.all([askHive(porter), seenBy(statusNow)]);
      return members.map((row) => hiveWorker(row, seen.get(row.worker)));
    },
    async devices() {
      await porter.devices.refresh();
      // No driver is asked for the processor.
      const backends = porter.devices.backends.map(({ kind, usable, why, cards }) => ({
        kind,
        usable,
        ...(why === "" ? {} : { why }),
        cards: [...cards],
      }));
      return { schemaVersion: 1, ram: memory(), backends: [...backends, { kind: "cpu", usable: true, cards: [] }] };
    },
    reachQueen: async () => void (await statusNow()),
    shutdown,
  };
}

/** Her workers, by id; none while she is not there. */
async function seenBy(statusNow: HiveDoorFacts["statusNow"]): Promise<ReadonlyMap<string, WorkerView>> {
  const { hives } = await statusNow().catch(() => ({ hives: [] }));
  return new Map(hives.flatMap(({ workers }) => workers).map((worker) => [worker.id, worker]));
}

function hiveWorker(row: MemberRow, seen: WorkerView | undefined): HiveWorker {
  const { worker: id, model, state, facts, pid, port, device, reservedBytes } = row;
  return {
    id,
    model,
    capability: "text",
    backend: facts?.backend ?? "",
    // She may know less of it by now than its hive does.
    state: state === "ready" ? stateSeen(seen) : state,
    pid,
    port,
    slots: facts?.slots ?? 0,
    ...(seen === undefined ? {} : { busySlots: seen.busySlots }),
    device,
    reservedBytes,
  };
}

const stateSeen = (seen: WorkerView | undefined): HiveWorker["state"] =>
  seen?.state === "idle" || seen?.state === "busy" ? seen.state : "ready";
