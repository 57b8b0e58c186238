/**
 * What queen and hive say to each other of workers, as it passes the porter, told as news: asked for, decided, loaded,
 * ended, each with its reason.
 *
 * Owns: the stage of each worker that it has seen. Does not own: any of it; it changes no frame.
 *
 *  WW1 Each step of a worker is told once, though mail that was not acknowledged is sent again.
 *  WW2 What is remembered is bounded by the workers that live, and of those that ended by a number.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { AskResult, Frame, Message } from "../../runtime/envelope.ts";
import type { TakeNews } from "./news.ts";
import { Recent } from "./recent.ts";

interface Seen {
  model: string;
  readonly askedMs: number;
  stoppingMs: number | undefined;
  told: ReadonlySet<string>;
}

export class WorkerWitness {
  readonly #tell: TakeNews;
  readonly #nowMs: () => number;
  readonly #seen = new Map<string, Seen>();
  readonly #ended = new Recent();
  /** Asks for a worker that the hive has not answered, by their ids. */
  readonly #asked = new Map<string, string>();

  constructor(tell: TakeNews, nowMs: () => number) {
    this.#tell = tell;
    this.#nowMs = nowMs;
  }

  toHive(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (frame.kind === "drop") this.#asked.delete(frame.id);
      if (frame.kind !== "mail") continue;
      const { event, re } = frame.envelope;
      if (isStart(event) && re !== undefined) this.#start(event, re.id);
    }
  }

  toQueen(frames: readonly Frame[]): void {
    for (const frame of frames) {
      // What a hive tells a queen is the queen's event.
      if (frame.kind === "mail") this.#news(frame.envelope.event as QueenEvent);
      else if (frame.kind === "answer") this.#answered(frame.id, frame.result);
    }
  }

  #start({ worker, model, epoch }: Extract<HiveEvent, { type: "start.worker" }>, ask: string): void {
    this.#asked.set(ask, worker);
    if (this.#seen.has(worker)) return;
    this.#seen.set(worker, { model, askedMs: this.#nowMs(), stoppingMs: undefined, told: new Set() });
    this.#tell({ event: "worker.asked", worker, model, epoch });
  }

  #answered(ask: string, result: AskResult): void {
    const worker = this.#asked.get(ask);
    if (worker === undefined) return;
    this.#asked.delete(ask);
    if (result.ok) return this.#news(result.event as QueenEvent);
    const { code, message } = result.error;
    const model = this.#end(worker)?.model ?? "";
    this.#tell({ event: "worker.refused", worker, model, code, told: { text: message, label: "private" } });
  }

  #news(event: QueenEvent): void {
    switch (event.type) {
      case "worker.reserved":
        return this.#once(event.worker, "reserved", ({ model }) => {
          const { worker, reservedBytes: bytes } = event;
          this.#tell({ event: "worker.reserved", worker, model, bytes });
        });
      case "worker.loading":
        return this.#once(event.worker, "loading", ({ model }) => {
          const { worker, pid } = event;
          this.#tell({ event: "worker.loading", worker, model, pid });
        });
      case "worker.ready":
        return this.#once(event.worker, "ready", ({ model, askedMs }) => {
          const { worker } = event;
          this.#tell({ event: "worker.ready", worker, model, durationMs: this.#nowMs() - askedMs });
        });
      case "worker.stopping":
        return this.#once(event.worker, "stopping", (seen) => {
          const { worker, end } = event;
          seen.stoppingMs = this.#nowMs();
          this.#tell({ event: "worker.stopping", worker, model: seen.model, code: end.code });
        });
      case "worker.gone": {
        const { worker, end, exit } = event;
        if (this.#ended.has(worker)) return;
        const { model = "", askedMs, stoppingMs } = this.#end(worker) ?? {};
        return this.#tell({
          event: "worker.ended",
          worker,
          model,
          code: end.code,
          exit,
          durationMs: this.#since(askedMs),
          endingMs: this.#since(stoppingMs),
        });
      }
      default:
    }
  }

  #once(worker: string, step: string, tell: (seen: Seen) => void): void {
    const seen = this.#seen.get(worker);
    if (seen === undefined || seen.told.has(step)) return;
    seen.told = new Set([...seen.told, step]);
    tell(seen);
  }

  #since(thenMs: number | undefined): number | undefined {
    return thenMs === undefined ? undefined : this.#nowMs() - thenMs;
  }

  #end(worker: string): Seen | undefined {
    const seen = this.#seen.get(worker);
    this.#seen.delete(worker);
    this.#ended.add(worker);
    return seen;
  }
}

const isStart = (event: Message): event is Extract<HiveEvent, { type: "start.worker" }> =>
  event.type === "start.worker";
