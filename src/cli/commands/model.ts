/**
 * `rbee model list|info|download|remove`.
 *
 *  MO1 With `--json` a download is one event a line, the last `done` or `error`.
 *  MO2 The list holds what is here, what is on its way and what was begun and left, each with how it stands.
 *
 * @module
 */
import { diskSize } from "../../../machines/rules/room.ts";
import type { ModelInfo, ModelsHere, ModelView } from "../../protocol/api.ts";
import type { DownloadView } from "../../protocol/download-api.ts";
import { ERRORS, errorData } from "../../protocol/errors.ts";
import { hubName, quantOf } from "../../protocol/model-name.ts";
import { remoteName } from "../../protocol/remote-name.ts";
import { loadConfig } from "../../runtime/config/load.ts";
import { sizeText } from "../../runtime/config/units.ts";
import { fetched, type Progress } from "../session/arrival.ts";
import { type Attached, attachOrEmbed } from "../session/attach.ts";
import { downloadBar, stepText } from "../terminal/download-bar.ts";
import { tellFacts } from "../facts.ts";
import { toldOf } from "../failure.ts";
import { modelName } from "../model-name.ts";
import type { Run, RunCommand } from "../run.ts";
import { table } from "../terminal/table.ts";

export const list: RunCommand = (run) =>
  withNode(run, async ({ client }) => {
    const known = await client.models();
    return tellFacts(run, known, modelsText(known));
  });

export const info: RunCommand = (run) =>
  withNode(run, async ({ client }) => {
    const node = run.options.text("--node");
    const found = await client.modelInfo(nameIn(run), node);
    return tellFacts(run, found, infoText(found, node));
  });

export const remove: RunCommand = (run) =>
  withNode(run, async ({ client }) => {
    const model = nameIn(run);
    const node = run.options.text("--node");
    const freedBytes = await client.removeModel(model, node);
    const where = node === undefined ? "" : ` from ${node}`;
    return tellFacts(run, { model, freedBytes }, `${model} removed${where}, ${diskSize(freedBytes)} are free again\n`);
  });

export const download: RunCommand = (run) => (run.options.on("--json") ? downloadJson(run) : downloadText(run));

async function downloadText(run: Run): Promise<number> {
  const bar = downloadBar();
  try {
    const model = await follow(run, async (progress) => bar.show(progress));
    bar.clear();
    const node = run.options.text("--node");
    await run.output.data(`${model} is ${node === undefined ? "here" : `on ${node}`}\n`);
    return 0;
  } finally {
    bar.clear();
  }
}

async function downloadJson(run: Run): Promise<number> {
  const line = (event: object): Promise<void> => run.output.data(`${JSON.stringify(event)}\n`);
  try {
    const model = await follow(run, line);
    await line({ type: "done", model });
    return 0;
  } catch (thrown) {
    const error = errorData(thrown);
    await line({ type: "error", model: nameIn(run), ...toldOf(error) });
    return ERRORS[error.code].exitCode;
  }
}

/** @returns the model that is here now */
function follow(run: Run, on: (progress: Progress) => Promise<void>): Promise<string> {
  const model = nameIn(run);
  return withNode(run, async ({ client, kind }) => {
    const { signal } = run.interruption;
    const node = run.options.text("--node");
    await fetched(model, { client, node, signal, endsWithUs: kind === "embedded", say: run.output.say, on });
    return model;
  });
}

async function withNode<Value>(run: Run, use: (attached: Attached) => Promise<Value>): Promise<Value> {
  const { env, cwd, interruption, output } = run;
  const loaded = loadConfig({ flags: {}, env, cwd });
  const attached = await attachOrEmbed({ loaded, env, interruption, cold: true, say: output.say });
  try {
    return await use(attached);
  } finally {
    await attached.close();
  }
}

const nameIn = ({ args, cwd }: Run): string => modelName(args[0] ?? "", cwd);

/** MO2 */
const modelsText = ({ models, downloads, begun }: ModelsHere): string =>
  table([
    ["MODEL", "STATE", "SIZE", "QUANT", "SINCE", "MACHINES"],
    ...models.map((each) => [
      each.id,
      whereOf(each),
      hereSize(each.bytes),
      each.quant || "-",
      dayOf(each.addedAtMs),
      each.machines.join(" ") || "-",
    ]),
    ...downloads.map((each) => [
      each.model,
      stepText(each),
      sizeOf(each),
      quantIn(each.model) || "-",
      "-",
      each.machine,
    ]),
    ...begun.map(({ model, presentBytes, machine }) => [
      model,
      "begun",
      `${diskSize(presentBytes)} so far`,
      quantIn(model) || "-",
      "-",
      machine,
    ]),
  ]);

/** On which machines stands beside it; of a server's model nothing is on any. */
const whereOf = ({ id, source }: ModelView): string => (remoteName(id) === undefined ? "ready" : `at ${source}`);
const hereSize = (bytes: number): string => (bytes === 0 ? "-" : diskSize(bytes));
const sizeOf = ({ totalBytes }: DownloadView): string => (totalBytes === 0 ? "-" : diskSize(totalBytes));
const quantIn = (model: string): string => hubName(model)?.quant ?? quantOf(model);

const dayOf = (atMs: number): string => (atMs === 0 ? "-" : new Date(atMs).toISOString().slice(0, 10));

function infoText(found: ModelInfo, node: string | undefined): string {
  const { model, at, bytes, quant, architecture, parameters, contextTokens, fit, choices } = found;
  if (at !== undefined)
    return table([
      ["model", model],
      ["here", `nothing of it: the server ${at} has it`],
    ]);
  if (choices.length > 0) {
    const rows = choices.map((choice) => [choice.model, diskSize(choice.bytes), choice.quant || "-"]);
    return table([["MODEL", "SIZE", "QUANT"], ...rows]);
  }
  const rows: [string, string | undefined][] = [
    ["model", model],
    whereText(found, node),
    ["size", diskSize(bytes)],
    ["quant", quant || undefined],
    ["architecture", architecture || undefined],
    ["parameters", parameters ? parameters.toLocaleString("en") : undefined],
    ["context", contextTokens ? `${contextTokens} tokens` : undefined],
    ["needs", fit === undefined ? undefined : sizeText(fit.needBytes)],
    ["fits", fit === undefined ? undefined : `${fit.fits ? "yes" : "no"}: ${fit.why}`],
  ];
  return table(rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

const whereText = ({ model, here, path }: ModelInfo, node: string | undefined): [string, string] =>
  node === undefined
    ? ["here", here ? (path ?? "yes") : "no; `rbee model download` fetches it"]
    : [`on ${node}`, here ? (path ?? "yes") : `no; \`rbee model download ${model} --node ${node}\` fetches it`];
