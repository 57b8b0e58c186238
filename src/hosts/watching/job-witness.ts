/**
 * What passes the porter of jobs, told as news: when they came, began, spoke and ended.
 *
 * Owns: the times of open jobs. Does not own: the jobs, their streams, or what becomes of the news.
 *
 *  JW1 Each job is told admitted and ended once at most, however often its end is asked for or its key is sent again.
 *  JW2 What is remembered is bounded: by the jobs that are open, and of those that have ended by a number.
 *  JW3 An attempt is told after the job's coming, though a worker at hand begins before the queen's answer is here.
 *
 * @module
 */
import type { JobRequest } from "../../../machines/queen.ts";
import type { Caller, Label } from "../../../machines/words.ts";
import type { StreamWitness } from "../../net/streams.ts";
import type { StreamEnd } from "../../protocol/ports.ts";
import type { Operation, TakeNews } from "./news.ts";
import { Recent } from "./recent.ts";

interface Open {
  readonly model: string;
  readonly operation: Operation;
  readonly label: Label;
  readonly caller: Caller | undefined;
  /** Of a clock that never goes back; unknown of one that an earlier life of the node took. */
  readonly arrivedMs: number | undefined;
}

export interface Arrival {
  readonly job: string;
  readonly state: string;
  readonly position: number;
  readonly request: JobRequest;
  readonly caller?: Caller | undefined;
  readonly model: string;
  readonly arrivedMs: number;
}

/** Of a job that an earlier life of the node took. */
const STRANGER: Open = { model: "", operation: "unknown", label: "private", caller: undefined, arrivedMs: undefined };

const EARLY_MAX = 1024;

export class JobWitness implements StreamWitness {
  readonly #tell: TakeNews;
  readonly #nowMs: () => number;
  readonly #open = new Map<string, Open>();
  readonly #ended = new Recent();
  /** Attempts that wait for the coming of their job. One of an earlier life came long ago: its first word ends that. */
  readonly #early = new Map<string, { readonly attempt: number; readonly worker: string }>();

  constructor(tell: TakeNews, nowMs: () => number) {
    this.#tell = tell;
    this.#nowMs = nowMs;
  }

  arrived({ job, state, position, request, caller, model, arrivedMs }: Arrival): void {
    const isOver = state !== "queued" && state !== "running";
    if (isOver || this.#open.has(job) || this.#ended.has(job)) return;
    const { label } = request;
    const operation = operationOf(request);
    this.#open.set(job, { model, operation, label, caller, arrivedMs });
    this.#tell({ event: "job.admitted", job, model, operation, label, position, caller });
    this.#tellEarly(job);
  }

  begun(job: string, attempt: number, worker: string): void {
    this.#tellEarly(job);
    this.#early.set(job, { attempt, worker });
    const [oldest] = this.#early.keys();
    if (this.#open.has(job)) this.#tellEarly(job);
    else if (this.#early.size > EARLY_MAX && oldest !== undefined) this.#tellEarly(oldest);
  }

  spoke(job: string): void {
    this.#tellEarly(job);
    const { model, operation, arrivedMs, caller } = this.#known(job);
    if (operation === "embeddings") return;
    this.#tell({ event: "job.spoke", job, model, operation, durationMs: this.#since(arrivedMs), caller });
  }

  ended(job: string, end: StreamEnd): void {
    if (this.#ended.has(job)) return;
    this.#tellEarly(job);
    const { operation, label, arrivedMs, model, caller } = this.#known(job);
    this.#open.delete(job);
    this.#ended.add(job);
    const done = end.type === "done" ? end : undefined;
    const failure = end.type === "error" ? end.failure : undefined;
    this.#tell({
      event: "job.ended",
      job,
      model: done?.model ?? model,
      operation,
      state: failure === undefined ? "done" : failure.class === "cancelled" ? "cancelled" : "failed",
      attempts: done?.attempts,
      durationMs: this.#since(arrivedMs),
      usage: done?.usage,
      failure: failure && { code: failure.code, told: { text: failure.message, label } },
      caller,
    });
  }

  #tellEarly(job: string): void {
    const early = this.#early.get(job);
    if (early === undefined) return;
    this.#early.delete(job);
    const { model, operation, caller } = this.#known(job);
    this.#tell({ event: "attempt.begun", job, model, operation, ...early, caller });
  }

  #known(job: string): Open {
    return this.#open.get(job) ?? STRANGER;
  }

  #since(arrivedMs: number | undefined): number | undefined {
    return arrivedMs === undefined ? undefined : this.#nowMs() - arrivedMs;
  }
}

function operationOf({ capability, messages }: JobRequest): Operation {
  if (capability === "embedding") return "embeddings";
  return messages === undefined ? "text_completion" : "chat";
}
