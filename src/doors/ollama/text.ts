/**
 * Text of a job in the shapes of the dialect: whole, or as the lines of a stream.
 *
 * Owns what both shapes of text share: their order, their figures. What a piece of text looks like is the shape's.
 *
 *  OX1 A stream ends with a line that is `done` and says how, or with an error: a break is never an end.
 *  OX2 What a stream says, put together, is what the whole answer says.
 *  OX3 A call is said when it is whole, since the dialect has no pieces of its arguments; one that was cut is none.
 *  OX4 Times are in ns, and those of one job: what it waited, loaded, read and wrote adds up to its total.
 *
 * @module
 */
import type { Answer, EventSink } from "../../protocol/route.ts";
import { Gathered } from "../pieces.ts";
import { type Ended, gather, type Running } from "../run.ts";

type Said = Pick<Gathered, "text" | "calls">;

/** What makes one shape of the two that text has. */
export type TextShape = (said: Said) => object;

export interface TextAnswer {
  readonly shape: TextShape;
  /** As the client named it. */
  readonly model: string;
  readonly stream: boolean;
  readonly nowMs: () => number;
}

export async function answerText(asked: TextAnswer, running: Running): Promise<Answer> {
  if (asked.stream) return { framing: "ndjson", events: (sink) => relay(asked, running.heard, sink) };
  const { gathered, ended } = await gather(running);
  return { status: 200, json: lastOf(asked, wholeOf(gathered, ended), ended) };
}

async function relay(asked: TextAnswer, heard: Running["heard"], sink: EventSink): Promise<void> {
  let called = new Gathered();
  const say = async (said: Said): Promise<void> => {
    if (said.text !== "" || said.calls.length > 0) {
      await sink.send({ data: { ...headOf(asked), ...asked.shape(said), done: false } });
    }
  };
  for await (const part of heard) {
    if (part.type === "prompt") continue;
    if (part.type !== "arguments") {
      await say(part.type === "ended" ? wholeOf(called, part.ended) : called);
      called = new Gathered();
    }
    if (part.type === "text") await say({ text: part.text, calls: [] });
    else if (part.type !== "ended") called.add(part);
    else await sink.send({ data: lastOf(asked, NOTHING_SAID, part.ended) });
  }
}

const NOTHING_SAID: Said = { text: "", calls: [] };

/** OX3. */
const wholeOf = ({ text, calls }: Said, { finish }: Ended): Said => ({
  text,
  calls: finish === "length" ? calls.filter((call) => isWhole(call.arguments)) : calls,
});

function isWhole(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

/** Of a request that had no words. */
export const answerDone = (asked: TextAnswer, done_reason: "load" | "unload"): Answer => ({
  status: 200,
  json: { ...headOf(asked), ...asked.shape(NOTHING_SAID), done: true, done_reason },
});

const headOf = ({ model, nowMs }: TextAnswer): object => ({ model, created_at: new Date(nowMs()).toISOString() });

/** The dialect tells by the calls that something was called, and not by how it ended. */
const lastOf = (asked: TextAnswer, said: Said, ended: Ended): object => ({
  ...headOf(asked),
  ...asked.shape(said),
  done: true,
  done_reason: ended.finish === "length" ? "length" : "stop",
  ...figuresOf(ended),
});

const ns = (ms: number): number => Math.round(ms * 1e6);

export const figuresOf = ({ usage, queuedMs, loadMs }: Ended) => ({
  total_duration: ns(queuedMs + usage.totalMs),
  load_duration: ns(loadMs),
  prompt_eval_count: usage.promptTokens,
  prompt_eval_duration: ns(usage.firstTokenMs),
  eval_count: usage.completionTokens,
  eval_duration: ns(usage.totalMs - usage.firstTokenMs),
});
