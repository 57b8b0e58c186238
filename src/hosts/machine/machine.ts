/**
 * The `machine` port: what a model is, what it needs, and what this machine has.
 *
 * Owns: finding the file behind a model's name, reading its header, measuring memory. Does not own: the decision, which
 * devices there are (devices.ts), looking for memory that comes free (lookouts.ts).
 *
 *  MA1 The same file in the same settings has the same profile, and another one another.
 *  MA2 Memory that a driver gives back late is waited for, and not for ever.
 *  MA3 A model of somebody else's server takes nothing here but the process that asks it, whatever it weighs there.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { totalmem } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type GgufHeader, readGgufHeader } from "../../actors/engines/gguf/header.ts";
import { type ContextSettings, modelNeeds } from "../../actors/engines/gguf/memory.ts";
import type { Held } from "../../../machines/hive.ts";
import type { Device, ModelNeeds } from "../../../machines/rules/reserve.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import { hubName } from "../../protocol/model-name.ts";
import { remoteName } from "../../protocol/remote-name.ts";
import type { MachineAsk } from "../../protocol/ports.ts";
import type { AskResult, Message } from "../../runtime/envelope.ts";
import type { Port } from "../../runtime/ports.ts";
import { Lookouts } from "./lookouts.ts";
import { absent, type Catalog } from "../models/catalog.ts";
import type { Endpoints } from "../../runtime/config/endpoints.ts";
import { endpointOf } from "../worker/program.ts";
import { usableCores } from "./cores.ts";
import { processMemory } from "./process-memory.ts";

/** How long memory may take to come back when a process has gone. */
const LOOK_MS = 4000;
const LOOK_POLL_MS = 100;

/** The model that ships with rbee. */
export const STARTER = "starter";
const STARTER_PATH = fileURLToPath(new URL("../../../models/starter.gguf", import.meta.url));

/** A Node process without an engine: measured on Linux, rounded up. */
const ASKING_BYTES = 144 * 2 ** 20;

export interface MachineOptions {
  readonly contextTokens: number;
  readonly slots: number;
  readonly room: () => readonly Device[];
  readonly catalog: Catalog;
  /** Whether there are no other machines that might have a model. */
  readonly isAlone: () => boolean;
  readonly endpoints: Endpoints;
  /** What runs the models of this machine. */
  readonly engine: string;
}

export function machinePort(options: MachineOptions): Port {
  const measure = async ({ worker, model, running }: Extract<MachineAsk, { type: "measure" }>): Promise<Message> => {
    const { path, needs, known } = await sizedUp(model, options);
    return {
      type: "measured",
      worker,
      path,
      profile: profileOf(path, needs.weightsBytes, known, options),
      needs,
      devices: known,
      cores: usableCores(),
      held: running.map(heldBy),
    } as Message;
  };
  const lookouts = new Lookouts(options.room);
  const answerTo = async (asked: Exclude<MachineAsk, { type: "lookout" }>): Promise<Message> => {
    switch (asked.type) {
      case "measure":
        return measure(asked);
      case "weigh":
        return weigh(asked, options.room());
      case "look":
        return look(asked, options.room);
    }
  };
  return {
    ask({ id, event }, answer) {
      // Asked by the hive of this node alone, with the port's own type.
      const asked = event as MachineAsk;
      const done = (result: AskResult): void => answer(result);
      if (asked.type === "lookout") return lookouts.add(id, { asked, answer: done });
      answerTo(asked).then(
        (made) => done({ ok: true, event: made }),
        (thrown: unknown) => done({ ok: false, error: errorData(thrown) }),
      );
    },
    drop: (id) => lookouts.drop(id),
  };
}

interface SizedUp {
  readonly path: string;
  readonly needs: ModelNeeds;
  /** Where it may go. */
  readonly known: readonly Device[];
}

