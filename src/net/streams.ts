/**
 * The spool: what each job has said, for every reader of it, and the credit that follows from reading.
 *
 * Owns: which attempt counts, the order of chunks, what is kept and for how long. Does not own: jobs, sockets, what a
 * chunk means.
 *
 *  S1 A chunk of another attempt, or with a wrong index, is dropped and counted: readers see each index once, in order.
 *     Between `recall` and the next `begin` no attempt counts, so that what was recalled is all that was shown (RJ2).
 *  S2 A reader that comes late, or again, is given everything from the index it names.
 *  S3 The end comes after every chunk before it, once.
 *  S4 Memory is bounded: what runs, by its model's context; what has ended, in number and in bytes, oldest first out.
 *  S5 Credit follows the reader that is furthest ahead; with no reader at all it follows the spool itself. A reader
 *     that waits for an index that is still to come holds nobody up.
 *  S6 What an earlier life of the node has written is served, and gone on from, as far as it was written without a gap.
 *     Until this life hears of such a job that it goes on, it is no word of its end that nobody may wait for.
 *  S7 An attempt that went on while this node was away is heard again, from where the spool stands; one that has said
 *     more than was kept finds no reader for it, and is not held up by that: its end will not be whole.
 *  S8 What readers were told is done stays done: a loss of power may take the word of it from the queen, who has it
 *     done again, and nothing of that is shown.
 *  S9 An attempt that was recalled and is under way after all is heard again from where the spool stands, while no
 *     other has begun: its worker is told where that is, for nothing was taken of what it said meanwhile.
 *
 * @module
 */
import type { Said } from "../../machines/job.ts";
import type { Attempt } from "../../machines/words.ts";
import type { StreamEnd, StreamItem, StreamNote, StreamsAsk } from "../protocol/ports.ts";
import { type Chunk, CREDIT_CHUNKS } from "../protocol/worker.ts";
import { bytesOf, emptySpool, Reader, type Spool, type SpoolLog, type SpoolRecord, tell, tokensOf } from "./spool.ts";

/** Hears of each of these once. */
export interface StreamWitness {
  begun(job: string, attempt: Attempt, worker: string): void;
  /** Its first chunk has come. */
  spoke(job: string): void;
  ended(job: string, end: StreamEnd): void;
}

export interface StreamOptions {
  /** Called when a worker may make so many chunks more. */
  readonly credit: (worker: string, job: string, attempt: number, chunks: number) => void;
  /** S9: what was not taken meanwhile is to be said again. Not given: no worker is elsewhere. */
  readonly resume?: (standing: Resume) => void;
  readonly witness?: StreamWitness;
  /** Not given: what is said lives as long as this process. */
  readonly log?: SpoolLog;
  /** Bounds on what is kept of jobs that have ended, for readers that come back. */
  readonly endedMax?: number;
  readonly bytesMax?: number;
}

type LoadingItem = Extract<StreamItem, { type: "loading" }>;
export type LoadingNews = Omit<LoadingItem, "type">;

export interface Standing {
  readonly saidTokens: number;
  readonly progress: LoadingItem | undefined;
}

/** A run, by the index that its reader needs next, and how many of its chunks were taken. */
export interface Resume {
  readonly worker: string;
  readonly job: string;
  readonly attempt: Attempt;
  readonly next: number;
  readonly granted: number;
}

const ENDED_MAX = 1000;
const BYTES_MAX = 64 * 2 ** 20;

export class Streams {
  readonly #options: StreamOptions;
  readonly #spools = new Map<string, Spool>();
  /** Those that may be forgotten: in the order of their ends, those of earlier lives first. */
  readonly #ended = new Map<string, Spool>();
  #bytes = 0;
  /** Chunks dropped because they were of another attempt or out of order. */
  dropped = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** A job was accepted, by this life of the node or by an earlier one: readers may come. */
  open(job: string, model: string, note?: StreamNote): void {
    const spool = this.#goOn(job);
    if (spool.model !== "") return;
    spool.model = model;
    if (note !== undefined) spool.notes.unshift({ type: "note", note });
  }

  begin({ job, attempt, said, note, worker, isUnderWay }: Extract<StreamsAsk, { type: "begin" }>): void {
    const spool = this.#goOn(job);
    if (attempt < spool.attempt || spool.end !== undefined) return;
    if (attempt === spool.attempt && isUnderWay) return this.#resume(job, spool);
    if (attempt === spool.attempt) return this.#rejoin(spool, worker);
    spool.recalled = false;
    spool.attempt = attempt;
    look(spool);
    spool.worker = worker;
    spool.running = true;
    spool.granted = said.pieces.length;
    const length = Math.min(spool.chunks.length, said.pieces.length);
    this.#options.log?.add({ kind: "begin", job, attempt, length });
    this.#align(job, spool, said);
    tell(spool, { type: "note", note });
    this.#options.witness?.begun(job, attempt, worker);
  }

