/**
 * What this machine is asked of its own models, by its door or over the link to its queen: its hive decides, its
 * catalog knows.
 *
 * While the hive's thread restarts, questions wait for it: each of them may be put twice.
 *
 *  OM1 How a download has ended the hive says, whose decision it is; how far one is that runs is advice.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import type { HiveEvent } from "../../../machines/hive.ts";
import type { ModelsOfMachine, ModelView } from "../../protocol/api.ts";
import { errorData } from "../../protocol/errors.ts";
import type { Fetching } from "../../protocol/machine-api.ts";
import { means } from "../../protocol/model-name.ts";
import type { Message } from "../../runtime/envelope.ts";
import { event } from "../../runtime/reading.ts";
import { locate, STARTER } from "../machine/machine.ts";
import { patiently } from "../porter/patience.ts";
import type { Porter } from "../porter/porter.ts";
import { askHive } from "../seats/hive-seat.ts";
import type { BegunModel, CatalogEntry } from "./catalog.ts";
import { viewOf } from "./models.ts";

const toHive = event<HiveEvent>();

const ANSWER_MS = 30_000;
/** Where a download of it has to end first, and the disk is slow. */
const REMOVE_MS = 90_000;

const ask = <Answer extends Message>(porter: Porter, made: Message, ms: number, signal?: AbortSignal) =>
  patiently(() => porter.desk.doors.ask<Answer>(porter.hive, made, ms, signal));

/** Begins it, or joins the one that runs. */
export async function fetchHere(porter: Porter, model: string): Promise<void> {
  await ask(porter, toHive({ type: "fetch", model }), ANSWER_MS);
}

/** Resolves when it is here. @throws its failure, request.not.found when nobody fetches it, ask.deadline */
export async function fetchEnded(porter: Porter, model: string, ms: number, signal?: AbortSignal): Promise<void> {
  await ask(porter, toHive({ type: "await.fetch", model }), ms, signal);
}

/** OM1. */
export async function fetchingHere(porter: Porter, model: string): Promise<Fetching> {
  const { downloads } = await askHive(porter);
  if (downloads.includes(model)) return { state: "running", progress: viewOf(porter.models.standingOf(model)) };
  try {
    await fetchEnded(porter, model, ANSWER_MS);
    return { state: "here" };
  } catch (thrown) {
    const { code, message } = errorData(thrown);
    // It was begun in this moment, or the hive is.
    if (code === "ask.deadline" || code === "host.restarted") throw thrown;
    return { state: "failed", code, message };
  }
}

/** @returns the bytes that are free now */
export async function removeHere(porter: Porter, model: string): Promise<number> {
  const removed = await ask<Message & { readonly bytes: number }>(
    porter,
    toHive({ type: "remove.model", model }),
    REMOVE_MS,
  );
  return removed.bytes;
}

/** What lies here, what is on its way and what was begun and left. */
export async function modelsHere(porter: Porter): Promise<ModelsOfMachine> {
  const { catalog } = porter.models;
  const asked = [askHive(porter), starterView(porter), catalog.list(), catalog.begun()] as const;
  const [{ downloads }, starter, entries, begun] = await Promise.all(asked);
  const isUnderWay = ({ name }: BegunModel): boolean => downloads.some((model) => means(model, name));
  return {
    models: [starter, ...entries.map(entryView)],
    downloads: downloads.map((model) => viewOf(porter.models.standingOf(model))),
    begun: begun.filter((each) => !isUnderWay(each)).map(({ name, presentBytes }) => ({ model: name, presentBytes })),
  };
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
