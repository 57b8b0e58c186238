/**
 * Pipes: bytes one way between two machines, such as what a job says, an image, a model. Each has its own credit.
 *
 * Owns: the two ends of every pipe of a link, their credit and what waits in them. Does not own: what the bytes mean
 * (frames.ts finds messages in them again), or when they go (lanes.ts).
 *
 *  PI1 Bytes arrive whole and in order, then the end, once; or the pipe is cut, which both ends hear once.
 *  PI2 No more is under way or unread than the credit that the reader gave: one that reads nothing holds up its own
 *      pipe and nothing else. A sender that goes beyond it is refused with link.invalid.
 *  PI3 What waits to be sent is bounded, for one pipe and for all: what does not fit is not taken, and `onDrain` says
 *      when to go on.
 *  PI4 With the link every pipe is cut.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import { Line } from "../../runtime/line.ts";
import type { SendResult } from "../channel.ts";
import { invalid, type Piece } from "./frame.ts";
import type { PipeSource } from "./lanes.ts";
import type { Signal } from "./messages.ts";

/** What a reader lets come before it has read. */
export const PIPE_CREDIT_BYTES = 256 * 1024;
/** What waits in one pipe, and so the most that one write may bring. */
export const PIPE_WAITING_BYTES_MAX = 256 * 1024;
export const ALL_WAITING_BYTES_MAX = 32 * 2 ** 20;
const PIPES_MAX = 4096;

export interface PipeWriter {
  /** Leave the bytes alone from here on. @throws RbeeError request.too.large */
  write(bytes: Uint8Array): SendResult;
  /** Nothing follows. */
  end(): void;
  cut(reason: string): void;
}

export interface PipeWriterEvents {
  /** What waited has gone: a writer that was told `full` may go on. */
  onDrain?(): void;
  onCut?(reason: string): void;
}

export interface PipeReader {
  readonly name: string;
  /** So many bytes have been read: as many more may come. */
  taken(bytes: number): void;
  cut(reason: string): void;
}

export interface PipeReaderEvents {
  onBytes(bytes: Uint8Array): void;
  onEnd(): void;
  onCut(reason: string): void;
}

export interface PipesOptions {
  /** Even numbers are of pipes that the dialling side opens. */
  readonly firstId: 0 | 1;
  signal(signal: Signal): void;
  /** This pipe has something to send. */
  ready(source: PipeSource): void;
  opened(reader: PipeReader): PipeReaderEvents | undefined;
}

interface Sending extends PipeSource {
  readonly events: PipeWriterEvents;
  readonly waiting: Line<Uint8Array>;
  /** How much of the first that waits has gone. */
  sentOfFirst: number;
  waitingBytes: number;
  sentBytes: number;
  creditBytes: number;
  ending: boolean;
}

interface Reading {
  readonly events: PipeReaderEvents;
  receivedBytes: number;
  takenBytes: number;
  creditBytes: number;
}

export class Pipes {
  readonly #options: PipesOptions;
  readonly #sending = new Map<number, Sending>();
  readonly #reading = new Map<number, Reading>();
  /** Whose last write was refused. */
  readonly #full = new Set<Sending>();
  #nextId: number;
  #waitingBytes = 0;

  constructor(options: PipesOptions) {
    this.#options = options;
    this.#nextId = options.firstId;
  }