  /** S7. */
  #rejoin(spool: Spool, worker: string): void {
    if (spool.running || spool.recalled) return;
    spool.worker = worker;
    spool.running = true;
    spool.granted = spool.chunks.length;
  }

  /** S9. */
  #resume(job: string, spool: Spool): void {
    const { worker, attempt, chunks, granted } = spool;
    spool.recalled = false;
    spool.running = true;
    this.#options.resume?.({ worker, job, attempt, next: chunks.length, granted });
  }

  chunk(chunk: Chunk): void {
    const { job, attempt, index } = chunk;
    const spool = this.#spools.get(job);
    if (spool?.running !== true || attempt !== spool.attempt || index !== spool.chunks.length) {
      this.dropped += 1;
      if (spool?.running === true && attempt === spool.attempt && index > spool.chunks.length)
        this.#options.credit(spool.worker, job, attempt, 1);
      return;
    }
    this.#say(spool, chunk);
    if (index === 0) this.#options.witness?.spoke(job);
    for (const reader of spool.readers) reader.wake();
    look(spool);
    this.#grant(job, spool);
    this.#evict();
  }

  /** How far a model has come here, or its weights into memory, for everybody who waits for it. */
  loading(news: LoadingNews): void {
    for (const spool of this.#spools.values()) {
      if (spool.model === news.model && spool.attempt === 0 && spool.end === undefined) {
        tell(spool, { type: "loading", ...news });
      }
    }
  }

  /** How a job stands at this moment: what it has said, and how far its model is on its way. */
  standing(job: string): Standing {
    const spool = this.#spools.get(job);
    const news = spool?.notes.at(-1);
    const progress = news?.type === "loading" && spool?.attempt === 0 ? news : undefined;
    return { saidTokens: tokensOf(spool?.chunks ?? []), progress };
  }

  /** What readers have been given of this job. Vectors are given with the end, so none of them was. */
  recall(job: string): Said {
    const spool = this.#spools.get(job);
    if (spool !== undefined) {
      spool.running = false;
      spool.recalled = true;
      look(spool);
    }
    const said = (spool?.chunks ?? []).filter((chunk) => chunk.kind !== "embedding");
    const calls = said.flatMap(({ kind }, index) => (kind === "call" ? [index] : []));
    return { pieces: said.map(({ text }) => text), tokens: tokensOf(said), ...(calls.length > 0 && { calls }) };
  }

  close(job: string, end: StreamEnd): void {
    const spool = this.#goOn(job);
    if (spool.end !== undefined) return;
    this.#options.log?.add({ kind: "end", job, length: spool.chunks.length, end });
    this.#end(job, spool, end);
    this.#options.witness?.ended(job, end);
    this.#evict();
  }

  /** How a job ended that readers were told is done. S8. */
  doneAs(job: string): (Extract<StreamEnd, { type: "done" }> & { readonly chunks: number }) | undefined {
    const spool = this.#spools.get(job);
    return spool?.end?.type === "done" ? { ...spool.end, chunks: spool.chunks.length } : undefined;
  }

  /** Is there everything that this attempt, and those before it, have said? S8. */
  isWhole(job: string, attempt: Attempt, chunks: number): boolean {
    const spool = this.#spools.get(job);
    if (spool?.end?.type === "done") return true;
    return spool?.attempt === attempt && spool.chunks.length === chunks;
  }

  /** Tells at once when all is there, and otherwise when it is, or nothing can come any more, or it took too long. */
  whenWhole(
    { job, attempt, chunks }: Extract<StreamsAsk, { type: "seal" }>,
    after: (ms: number, run: () => void) => void,
    patienceMs: number,
    answer: (isWhole: boolean) => void,
  ): void {
    const isWhole = (): boolean => this.isWhole(job, attempt, chunks);
    const spool = this.#spools.get(job);
    const mayCome = (): boolean => spool?.running === true && spool.attempt === attempt && spool.chunks.length < chunks;
    if (spool === undefined || !mayCome()) return queueMicrotask(() => answer(isWhole()));
    const waiting = (): void => {
      if (!mayCome() && spool.waiting.delete(waiting)) answer(isWhole());
    };
    spool.waiting.add(waiting);
    after(patienceMs, () => {
      if (spool.waiting.delete(waiting)) answer(false);
    });
  }

  /** Where the runs of other machines' workers stand: what their relay (relay.ts) is told when its link is back. */
  resuming(isTheirs: (worker: string) => boolean): readonly Resume[] {
    return [...this.#spools].flatMap(([job, { running, worker, attempt, chunks, granted }]) =>
      running && isTheirs(worker) ? [{ worker, job, attempt, next: chunks.length, granted }] : [],
    );
  }

  /** Resolves when what was said so far outlives this machine's power, or cannot. */
  flushed(): Promise<void> {
    return this.#options.log?.flushed() ?? Promise.resolve();
  }

  /** Takes back what an earlier life wrote. Before anything else is said. */
  restore(records: Iterable<SpoolRecord>): void {
    for (const record of records) this.#restore(record);
    this.#evict();
  }

  /** News, chunks from `fromIndex` on, then the end. Ends early when `signal` does. Nothing when nothing is known. */
  read(job: string, fromIndex: number, signal: AbortSignal): AsyncIterable<StreamItem> | undefined {
    const spool = this.#spools.get(job);
    if (spool === undefined || (spool.earlier && spool.end === undefined)) return undefined;
    return this.#items(job, spool, fromIndex, signal);
  }

  #restore(record: SpoolRecord): void {
    if (record.kind === "gap") return this.#forgetUnended();
    const job = record.kind === "chunk" ? record.chunk.job : record.job;
    const spool = this.#spool(job);
    if (spool.end !== undefined) return;
    spool.earlier = true;
    this.#ended.set(job, spool);
    switch (record.kind) {
      case "begin":
        spool.attempt = record.attempt;
        return this.#cut(spool, record.length);
      case "chunk":
        if (record.chunk.index === spool.chunks.length) this.#keep(spool, record.chunk);
        return;
      case "end":
        // What was said before a gap is missing: this is the end of more than what is here.
        if (record.length === spool.chunks.length) this.#end(job, spool, record.end);
        else this.#forget(job, spool);
    }
  }

  #forgetUnended(): void {
    for (const [job, spool] of this.#spools) if (spool.end === undefined) this.#forget(job, spool);
  }

  async *#items(job: string, spool: Spool, fromIndex: number, signal: AbortSignal): AsyncGenerator<StreamItem> {
    const reader = new Reader(fromIndex, [...spool.notes]);
    spool.readers.add(reader);
    signal.addEventListener("abort", reader.wake, { once: true });
    try {
      while (!signal.aborted) {
        const item = reader.next(spool.chunks, spool.end);
        if (item !== undefined) yield item;
        else await reader.idle();
        if (item?.type === "end") return;
        if (item?.type === "chunk") this.#grant(job, spool);
      }
    } finally {
      signal.removeEventListener("abort", reader.wake);
      spool.readers.delete(reader);
      this.#grant(job, spool);
    }
  }

  #end(job: string, spool: Spool, end: StreamEnd): void {
    spool.end = end;
    spool.running = false;
    look(spool);
    this.#ended.set(job, spool);
    for (const reader of spool.readers) reader.wake();
  }

  /** This life knows of it: it is forgotten after its end only. */
  #goOn(job: string): Spool {
    const spool = this.#spool(job);
    if (spool.earlier && spool.end === undefined) this.#ended.delete(job);
    spool.earlier = false;
    return spool;
  }

  #spool(job: string): Spool {
    const found = this.#spools.get(job);
    if (found !== undefined) return found;
    const spool = emptySpool();
    this.#spools.set(job, spool);
    return spool;
  }

  /** The attempt goes on behind what was said, of which a node that was restarted meanwhile has kept nothing. */
  #align(job: string, spool: Spool, said: Said): void {
    const { pieces, tokens } = said;
    this.#cut(spool, pieces.length);
    const missing = tokens - tokensOf(spool.chunks);
    for (let index = spool.chunks.length; index < pieces.length; index += 1) {
      const text = pieces[index] ?? "";
      const last = index === pieces.length - 1;
      const kind = kindOf(said, index);
      this.#say(spool, { job, attempt: spool.attempt, index, kind, text, tokens: last ? missing : 0 });
    }
    for (const reader of spool.readers) reader.wake();
  }

  #cut(spool: Spool, length: number): void {
    for (const surplus of spool.chunks.splice(length)) this.#count(spool, -bytesOf(surplus));
  }

  #say(spool: Spool, chunk: Chunk): void {
    this.#keep(spool, chunk);
    this.#options.log?.add({ kind: "chunk", chunk });
  }

  #keep(spool: Spool, chunk: Chunk): void {
    spool.chunks.push(chunk);
    this.#count(spool, bytesOf(chunk));
  }

  #count(spool: Spool, bytes: number): void {
    spool.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Half of the credit is given back at once, so that a fast reader costs few messages. */
  #grant(job: string, spool: Spool): void {
    const made = spool.chunks.length;
    if (made - spool.granted < CREDIT_CHUNKS / 2 || !spool.running) return;
    const ahead = spool.readers.size === 0 ? made : Math.max(...[...spool.readers].map((reader) => reader.index));
    const taken = Math.min(made, ahead);
    const chunks = taken - spool.granted;
    if (chunks < CREDIT_CHUNKS / 2) return;
    spool.granted = taken;
    this.#options.credit(spool.worker, job, spool.attempt, chunks);
  }

  #evict(): void {
    const { endedMax = ENDED_MAX, bytesMax = BYTES_MAX } = this.#options;
    for (const [job, spool] of this.#ended) {
      if (this.#ended.size <= endedMax && this.#bytes <= bytesMax) return;
      if (spool.readers.size === 0) this.#forget(job, spool);
    }
  }

  #forget(job: string, spool: Spool): void {
    this.#ended.delete(job);
    this.#spools.delete(job);
    this.#bytes -= spool.bytes;
    this.#options.log?.forget(job);
  }
}

/** Something changed for whoever waits for its last word. */
function look({ waiting }: Spool): void {
  for (const one of waiting) one();
}

function kindOf({ calls: [first = Infinity, ...more] = [] }: Said, index: number): Chunk["kind"] {
  if (index < first) return "text";
  return index === first || more.includes(index) ? "call" : "arguments";
}
