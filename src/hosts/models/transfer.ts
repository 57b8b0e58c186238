/**
 * One file from the hub to the disk, in order from wherever an earlier try ended.
 *
 * Owns: asking for the rest of a file, and believing no more of the answer than what it proves. Does not own: which
 * file (hub.ts), keeping bytes (part-file.ts), trying again (machines/download.ts).
 *
 * Written here and not taken from a package: the code of ipull 4.0.3, on which node-llama-cpp's downloader is built,
 * has no word of ETag or If-Range, by which a file that changed between two tries is told from the one before, nor of
 * fsync; and it brings retries of its own beside those of the machine, whose bounds and reasons could not be told. One
 * stream in order is what a hash and a bar need; a home line is full with it.
 *
 *  TR1 The rest of a file is asked for with If-Range: of a file that changed the hub sends all.
 *  TR2 An answer counts only if its status, range and length say exactly what was asked for; a hub that ignores ranges
 *      is read from the beginning. Everything else is hub.changed, and nothing of it is kept.
 *  TR3 However it ends, what arrived is flushed and counts the next time.
 *  TR4 Where there is a bound to what may come a second it is left at the hub until then: it is read no faster.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { ModelPlan, PlannedFile } from "../../../machines/download.ts";
import type { Inbound } from "../../net/egress.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { type Hub, refusalOf, rethrown } from "./hub.ts";
import { PartFile } from "./part-file.ts";
import type { Throttle } from "./throttle.ts";

export interface Transfer {
  readonly hub: Hub;
  readonly plan: ModelPlan;
  readonly file: PlannedFile;
  /** Where the whole file will lie. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly throttle: Throttle;
  /** So much of it is here. */
  readonly arrived: (bytes: number) => void;
}

/** @throws RbeeError with a code of `hub.`, `download.`, or disk.full */
export async function transfer(given: Transfer): Promise<void> {
  const part = await PartFile.open(given.path, given.file);
  try {
    given.arrived(part.length);
    if (part.length < given.file.bytes) await receive(given, part);
  } finally {
    await part.close();
  }
}

async function receive({ hub, plan, file, signal, throttle, arrived }: Transfer, part: PartFile): Promise<void> {
  const answer = await hub.open(plan, file.path, rangeFrom(part), signal);
  await judge(answer, file, part, signal);
  arrived(part.length);
  try {
    for await (const piece of answer.body()) {
      if (part.length + piece.byteLength > file.bytes) {
        await part.beginAgain();
        throw changed(file, "more arrives than it has bytes");
      }
      await part.append(piece);
      arrived(part.length);
      const waitMs = throttle.waitMs(piece.byteLength, performance.now());
      if (waitMs >= 1) await pause(waitMs, undefined, { signal });
    }
  } catch (thrown) {
    signal.throwIfAborted();
    rethrown(thrown);
  }
  if (part.length === file.bytes) return;
  throw new RbeeError("hub.unreachable", `${file.path} broke off after ${part.length} of ${file.bytes} bytes`);
}

function rangeFrom({ length, etag }: PartFile): Record<string, string> {
  if (length === 0) return {};
  // A weak tag promises the same meaning and not the same bytes: of those only the hash at the end can tell.
  return { range: `bytes=${length}-`, ...(etag === undefined || etag.startsWith("W/") ? {} : { "if-range": etag }) };
}

/** TR2 */
async function judge(answer: Inbound, file: PlannedFile, part: PartFile, signal: AbortSignal): Promise<void> {
  const { status, headers } = answer;
  const etag = headers.get("etag") ?? undefined;
  const refuse = async (why: string): Promise<never> => {
    await answer.discard();
    await part.beginAgain();
    throw changed(file, why);
  };
  if (status === 206) {
    const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
    if (Number(from) !== part.length) await refuse("another part of it was sent than was asked for");
    if (total !== "*" && Number(total) !== file.bytes) await refuse(`it has ${total} bytes and not ${file.bytes}`);
    if (part.etag !== undefined && etag !== undefined && etag !== part.etag) await refuse("its tag is another");
  } else if (status === 200) {
    const length = headers.get("content-length");
    if (length !== null && Number(length) !== file.bytes) await refuse(`it has ${length} bytes and not ${file.bytes}`);
    if (part.length > 0) await part.beginAgain();
  } else if (status === 416) {
    await refuse("it is shorter than what is here of it");
  } else {
    throw await refusalOf(answer, file.path, signal);
  }
  part.etag = etag;
}

const changed = (file: PlannedFile, why: string): RbeeError =>
  new RbeeError("hub.changed", `${file.path} is not what the hub has listed: ${why}`);
