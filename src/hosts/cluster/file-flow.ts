/**
 * Files of models over links: the queen's machine asks another for one, and it comes through a pipe.
 *
 * Owns: which pipe is of which question, how many go on at a time, credit. Does not own: pipes (src/net/link/pipes.ts),
 * what is asked for, or whether it is right.
 *
 *  FF1 A file comes in the bulk lane, behind all else that the link has to say, as fast as it is read and no faster.
 *  FF2 A machine sends so many at a time; who asks for more is refused.
 *  FF3 With the link, or where the sender cannot go on, the reader is told; with the reader the sender stops.
 *
 * @module
 */
import type { ReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { z } from "zod";
import type { Link } from "../../net/link/link.ts";
import type { PipeReader, PipeReaderEvents, PipeWriter, PipeWriterEvents } from "../../net/link/pipes.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import { away } from "./questions.ts";

export const SENDING_MAX = 2;
const PIECE_BYTES = 64 * 1024;
/** From the question to the beginning of its pipe. */
const BEGIN_MS = 15_000;

export const sendTalk = z.object({
  kind: z.literal("send"),
  id: z.int().min(0),
  model: z.string(),
  part: z.int().min(0),
  fromByte: z.int().min(0),
});
export type SendTalk = z.infer<typeof sendTalk>;
export const unsentTalk = z.object({ kind: z.literal("unsent"), id: z.int().min(0), message: z.string() });

const pipeName = (id: number): string => `file ${id}`;

interface Awaited {
  readonly machine: string;
  readonly begun: (events: PipeReader) => PipeReaderEvents;
  readonly failed: (error: Error) => void;
}

/** At the reader's end. */
export class FileReaders {
  readonly #awaited = new Map<number, Awaited>();
  #asked = 0;

  /** @param say returns whether that machine is linked @throws RbeeError machine.away, or the sender's refusal */
  open(
    machine: string,
    wanted: Omit<SendTalk, "kind" | "id">,
    say: (talk: SendTalk) => boolean,
    signal: AbortSignal,
  ): Promise<Readable> {
    const id = ++this.#asked;
    const { promise, resolve, reject } = Promise.withResolvers<Readable>();
    const timer = setTimeout(() => reject(away(machine)), BEGIN_MS);
    this.#awaited.set(id, {
      machine,
      begun: (reader) => {
        const flow = new Flow(reader, machine);
        resolve(flow.readable);
        return flow.events;
      },
      failed: reject,
    });
    if (!say({ kind: "send", id, ...wanted })) reject(away(machine));
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    return promise.finally(() => {
      clearTimeout(timer);
      this.#awaited.delete(id);
    });
  }

  /** A pipe begins. */
  pipe(machine: string, reader: PipeReader): PipeReaderEvents | undefined {
    const id = Number(/^file (\d+)$/.exec(reader.name)?.[1] ?? -1);
    const awaited = this.#awaited.get(id);
    return awaited?.machine === machine ? awaited.begun(reader) : undefined;
  }

  unsent(machine: string, id: number, message: string): void {
    const awaited = this.#awaited.get(id);
    if (awaited?.machine === machine) awaited.failed(new RbeeError("machine.away", `${machine}: ${message}`));
  }

  lost(machine: string): void {
    for (const each of this.#awaited.values()) if (each.machine === machine) each.failed(away(machine));
  }
}

/** FF1: what has been read is told to the sender, who may then say as much more. */
class Flow {
  readonly readable: Readable;
  readonly events: PipeReaderEvents;

  constructor(reader: PipeReader, machine: string) {
    let isOver = false;
    const waiting: Uint8Array[] = [];
    let wanted = false;
    const go = (): void => {
      while (wanted && waiting.length > 0) {
        const piece = waiting.shift() ?? new Uint8Array();
        wanted = readable.push(piece);
        reader.taken(piece.length);
      }
      if (isOver && waiting.length === 0) readable.push(null);
    };
    const readable = new Readable({
      highWaterMark: PIECE_BYTES,
      read: () => {
        wanted = true;
        go();
      },
      // FF3.
      destroy: (error, done) => {
        if (!isOver) reader.cut("nobody reads it any more");
        done(error);
      },
    });
    // Whoever reads it hears of it too; until somebody does, it is nobody's crash.
    this.readable = readable.on("error", () => {});
    this.events = {
      onBytes: (bytes) => {
        // Views into a frame that is not kept.
        waiting.push(Buffer.from(bytes));
        go();
      },
      onEnd: () => {
        isOver = true;
        go();
      },
      onCut: (reason) => {
        isOver = true;
        readable.destroy(new RbeeError("machine.away", `${machine} broke off: ${reason}`));
      },
    };
  }
}

/** At the sender's end. */
export class FileSenders {
  #sending = 0;

  /** FF2. @param pathOf throws where there is no such file of a model here */
  async send(link: Link, wanted: SendTalk, pathOf: (wanted: SendTalk) => Promise<string>): Promise<void> {
    const unsent = (message: string): void => link.note("data", { kind: "unsent", id: wanted.id, message });
    if (this.#sending >= SENDING_MAX) return unsent(`it sends ${SENDING_MAX} files already`);
    this.#sending += 1;
    try {
      const file = await open(await pathOf(wanted));
      const bytes = file.createReadStream({ start: wanted.fromByte, highWaterMark: PIECE_BYTES });
      await pour(bytes, (events) => link.openPipe(pipeName(wanted.id), events));
    } catch (thrown) {
      unsent(errorData(thrown).message);
    } finally {
      this.#sending -= 1;
    }
  }
}

type OpenPipe = (events: Required<PipeWriterEvents>) => PipeWriter | undefined;

/** FF1, FF3. */
async function pour(file: ReadStream, openPipe: OpenPipe): Promise<void> {
  let drained = Promise.withResolvers<void>();
  let isCut = false;
  const pipe = openPipe({
    onDrain: () => drained.resolve(),
    onCut: () => {
      isCut = true;
      drained.resolve();
    },
  });
  if (pipe === undefined) {
    file.destroy();
    throw new RbeeError("mailbox.full", "the link takes no more pipes");
  }
  try {
    for await (const piece of file) {
      while (!isCut) {
        drained = Promise.withResolvers<void>();
        if (pipe.write(piece as Buffer) !== "full") break;
        await drained.promise;
      }
      if (isCut) return;
    }
    pipe.end();
  } catch (thrown) {
    pipe.cut(errorData(thrown).message);
  } finally {
    file.destroy();
  }
}
