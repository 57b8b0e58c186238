/**
 * What passes the porter of jobs, told as news: when they came, began, spoke and ended.
 *
 * Owns: the times of open jobs. Does not own: the jobs, their streams, or what becomes of the news.
 *
 *  JW1 Each job is told admitted and ended once at most, however often its end is asked for or its key is sent again.
 *  JW2 What is remembered is bounded: by the jobs that are open, and of those that wait or have ended by a number.
 *  JW3 What a job does is told after its coming, though a worker at hand begins, speaks and ends before the queen's
 *      answer is here: it waits for the answers to those requests that were on their way by then, and for no others.
 *
 * @module
 */
import type { JobRequest } from "../../../machines/request.ts";
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

type Telling = (its: Open) => void;

/** Of a job that nobody knows yet. */
interface Early {
  /** The last request that was on its way when something was first heard of it. */
  readonly since: number;
  readonly tellings: Telling[];
}

export class JobWitness implements StreamWitness {
  readonly #tell: TakeNews;
  readonly #nowMs: () => number;
  readonly #open = new Map<string, Open>();
  readonly #ended = new Recent();
  /** The oldest first. */
  readonly #early = new Map<string, Early>();
  #requests = 0;
  /** Requests that the queen has not answered, by number, the oldest first. */
  readonly #underWay = new Set<number>();

  constructor(tell: TakeNews, nowMs: () => number) {
    this.#tell = tell;
    this.#nowMs = nowMs;
  }

  /** A request is on its way to the queen. @returns what is called when it is no more, after `arrived` */
  submitting(): () => void {
    const number = (this.#requests += 1);
    this.#underWay.add(number);
    return () => {
      this.#underWay.delete(number);
      const [oldest = Infinity] = this.#underWay;
      for (const [job, { since }] of this.#early) {
        if (since >= oldest) return;
        this.#tellEarly(job, STRANGER);
      }
    };
  }

  arrived({ job, state, position, request, caller, model, arrivedMs }: Arrival): void {
    const isOver = state !== "queued" && state !== "running";
    if (isOver || this.#open.has(job) || this.#ended.has(job)) return;
    const { label } = request;
    const operation = operationOf(request);
    const its = { model, operation, label, caller, arrivedMs };
    this.#open.set(job, its);
    this.#tell({ event: "job.admitted", job, model, operation, label, position, caller });
    this.#tellEarly(job, its);
  }

  begun(job: string, attempt: number, worker: string): void {
    this.#tellOf(job, ({ model, operation, caller }) =>
      this.#tell({ event: "attempt.begun", job, model, operation, attempt, worker, caller }),
    );
  }

  spoke(job: string): void {
    const atMs = this.#nowMs();
    this.#tellOf(job, ({ model, operation, arrivedMs, caller }) => {
      if (operation === "embeddings") return;
      this.#tell({ event: "job.spoke", job, model, operation, durationMs: between(arrivedMs, atMs), caller });
    });
  }

  ended(job: string, end: StreamEnd): void {
    const atMs = this.#nowMs();
    this.#tellOf(job, (its) => this.#tellEnd(job, end, its, atMs));
  }

  #tellEnd(job: string, end: StreamEnd, { operation, label, arrivedMs, model, caller }: Open, atMs: number): void {
    if (this.#ended.has(job)) return;
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
      durationMs: between(arrivedMs, atMs),
      usage: done?.usage,
      failure: failure && { code: failure.code, told: { text: failure.message, label } },
      caller,
    });
  }

  /** JW3. */
  #tellOf(job: string, telling: Telling): void {
    const its = this.#open.get(job);
    if (its !== undefined) return telling(its);
    const early = this.#early.get(job);
    if (early !== undefined) return void early.tellings.push(telling);
    if (this.#underWay.size === 0 || this.#ended.has(job)) return telling(STRANGER);
    this.#early.set(job, { since: this.#requests, tellings: [telling] });
    const [oldest] = this.#early.keys();
    if (this.#early.size > EARLY_MAX && oldest !== undefined) this.#tellEarly(oldest, STRANGER);
  }

  #tellEarly(job: string, its: Open): void {
    const { tellings = [] } = this.#early.get(job) ?? {};
    this.#early.delete(job);
    for (const telling of tellings) telling(its);
  }
}

const between = (sinceMs: number | undefined, untilMs: number): number | undefined =>
  sinceMs === undefined ? undefined : untilMs - sinceMs;

function operationOf({ capability, messages }: JobRequest): Operation {
  if (capability === "embedding") return "embeddings";
  return messages === undefined ? "text_completion" : "chat";
}
