/**
 * What a node's door asks of this machine's hive: how it stands, how its workers are, and how others ended.
 *
 * Owns: putting together what the queen, the hive, the devices and a worker itself say. Decides nothing.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { HiveStatus } from "../../actors/hive/behaviour.ts";
import type { Ended } from "../../actors/hive/ends.ts";
import type { HiveStatusView, HiveView, StatusView, WorkerEnd, WorkerHealth } from "../../protocol/api.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import type { HivePart } from "../../protocol/machine-api.ts";
import type { Condition } from "../../protocol/worker.ts";
import { event } from "../../runtime/reading.ts";
import { patiently } from "../porter/patience.ts";
import type { Porter } from "../porter/porter.ts";

const toHive = event<HiveEvent>();
const ANSWER_MS = 30_000;

export const askHive = ({ hive, desk: { doors } }: Porter): Promise<HiveStatus> =>
  patiently(() => doors.ask<HiveStatus>(hive, toHive({ type: "status" }), ANSWER_MS));

/** @throws RbeeError request.not.found */
export async function workerHealth(porter: Porter, worker: string): Promise<WorkerHealth> {
  const { members, ends } = await askHive(porter);
  const member = members.find((row) => row.worker === worker);
  if (member === undefined) throw new RbeeError("request.not.found", `there is no worker ${worker} here`);
  const { model, pid, reservedBytes } = member;
  const restarts = ends.filter((row) => row.model === model && row.end.class !== "cancelled").length;
  const known = { schemaVersion: 1, worker, model, pid, restarts } as const;
  try {
    return { ...known, ...healthOf(await porter.examine(worker), reservedBytes) };
  } catch (thrown) {
    const { code, message } = errorData(thrown);
    const state = member.state === "ready" ? "idle" : member.state;
    // Decided on, and its process is not there yet: nothing is wrong with it.
    if (code === "request.not.found" && state === "loading") return { ...known, state, well: true };
    return { ...known, state, well: false, error: { code, message } };
  }
}

function healthOf(condition: Condition, reservedBytes: number) {
  const { state, sickness, proof, rssBytes, peakRssBytes, uptimeMs } = condition;
  return {
    state,
    well: sickness === undefined && (state === "loading" || state === "idle" || state === "busy"),
    ...(sickness === undefined ? {} : { error: sickness }),
    ...(proof === undefined ? {} : { proof: proofOf(proof) }),
    memory: { rssBytes, peakRssBytes, reservedBytes },
    uptimeMs,
  };
}

const proofOf = ({ by, agoMs, probe }: NonNullable<Condition["proof"]>): WorkerHealth["proof"] =>
  probe === undefined ? { by, agoMs } : { by, agoMs, probe };

/** What this machine's hive knows, beside what the queen does. */
export async function hivePart(porter: Porter, headroomBytes: number): Promise<HivePart> {
  const { members, ends, quarantines } = await askHive(porter);
  const bookedBytes = members.reduce((sum, row) => sum + row.reservedBytes, 0);
  const quarantined = quarantines.map(({ device, why }) => ({ device, why }));
  return { bookedBytes, headroomBytes, ends: ends.map(endOf), quarantined };
}

/** @param url of the hive's own door */
export function hiveStatusOf(hive: HiveView, part: HivePart, url: string): HiveStatusView {
  const { bookedBytes, headroomBytes, ends, quarantined } = part;
  const memory = { ...hive.ram, bookedBytes, headroomBytes };
  return { schemaVersion: 1, hive: { ...hive, memory, ends, quarantined, url } };
}

const endOf = ({ worker, model, pid, end, how, exit, lastLines, atMs }: Ended): WorkerEnd => ({
  worker,
  model,
  pid,
  code: end.code,
  message: end.message,
  how,
  after: exit?.after,
  lastLines: [...lastLines],
  endedAt: new Date(atMs).toISOString(),
});

/** What workers may run on here. */
export function backendsOf({ devices }: Porter): Pick<StatusView["hives"][number], "backends" | "gpus"> {
  const found = devices.backends.filter(({ usable, kind }) => usable && kind !== "cpu");
  return {
    backends: [...found.map(({ kind }) => kind), "cpu"],
    gpus: found.slice(0, 1).flatMap(({ cards }) => [...cards]),
  };
}
