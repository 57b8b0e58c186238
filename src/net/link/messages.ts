/**
 * What two machines say to each other over a link once each knows the other: packed, and read with suspicion.
 *
 * Owns: the messages of the lanes, how they are packed, and the check of what arrives. Does not own: what an envelope's
 * event means, which its machine knows (src/protocol), or who may send it.
 *
 *  ME1 What was packed is read; anything else is refused with link.invalid, and whatever it is, nothing throws beside.
 *  ME2 Each message stands for itself: a reader needs nothing of an earlier one, so that a lane may overtake another.
 *  ME3 A code that only the other side knows is a defect here, as everywhere (E1 of errors.ts).
 *  ME4 However much is sent at once, no message is larger than the other side takes, or than what cannot be divided.
 *  ME5 Many frames of a turn name their fields once, which halves what they weigh.
 *
 * @module
 */
import { Packr } from "msgpackr";
import { z } from "zod";
import { isErrorCode, RbeeError } from "../../protocol/errors.ts";
import type { Frame } from "../../runtime/envelope.ts";
import { invalid } from "./frame.ts";
import type { MessageLane } from "./lanes.ts";

/** The size of the largest request that a door takes, and then some. */
export const MESSAGE_BYTES_MAX = 64 * 2 ** 20;

/** Frames between two hosts, each in the life in which its machine knew it. */
export interface Mail {
  readonly kind: "mail";
  readonly from: string;
  readonly fromLife: number;
  readonly to: string;
  readonly toLife: number;
  readonly frames: readonly Frame[];
}

const host = z.string().min(1).max(200);
const count = z.number().int().nonnegative();

const signalSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("ping") }),
  z.strictObject({ kind: z.literal("up"), host, life: count }),
  z.strictObject({ kind: z.literal("down"), host }),
  /** A pipe begins; its bytes follow in bulk. */
  z.strictObject({ kind: z.literal("open"), pipe: count, name: z.string().min(1).max(200) }),
  /** So many bytes in all may be sent in a pipe. */
  z.strictObject({ kind: z.literal("credit"), pipe: count, bytes: count }),
  /** Nobody goes on with this pipe. */
  z.strictObject({ kind: z.literal("cut"), pipe: count, reason: z.string().max(1000) }),
  /** What the machines themselves say to each other, such as chunks and their credit: whoever hears it knows it. */
  z.strictObject({ kind: z.literal("note"), value: z.unknown() }),
]);

export type Signal = Readonly<z.infer<typeof signalSchema>>;
export type LinkMessage = Mail | Signal;

/** Frames that travel as one message: so many, and of so many bytes in all, unless one alone has more. */
const FRAMES_MAX = 256;
const TOGETHER_BYTES_MAX = 256 * 1024;
/** So many frames, and naming their fields once is worth a definition. */
const RECORDS_FROM = 4;
/** What is read owns its bytes: a view would keep the frame that it came in. */
const recordPackr = new Packr({ mapsAsObjects: true, copyBuffers: true });
const plainPackr = new Packr({ useRecords: false, mapsAsObjects: true });

/** @throws RbeeError request.too.large */
export function packSignal(given: Signal, bytesMax = MESSAGE_BYTES_MAX): Uint8Array {
  const bytes = plainPackr.pack(given);
  if (bytes.length > bytesMax) throw tooLarge(bytes);
  return bytes;
}

/**
 * In as many messages as it takes for none to be large: what comes between two may overtake.
 * @throws RbeeError request.too.large
 */
export function packMail(mail: Mail, bytesMax = MESSAGE_BYTES_MAX): Uint8Array[] {
  const { frames } = mail;
  if (frames.length <= FRAMES_MAX) return packTogether(mail, bytesMax);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < frames.length; at += FRAMES_MAX) {
    parts.push(...packTogether({ ...mail, frames: frames.slice(at, at + FRAMES_MAX) }, bytesMax));
  }
  return parts;
}

