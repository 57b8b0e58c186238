/**
 * The list of models of this machine, and of those that are in memory.
 *
 *  OG1 A model is in memory once, however many workers hold it, with what all of them hold.
 *
 * When a worker will end is its own to decide, by what is asked of it until then: `expires_at` is not known (OF1).
 *
 * @module
 */
import type { ModelView, WorkerView } from "../../protocol/api.ts";
import type { ModelsSeat } from "../models.ts";
import type { NodeSeat } from "../rbee.ts";
import { QUEENBEE } from "../run.ts";
import { dateOf, detailsOf, digestOf } from "./facts.ts";
import { idOf, listedName } from "./names.ts";

type Listed = Pick<ModelView, "id" | "bytes" | "quant" | "addedAtMs" | "architecture" | "parameters">;

const TEAM: Listed = { id: QUEENBEE, bytes: 0, quant: "", addedAtMs: 0 };

export async function tags(seat: ModelsSeat): Promise<object> {
  const { models } = await seat.list();
  const all = [...models, TEAM];
  return {
    models: all.map((model) => ({
      ...identityOf(model, all),
      modified_at: dateOf(model.addedAtMs),
      size: model.bytes,
    })),
  };
}

export async function running(node: Pick<NodeSeat, "status">, seat: ModelsSeat): Promise<object> {
  const { models } = await seat.list();
  const { hives } = await node.status();
  const inMemory = hives.flatMap(({ workers }) => workers).filter(({ state }) => state === "idle" || state === "busy");
  const byModel = Map.groupBy(inMemory, ({ model }) => idOf(model, models));
  return {
    models: [...byModel].map(([id, workers]) => ({
      ...identityOf(models.find((model) => model.id === id) ?? { ...TEAM, id }, models),
      size: bytesOf(workers),
      expires_at: dateOf(0),
      size_vram: bytesOf(workers.filter(({ backend }) => backend !== "cpu")),
    })),
  };
}

const bytesOf = (workers: readonly WorkerView[]): number =>
  workers.reduce((sum, { reservedBytes }) => sum + reservedBytes, 0);

function identityOf(model: Listed, all: readonly Listed[]): object {
  const name = listedName(model, all);
  return { name, model: name, digest: digestOf(model), details: detailsOf(model) };
}
