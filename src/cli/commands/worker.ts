/**
 * `rbee worker list|spawn|stop|health`.
 *
 * @module
 */
import type { WorkerView } from "../../protocol/api.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import { hubName, means } from "../../protocol/model-name.ts";
import { queenOf } from "../session/attach.ts";
import type { Client } from "../client/client.ts";
import { tellFacts } from "../facts.ts";
import { howFarText, isAmong } from "../session/arrival.ts";
import { modelName } from "../model-name.ts";
import { refuse } from "../options.ts";
import type { Run, RunCommand } from "../run.ts";
import { workersText } from "../terminal/status-text.ts";
import { endsText, healthText } from "../terminal/worker-text.ts";

/** What may run a model: a kind of device, llama.cpp's own server, or a server that somebody else runs. */
const BACKENDS = ["cpu", "cuda", "metal", "vulkan", "llama-server", "remote"] as const;

export const list: RunCommand = async (run) => {
  const { options } = run;
  const node = options.text("--node");
  const isOfModel = ofModel(run);
  const isOnBackend = onBackend(run);
  const client = await queenOf(run);
  const there = node === undefined ? await client.workers() : await workersOn(client, node);
  const workers = there.filter((worker) => isOfModel(worker) && isOnBackend(worker));
  const living = workers.length === 0 ? "no workers\n" : workersText(workers);
  if (!options.on("--all")) return tellFacts(run, { workers }, living);
  const ends = (await client.hiveStatus(node, run.interruption.signal)).hive.ends.filter(isOfModel);
  return tellFacts(run, { workers, ends }, `${living}\n${endsText(ends)}`);
};

async function workersOn(client: Client, node: string): Promise<readonly WorkerView[]> {
  const { hives } = await client.status();
  const found = hives.find(({ name }) => name === node);
  if (found !== undefined) return found.workers;
  const allowed = hives.map(({ name }) => name).join(", ");
  throw new RbeeError("hive.unknown", `no machine of this cluster is called ${node}; there are ${allowed}`);
}

function ofModel({ options, cwd }: Run): (of: { readonly model: string }) => boolean {
  const typed = options.text("--model");
  if (typed === undefined) return () => true;
  const wanted = modelName(typed, cwd);
  return ({ model }) => means(wanted, model);
}

function onBackend({ options }: Run): (worker: WorkerView) => boolean {
  if (options.text("--backend") === undefined) return () => true;
  // The books of those that ended do not say where they ran.
  if (options.on("--all")) refuse("--backend is of workers that live: give it without --all");
  const wanted = options.oneOf("--backend", BACKENDS);
  return ({ backend }) => backend === wanted;
}

export const health: RunCommand = async (run) => {
  const client = await queenOf(run);
  const [asked] = run.args;
  const ids = asked === undefined ? (await client.workers()).map(({ id }) => id) : [asked];
  const told = await Promise.all(ids.map((id) => healthOf(client, id, run.interruption.signal, asked !== undefined)));
  const workers = told.filter((each) => each !== undefined);
  await tellFacts(run, { workers }, workers.length === 0 ? "no workers\n" : healthText(workers));
  return workers.every(({ well }) => well) ? 0 : 1;
};

/** One of a list that went meanwhile is not unwell: it is not there any more. */
async function healthOf(client: Client, id: string, signal: AbortSignal, isWanted: boolean) {
  try {
    return await client.workerHealth(id, signal);
  } catch (thrown) {
    if (isWanted || errorData(thrown).code !== "request.not.found") throw thrown;
    return undefined;
  }
}

export const spawn: RunCommand = async (run) => {
  const model = modelName(run.options.required("--model"), run.cwd);
  const client = await queenOf(run);
  const node = run.options.text("--node");
  const isHere = hubName(model) === undefined || isAmong((await client.models()).models, model, node);
  const { worker, state } = await client.spawnWorker(model, node);
  if (!isHere) run.output.say(`Its model is fetched first. ${howFarText(model, node)}`);
  return tellFacts(run, { worker, state }, `${worker} ${state}\n`);
};

export const stop: RunCommand = async (run) => {
  const [worker = ""] = run.args;
  await (await queenOf(run)).stopWorker(worker);
  return tellFacts(run, { worker, state: "stopping" }, `${worker} stopping\n`);
};
