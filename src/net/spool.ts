/**
 * What one job has said, and a reader's place in it.
 *
 * Owns: what is kept of one job, and what a reader is given next: news, chunks by index, the end. Does not own: which
 * attempt counts, credit, or how long anything is kept (streams.ts).
 *
 * @module
 */
import type { Attempt } from "../../machines/words.ts";
import type { StreamEnd, StreamItem } from "../protocol/ports.ts";
import type { Chunk } from "../protocol/worker.ts";

/** What a chunk costs beside its text. */
const CHUNK_BYTES = 160;
/** A reader hears of news at most this far behind; older news is of no use. */
const NOTES_MAX = 64;

/** What is written of a spool, so that another life of the node can serve it. */
export type SpoolRecord =
  /** From here on chunks are of this attempt, behind so many that stay. */
  | { readonly kind: "begin"; readonly job: string; readonly attempt: Attempt; readonly length: number }
  | { readonly kind: "chunk"; readonly chunk: Chunk }
  /** All that was said, in so many chunks. */
  | { readonly kind: "end"; readonly job: string; readonly length: number; readonly end: StreamEnd }
  /** Something before this could not be written: what has not ended by now is not known any more. */
  | { readonly kind: "gap" };

/** Where records are kept. It may lose the last ones; when it loses others, a `gap` stands in their place. */
export interface SpoolLog {
  add(record: SpoolRecord): void;
  /** Nobody will ask for this job again. */
  forget(job: string): void;
  /** Resolves when what was added before is on disk, or lost. */
  flushed(): Promise<void>;
}

export interface Spool {
  /** "" until the job is opened: its attempt may begin just before. */
  model: string;
  attempt: number;
  worker: string;
  /** Chunks of the attempt count. */
  running: boolean;
  /** What it has said was taken for another attempt: nothing of this one counts any more. */
  recalled: boolean;
  readonly chunks: Chunk[];
  bytes: number;
  notes: StreamItem[];
  end: StreamEnd | undefined;
  readonly readers: Set<Reader>;
  /** Whoever waits for the last of what an attempt has said. */
  readonly waiting: Set<() => void>;
  /** Chunks that the worker was allowed in all, beyond the first grant. */
  granted: number;
  /** Written by an earlier life of the node, and nobody has said since that the job goes on. */
  earlier: boolean;
}

export const emptySpool = (): Spool => ({
  model: "",
  attempt: 0,
  worker: "",
  running: false,
  recalled: false,
  chunks: [],
  bytes: 0,
  notes: [],
  end: undefined,
  readers: new Set(),
  waiting: new Set(),
  granted: 0,
  earlier: false,
});

export const bytesOf = ({ text, bytes }: Chunk): number => CHUNK_BYTES + 2 * text.length + (bytes?.byteLength ?? 0);
export const tokensOf = (chunks: readonly Chunk[]): number => chunks.reduce((sum, chunk) => sum + chunk.tokens, 0);

export function tell(spool: Spool, item: StreamItem): void {
  add(spool.notes, item);
  for (const reader of spool.readers) reader.news(item);
}

/** How far a model is loaded is told by its last news alone. */
function add(notes: StreamItem[], item: StreamItem): void {
  if (item.type === "loading" && notes.at(-1)?.type === "loading") notes.pop();
  if (notes.length >= NOTES_MAX) notes.shift();
  notes.push(item);
}

/** One reader's place in a spool. */
export class Reader {
  index: number;
  readonly #notes: StreamItem[];
  #waiting: (() => void) | undefined;

  constructor(index: number, notes: StreamItem[]) {
    this.index = index;
    this.#notes = notes;
  }

  readonly wake = (): void => {
    this.#waiting?.();
    this.#waiting = undefined;
  };

  news(item: StreamItem): void {
    add(this.#notes, item);
    this.wake();
  }

  next(chunks: readonly Chunk[], end: StreamEnd | undefined): StreamItem | undefined {
    const note = this.#notes.shift();
    if (note !== undefined) return note;
    const chunk = chunks[this.index];
    if (chunk !== undefined) {
      this.index += 1;
      return { type: "chunk", chunk };
    }
    return end === undefined ? undefined : { type: "end", end };
  }

  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
