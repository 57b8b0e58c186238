/**
 * What a node's door asks about models, put to the hive that decides and to the catalog that knows.
 *
 * While the hive's thread restarts, questions wait for it: each of them may be put twice.
 *
 *  MS1 Whoever follows a download hears of its end from the hive, whose decision it is; what is heard between is
 *      advice. Which run the hive says, too; how far they are is advice.
 *  MS2 What a model needs is held against what runs: it fits where those that run could be ended for it.
 *  MS3 A model stands in the list once, with the machines that have it; what else is told of it the first of them says.
 *
 * @module
 */
import { once } from "node:events";
import { stat } from "node:fs/promises";
import type { HiveEvent } from "../../../machines/hive.ts";
import { type Limits, needBytes, reserve } from "../../../machines/rules/reserve.ts";
import { type GgufHeader, readGgufHeader } from "../../actors/engines/gguf/header.ts";
import { bookedBy } from "../../actors/hive/memory.ts";
import type { ContextSettings } from "../../actors/engines/gguf/memory.ts";
import type { ModelsSeat } from "../../doors/models.ts";
import type { ModelFit, ModelInfo, ModelView } from "../../protocol/api.ts";
import type { DownloadEvent } from "../../protocol/download-api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { hubName, means } from "../../protocol/model-name.ts";
import { remoteName } from "../../protocol/remote-name.ts";
import type { Endpoints } from "../../runtime/config/endpoints.ts";
import type { Message } from "../../runtime/envelope.ts";
import { event } from "../../runtime/reading.ts";
import { askHive } from "../seats/hive-seat.ts";
import { heldBy, locate, needsOf, STARTER } from "../machine/machine.ts";
import { type DownloadProgress, type Models, viewOf } from "./models.ts";
import type { Porter } from "../porter/porter.ts";
import { type BegunModel, type CatalogEntry, headerFacts } from "./catalog.ts";
import { patiently } from "../porter/patience.ts";
import { RemoteModels } from "./remote-models.ts";

const toHive = event<HiveEvent>();

const ANSWER_MS = 30_000;
/** A download may take long; whoever follows asks again after this. */
const FOLLOW_MS = 3_600_000;

export interface ModelsFacts {
  readonly settings: ContextSettings & Limits;
  readonly endpoints: Endpoints;
  readonly machine: string;
  /** What each of the machines has that are there. */
  readonly elsewhere: () => Promise<readonly Having[]>;
}

export function modelsSeat(porter: Porter, { settings, endpoints, machine, elsewhere }: ModelsFacts): ModelsSeat {
  const { models } = porter;
  const remote = new RemoteModels(endpoints, () => performance.now());
  const ask = <Answer extends Message>(made: Message, ms: number, signal?: AbortSignal): Promise<Answer> =>
    patiently(() => porter.desk.doors.ask<Answer>(porter.hive, made, ms, signal));
  return {
    async list() {
      const asked = [askHive(porter), models.catalog.begun(), remote.list(), hereView(porter), elsewhere()] as const;
      const [{ downloads }, begun, servers, here, others] = await Promise.all(asked);
      const isUnderWay = ({ name }: BegunModel): boolean => downloads.some((model) => means(model, name));
      return {
        models: [...together([{ machine, models: here }, ...others]), ...servers],
        downloads: downloads.map((model) => viewOf(models.standingOf(model))),
        begun: begun
          .filter((each) => !isUnderWay(each))
          .map(({ name, presentBytes }) => ({ model: name, presentBytes })),
      };
    },
    info: (model) => (remoteName(model) === undefined ? infoOf(porter, model, settings) : infoElsewhere(model, remote)),
    async fetch(model) {
      await ask(toHive({ type: "fetch", model }), ANSWER_MS);
    },
    async *follow(model, signal) {
      const left = new AbortController();
      const given = AbortSignal.any([signal, left.signal]);
      const ended = awaitEnd((ms) => ask(toHive({ type: "await.fetch", model }), ms, given));
      // Whoever leaves early hears no more of its end, which then is nobody's failure.
      ended.catch(() => {});
      try {
        const known = models.progressOf(model);
        const heard = progressUntil(models, (progress) => progress.model === model, ended);
        if (known !== undefined) yield eventOf(known);
        yield* heard;
        await ended;
      } finally {
        left.abort();
      }
    },
    followAll: (signal) => progressUntil(models, () => true, once(signal, "abort")),
    async remove(model) {
      const removed = await ask<Message & { readonly bytes: number }>(toHive({ type: "remove.model", model }), 90_000);
      return removed.bytes;
    },
  };
}

async function awaitEnd(asked: (ms: number) => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await asked(FOLLOW_MS);
      return;
    } catch (thrown) {
      const passes = thrown instanceof RbeeError && ["ask.deadline", "host.restarted"].includes(thrown.code);
      if (!passes) throw thrown;
    }
  }
}

