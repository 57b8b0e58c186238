/**
 * The routes of a dialect over a seat whose one job says what the test says.
 *
 * @module
 */
import type { JobRequest } from "../../machines/queen.ts";
import type { RunSeat } from "../../src/doors/run.ts";
import { errorData } from "../../src/protocol/errors.ts";
import type { StreamEnd, StreamItem } from "../../src/protocol/ports.ts";
import type { Answer, Call, Route, ServerEvent } from "../../src/protocol/route.ts";
import type { Chunk } from "../../src/protocol/worker.ts";

export const USAGE = { promptTokens: 7, completionTokens: 3, firstTokenMs: 1, totalMs: 2 };

export const done = (more: Partial<Extract<StreamEnd, { type: "done" }>> = {}): StreamItem => ({
  type: "end",
  end: {
    type: "done",
    finish: "stop",
    usage: USAGE,
    model: "m",
    worker: "w1",
    attempts: 1,
    queuedMs: 0,
    loadMs: 0,
    ...more,
  },
});

export const FAILED: StreamItem = {
  type: "end",
  end: { type: "error", failure: { code: "worker.hung", class: "transient", message: "it hung" } },
};

export const said = (...texts: readonly string[]): StreamItem[] =>
  pieces(...texts.map((text): PieceOfText => ["text", text]));

export type PieceOfText = readonly [kind: Chunk["kind"], text: string];

/** The first piece tells the tokens of the prompt. */
export const pieces = (...given: readonly PieceOfText[]): StreamItem[] =>
  given.map(([kind, text], index) => ({
    type: "chunk",
    chunk: {
      ...{ job: "j1", attempt: 1, index, kind, text, tokens: 1 },
      ...(index === 0 ? { promptTokens: USAGE.promptTokens } : {}),
    },
  }));

export class DoorStage {
  readonly submitted: JobRequest[] = [];
  readonly cancelled: string[] = [];
  /** How many items were taken of what the job says. */
  read = 0;
  readonly routes: readonly Route[];

  constructor(routes: (seat: RunSeat) => readonly Route[], ...items: readonly StreamItem[]) {
    const took = (): void => void (this.read += 1);
    this.routes = routes({
      submit: async (request) => {
        this.submitted.push(request);
        return { job: "j1", state: "queued", position: 0 };
      },
      cancel: async (job) => void this.cancelled.push(job),
      async *read(_job, _from, signal) {
        for (const item of items) {
          if (signal.aborted) return;
          took();
          yield item;
        }
      },
    });
  }

  async call(path: string, body: unknown, more: Partial<Call> = {}): Promise<Answer> {
    const route = this.routes.find((one) => one.path === path);
    const signal = new AbortController().signal;
    const call: Call = { params: {}, query: {}, headers: {}, body, local: false, signal, ...more };
    if (route === undefined) throw new Error(`no ${path}`);
    return route.handle(call);
  }

  async json(path: string, body: unknown): Promise<unknown> {
    const answer = await this.call(path, body);
    return "json" in answer ? answer.json : undefined;
  }

  /** What a stream says, and what it breaks with. */
  async stream(path: string, body: object, more: Partial<Call> = {}): Promise<{ sent: ServerEvent[]; code?: string }> {
    const answer = await this.call(path, { ...body, stream: true }, more);
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
