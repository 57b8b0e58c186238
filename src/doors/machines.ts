/**
 * The machines of the cluster at the door of a node: which there are, what is on one of them, taking one out.
 *
 * Owns: what a request means and how an answer looks. Does not own: carrying either, or deciding anything; it talks to
 * a {@link MachinesSeat}.
 *
 *  MH1 Only who may read RBEE_HOME on the queen's machine takes one out.
 *  MH2 Where no machine is named, the one that asks is meant.
 *
 * @module
 */
import type { z } from "zod";
import { RbeeError } from "../protocol/errors.ts";
import {
  type DetectedView,
  detectedView,
  machineRemoved,
  machinesView,
  type MachineView,
  nodeNamed,
  type WorkerLogs,
  type LogsAsked,
  workerLogs,
  workerLogsRequest,
} from "../protocol/machine-api.ts";
import { parseWith } from "../protocol/parse.ts";
import type { Answer, Call, Route } from "../protocol/route.ts";

/** What the door needs of a node. Each may throw an RbeeError. */
export interface MachinesSeat {
  list(): Promise<readonly MachineView[]>;
  /** Resolves when it is let in no more. */
  remove(name: string): Promise<void>;
  /** @param node the queen's own where it is not given */
  detect(node: string | undefined): Promise<DetectedView>;
  /** @param node where it is not given, the one that the worker runs on */
  logs(asked: LogsAsked): Promise<Omit<WorkerLogs, "schemaVersion">>;
}

/** MH2. */
export const nodeIn = ({ query, peer }: Call): string | undefined =>
  parseWith(nodeNamed, { node: query["node"] }).node ?? peer?.name;

export function machineRoutes(seat: MachinesSeat): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v2/machines",
      doc: { summary: "The machines of the cluster, and those that were removed.", answer: machinesView },
      handle: async () => ok({ schemaVersion: 1, machines: [...(await seat.list())] }),
    },
    {
      method: "DELETE",
      path: "/v2/machines/:name",
      doc: { summary: "Take a machine out of the cluster; over the node's own socket.", answer: machineRemoved },
      handle: (call) => remove(seat, call),
    },
    {
      method: "GET",
      path: "/v1/hive/detect",
      doc: { summary: "What models can run on, on a machine.", query: nodeNamed, answer: detectedView },
      handle: async (call) => ok(await seat.detect(nodeIn(call))),
    },
    {
      method: "GET",
      path: "/v1/workers/:id/logs",
      doc: { summary: "The last lines that a worker has printed.", query: workerLogsRequest, answer: workerLogs },
      handle: (call) => logs(seat, call),
    },
  ];
}

const ok = (json: unknown): Answer => ({ status: 200, json });

/** MH1. */
async function remove(seat: MachinesSeat, call: Call): Promise<Answer> {
  if (!call.local) {
    const message = "machines are removed on the queen's own machine: ask there, without RBEE_QUEEN";
    throw new RbeeError("request.forbidden", message);
  }
  const name = call.params["name"] ?? "";
  await seat.remove(name);
  return ok({ schemaVersion: 1, name, state: "removed" } satisfies z.infer<typeof machineRemoved>);
}

async function logs(seat: MachinesSeat, { params, query }: Call): Promise<Answer> {
  const { lines = "50", node, from } = query;
  const asked = { worker: params["id"] ?? "", ...parseWith(workerLogsRequest, { lines, node, from }) };
  return ok({ schemaVersion: 1, ...(await seat.logs(asked)) } satisfies WorkerLogs);
}