/** The newest, as fast as it is read: what is older by then is passed over. */
async function* progressUntil(
  models: Models,
  isWanted: (progress: DownloadProgress) => boolean,
  ended: Promise<unknown>,
): AsyncGenerator<Extract<DownloadEvent, { type: "progress" }>> {
  const newest = new Map<string, DownloadProgress>();
  let wake = Promise.withResolvers<void>();
  let over = false;
  const end = (): void => {
    over = true;
    wake.resolve();
  };
  ended.then(end, end);
  const deaf = models.listen((progress) => {
    if (!isWanted(progress)) return;
    newest.set(progress.model, progress);
    wake.resolve();
  });
  try {
    for (;;) {
      const [next] = newest.values();
      if (next !== undefined) {
        newest.delete(next.model);
        yield eventOf(next);
      } else if (over) return;
      else {
        await wake.promise;
        wake = Promise.withResolvers<void>();
      }
    }
  } finally {
    deaf();
  }
}

const eventOf = (progress: DownloadProgress): Extract<DownloadEvent, { type: "progress" }> => ({
  type: "progress",
  ...viewOf(progress),
});

/** What a machine has. */
export interface Having {
  readonly machine: string;
  readonly models: readonly ModelView[];
}

/** MS3. */
export function together(all: readonly Having[]): readonly ModelView[] {
  const found = new Map<string, ModelView>();
  for (const having of all) {
    for (const model of having.models) {
      const known = found.get(model.id) ?? { ...model, machines: [] };
      found.set(model.id, { ...known, machines: [...known.machines, having.machine] });
    }
  }
  return [...found.values()];
}

/** What lies on this machine. */
export async function hereView(porter: Porter): Promise<readonly ModelView[]> {
  return [await starterView(porter), ...(await porter.models.catalog.list()).map(entryView)];
}

/** It ships with the program. */
async function starterView({ models }: Porter): Promise<ModelView> {
  const { path } = await locate(STARTER, models.catalog);
  return { id: STARTER, bytes: (await stat(path)).size, quant: "", path, addedAtMs: 0, source: "rbee", machines: [] };
}

const entryView = ({ name, path, bytes, quant, note }: CatalogEntry): ModelView => ({
  id: name,
  bytes,
  quant,
  path,
  addedAtMs: note?.addedAtMs ?? 0,
  source: note?.source ?? "",
  machines: [],
  ...(note === undefined ? {} : { architecture: note.architecture, parameters: note.parameters }),
});

async function infoOf(porter: Porter, model: string, settings: ContextSettings & Limits): Promise<ModelInfo> {
  const { catalog } = porter.models;
  const here = await catalog.find(model);
  const wanted = hubName(model);
  if (here === undefined && wanted !== undefined) return remoteInfo(porter, model, settings);
  const { path } = await locate(model, catalog);
  const header = await readGgufHeader(path);
  const bytes = here?.bytes ?? header.neededBytes;
  return {
    model: here?.name ?? model,
    here: true,
    path,
    bytes,
    quant: here?.quant ?? "",
    ...headerFacts(header),
    fit: await fitOf(porter, header, bytes, settings),
    choices: [],
  };
}

async function remoteInfo(porter: Porter, model: string, settings: ContextSettings & Limits): Promise<ModelInfo> {
  const { models, header } = await porter.models.describe(model);
  const [first] = models;
  if (first === undefined) throw new RbeeError("model.not.found", `${model} has no GGUF model`);
  const choices = models.map(({ name, quant, bytes }) => ({ model: name, quant, bytes }));
  if (header === undefined) return { model, here: false, bytes: 0, quant: "", choices };
  const { name, quant, bytes } = first;
  return {
    model: name,
    here: false,
    bytes,
    quant,
    ...headerFacts(header),
    fit: await fitOf(porter, header, bytes, settings),
    choices: [],
  };
}

/** All that is known is that its server has it. */
async function infoElsewhere(model: string, remote: RemoteModels): Promise<ModelInfo> {
  const found = (await remote.list()).find(({ id }) => id === model);
  if (found === undefined) throw new RbeeError("model.not.found", `no server of the configuration lists ${model}`);
  return { model, here: false, at: found.source, bytes: 0, quant: "", choices: [] };
}

/** MS2 */
async function fitOf(
  porter: Porter,
  header: GgufHeader,
  bytes: number,
  settings: ContextSettings & Limits,
): Promise<ModelFit> {
  const needs = needsOf(header, bytes, settings);
  const { members } = await askHive(porter);
  const held = members.map(heldBy);
  const booked = members.map((row) => bookedBy(row, held));
  const { kind, why } = reserve(needs, undefined, booked, porter.room(), settings);
  return { needBytes: Math.ceil(needBytes(needs, undefined)), fits: kind !== "refused", why };
}