  /** @returns undefined when there are too many. */
  open(name: string, events: PipeWriterEvents): PipeWriter | undefined {
    if (this.#sending.size >= PIPES_MAX) return undefined;
    const id = this.#nextId;
    this.#nextId += 2;
    const pipe: Sending = {
      id,
      events,
      waiting: new Line(),
      sentOfFirst: 0,
      waitingBytes: 0,
      sentBytes: 0,
      creditBytes: PIPE_CREDIT_BYTES,
      ending: false,
      take: (bytesMax) => this.#take(pipe, bytesMax),
    };
    this.#sending.set(id, pipe);
    this.#options.signal({ kind: "open", pipe: id, name });
    return {
      write: (bytes) => this.#write(pipe, bytes),
      end: () => {
        pipe.ending = true;
        this.#options.ready(pipe);
      },
      cut: (reason) => {
        if (this.#drop(pipe)) this.#options.signal({ kind: "cut", pipe: id, reason });
      },
    };
  }

  /** A pipe of the other side. @throws RbeeError link.invalid */
  heardOpen(id: number, name: string): void {
    if (id % 2 === this.#options.firstId || this.#reading.has(id)) throw invalid(`pipe ${id} is not its to open`);
    if (this.#reading.size >= PIPES_MAX) return this.#options.signal({ kind: "cut", pipe: id, reason: "too many" });
    const cut = (reason: string): void => {
      if (this.#reading.delete(id)) this.#options.signal({ kind: "cut", pipe: id, reason });
    };
    const events = this.#options.opened({ name, taken: (bytes) => this.#taken(id, bytes), cut });
    if (events === undefined) return this.#options.signal({ kind: "cut", pipe: id, reason: "nobody reads it" });
    this.#reading.set(id, { events, receivedBytes: 0, takenBytes: 0, creditBytes: PIPE_CREDIT_BYTES });
  }

  /** PI2. What comes for a pipe that was cut meanwhile is dropped. @throws RbeeError link.invalid */
  heardPiece({ pipe: id, bytes, end }: Piece): void {
    const pipe = this.#reading.get(id);
    if (pipe === undefined) return;
    pipe.receivedBytes += bytes.length;
    if (pipe.receivedBytes > pipe.creditBytes) throw invalid(`pipe ${id} brings more than its credit`);
    if (bytes.length > 0) pipe.events.onBytes(bytes);
    if (end && this.#reading.delete(id)) pipe.events.onEnd();
  }

  heardCredit(id: number, bytes: number): void {
    const pipe = this.#sending.get(id);
    if (pipe === undefined || bytes <= pipe.creditBytes) return;
    pipe.creditBytes = bytes;
    this.#options.ready(pipe);
  }

  heardCut(id: number, reason: string): void {
    const sending = this.#sending.get(id);
    if (sending !== undefined) {
      this.#drop(sending);
      sending.events.onCut?.(reason);
    }
    const reading = this.#reading.get(id);
    if (this.#reading.delete(id)) reading?.events.onCut(reason);
  }

  /** PI4 */
  cutAll(reason: string): void {
    for (const id of [...this.#sending.keys(), ...this.#reading.keys()]) this.heardCut(id, reason);
  }

  #write(pipe: Sending, bytes: Uint8Array): SendResult {
    if (bytes.length > PIPE_WAITING_BYTES_MAX) {
      throw new RbeeError("request.too.large", `${bytes.length} bytes are too many for one write`);
    }
    if (!this.#sending.has(pipe.id) || pipe.ending) return "gone";
    const isFull = pipe.waitingBytes + bytes.length > PIPE_WAITING_BYTES_MAX;
    if (isFull || this.#waitingBytes + bytes.length > ALL_WAITING_BYTES_MAX) {
      this.#full.add(pipe);
      return "full";
    }
    if (bytes.length > 0) pipe.waiting.push(bytes);
    this.#count(pipe, bytes.length);
    this.#options.ready(pipe);
    return "sent";
  }

  #take(pipe: Sending, bytesMax: number): ReturnType<PipeSource["take"]> {
    if (!this.#sending.has(pipe.id)) return undefined;
    const first = pipe.waiting.first;
    const most = Math.min(bytesMax, pipe.creditBytes - pipe.sentBytes);
    if (first === undefined ? !pipe.ending : most <= 0) return undefined;
    const bytes = first === undefined ? new Uint8Array(0) : this.#takeBytes(pipe, first, most);
    const end = pipe.ending && pipe.waiting.length === 0;
    if (end) this.#drop(pipe);
    this.#drain();
    return { bytes, end };
  }

  #takeBytes(pipe: Sending, first: Uint8Array, most: number): Uint8Array {
    const bytes = first.subarray(pipe.sentOfFirst, pipe.sentOfFirst + most);
    pipe.sentOfFirst += bytes.length;
    if (pipe.sentOfFirst === first.length) {
      pipe.waiting.take();
      pipe.sentOfFirst = 0;
    }
    pipe.sentBytes += bytes.length;
    this.#count(pipe, -bytes.length);
    return bytes;
  }

  /** Those that were refused and have room again, of their own and of all. */
  #drain(): void {
    if (this.#waitingBytes * 2 > ALL_WAITING_BYTES_MAX) return;
    // A writer that still does not fit is back among them at once.
    for (const pipe of [...this.#full]) {
      if (pipe.waitingBytes * 2 > PIPE_WAITING_BYTES_MAX) continue;
      this.#full.delete(pipe);
      pipe.events.onDrain?.();
    }
  }

  #taken(id: number, bytes: number): void {
    const pipe = this.#reading.get(id);
    if (pipe === undefined) return;
    pipe.takenBytes += bytes;
    // Told in halves, so that credit costs little.
    if (pipe.takenBytes + PIPE_CREDIT_BYTES - pipe.creditBytes < PIPE_CREDIT_BYTES / 2) return;
    pipe.creditBytes = pipe.takenBytes + PIPE_CREDIT_BYTES;
    this.#options.signal({ kind: "credit", pipe: id, bytes: pipe.creditBytes });
  }

  #count(pipe: Sending, bytes: number): void {
    pipe.waitingBytes += bytes;
    this.#waitingBytes += bytes;
  }

  /** @returns whether it was open. */
  #drop(pipe: Sending): boolean {
    if (!this.#sending.delete(pipe.id)) return false;
    this.#full.delete(pipe);
    this.#count(pipe, -pipe.waitingBytes);
    return true;
  }
}