async function sizedUp(model: string, options: MachineOptions): Promise<SizedUp> {
  const { catalog, endpoints, room, contextTokens, isAlone } = options;
  const remote = remoteName(model);
  if (remote === undefined) {
    const { path, bytes } = await locate(model, catalog, isAlone());
    return { path, needs: needsOf(await readGgufHeader(path), bytes, options), known: room() };
  }
  endpointOf(remote, endpoints);
  const asked = { contextTokens, askedTokens: contextTokens, trainedTokens: undefined };
  const nothing = { weightsBytes: 0, cacheBytes: 0, bufferBytes: 0, perTokenBytes: 0 };
  const needs = { ...nothing, ...asked, processBytes: ASKING_BYTES };
  return { path: "", needs, known: room().filter(({ kind }) => kind === "cpu") };
}

function weigh({ worker, pid, profile }: Extract<MachineAsk, { type: "weigh" }>, known: readonly Device[]): Message {
  const peakBytes = processMemory(pid)?.peakBytes ?? 0;
  return { type: "weighed", worker, profile, peakBytes, devices: known } as Message;
}

/** MA2. */
async function look(
  { worker, device, freeBytes }: Extract<MachineAsk, { type: "look" }>,
  room: MachineOptions["room"],
): Promise<Message> {
  const giveUpMs = performance.now() + LOOK_MS;
  for (;;) {
    const known = room();
    const free = known.find(({ id }) => id === device)?.freeBytes ?? 0;
    if (free >= freeBytes || performance.now() > giveUpMs) return { type: "looked", worker, devices: known } as Message;
    await pause(LOOK_POLL_MS);
  }
}

export function heldBy({ worker, pid }: { readonly worker: string; readonly pid: number }): Held {
  // Not forked yet, it has taken nothing.
  if (pid === 0) return { worker, takenBytes: 0, peakBytes: 0 };
  const found = processMemory(pid);
  return { worker, takenBytes: found?.takenBytes, peakBytes: found?.peakBytes };
}

function profileOf(path: string, bytes: number, known: readonly Device[], options: MachineOptions): string {
  const { contextTokens, slots, engine } = options;
  const facts = JSON.stringify([path, bytes, contextTokens, slots, engine, known.map(({ kind }) => kind)]);
  return createHash("sha256").update(facts).digest("hex").slice(0, 32);
}

export function memory(): { readonly totalBytes: number; readonly freeBytes: number } {
  const constrained = process.constrainedMemory();
  const totalBytes = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return { totalBytes, freeBytes: Math.min(totalBytes, process.availableMemory()) };
}

export function needsOf(header: GgufHeader, bytes: number, settings: ContextSettings): ModelNeeds {
  // Of a model in several files the header of the first tells that file's tensors only.
  return modelNeeds({ ...header, neededBytes: Math.max(header.neededBytes, bytes) }, settings);
}

interface Located {
  /** Of the first file. */
  readonly path: string;
  /** Of all its files; 0 where the first is all there is. */
  readonly bytes: number;
}

/**
 * @param isAlone a file that is not here is nowhere
 * @throws RbeeError model.absent for what could be fetched, model.not.found for what could not, model.ambiguous
 */
export async function locate(model: string, catalog: Catalog, isAlone = true): Promise<Located> {
  if (model === STARTER) return { path: STARTER_PATH, bytes: 0 };
  if (model.startsWith("file:")) return locateFile(model, catalog, isAlone);
  const found = await catalog.find(model);
  if (found !== undefined) return { path: found.path, bytes: found.bytes };
  const wanted = hubName(model);
  if (wanted?.file !== undefined || wanted?.quant !== undefined) throw absent(model);
  const known = "starter, file:/path/model.gguf, hf:OWNER/REPO:QUANT, openai:NAME@ENDPOINT and ollama:NAME";
  throw new RbeeError("model.not.found", `no model is called ${model}; known are ${known}`);
}

async function locateFile(model: string, catalog: Catalog, isAlone: boolean): Promise<Located> {
  const path = model.slice("file:".length);
  if (await stat(path).catch(() => undefined)) return { path, bytes: 0 };
  const copied = await catalog.find(model);
  if (copied !== undefined) return { path: copied.path, bytes: copied.bytes };
  if (isAlone) return { path, bytes: 0 };
  throw absent(model);
}
