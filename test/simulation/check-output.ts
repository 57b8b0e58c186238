/**
 * What readers see of a job: the one text that its model writes and what it calls, token by token, then the end, once.
 *
 *  RJ2 A worker's chunks rise by one; each reader is given each index once, in order, with the right text of the right
 *      kind, whatever attempts it came from.
 *  RJ6 After the end there is no further token.
 *  RJ1 A job that is done has said all it had to say.
 *  A3 Two clients with one key have one job, as long as it is known.
 *
 * @module
 */
import type { ErrorCode } from "../../src/protocol/errors.ts";
import type { StreamItem } from "../../src/protocol/ports.ts";
import type { Chunk } from "../../src/protocol/worker.ts";
import type { JobChecker } from "./check-jobs.ts";
import type { ClientScript } from "./scenario.ts";
import { promptOf, toolsFor } from "./sim-client.ts";
import { type Part, partsOf } from "./sim-engine.ts";
import type { Verdict } from "./verdict.ts";

interface Job {
  readonly parts: readonly Part[];
  /** Its first client's; others with the same key get what that one asked for. */
  readonly maxTokens: number;
}

interface Reading {
  readonly job: string;
  next: number;
  isOver: boolean;
}

export class OutputChecker {
  readonly #verdict: Verdict;
  readonly #books: Pick<JobChecker, "ended" | "isForgotten">;
  readonly #jobs = new Map<string, Job>();
  readonly #keys = new Map<string, string>();
  readonly #readings = new Map<string, Reading>();
  /** The next index of each attempt, as its worker says it. */
  readonly #emitted = new Map<string, number>();

  constructor(verdict: Verdict, books: Pick<JobChecker, "ended" | "isForgotten">) {
    this.#verdict = verdict;
    this.#books = books;
  }

  get jobs(): Iterable<string> {
    return this.#jobs.keys();
  }

  said(worker: string, { job, attempt, index }: Chunk): void {
    const key = `${worker} ${job}/${attempt}`;
    const next = this.#emitted.get(key);
    if (next !== undefined && index !== next) {
      this.#verdict.fail("RJ2", `${worker} says token ${index} of ${job}, attempt ${attempt}, where ${next} was next`);
    }
    this.#emitted.set(key, index + 1);
  }

  accept(script: ClientScript, job: string): void {
    const { key } = script;
    const earlier = key === undefined ? undefined : this.#keys.get(key);
    if (earlier === job) this.#verdict.sometimes("key.reused");
    else if (earlier !== undefined && !this.#books.isForgotten(earlier))
      this.#verdict.fail("A3", `${key ?? ""} is ${earlier} and ${job}`);
    if (key !== undefined) this.#keys.set(key, job);
    if (this.#jobs.has(job)) return;
    const prompt = promptOf(script);
    const parts = partsOf({ input: { prompt }, temperature: 0, seed: 0, tools: toolsFor(script) }, prompt);
    this.#jobs.set(job, { parts, maxTokens: script.maxTokens });
  }

  refused(code: ErrorCode): void {
    this.#verdict.sometimes(`refused.${code}`);
  }

  reads(job: string, reader: string, fromIndex: number): void {
    this.#readings.set(reader, { job, next: fromIndex, isOver: false });
  }

  item(job: string, reader: string, item: StreamItem): void {
    const reading = this.#readings.get(reader) ?? { job, next: -1, isOver: false };
    this.#readings.set(reader, reading);
    if (item.type === "chunk") this.#chunk(reading, reader, item.chunk);
    if (item.type === "end") this.#end(reading, reader, item.end);
  }

  #chunk(reading: Reading, reader: string, { index, text, kind, attempt }: Chunk): void {
    const { job, next, isOver } = reading;
    if (isOver) this.#verdict.fail("RJ6", `${reader} is given token ${index} of ${job} after its end`);
    if (index !== next) this.#verdict.fail("RJ2", `${reader} is given token ${index} of ${job} where ${next} was next`);
    const expected = this.#jobs.get(job)?.parts[index];
    if (text !== expected?.text || kind !== expected.kind) {
      this.#verdict.fail(
        "RJ2",
        `${reader} reads "${text}" (${kind}) as token ${index} of ${job}; it ought to be "${expected?.text ?? ""}"`,
      );
    }
    if (kind === "arguments" && attempt > 1) this.#verdict.sometimes("call.gone.on.with");
    reading.next = index + 1;
  }

  #end(reading: Reading, reader: string, end: Extract<StreamItem, { type: "end" }>["end"]): void {
    const { job, next, isOver } = reading;
    if (isOver) this.#verdict.fail("RJ1", `${reader} is told the end of ${job} twice`);
    reading.isOver = true;
    const { parts = [], maxTokens = 0 } = this.#jobs.get(job) ?? {};
    if (end.type === "error") {
      return this.#books.ended(job, end.failure.class === "cancelled" ? "cancelled" : "failed");
    }
    this.#books.ended(job, "done");
    const whole = Math.min(maxTokens, parts.length);
    if (next >= 0 && next !== whole) {
      this.#verdict.fail("RJ1", `${job} is done, and ${reader} was given ${next} of ${whole} tokens`);
    }
  }
}
