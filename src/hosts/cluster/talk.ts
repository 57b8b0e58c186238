/**
 * What porters of two machines say to each other beside the mail of their hosts: what workers say, and its credit; what
 * one asks the other of itself.
 *
 * Owns: the shapes, and that nothing is let in which has another. Does not own: which reader stands where
 * (src/net/streams.ts), what is said again (src/net/relay.ts), carrying it (notes of src/net/link/link.ts, in order
 * with the mail of their lane: what a worker says last comes before its answer).
 *
 *  TA1 What another machine says is parsed; where it is anything else, its link ends.
 *
 * @module
 */
import { z } from "zod";
import { SAID_CHARS_MAX } from "../../net/authority/term.ts";
import { downloadStanding } from "../../protocol/download-api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { chunk } from "../processes/worker-messages.ts";
import { sendTalk, unsentTalk } from "./file-flow.ts";
import { answerTalk, questionTalk } from "./questions.ts";

const count = z.number().int().min(0);
const run = { worker: z.string(), job: z.string(), attempt: count };

const room = z.object({ totalBytes: count, freeBytes: count });
const facts = z.object({
  name: z.string(),
  host: z.string(),
  pid: count,
  version: z.string(),
  backends: z.array(z.string()),
  ram: room,
  gpus: z.array(room.extend({ name: z.string() })),
});
/** What a machine says of itself, from time to time. */
export type MachineFacts = Readonly<z.infer<typeof facts>>;

const device = z.object({
  id: z.string(),
  kind: z.enum(["cpu", "cuda", "metal", "vulkan"]),
  totalBytes: count,
  freeBytes: count,
});
const model = z.object({ name: z.string(), bytes: count });
const DEVICES_MAX = 64;
const MODELS_MAX = 4096;

const talk = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("chunk"), worker: z.string(), chunk }),
  z.object({ kind: z.literal("credit"), ...run, chunks: count }),
  z.object({ kind: z.literal("resume"), standings: z.array(z.object({ ...run, next: count, granted: count })) }),
  z.object({ kind: z.literal("facts"), facts }),
  /** The latest term of the queen that this machine knows of: of a queen, her own. */
  z.object({ kind: z.literal("term"), said: z.string().max(SAID_CHARS_MAX) }),
  /** What it has to offer; its models where they are others than it said last over this link. */
  z.object({
    kind: z.literal("advice"),
    devices: z.array(device).max(DEVICES_MAX),
    models: z.array(model).max(MODELS_MAX).exactOptional(),
  }),
  z.object({
    kind: z.literal("loading"),
    model: z.string(),
    fraction: z.number(),
    step: z.enum(["load", "download"]),
    download: downloadStanding.exactOptional(),
  }),
  questionTalk,
  answerTalk,
  sendTalk,
  unsentTalk,
  /** Of a hive's machine: it is about to go. */
  z.object({ kind: z.literal("leaving") }),
]);
export type Talk = Readonly<z.infer<typeof talk>>;

/** TA1. @throws RbeeError link.invalid */
export function readTalk(note: unknown): Talk {
  const read = talk.safeParse(note);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new RbeeError("link.invalid", `what it says is none: ${issue?.path.join(".")}: ${issue?.message}`);
}
