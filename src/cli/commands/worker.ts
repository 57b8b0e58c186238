/**
 * `rbee worker list|spawn|stop|health`.
 *
 * @module
 */
import { errorData } from "../../protocol/errors.ts";
import { hubName } from "../../protocol/model-name.ts";
import { queenOf } from "../session/attach.ts";
import type { Client } from "../client/client.ts";
import { tellFacts } from "../facts.ts";
import { howFarText, isAmong } from "../session/arrival.ts";
import { modelName } from "../model-name.ts";
import type { RunCommand } from "../run.ts";
import { workersText } from "../terminal/status-text.ts";
import { endsText, healthText } from "../terminal/worker-text.ts";

export const list: RunCommand = async (run) => {
  const client = await queenOf(run);
  const workers = await client.workers();
  const living = workers.length === 0 ? "no workers\n" : workersText(workers);
  if (!run.options.on("--all")) return tellFacts(run, { workers }, living);
  const { ends } = (await client.hiveStatus(undefined, run.interruption.signal)).hive;
  return tellFacts(run, { workers, ends }, `${living}\n${endsText(ends)}`);
};

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
