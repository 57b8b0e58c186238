/**
 * Goal: a client is told the same whichever dialect it speaks: a job, streamed in each, is one text and the same calls.
 * Method: jobs drawn at random, read by what the real clients put their messages together with.
 *
 * @see src/doors/openai/text.ts, OT2; anthropic/answer.ts, AM2; anthropic/content.ts, AC2; pieces.ts, PI1
 */
import { MessageStream } from "@anthropic-ai/sdk/lib/MessageStream";
import { fc, test } from "@fast-check/vitest";
import { ChatCompletionStream } from "openai/lib/ChatCompletionStream";
import { expect } from "vitest";
import { anthropicRoutes } from "../../../src/doors/anthropic/routes.ts";
import { openaiRoutes } from "../../../src/doors/openai/routes.ts";
import type { StreamItem } from "../../../src/protocol/ports.ts";
import type { ServerEvent } from "../../../src/protocol/route.ts";
import { DialectStage, done, pieces, type Said } from "../../support/dialect-stage.ts";

interface Told {
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
}

const ASKED = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "Go" }], stream: true };

/** As the clients of both take a stream over: a line for each event. */
const linesOf = (sent: readonly ServerEvent[]): ReadableStream => {
  const events = sent.filter(({ isWord }) => isWord !== true);
  return new Blob(events.map(({ data }) => `${JSON.stringify(data)}\n`)).stream();
};

async function toldInOpenai(items: readonly StreamItem[]): Promise<Told> {
  const stage = new DialectStage((seat) => openaiRoutes(seat, () => 0), ...items);
  const { sent } = await stage.events("/v1/chat/completions", ASKED);
  const { choices } = await ChatCompletionStream.fromReadableStream(linesOf(sent)).finalChatCompletion();
  const message = choices[0]?.message;
  const calls = (message?.tool_calls ?? []).flatMap((one) =>
    one.type === "function" ? [{ id: one.id, name: one.function.name, input: parsed(one.function.arguments) }] : [],
  );
  return { text: message?.content ?? "", calls };
}

const parsed = (json: string): unknown => JSON.parse(json);

async function toldInAnthropic(items: readonly StreamItem[]): Promise<Told> {
  const { sent } = await new DialectStage(anthropicRoutes, ...items).events("/v1/messages", ASKED);
  const { content } = await MessageStream.fromReadableStream(linesOf(sent)).finalMessage();
  const calls = content.flatMap((block) =>
    block.type === "tool_use" ? [{ id: block.id, name: block.name, input: block.input }] : [],
  );
  return { text: content.map((block) => (block.type === "text" ? block.text : "")).join(""), calls };
}

/** In pieces, none of them empty. */
const cut = (text: string, length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, at) => text.slice(at * length, (at + 1) * length));

const words = fc.string({ unit: "grapheme", maxLength: 12 });
/** Plain: JSON.parse of some versions of V8 takes a key that is a quote for a backslash that it has seen. */
const key = fc.constantFrom("a", "b", "é", "🐝");
const value = fc.oneof(words, fc.integer(), fc.boolean(), fc.array(words, { maxLength: 4 }), fc.dictionary(key, words));
const call = fc.record({
  name: fc.constantFrom("act", "rest"),
  input: fc.dictionary(key, value),
});

test.prop([words, fc.array(call, { maxLength: 3 }), fc.integer({ min: 1, max: 9 })])(
  "OT2 AM2 AC2 PI1 one job is one text and the same calls in every dialect",
  async (said, calls, length) => {
    const whole = calls.map(({ name, input }) => ({ name, json: JSON.stringify(input) }));
    const items = [
      ...pieces(
        ...cut(said, length).map((one): Said => ["text", one]),
        ...whole.flatMap(({ name, json }): Said[] => [
          ["call", name],
          ...cut(json, length).map((one): Said => ["arguments", one]),
        ]),
      ),
      done(calls.length > 0 ? "tool_calls" : "stop"),
    ];
    const told = await toldInAnthropic(items);
    expect(told).toEqual(await toldInOpenai(items));
    expect(told.text).toBe(said);
    expect(told.calls.map(({ name, input }) => ({ name, json: JSON.stringify(input) }))).toEqual(whole);
  },
);
