/**
 * What a model is on this machine, what it needs here, and whether it fits.
 *
 * Owns: looking it up, here or at the hub. Does not own: whether a worker of it is started (the hive decides).
 *
 *  MS2 What a model needs is held against what runs: it fits where those that run could be ended for it.
 *
 * @module
 */
import { type Limits, needBytes, reserve } from "../../../machines/rules/reserve.ts";
import { type GgufHeader, readGgufHeader } from "../../actors/engines/gguf/header.ts";
import type { ContextSettings } from "../../actors/engines/gguf/memory.ts";
import { bookedBy } from "../../actors/hive/memory.ts";
import type { ModelFit, ModelInfo } from "../../protocol/api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { hubName } from "../../protocol/model-name.ts";
import { heldBy, locate, needsOf } from "../machine/machine.ts";
import type { Porter } from "../porter/porter.ts";
import { askHive } from "../seats/hive-seat.ts";
import { headerFacts } from "./catalog.ts";

export type InfoSettings = ContextSettings & Limits;

export async function infoHere(porter: Porter, model: string, settings: InfoSettings): Promise<ModelInfo> {
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

async function remoteInfo(porter: Porter, model: string, settings: InfoSettings): Promise<ModelInfo> {
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

/** MS2 */
async function fitOf(porter: Porter, header: GgufHeader, bytes: number, settings: InfoSettings): Promise<ModelFit> {
  const needs = needsOf(header, bytes, settings);
  const { members } = await askHive(porter);
  const held = members.map(heldBy);
  const booked = members.map((row) => bookedBy(row, held));
  const { kind, why } = reserve(needs, undefined, booked, porter.room(), settings);
  return { needBytes: Math.ceil(needBytes(needs, undefined)), fits: kind !== "refused", why };
}
