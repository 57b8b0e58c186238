/**
 * A machine's devices, and the state of its hive, in words, for a screen of 80 columns.
 *
 * @module
 */
import type { HiveStanding, HiveStatusView } from "../../protocol/api.ts";
import type { DetectedView } from "../../protocol/machine-api.ts";
import { sizeText } from "../../runtime/config/units.ts";
import { workersText } from "./status-text.ts";
import { endsText } from "./worker-text.ts";

type Machine = Omit<DetectedView["machine"], "memoryLimitBytes"> & { readonly memoryLimitBytes?: number | undefined };
type Backend = Readonly<Omit<DetectedView["backends"][number], "cards">> & { readonly cards: readonly Card[] };
type Card = DetectedView["backends"][number]["cards"][number];

export function detectedText(machine: Machine, backends: readonly Backend[]): string {
  const { processor, cores, threads, memory, memoryLimitBytes } = machine;
  const limit = memoryLimitBytes === undefined ? "" : `, limited to ${sizeText(memoryLimitBytes)} by its control group`;
  const lines = [
    `${processor}, ${cores} cores, ${threads} threads`,
    `memory ${sizeText(memory.freeBytes)} free of ${sizeText(memory.totalBytes)}${limit}`,
    ...backends.flatMap(backendLines),
  ];
  return `${lines.join("\n")}\n`;
}

function backendLines({ kind, usable, why, cards }: Backend): readonly string[] {
  const head = `${kind.padEnd(7)} ${usable ? "yes" : `no: ${why}`}`;
  return [
    head,
    ...cards.map((card) => `  ${card.name}: ${sizeText(card.freeBytes)} free of ${sizeText(card.totalBytes)}`),
  ];
}

export function standingText({ name, state, jobs }: Pick<HiveStanding, "name" | "state" | "jobs">): string {
  const runs = jobs === 0 ? "" : `, ${jobs} ${jobs === 1 ? "job still runs" : "jobs still run"} there`;
  return `${name} ${state}${runs}\n`;
}

export function hiveText({ hive }: HiveStatusView): string {
  const { name, state, host, pid, version, backends, gpus, memory, workers, ends, quarantined, url } = hive;
  const lines = [
    `hive ${name} ${state} on ${host}`,
    `  pid ${pid}, version ${version}, ${backends.join(", ")}`,
    ...(url === "" ? [] : [`  its door is ${url}`]),
    `  memory ${sizeText(memory.freeBytes)} free of ${sizeText(memory.totalBytes)}`,
    `  ${sizeText(memory.bookedBytes)} booked, ${sizeText(memory.headroomBytes)} kept back`,
    ...gpus.map((gpu) => `  ${gpu.name}: ${sizeText(gpu.freeBytes)} free of ${sizeText(gpu.totalBytes)}`),
    ...quarantined.map(({ device, why }) => `  ${device} is given no model: ${why}`),
  ];
  const living = workers.length === 0 ? "no workers\n" : workersText(workers);
  return `${lines.join("\n")}\n\n${living}\n${endsText(ends)}`;
}
