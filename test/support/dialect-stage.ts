/**
 * A dialect at the door of a node whose jobs say what a test says: what the queen is asked, what the client is given.
 *
 * @module
 */
import type { Finish } from "../../machines/job.ts";
import type { JobRequest } from "../../machines/request.ts";
import type { RunSeat } from "../../src/doors/run.ts";
import { type ErrorCode, errorData, ERRORS } from "../../src/protocol/errors.ts";
import type { StreamEnd, StreamItem } from "../../src/protocol/ports.ts";
import type { Chunk } from "../../src/protocol/worker.ts";
import type { Answer, Call, Route, ServerEvent } from "../../src/protocol/route.ts";

export const USAGE = { promptTokens: 7, completionTokens: 3, firstTokenMs: 1, totalMs: 2.5 };

type Done = Extract<StreamEnd, { type: "done" }>;

export const done = (finish: Finish = "stop", more: Partial<Done> = {}): StreamItem => ({
  type: "end",
  end: { type: "done", finish, usage: USAGE, model: "m", worker: "w1", attempts: 1, queuedMs: 10, loadMs: 4, ...more },
});

export const failed = (code: ErrorCode): StreamItem => ({
  type: "end",
  end: { type: "error", failure: { code, class: ERRORS[code].class, message: "it hung" } },
});

export const FAILED = failed("worker.hung");

export type Said = readonly [kind: Chunk["kind"], text: string];

/** What a job says, in order: of what kind each piece is, and the piece. The first tells the tokens of the prompt. */
export const pieces = (...all: readonly Said[]): StreamItem[] =>
  all.map(([kind, text], index) => ({
    type: "chunk",
    chunk: {
      ...{ job: "j1", attempt: 1, index, kind, text, tokens: 1 },
      ...(index === 0 ? { promptTokens: USAGE.promptTokens } : {}),
    },
  }));

export const said = (...texts: readonly string[]): StreamItem[] =>
  pieces(...texts.map((text) => ["text", text] as const));

export const vectors = (...all: readonly (readonly number[])[]): StreamItem[] =>
  all.map((numbers, index) => {
    const bytes = new Uint8Array(Float32Array.from(numbers).buffer);
    return { type: "chunk", chunk: { job: "j1", attempt: 1, index, kind: "embedding", text: "", tokens: 0, bytes } };
  });

/** What a client read of a stream, and what it broke with. */
export interface Streamed {
  readonly data: readonly unknown[];
  readonly code?: string;
}

export class DialectStage {
  readonly submitted: JobRequest[] = [];
  readonly cancelled: string[] = [];
  /** How many items were taken of what the jobs say. */
  read = 0;
  readonly routes: readonly Route[];
  readonly #items: readonly StreamItem[];

  /** @param items what every job says */
  constructor(routesOf: (seat: RunSeat) => readonly Route[], ...items: readonly StreamItem[]) {
    this.#items = items;
    this.routes = routesOf({
      submit: async (request) => {
        this.submitted.push(request);
        return { job: "j1", state: "queued", position: 0 };
      },
      cancel: async (job) => void this.cancelled.push(job),
      read: (_job, _from, signal) => this.#read(signal),
    });
  }

  async *#read(signal: AbortSignal): AsyncGenerator<StreamItem> {
    for (const item of this.#items) {
      if (signal.aborted) return;
      this.read += 1;
      yield item;
    }
  }

  async call(path: string, body: unknown, more: Partial<Call> & { readonly method?: string } = {}): Promise<Answer> {
    const { method = "POST", ...made } = more;
    const route = this.routes.find((one) => one.path === path && one.method === method);
    if (route === undefined) throw new Error(`no ${method} ${path}`);
    const signal = new AbortController().signal;
    return route.handle({ params: {}, query: {}, headers: {}, body, local: false, signal, ...made });
  }

  async json(path: string, body: unknown, more: Partial<Call> & { readonly method?: string } = {}): Promise<unknown> {
    const answer = await this.call(path, body, more);
    if (!("json" in answer)) throw new Error("a stream, and not whole");
    return answer.json;
  }

  async stream(path: string, body: object, more: Partial<Call> = {}): Promise<Streamed> {
    const { sent, ...broken } = await this.events(path, body, more);
    return { data: sent.map(({ data }) => data), ...broken };
  }

  /** The same with what the client is told where it breaks, which is what the server would send. */
  async whole(path: string, body: object): Promise<{ sent: ServerEvent[]; broken: readonly ServerEvent[] }> {
    const route = this.routes.find((one) => one.path === path && one.method === "POST");
    const answer = await this.call(path, body);
    const sent: ServerEvent[] = [];
    if (!("events" in answer)) throw new Error("no stream");
    try {
      await answer.events({ send: (event) => void sent.push(event) });
    } catch (thrown) {
      const error = errorData(thrown);
      return { sent, broken: answer.broken?.(error) ?? [{ event: "error", data: route?.refusal?.(error, "r1") }] };
    }
    return { sent, broken: [] };
  }

  /** The same with the names of the events. */
  async events(
    path: string,
    body: object,
    more: Partial<Call> & { readonly method?: string } = {},
  ): Promise<{ sent: ServerEvent[]; code?: string }> {
    const answer = await this.call(path, body, more);
    const sent: ServerEvent[] = [];
    if (!("events" in answer)) throw new Error("no stream");
    try {
      await answer.events({ send: (event) => void sent.push(event) });
    } catch (thrown) {
      return { sent, code: errorData(thrown).code };
    }
    return { sent };
  }
}
