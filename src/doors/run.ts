/**
 * One request of any dialect as one job: handed in, listened to, and cancelled when nobody wants it any more.
 *
 *  RN1 A client that has gone cancels its job, and so does a stop string: a slot never works for nobody.
 *  RN2 A job that fails is an error, never an answer.
 *
 * @module
 */
import { z } from "zod";
import { BARE_REQUEST, type JobRequest } from "../../machines/queen.ts";
import { isErrorCode, RbeeError } from "../protocol/errors.ts";
import { parseWith } from "../protocol/parse.ts";
import type { StreamEnd } from "../protocol/ports.ts";
import type { Call } from "../protocol/route.ts";
import { modelFrom, type NodeSeat } from "./rbee.ts";
import { StopCut } from "./stop.ts";

/** What is read of the headers: bounded as in rbee's own dialect. */
const requestHeaders = z.object({ "idempotency-key": z.string().min(1).max(255).optional() });

export type RunSeat = Pick<NodeSeat, "submit" | "cancel" | "read">;

/** Names the team; until there is one, whichever model answers by default. */
export const QUEENBEE = "queenbee";

/** How the text of a job ended. What a job took that was cut at a stop string, nobody counted. */
export interface Ended {
  readonly finish: "stop" | "length";
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number } | undefined;
}

export type Heard =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "vector"; readonly bytes: Uint8Array }
  | { readonly type: "ended"; readonly ended: Ended };

/** What a dialect says of a job; the rest is as for any other. */
export type Asked = Pick<JobRequest, "capability" | "model"> & Partial<JobRequest>;

export function jobOf(asked: Asked, { local, headers }: Call): JobRequest {
  return {
    ...BARE_REQUEST,
    idempotencyKey: parseWith(requestHeaders, headers)["idempotency-key"],
    ...asked,
    model: asked.model === QUEENBEE ? undefined : modelFrom(asked.model, local),
  };
}

export interface Running {
  readonly job: string;
  readonly heard: AsyncGenerator<Heard, void>;
}

/** @throws what the queen refuses it with */
export async function run(seat: RunSeat, request: JobRequest, stops: readonly string[], call: Call): Promise<Running> {
  const { job } = await seat.submit(request);
  return { job, heard: hear(seat, job, stops, call.signal) };
}

async function* hear(
  seat: RunSeat,
  job: string,
  stops: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Heard, void> {
  const cut = new StopCut(stops);
  let isOver = false;
  try {
    for await (const item of seat.read(job, 0, signal)) {
      if (item.type === "end") {
        isOver = true;
        const ended = endOf(item.end);
        const rest = cut.rest();
        if (rest !== "") yield { type: "text", text: rest };
        return yield { type: "ended", ended };
      }
      if (item.type !== "chunk") continue;
      if (item.chunk.kind === "embedding") {
        yield { type: "vector", bytes: item.chunk.bytes ?? new Uint8Array() };
        continue;
      }
      const text = cut.push(item.chunk.text);
      if (text !== "") yield { type: "text", text };
      if (!cut.isOver) continue;
      return yield { type: "ended", ended: { finish: "stop", usage: undefined } };
    }
    throw new RbeeError("interrupted", "The client has gone.");
  } finally {
    if (!isOver) await seat.cancel(job);
  }
}

function endOf(end: StreamEnd): Ended {
  if (end.type === "done") return { finish: end.finish, usage: end.usage };
  const { code, message } = end.failure;
  throw new RbeeError(isErrorCode(code) ? code : "defect", message);
}
