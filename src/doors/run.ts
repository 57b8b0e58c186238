/**
 * One request of any dialect as one job: handed in, listened to, and cancelled when nobody wants it any more.
 *
 *  RN0 Who asks under a word of their own may ask again, and finds what was accepted; nobody else is promised anything
 *      before the answer.
 *  RN1 A client that has gone cancels its job: a slot never works for nobody.
 *  RN2 A job that fails is an error, never an answer.
 *  RN3 Of several jobs under one answer none goes on when one has failed.
 *  RN4 Who does not take what was said is not given more: nothing is read ahead of a client that is behind.
 *
 * @module
 */
import { z } from "zod";
import { BARE_REQUEST, type JobRequest } from "../../machines/request.ts";
import type { Mode } from "../../machines/rules/log.ts";
import { isErrorCode, RbeeError } from "../protocol/errors.ts";
import { modes } from "../protocol/discussion-api.ts";
import type { StreamEnd } from "../protocol/ports.ts";
import type { Call } from "../protocol/route.ts";
import { againHeaders, wordOf } from "./again.ts";
import { deadlineHeaders, deadlineMsIn } from "./deadline.ts";
import { Gathered, type Piece, pieceOf } from "./pieces.ts";
import { modelFrom, type NodeSeat } from "./rbee.ts";

const SEEDS = 2 ** 32;

export type RunSeat = Pick<NodeSeat, "submit" | "cancel" | "read">;

/** Names the team; behind a colon, how it is to answer. */
export const QUEENBEE = "queenbee";
const TEAM_NAMES: ReadonlyMap<string, Mode | undefined> = new Map([
  [QUEENBEE, undefined],
  ...modes.map((mode): [string, Mode] => [`${QUEENBEE}:${mode}`, mode]),
]);

export const isTeam = (model: string | undefined): boolean => model !== undefined && TEAM_NAMES.has(model);
/** @returns nothing where it is left open */
export const modeNamed = (model: string | undefined): Mode | undefined => TEAM_NAMES.get(model ?? "");

/** How the text of a job ended, and how long it had waited before, some of it for its model. */
export type Ended = Pick<Extract<StreamEnd, { type: "done" }>, "finish" | "stop" | "usage" | "queuedMs" | "loadMs">;

export type Heard =
  /** How many tokens the prompt took, before the first piece; not every engine knows by then. */
  { readonly type: "prompt"; readonly tokens: number } | Piece | { readonly type: "ended"; readonly ended: Ended };

/** What a request of any dialect may say beside its body. */
export const jobHeaders = z.object({ ...againHeaders.shape, ...deadlineHeaders.shape });

/** What a dialect says of a job; the rest is as for any other. */
export type Asked = Pick<JobRequest, "capability" | "model"> & Partial<JobRequest>;

export function jobOf(asked: Asked, call: Call): JobRequest {
  const idempotencyKey = wordOf(call);
  return {
    ...BARE_REQUEST,
    idempotencyKey,
    isAwaited: idempotencyKey === undefined,
    deadlineMs: deadlineMsIn(call),
    ...asked,
    model: modelFrom(asked.model, call.local),
  };
}

export interface Running {
  readonly job: string;
  readonly heard: AsyncGenerator<Heard, void>;
}

/** @throws what the queen refuses it with */
export async function run(seat: RunSeat, request: JobRequest, call: Call): Promise<Running> {
  const { job } = await seat.submit(request, call.caller);
  return { job, heard: hear(seat, job, call.signal) };
}

/** Several jobs under one answer. */
export interface Together {
  /** The first of them, by which the answer is known. */
  readonly job: string;
  /** @throws what the first of them that fails does; the others are cancelled then */
  each<Result>(use: (running: Running, index: number) => Promise<Result>): Promise<Result[]>;
}

/** The same request several times: each from a seed of its own, and each known again by its own key. */
export function jobsOf(request: JobRequest, count: number): readonly JobRequest[] {
  const { idempotencyKey: key, seed = 0 } = request;
  return Array.from({ length: count }, (_, index) => {
    if (index === 0) return request;
    return { ...request, seed: (seed + index) % SEEDS, idempotencyKey: key && `${key} ${index}` };
  });
}

/** RN3. @throws what the queen refuses one of them with */
export async function runAll(seat: RunSeat, requests: readonly JobRequest[], call: Call): Promise<Together> {
  const over = new AbortController();
  const signal = AbortSignal.any([call.signal, over.signal]);
  const jobs: string[] = [];
  try {
    for (const request of requests) jobs.push((await seat.submit(request, call.caller)).job);
  } catch (thrown) {
    await Promise.all(jobs.map((job) => seat.cancel(job)));
    throw thrown;
  }
  return {
    job: jobs[0] ?? "",
    async each(use) {
      const uses = jobs.map(async (job, index) => {
        try {
          return await use({ job, heard: hear(seat, job, signal) }, index);
        } catch (thrown) {
          over.abort();
          throw thrown;
        }
      });
      // The first failure is told once all have ended.
      const all = Promise.all(uses);
      all.catch(() => {});
      await Promise.allSettled(uses);
      return all;
    },
  };
}

/** @throws stream.lost when it has no end */
export async function gather({ heard }: Running): Promise<{ readonly gathered: Gathered; readonly ended: Ended }> {
  const gathered = new Gathered();
  for await (const part of heard) {
    if (part.type === "ended") return { gathered, ended: part.ended };
    if (part.type !== "prompt") gathered.add(part);
  }
  throw new RbeeError("stream.lost", "The answer has no end.");
}

async function* hear(seat: RunSeat, job: string, signal: AbortSignal): AsyncGenerator<Heard, void> {
  let isOver = false;
  try {
    for await (const item of seat.read(job, 0, signal)) {
      if (item.type === "end") {
        isOver = true;
        return yield { type: "ended", ended: endOf(item.end) };
      }
      if (item.type !== "chunk") continue;
      if (item.chunk.promptTokens !== undefined) yield { type: "prompt", tokens: item.chunk.promptTokens };
      yield pieceOf(item.chunk);
    }
    throw new RbeeError("interrupted", "The client has gone.");
  } finally {
    if (!isOver) await seat.cancel(job);
  }
}

function endOf(end: StreamEnd): Ended {
  if (end.type === "done") return end;
  const { code, message } = end.failure;
  throw new RbeeError(isErrorCode(code) ? code : "defect", message);
}
