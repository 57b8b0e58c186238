/**
 * What a worker process may say, as it is let into the node: a worker is the node's own program, and may be broken.
 *
 * Owns: the shape of every message on its channel. Does not own: what events of cells hold beyond their type, which is
 * between a worker and the job that asked it.
 *
 * @module
 */
import { z } from "zod";
import type { FromWorker } from "../../actors/worker/channel.ts";
import type { Address } from "../../../machines/words.ts";
import { type ErrorCode, isErrorCode, RbeeError } from "../../protocol/errors.ts";
import { type Chunk, CHUNK_KINDS, type Condition } from "../../protocol/worker.ts";
import type { Frame } from "../../runtime/envelope.ts";

const address = z.custom<Address>((value) => typeof value === "string" && value.split("/").length === 3);
const count = z.number().int().min(0);
const event = z.looseObject({ type: z.string() });
const details = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const error = z.object({
  code: z.custom<ErrorCode>((value) => typeof value === "string" && isErrorCode(value)),
  message: z.string(),
  details: details.exactOptional(),
});
const result = z.union([z.object({ ok: z.literal(true), event }), z.object({ ok: z.literal(false), error })]);
const envelope = z.object({
  to: address,
  from: address,
  lane: z.enum(["control", "data"]),
  n: count,
  label: z.enum(["public", "internal", "private", "secret"]),
  event,
  re: z.object({ id: z.string(), from: address }).exactOptional(),
});

const frame: z.ZodType<Frame> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("mail"), envelope }),
  z.object({ kind: z.literal("ack"), ns: z.array(count) }),
  z.object({ kind: z.literal("gate"), to: address, n: count, open: z.boolean() }),
  z.object({ kind: z.literal("answer"), to: address, id: z.string(), result }),
  z.object({ kind: z.literal("drop"), to: address, id: z.string() }),
]);

export const chunk: z.ZodType<Chunk> = z.object({
  job: z.string(),
  attempt: count,
  index: count,
  kind: z.enum(CHUNK_KINDS),
  text: z.string(),
  tokens: count,
  promptTokens: count.exactOptional(),
  bytes: z.instanceof(Uint8Array).exactOptional(),
});

const probe = z.object({ firstTokenMs: z.number(), totalMs: z.number() });
const condition: z.ZodType<Condition> = z.object({
  state: z.enum(["loading", "idle", "busy", "stopping", "stopped"]),
  sickness: z.union([z.object({ code: z.string(), message: z.string() }), z.undefined()]),
  proof: z.union([
    z.object({ by: z.enum(["probe", "work"]), agoMs: z.number(), probe: z.union([probe, z.undefined()]) }),
    z.undefined(),
  ]),
  rssBytes: count,
  peakRssBytes: count,
  uptimeMs: count,
});

const fromWorker: z.ZodType<FromWorker> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("hello") }),
  z.object({ kind: z.literal("frames"), to: z.string(), frames: z.array(frame) }),
  z.object({ kind: z.literal("chunk"), chunk }),
  z.object({ kind: z.literal("progress"), fraction: z.number() }),
  z.object({ kind: z.literal("examined"), n: count, condition }),
  z.object({ kind: z.literal("beat") }),
]);

/** @throws RbeeError frame.invalid */
export function readFromWorker(message: unknown): FromWorker {
  const read = fromWorker.safeParse(message);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.map(String).join(".") ?? "";
  throw new RbeeError(
    "frame.invalid",
    `a worker's message is none: ${where === "" ? "" : `${where}: `}${issue?.message}`,
  );
}
