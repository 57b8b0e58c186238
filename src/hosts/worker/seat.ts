/**
 * What a worker's own door asks, put to the cell of the worker.
 *
 * Owns: runs that came through this door, and who hears their chunks. Does not own: slots; a run of this door takes one
 * like any other, or is refused.
 *
 * @module
 */
import type { WorkerEvent } from "../../../machines/worker.ts";
import { address, type Address } from "../../../machines/words.ts";
import type { EnginePort, Executed } from "../../actors/worker/engine-port.ts";
import type { WorkerSeat } from "../../doors/worker.ts";
import { RbeeError } from "../../protocol/errors.ts";
import type { Chunk, ExecuteAsk } from "../../protocol/worker.ts";
import type { LoadingLine } from "../../protocol/worker-api.ts";
import type { Frame } from "../../runtime/envelope.ts";
import type { Host } from "../../runtime/host.ts";
import { event } from "../../runtime/reading.ts";
import { DoorAsks } from "../porter/door-asks.ts";

/** Where this door's answers come back to. */
export const DOOR_HOST = "door";
const DOOR: Address = address(DOOR_HOST, "door", "main");

/** Longer than any run: it ends by itself, or with its client. */
const RUN_MS = 86_400_000;

const toWorker = event<WorkerEvent>();

interface DirectRun {
  readonly hear: (chunk: Chunk) => void | Promise<void>;
  readonly abort: AbortController;
}

export class DirectRuns {
  readonly asks: DoorAsks;
  readonly #runs = new Map<string, DirectRun>();
  readonly #cell: Address;
  readonly #engine: EnginePort;
  #named = 0;

  constructor(host: Host, cell: Address, engine: EnginePort) {
    this.#cell = cell;
    this.#engine = engine;
    this.asks = new DoorAsks(DOOR, (_to, frames) => host.receive(DOOR_HOST, frames));
  }

  /** Frames for this door: answers to what it asked. */
  receive(frames: readonly Frame[]): void {
    for (const frame of frames) if (frame.kind === "answer") this.asks.answered(frame.id, frame.result);
  }

  /** @returns whether the chunk is of a run of this door. */
  chunk(chunk: Chunk): boolean {
    const run = this.#runs.get(chunk.job);
    if (run === undefined) return false;
    const credit = (): void => this.#engine.credit(chunk.job, chunk.attempt, 1);
    Promise.resolve(run.hear(chunk)).then(credit, () => run.abort.abort());
    return true;
  }

  readonly execute: WorkerSeat["execute"] = async ({ job, attempt, request }, hear, signal) => {
    this.#named += 1;
    const name = job ?? `direct-${this.#named}`;
    if (this.#runs.has(name))
      throw new RbeeError("request.invalid", `a job ${name} runs here already`, { field: "job_id" });
    const abort = new AbortController();
    this.#runs.set(name, { hear, abort });
    const asked: ExecuteAsk = { type: "execute", job: name, attempt, request, said: { pieces: [], tokens: 0 } };
    try {
      const until = AbortSignal.any([signal, abort.signal]);
      const ended = await this.asks.ask<Executed["executed"]>(this.#cell, asked, RUN_MS, until);
      return { job: name, finish: ended.finish, stop: ended.stop, usage: ended.usage };
    } finally {
      this.#runs.delete(name);
    }
  };

  cancel(job: string): boolean {
    const run = this.#runs.get(job);
    run?.abort.abort();
    return run !== undefined;
  }

  async ready(timeoutMs: number): Promise<void> {
    await this.asks.ask(this.#cell, toWorker({ type: "report" }), timeoutMs);
  }

  stop(): void {
    this.asks.tell(this.#cell, toWorker({ type: "stop" }));
  }
}

/** How far the weights are read, for whoever asks. */
export class Loading {
  #line: LoadingLine = { fraction: 0, state: "loading" };
  readonly #waiting = new Set<() => void>();

  at(fraction: number, state: LoadingLine["state"]): void {
    if (state === this.#line.state && fraction < this.#line.fraction) return;
    this.#line = { fraction, state };
    for (const wake of this.#waiting) wake();
  }

  get line(): LoadingLine {
    return this.#line;
  }

  async *follow(signal: AbortSignal): AsyncGenerator<LoadingLine> {
    for (let last: LoadingLine | undefined; !signal.aborted;) {
      if (last !== this.#line) {
        last = this.#line;
        yield last;
      } else if (last.state !== "loading") {
        return;
      } else {
        await this.#change(signal);
      }
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }
}
