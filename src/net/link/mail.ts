/**
 * Mail between two hosts, and the check of what claims to be some.
 *
 * Owns: its shape, as it is meant and as it travels, and the lane of a frame. Does not own: packing (messages.ts), what
 * an event means, which its machine knows.
 *
 *  MA1 What is no mail is not taken for it, whatever it is, and nothing throws.
 *
 * @module
 */
import { isAddress } from "../../../machines/words.ts";
import type { Frame } from "../../runtime/envelope.ts";
import type { MessageLane } from "./lanes.ts";
import type { Run } from "./runs.ts";

/** Frames between two hosts, each in the life in which its machine knew it. */
export interface Mail {
  readonly kind: "mail";
  readonly from: string;
  readonly fromLife: number;
  readonly to: string;
  readonly toLife: number;
  readonly frames: readonly Frame[];
}

/** As it travels. */
export interface PackedMail extends Omit<Mail, "frames"> {
  readonly frames: readonly (Frame | Run)[];
}

/** By hand: a schema takes longer than everything else that happens to an envelope on its way. */
export function isPackedMail(value: unknown): value is PackedMail {
  if (!isObject(value) || value["kind"] !== "mail") return false;
  const { from, fromLife, to, toLife, frames } = value;
  return isName(from) && isName(to) && isCount(fromLife) && isCount(toLife) && isList(frames) && frames.every(isPart);
}

function isPart(value: unknown): boolean {
  if (!isObject(value)) return false;
  switch (value["kind"]) {
    case "mail":
      return isEnvelope(value["envelope"]);
    case "run":
      return isRun(value);
    case "ack":
      return isList(value["ns"]) && value["ns"].every(isCount);
    case "gate":
      return isTo(value["to"]) && isCount(value["n"]) && typeof value["open"] === "boolean";
    case "answer":
      return isTo(value["to"]) && isName(value["id"]) && isResult(value["result"]);
    case "drop":
      return isTo(value["to"]) && isName(value["id"]);
    default:
      return false;
  }
}

function isRun({ from, lane, label, first, to, at, n, event }: Readonly<Record<string, unknown>>): boolean {
  if (!isTo(from) || !isCount(first) || !isLane(lane) || !LABELS.has(label)) return false;
  // Where each is checked by a function that stands there, the compiler makes it a loop.
  if (!isList(to) || !to.every(isTo) || !isList(at) || !at.every(isCount)) return false;
  return isList(n) && n.every(isCount) && isList(event) && event.every(isMessage);
}

const LABELS: ReadonlySet<unknown> = new Set(["public", "internal", "private", "secret"]);

function isEnvelope(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { to, from, lane, n, label, event, re } = value;
  if (!isTo(to) || !isTo(from) || !isCount(n) || !isMessage(event)) return false;
  if (!isLane(lane) || !LABELS.has(label)) return false;
  return re === undefined || (isObject(re) && isName(re["id"]) && isTo(re["from"]));
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
const isLane = (value: unknown): boolean => value === "control" || value === "data";
const isMessage = (value: unknown): boolean => isObject(value) && typeof value["type"] === "string";

const isTo = (value: unknown): boolean =>
  typeof value === "string" && value.length <= NAME_CHARS_MAX && isAddress(value);

/** What is hot by nature goes with control; what belongs behind the mail that it speaks of goes with data. */
export const laneOf = (frame: Frame): MessageLane => {
  if (frame.kind === "mail") return frame.envelope.lane;
  return frame.kind === "ack" || frame.kind === "gate" ? "control" : "data";
};
