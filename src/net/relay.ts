/**
 * The far end of a stream: chunks of this machine's workers on their way to the machine that serves their readers.
 *
 * Owns: what was sent and may be lost with the link. Does not own: order or attempts (streams.ts), the link itself.
 *
 *  RE1 What the other side has not taken is kept, and sent again when the link is back, from where its reader stands.
 *      Until it is known where that is nothing is sent: what came first would be taken for a gap.
 *  RE2 So much is kept as credit allows for each run, and of a worker no more runs than {@link RUNS_MAX}.
 *  RE3 Credit that was lost with the link is made good: a worker waits for no reader who has read.
 *
 * @module
 */
import { type Chunk, CREDIT_CHUNKS } from "../protocol/worker.ts";
import type { Resume } from "./streams.ts";

/** More than a worker has slots: a run whose last chunks nobody has asked for is forgotten behind so many. */
export const RUNS_MAX = 64;

export interface RelayEvents {
  /** Lost with the link. */
  send(worker: string, chunk: Chunk): void;
  /** A worker may make so many chunks more. */
  credit(worker: string, job: string, attempt: number, chunks: number): void;
}

interface Run {
  /** Not taken yet, in order. */
  readonly kept: Chunk[];
}

export class ChunkRelay {
  readonly #events: RelayEvents;
  readonly #runs = new Map<string, Map<string, Run>>();
  #isLinked = false;

  constructor(events: RelayEvents) {
    this.#events = events;
  }

  chunk(worker: string, chunk: Chunk): void {
    const { kept } = this.#run(worker, chunk);
    kept.push(chunk);
    if (kept.length > CREDIT_CHUNKS) kept.shift();
    if (this.#isLinked) this.#events.send(worker, chunk);
  }

  unlinked(): void {
    this.#isLinked = false;
  }

  /** The other side has taken so many chunks more. */
  credit(worker: string, job: string, attempt: number, chunks: number): void {
    const run = this.#runs.get(worker)?.get(keyOf(job, attempt));
    run?.kept.splice(0, chunks);
    this.#events.credit(worker, job, attempt, chunks);
  }

  /** The link is back, and this is where readers stand. */
  resume(standings: readonly Resume[]): void {
    this.#isLinked = true;
    for (const { worker, job, attempt, next, granted } of standings) {
      const run = this.#runs.get(worker)?.get(keyOf(job, attempt));
      const first = run?.kept[0];
      if (run === undefined || first === undefined) continue;
      // What was taken before `granted` and is still kept: its credit was lost.
      const taken = Math.max(0, Math.min(granted - first.index, run.kept.length));
      run.kept.splice(0, taken);
      if (taken > 0) this.#events.credit(worker, job, attempt, taken);
      for (const chunk of run.kept) if (chunk.index >= next) this.#events.send(worker, chunk);
    }
  }

  /** Its process is gone. */
  forget(worker: string): void {
    this.#runs.delete(worker);
  }

  #run(worker: string, { job, attempt }: Chunk): Run {
    const runs = this.#runs.get(worker) ?? new Map<string, Run>();
    this.#runs.set(worker, runs);
    const key = keyOf(job, attempt);
    const found = runs.get(key);
    if (found !== undefined) return found;
    const run: Run = { kept: [] };
    runs.set(key, run);
    const [oldest] = runs.keys();
    if (runs.size > RUNS_MAX && oldest !== undefined) runs.delete(oldest);
    return run;
  }
}

const keyOf = (job: string, attempt: number): string => `${job}/${attempt}`;
