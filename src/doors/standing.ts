/**
 * Whether a node takes work, and what a worker that says it is ready is told.
 *
 * Owns: what such a request means and how an answer looks. Does not own: carrying either, or deciding anything.
 *
 *  ST1 `/ready` is 200 while the queen serves; else it is refused at once, with the code that work would be.
 *  ST2 A worker's word that it is ready changes nothing: workers of a hive say so over their channel, where nobody else
 *      speaks. It is told how it stands; one that no hive has started is refused, and registered nowhere.
 *
 * @module
 */
import {
  readyView,
  type StatusView,
  type WorkerView,
  workerReadyRequest,
  workerReadyView,
  type ReadyView,
} from "../protocol/api.ts";
import { RbeeError } from "../protocol/errors.ts";
import { parseWith } from "../protocol/parse.ts";
import type { Answer, Call, Route } from "../protocol/route.ts";

export interface StandingSeat {
  /** Of now: nobody waits for a queen that restarts. @throws RbeeError queen.unreachable */
  statusNow(): Promise<StatusView>;
}

/** A worker tells its hive, and a hive the queen: it is one queen that answers. */
const CALLBACKS = ["/v1/workers/ready", "/v2/registry/workers/ready"];

export function standingRoutes(seat: StandingSeat): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/ready",
      doc: { summary: "Whether the node takes work; refused while it does not.", answer: readyView },
      handle: () => ready(seat),
    },
    ...CALLBACKS.map((path): Route => ({
      method: "POST",
      path,
      doc: {
        summary: "A worker says that it is ready: it is told how it stands, and nothing else follows.",
        body: workerReadyRequest,
        answer: workerReadyView,
      },
      handle: (call) => called(seat, call),
    })),
  ];
}

/** ST1. */
async function ready(seat: StandingSeat): Promise<Answer> {
  const { epoch, state, diskShort } = (await seat.statusNow()).queen;
  if (state !== "serving") throw new RbeeError("admission.closed", `the queen is ${state}`);
  if (diskShort !== undefined) throw new RbeeError("disk.full", "too little disk is left", { ...diskShort });
  return { status: 200, json: { ready: true, state: "serving", epoch } satisfies ReadyView };
}

/** ST2. */
async function called(seat: StandingSeat, call: Call): Promise<Answer> {
  const { worker: id } = parseWith(workerReadyRequest, call.body);
  const { hives } = await seat.statusNow();
  const worker = hives.flatMap(({ workers }) => workers).find((one) => one.id === id);
  if (worker === undefined) throw new RbeeError("worker.unknown", `no hive here has started a worker ${id}`);
  return { status: 200, json: { worker: id, ready: isReady(worker), state: worker.state } };
}

const isReady = ({ state }: WorkerView): boolean => state === "idle" || state === "busy";