function packTogether(mail: Mail, bytesMax: number): Uint8Array[] {
  const { frames } = mail;
  if (frames.length === 0) return [];
  // A view into a buffer that the packer goes on filling behind it: what is packed stays as it is.
  const bytes = (frames.length >= RECORDS_FROM ? recordPackr : plainPackr).pack(mail);
  if (bytes.length <= Math.min(bytesMax, TOGETHER_BYTES_MAX)) return [bytes];
  if (frames.length > 1) {
    const half = frames.length >> 1;
    const packHalf = (part: readonly Frame[]): Uint8Array[] => packTogether({ ...mail, frames: part }, bytesMax);
    return [...packHalf(frames.slice(0, half)), ...packHalf(frames.slice(half))];
  }
  if (bytes.length <= bytesMax) return [bytes];
  throw tooLarge(bytes);
}

const tooLarge = ({ length }: Uint8Array): RbeeError =>
  new RbeeError("request.too.large", `a message of ${length} bytes is too large for a link`);

/** @throws RbeeError link.invalid */
export function readMessage(bytes: Uint8Array): LinkMessage {
  const value = unpack(bytes);
  if (isMail(value))
    return value.frames.some(isOfUnknownCode) ? { ...value, frames: value.frames.map(readable) } : value;
  const { data } = signalSchema.safeParse(value);
  if (data === undefined) throw invalid("it is no message of a link");
  return data;
}

/** Of a later version: here it is what every unknown code is. */
const isOfUnknownCode = (frame: Frame): boolean =>
  frame.kind === "answer" && !frame.result.ok && !isErrorCode(frame.result.error.code);

function readable(frame: Frame): Frame {
  if (frame.kind !== "answer" || frame.result.ok || !isOfUnknownCode(frame)) return frame;
  const { code, message } = frame.result.error;
  return { ...frame, result: { ok: false, error: { code: "defect", message: `${code}: ${message}` } } };
}

function unpack(bytes: Uint8Array): unknown {
  try {
    return recordPackr.unpack(bytes);
  } catch (thrown) {
    throw invalid(String(thrown));
  }
}

/** By hand: a schema takes longer than everything else that happens to an envelope on its way. */
function isMail(value: unknown): value is Mail {
  if (!isObject(value) || value["kind"] !== "mail") return false;
  const { from, fromLife, to, toLife, frames } = value;
  return isName(from) && isName(to) && isCount(fromLife) && isCount(toLife) && isList(frames) && frames.every(isFrame);
}

function isFrame(value: unknown): boolean {
  if (!isObject(value)) return false;
  switch (value["kind"]) {
    case "mail":
      return isEnvelope(value["envelope"]);
    case "ack":
      return isList(value["ns"]) && value["ns"].every(isCount);
    case "gate":
      return isAddress(value["to"]) && isCount(value["n"]) && typeof value["open"] === "boolean";
    case "answer":
      return isAddress(value["to"]) && isName(value["id"]) && isResult(value["result"]);
    case "drop":
      return isAddress(value["to"]) && isName(value["id"]);
    default:
      return false;
  }
}

const LABELS: ReadonlySet<unknown> = new Set(["public", "internal", "private", "secret"]);

function isEnvelope(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { to, from, lane, n, label, event, re } = value;
  if (!isAddress(to) || !isAddress(from) || !isCount(n) || !isMessage(event)) return false;
  if ((lane !== "control" && lane !== "data") || !LABELS.has(label)) return false;
  return re === undefined || (isObject(re) && isName(re["id"]) && isAddress(re["from"]));
}

function isResult(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (value["ok"] === true) return isMessage(value["event"]);
  const error = value["error"];
  return value["ok"] === false && isObject(error) && isName(error["code"]) && typeof error["message"] === "string";
}

const NAME_CHARS_MAX = 1000;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isCount = (value: unknown): boolean => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isName = (value: unknown): boolean =>
  typeof value === "string" && value.length > 0 && value.length <= NAME_CHARS_MAX;
const isMessage = (value: unknown): boolean => isObject(value) && typeof value["type"] === "string";

/** host/kind/id, of which no part is empty. */
function isAddress(value: unknown): boolean {
  if (typeof value !== "string" || value.length > NAME_CHARS_MAX) return false;
  const first = value.indexOf("/");
  const second = value.indexOf("/", first + 1);
  return first > 0 && second > first + 1 && second < value.length - 1;
}

/** What is hot by nature goes with control; what belongs behind the mail that it speaks of goes with data. */
export const laneOf = (frame: Frame): MessageLane => {
  if (frame.kind === "mail") return frame.envelope.lane;
  return frame.kind === "ack" || frame.kind === "gate" ? "control" : "data";
};
