/**
 * `rbee worker list|spawn|stop`.
 *
 * @module
 */
import { loadConfig } from "../../runtime/config/load.ts";
import { attach } from "../attach.ts";
import type { Client } from "../client.ts";
import { tellFacts } from "../facts.ts";
import { modelName } from "../model-name.ts";
import type { Run, RunCommand } from "../run.ts";
import { workersText } from "../status-text.ts";

export const list: RunCommand = async (run) => {
  const workers = await (await queenOf(run)).workers();
  return tellFacts(run, { workers }, workers.length === 0 ? "no workers\n" : workersText(workers));
};

export const spawn: RunCommand = async (run) => {
  const model = modelName(run.options.required("--model"), run.cwd);
  const { worker, state } = await (await queenOf(run)).spawnWorker(model);
  return tellFacts(run, { worker, state }, `${worker} ${state}\n`);
};

export const stop: RunCommand = async (run) => {
  const [worker = ""] = run.args;
  await (await queenOf(run)).stopWorker(worker);
  return tellFacts(run, { worker, state: "stopping" }, `${worker} stopping\n`);
};

async function queenOf({ options, env, cwd, interruption, output }: Run): Promise<Client> {
  const loaded = loadConfig({ flags: {}, env, cwd });
  return (await attach({ loaded, env, interruption, say: output.say, queen: options.text("--queen") })).client;
}
