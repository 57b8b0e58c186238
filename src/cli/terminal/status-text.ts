/**
 * The state of a cluster in words, for a screen of 80 columns.
 *
 * @module
 */
import type { StatusView, WorkerView } from "../../protocol/api.ts";
import { durationText, sizeText } from "../../runtime/config/units.ts";
import { table } from "./table.ts";

export function statusText({ queen, hives }: StatusView): string {
  const { queue, diskShort } = queen;
  const head = [
    `queen ${queen.id} ${queen.state} at ${queen.url}`,
    `  pid ${queen.pid}, up ${durationText(queen.uptimeMs)}, epoch ${queen.epoch}`,
    `  ${queue.running} running, ${queue.length} waiting (at most ${queue.max})`,
    ...(diskShort === undefined ? [] : [`  admits nothing: ${shortText(diskShort)}`]),
  ];
  return `${[head.join("\n"), ...hives.map(hiveText)].join("\n\n").trimEnd()}\n`;
}

const shortText = ({ freeBytes, headroomBytes }: NonNullable<StatusView["queen"]["diskShort"]>): string =>
  `${sizeText(freeBytes)} of disk is left, and ${sizeText(headroomBytes)} are kept back`;

function hiveText({
  name,
  state,
  host,
  pid,
  version,
  backends,
  ram,
  gpus,
  workers,
}: StatusView["hives"][number]): string {
  return [
    `hive ${name} ${state} on ${host}`,
    `  pid ${pid}, version ${version}, ${backends.join(", ")}`,
    `  memory ${sizeText(ram.freeBytes)} free of ${sizeText(ram.totalBytes)}`,
    ...gpus.map((gpu) => `  ${gpu.name}: ${sizeText(gpu.freeBytes)} free of ${sizeText(gpu.totalBytes)}`),
    workers.length === 0 ? "  no workers" : indent(workersText(workers)),
  ].join("\n");
}

export const workersText = (workers: readonly WorkerView[]): string =>
  table([
    ["worker", "model", "state", "slots", "memory", "backend", "pid", "port"],
    ...workers.map((worker) => [
      worker.id,
      shortModel(worker.model),
      worker.state,
      `${worker.busySlots}/${worker.slots}`,
      sizeText(worker.reservedBytes),
      worker.backend,
      String(worker.pid),
      String(worker.port),
    ]),
  ]);

const MODEL_LETTERS_MAX = 24;

/** The end of a long name tells more than its beginning: files and quantisations differ there. */
export const shortModel = (model: string): string =>
  model.length <= MODEL_LETTERS_MAX ? model : `...${model.slice(3 - MODEL_LETTERS_MAX)}`;

const indent = (text: string): string => text.trimEnd().replaceAll(/^/gm, "  ");
