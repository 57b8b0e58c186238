/**
 * One request of any dialect as one job: handed in, listened to, and cancelled when nobody wants it any more.
 *
 *  RN1 A client that has gone cancels its job: a slot never works for nobody.
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
import { type Piece, pieceOf } from "./pieces.ts";
import { modelFrom, type NodeSeat } from "./rbee.ts";

/** What is read of the headers: bounded as in rbee's own dialect. */
const requestHeaders = z.object({ "idempotency-key": z.string().min(1).max(255).optional() });

export type RunSeat = Pick<NodeSeat, "submit" | "cancel" | "read">;

/** Names the team; until there is one, whichever model answers by default. */
export const QUEENBEE = "queenbee";

/** How the text of a job ended. */
export type Ended = Pick<Extract<StreamEnd, { type: "done" }>, "finish" | "stop" | "usage">;

export type Heard = Piece | { readonly type: "ended"; readonly ended: Ended };

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
export async function run(seat: RunSeat, request: JobRequest, call: Call): Promise<Running> {
  const { job } = await seat.submit(request);
  return { job, heard: hear(seat, job, call.signal) };
}

async function* hear(seat: RunSeat, job: string, signal: AbortSignal): AsyncGenerator<Heard, void> {
  let isOver = false;
  try {
    for await (const item of seat.read(job, 0, signal)) {
      if (item.type === "end") {
        isOver = true;
        return yield { type: "ended", ended: endOf(item.end) };
      }
      if (item.type === "chunk") yield pieceOf(item.chunk);
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
