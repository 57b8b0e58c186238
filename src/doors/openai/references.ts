/**
 * Items that a client only names: what a model said in an earlier answer, read again where it is kept.
 *
 * The name of an item holds the name of its job, and what jobs said is kept for a while. Some clients name what they
 * were told rather than send it back, unless they are told to keep nothing.
 *
 *  RF1 What is named is what was told under that name, whole; what is kept no more is refused, and never left out.
 *  RF2 It is asked for in the name of who asks: whoever may not read a job may not have it read to a model.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { StreamItem } from "../../protocol/ports.ts";
import type { Call } from "../../protocol/route.ts";
import { Gathered, pieceOf } from "../pieces.ts";
import type { Item, ResponsesRequest } from "./responses-schema.ts";

export interface ReferenceSeat {
  /** @throws RbeeError where it is not kept, or not theirs */
  read(job: string, fromIndex: number, signal: AbortSignal, asker?: Call["caller"]): AsyncIterable<StreamItem>;
}

const MESSAGE = /^msg_(?<job>[\w-]+)$/;
const FUNCTION_CALL = /^fc_(?<callId>call_(?<job>[\w-]+)_\d+)$/;

/** The same request with nothing that is only named. @throws RbeeError request.invalid */
export async function withReferred(
  seat: ReferenceSeat,
  request: ResponsesRequest,
  call: Call,
): Promise<ResponsesRequest> {
  const jobs = new Map<string, Promise<Gathered>>();
  const said = (job: string): Promise<Gathered> => {
    const known = jobs.get(job) ?? gathered(seat, job, call);
    jobs.set(job, known);
    return known;
  };
  const input: Item[] = [];
  for (const [index, item] of request.input.entries()) {
    if (item.type !== "item_reference") input.push(item);
    else input.push((await referred(item.id, said)) ?? refuse(index, item.id));
  }
  return { ...request, input };
}

/** @returns nothing where it is not kept */
async function referred(id: string, said: (job: string) => Promise<Gathered>): Promise<Item | undefined> {
  const { job, callId } = (MESSAGE.exec(id) ?? FUNCTION_CALL.exec(id))?.groups ?? {};
  if (job === undefined) return undefined;
  const heard = await said(job).catch(() => undefined);
  if (heard === undefined) return undefined;
  if (callId === undefined) return { type: "message", role: "assistant", content: heard.text };
  const found = heard.calls.find((one) => one.id === callId);
  return found && { type: "function_call", call_id: callId, name: found.name, arguments: found.arguments };
}

async function gathered(seat: ReferenceSeat, job: string, { signal, caller }: Call): Promise<Gathered> {
  const heard = new Gathered();
  for await (const item of seat.read(job, 0, signal, caller)) {
    if (item.type === "chunk") heard.add(pieceOf(item.chunk));
    if (item.type === "end" && item.end.type === "done") return heard;
  }
  throw new RbeeError("stream.lost", `${job} has no answer.`);
}

function refuse(index: number, id: string): never {
  const field = `input.${index}.id`;
  const found = id.slice(0, 80);
  const allowed = "an item of an answer that is still kept; send it whole, as clients do with store: false";
  throw new RbeeError("request.invalid", `${field}: found ${found}; allowed: ${allowed}`, { field, found, allowed });
}
