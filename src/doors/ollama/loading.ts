/**
 * A request for text that has no words: it asks for its model to be loaded, or with `keep_alive: 0` unloaded.
 *
 *  OD1 A model is loaded by a job that wants it, as any other: it waits in the queue, fits or is refused, and its
 *      answer of one token is thrown away. "load" is said when that is done.
 *  OD2 Unloading takes nobody's answer: a worker that has jobs ends behind them. What is not in memory is never loaded
 *      for it.
 *
 * @module
 */
import { BARE_REQUEST, type JobRequest } from "../../../machines/request.ts";
import type { WorkerView } from "../../protocol/api.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import type { Call } from "../../protocol/route.ts";
import type { ModelsSeat } from "../models.ts";
import type { NodeSeat } from "../rbee.ts";
import { type Asked, isTeam, QUEENBEE, run, type RunSeat } from "../run.ts";
import { idOf } from "./names.ts";

export type LoadingSeat = RunSeat & Pick<NodeSeat, "status" | "stopWorker">;

export const isWordless = ({ prompt, messages = [] }: Asked): boolean => !prompt && messages.length === 0;

/** @returns what was done */
export async function loadOrUnload(
  seat: LoadingSeat,
  models: Pick<ModelsSeat, "list">,
  request: JobRequest,
  call: Call,
): Promise<"load" | "unload"> {
  if (request.keepAliveMs !== 0) {
    await load(seat, request, call);
    return "load";
  }
  await unload(seat, models, request.model);
  return "unload";
}

/** OD1. */
async function load(seat: RunSeat, { model, keepAliveMs, idempotencyKey }: JobRequest, call: Call): Promise<void> {
  const its = isTeam(model) ? undefined : model;
  const least = { capability: "text", model: its, prompt: ".", maxTokens: 1, keepAliveMs, idempotencyKey } as const;
  const { heard } = await run(seat, { ...BARE_REQUEST, ...least }, call);
  for await (const part of heard) if (part.type === "ended") return;
}

/** OD2. */
async function unload(seat: LoadingSeat, models: Pick<ModelsSeat, "list">, model: string | undefined): Promise<void> {
  if (model === undefined || isTeam(model)) {
    const details = { field: "model", found: QUEENBEE, allowed: "the name of one model" };
    throw new RbeeError("request.invalid", `model: ${QUEENBEE} is not one model that could be unloaded.`, details);
  }
  const known = (await models.list()).models;
  const { hives } = await seat.status();
  const holds = ({ model: held, state }: WorkerView): boolean =>
    (state === "idle" || state === "busy") && idOf(held, known) === idOf(model, known);
  for (const { id } of hives.flatMap(({ workers }) => workers).filter(holds)) {
    await seat.stopWorker(id).catch(unlessGone);
  }
}

/** It has ended meanwhile: all the better. */
function unlessGone(thrown: unknown): void {
  if (errorData(thrown).code !== "request.not.found") throw thrown;
}
