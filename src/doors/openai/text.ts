/**
 * Text of a job in the shapes of the dialect: whole, or as the chunks of a stream.
 *
 * Owns what both shapes of text share: their ids, their order, their usage. What each shape looks like is given.
 *
 *  OT1 A stream ends with `[DONE]` behind a chunk that says how, or with an error: a break is never an end.
 *  OT2 What a stream says, put together, is what the whole answer says.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { Answer, EventSink } from "../../protocol/route.ts";
import type { Ended, Heard, Running } from "../run.ts";

/** What makes one shape of the two that text has. */
export interface TextShape {
  readonly idPrefix: string;
  readonly object: { readonly whole: string; readonly chunk: string };
  whole(text: string, finish: Ended["finish"]): object;
  /** The first one has no text. */
  opening(): object | undefined;
  chunk(text: string): object;
  last(finish: Ended["finish"]): object;
}

export interface TextAnswer {
  readonly shape: TextShape;
  readonly model: string;
  readonly createdAtMs: number;
  readonly stream: boolean;
  /** A chunk with the usage behind the last. */
  readonly tellUsage: boolean;
}

export async function answerText(asked: TextAnswer, running: Running): Promise<Answer> {
  const { shape } = asked;
  const common = {
    id: `${shape.idPrefix}${running.job}`,
    created: Math.floor(asked.createdAtMs / 1000),
    model: asked.model,
  };
  if (asked.stream) return { events: (sink) => relay(asked, { ...common, object: shape.object.chunk }, running, sink) };
  let text = "";
  for await (const heard of running.heard) {
    if (heard.type === "text") text += heard.text;
    if (heard.type !== "ended") continue;
    const { finish, usage } = heard.ended;
    const json = { ...common, object: shape.object.whole, choices: [shape.whole(text, finish)], usage: usageOf(usage) };
    return { status: 200, json };
  }
  throw new RbeeError("stream.lost", "The answer has no end.");
}

async function relay(asked: TextAnswer, common: object, { heard }: Running, sink: EventSink): Promise<void> {
  const { shape, tellUsage } = asked;
  // With usage asked for, every chunk has the field; all but the last say nothing in it.
  const send = (choice: object): Promise<void> | undefined =>
    sink.send({ data: { ...common, choices: [choice], ...(tellUsage ? { usage: null } : {}) } });
  let opening = shape.opening();
  for await (const part of heard) {
    if (opening !== undefined) await send(opening);
    opening = undefined;
    if (part.type === "text") await send(shape.chunk(part.text));
    if (part.type === "ended") await end(asked, common, part, sink, send);
  }
}

async function end(
  { shape, tellUsage }: TextAnswer,
  common: object,
  { ended: { finish, usage } }: Extract<Heard, { type: "ended" }>,
  sink: EventSink,
  send: (choice: object) => Promise<void> | undefined,
): Promise<void> {
  await send(shape.last(finish));
  if (tellUsage) await sink.send({ data: { ...common, choices: [], usage: usageOf(usage) } });
  await sink.send({ data: "[DONE]", isWord: true });
}

const usageOf = ({ promptTokens, completionTokens }: Ended["usage"]): object => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
});
