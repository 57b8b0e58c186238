/**
 * What two machines say to each other over a link once each knows the other: packed, and read with suspicion.
 *
 * Owns: the messages of the lanes, how they are packed and read. Does not own: what mail is (mail.ts), or who may send
 * it.
 *
 *  ME1 What was packed is read; anything else is refused with link.invalid, and whatever it is, nothing throws beside.
 *  ME2 Each message stands for itself: a reader needs nothing of an earlier one, so that a lane may overtake another.
 *  ME3 A code that only the other side knows is a defect here, as everywhere (E1 of errors.ts).
 *  ME4 However much is sent at once, no message is larger than the other side takes, or than what cannot be divided.
 *  ME5 Many frames of a turn name their fields once, which halves what they weigh; what one cell says in a row names
 *      that cell once, unless the other side is too old to read it.
 *
 * @module
 */
import { Packr } from "msgpackr";
import { z } from "zod";
import { isErrorCode, RbeeError } from "../../protocol/errors.ts";
import type { Frame } from "../../runtime/envelope.ts";
import { invalid } from "./frame.ts";
import { isPackedMail, type Mail, type PackedMail } from "./mail.ts";
import { inRuns, spread } from "./runs.ts";

/** The size of the largest request that a door takes, and then some. */
export const MESSAGE_BYTES_MAX = 64 * 2 ** 20;

/** What the other side takes, and which version is spoken with it. */
export interface Dialect {
  readonly bytesMax: number;
  readonly version: number;
}

/** The first that knows of runs. */
const RUNS_VERSION = 2;

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
/** So many frames, and naming their fields once is worth a definition. Fewer have no run (runs.ts). */
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
export function packMail(mail: Mail, dialect: Dialect): Uint8Array[] {
  const { frames } = mail;
  if (frames.length <= FRAMES_MAX) return packTogether(mail, dialect);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < frames.length; at += FRAMES_MAX) {
    parts.push(...packTogether({ ...mail, frames: frames.slice(at, at + FRAMES_MAX) }, dialect));
  }
  return parts;
}

function packTogether(mail: Mail, dialect: Dialect): Uint8Array[] {
  const { frames } = mail;
  const { bytesMax, version } = dialect;
  if (frames.length === 0) return [];
  // A view into a buffer that the packer goes on filling behind it: what is packed stays as it is.
  const bytes = frames.length < RECORDS_FROM ? plainPackr.pack(mail) : recordPackr.pack(together(mail, version));
  if (bytes.length <= Math.min(bytesMax, TOGETHER_BYTES_MAX)) return [bytes];
  if (frames.length > 1) {
    const half = frames.length >> 1;
    const packHalf = (part: readonly Frame[]): Uint8Array[] => packTogether({ ...mail, frames: part }, dialect);
    return [...packHalf(frames.slice(0, half)), ...packHalf(frames.slice(half))];
  }
  if (bytes.length <= bytesMax) return [bytes];
  throw tooLarge(bytes);
}

const together = (mail: Mail, version: number): PackedMail =>
  version < RUNS_VERSION ? mail : { ...mail, frames: inRuns(mail.frames) };

const tooLarge = ({ length }: Uint8Array): RbeeError =>
  new RbeeError("request.too.large", `a message of ${length} bytes is too large for a link`);

/** @throws RbeeError link.invalid */
export function readMessage(bytes: Uint8Array): LinkMessage {
  const value = unpack(bytes);
  if (isPackedMail(value)) return { ...value, frames: framesOf(value) };
  const { data } = signalSchema.safeParse(value);
  if (data === undefined) throw invalid("it is no message of a link");
  return data;
}

function framesOf({ frames }: PackedMail): readonly Frame[] {
  const out: Frame[] = [];
  for (const part of frames) {
    if (part.kind === "run") spread(part, out);
    else out.push(readable(part));
  }
  return out;
}

/** A code of a later version is here what every unknown code is. */
function readable(frame: Frame): Frame {
  if (frame.kind !== "answer" || frame.result.ok) return frame;
  const { code, message }: { readonly code: string; readonly message: string } = frame.result.error;
  if (isErrorCode(code)) return frame;
  return { ...frame, result: { ok: false, error: { code: "defect", message: `${code}: ${message}` } } };
}

function unpack(bytes: Uint8Array): unknown {
  try {
    return recordPackr.unpack(bytes);
  } catch (thrown) {
    throw invalid(String(thrown));
  }
}
