/**
 * Text of a job in the shapes of the dialect: whole, or as the lines of a stream.
 *
 * Owns what both shapes of text share: their order, their figures. What a piece of text looks like is the shape's.
 *
 *  OX1 A stream ends with a line that is `done` and says how, or with an error: a break is never an end.
 *  OX2 What a stream says, put together, is what the whole answer says.
 *  OX3 Times are in ns, and those of one job: what it waited, loaded, read and wrote adds up to its total.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { Answer, EventSink } from "../../protocol/route.ts";
import type { Ended, Running, Took } from "../run.ts";

/** What makes one shape of the two that text has. */
export type TextShape = (text: string) => object;

export interface TextAnswer {
  readonly shape: TextShape;
  /** As the client named it. */
  readonly model: string;
  readonly stream: boolean;
  readonly nowMs: () => number;
}

export async function answerText(asked: TextAnswer, { heard }: Running): Promise<Answer> {
  if (asked.stream) return { framing: "ndjson", events: (sink) => relay(asked, heard, sink) };
  let text = "";
  for await (const part of heard) {
    if (part.type === "text") text += part.text;
    if (part.type === "ended") return { status: 200, json: lastOf(asked, text, part.ended) };
  }
  throw new RbeeError("stream.lost", "The answer has no end.");
}

async function relay(asked: TextAnswer, heard: Running["heard"], sink: EventSink): Promise<void> {
  for await (const part of heard) {
    if (part.type === "text") await sink.send({ data: { ...headOf(asked), ...asked.shape(part.text), done: false } });
    if (part.type === "ended") await sink.send({ data: lastOf(asked, "", part.ended) });
  }
}

/** Of a request that had no words. */
export const answerDone = (asked: TextAnswer, done_reason: "load" | "unload"): Answer => ({
  status: 200,
  json: { ...headOf(asked), ...asked.shape(""), done: true, done_reason },
});

const headOf = ({ model, nowMs }: TextAnswer): object => ({ model, created_at: new Date(nowMs()).toISOString() });

const lastOf = (asked: TextAnswer, text: string, { finish, usage }: Ended): object => ({
  ...headOf(asked),
  ...asked.shape(text),
  done: true,
  done_reason: finish,
  ...figuresOf(usage),
});

const ns = (ms: number): number => Math.round(ms * 1e6);

interface Figures {
  readonly total_duration: number;
  readonly load_duration: number;
  readonly prompt_eval_count: number;
  readonly prompt_eval_duration: number;
  readonly eval_count: number;
  readonly eval_duration: number;
}

/** Of a job that was cut at a stop string nobody counted them. */
export const figuresOf = (took: Took | undefined): Partial<Figures> =>
  took === undefined
    ? {}
    : {
        total_duration: ns(took.queuedMs + took.totalMs),
        load_duration: ns(took.loadMs),
        prompt_eval_count: took.promptTokens,
        prompt_eval_duration: ns(took.firstTokenMs),
        eval_count: took.completionTokens,
        eval_duration: ns(took.totalMs - took.firstTokenMs),
      };
