/**
 * Goal: one job inside, the dialect outside: what is asked of the queen, and what the client is given, to the end.
 * Method: the routes over a seat whose jobs say what the test says. The real client is in test/integration.
 *
 * @see src/doors/run.ts, RN1 RN2; anthropic/answer.ts, AM1 to AM4; ask.ts, AA1 AA2; content.ts, AC1 AC2; schema.ts, AS1
 * @module
 */
import { fc, test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { anthropicError } from "../../../../src/doors/anthropic/refusal.ts";
import { anthropicRoutes } from "../../../../src/doors/anthropic/routes.ts";
import { ERRORS, isErrorCode } from "../../../../src/protocol/errors.ts";
import type { StreamItem } from "../../../../src/protocol/ports.ts";
import { done, DoorStage, FAILED, said, USAGE } from "../../../support/door-stage.ts";

const PATH = "/v1/messages";
const COUNT = "/v1/messages/count_tokens";
const ASKED = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "Hello" }] };
const stage = (...items: readonly StreamItem[]): DoorStage => new DoorStage(anthropicRoutes, ...items);
const text = (...texts: readonly string[]): object[] =>
  texts.map((one) => ({ type: "text", text: one, citations: null }));

/** What a client keeps of an event while it puts a message together. */
interface Event {
  readonly type: string;
  readonly index?: number;
  readonly message?: { readonly content: unknown[]; readonly usage: object };
  readonly content_block?: { text: string };
  readonly delta?: { readonly text?: string };
  readonly usage?: object;
}

/** The message that a client puts together, which heeds every event and nothing else. */
function together(events: readonly Event[]): object {
  const blocks: { text: string }[] = [];
  let message: object = {};
  for (const { type, index = -1, delta, usage, ...event } of events) {
    if (type === "message_start") message = { ...event.message };
    if (type === "content_block_start") blocks[index] = { ...event.content_block, text: "" };
    const block = blocks[index];
    if (type === "content_block_delta" && block !== undefined) block.text += delta?.text ?? "";
    if (type === "message_delta") message = { ...message, ...delta, usage };
  }
  return { ...message, content: blocks };
}

describe("a message", () => {
  test("AA1 is a job with the same words: blocks are one text, turns of one role are one turn", async () => {
    const asking = stage(done());
    await asking.json(PATH, {
      ...ASKED,
      system: [
        { type: "text", text: "Be ", cache_control: { type: "ephemeral" } },
        { type: "text", text: "brief." },
      ],
      messages: [
        { role: "user", content: [{ type: "text", text: "a" }] },
        { role: "user", content: "b" },
        { role: "assistant", content: "c" },
      ],
      temperature: 0.5,
    });
    expect(asking.submitted).toEqual([
      expect.objectContaining({
        capability: "text",
        model: "m",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "a\n\nb" },
          { role: "assistant", content: "c" },
        ],
        maxTokens: 9,
        temperature: 0.5,
        label: "private",
      }),
    ]);
  });

  test.each(["", []])("AA1 a system prompt that says nothing is none: %j", async (system) => {
    const asking = stage(done());
    await asking.json(PATH, { ...ASKED, system });
    expect(asking.submitted[0]?.messages).toEqual(ASKED.messages);
  });

  test("AM1 AM4 a stream says everything in the order of the dialect, each event by its name", async () => {
    const { sent } = await stage(...said("a", "b"), done()).stream(PATH, ASKED);
    const data = (type: string, more: object): object => ({ event: type, data: { type, ...more } });
    const usage = { cache_creation_input_tokens: null, cache_read_input_tokens: null };
    expect(sent).toEqual([
      data("message_start", {
        message: expect.objectContaining({
          id: "msg_j1",
          role: "assistant",
          content: [],
          stop_reason: null,
          usage: { ...usage, input_tokens: 7, output_tokens: 0 },
        }),
      }),
      data("content_block_start", { index: 0, content_block: text("")[0] }),
      data("content_block_delta", { index: 0, delta: { type: "text_delta", text: "a" } }),
      data("content_block_delta", { index: 0, delta: { type: "text_delta", text: "b" } }),
      data("content_block_stop", { index: 0 }),
      data("message_delta", {
        delta: expect.objectContaining({ stop_reason: "end_turn", stop_sequence: null }),
        usage: { ...usage, input_tokens: 7, output_tokens: 3 },
      }),
      data("message_stop", {}),
    ]);
  });

  prop.prop([
    fc.array(fc.string({ maxLength: 4 }), { maxLength: 8 }),
    fc.option(fc.string({ minLength: 1, maxLength: 2 })),
  ])("AM2 AC1 AC2 what a stream says, put together, is what the whole answer says", async (pieces, stop) => {
    const body = { ...ASKED, ...(stop === null ? {} : { stop_sequences: [stop] }) };
    const whole = await stage(...said(...pieces), done()).json(PATH, body);
    const { sent } = await stage(...said(...pieces), done()).stream(PATH, body);
    const events = sent.map(({ data }) => data as Event);
    expect(together(events)).toEqual(whole);
    const blocks = events.flatMap(({ type }) => (type.startsWith("content_block_") ? [type.slice(14)] : [])).join(" ");
    expect(blocks).toMatch(/^$|^start( delta)+ stop$/);
  });

  test("AM1 RN2 a job that fails in the middle breaks the stream with its code, and never ends it as done", async () => {
    const { sent, code } = await stage(...said("a"), FAILED).stream(PATH, ASKED);
    expect(code).toBe("worker.hung");
    expect(sent.map(({ event }) => event)).toEqual(["message_start", "content_block_start", "content_block_delta"]);
    await expect(stage(...said("a"), FAILED).json(PATH, ASKED)).rejects.toMatchObject({ code: "worker.hung" });
  });

  test.each([
    ["end_turn", null, [done()], []],
    ["max_tokens", null, [done({ finish: "length", usage: { ...USAGE, completionTokens: 9 } })], []],
    ["model_context_window_exceeded", null, [done({ finish: "length" })], []],
    ["stop_sequence", "two", [...said("one "), done({ stop: "two" })], ["two"]],
  ] as const)("AM3 %s: an answer says why it ended", async (reason, sequence, items, stops) => {
    const asking = stage(...items);
    const answer = await asking.json(PATH, { ...ASKED, stop_sequences: stops });
    expect(answer).toMatchObject({ stop_reason: reason, stop_sequence: sequence });
    expect(asking.submitted[0]?.stops).toEqual(stops);
    expect(asking.cancelled).toEqual([]);
  });

  test("RN4 nothing is read ahead of a client that is behind", async () => {
    const asking = stage(...said("a", "b", "c"), done());
    const answer = await asking.call(PATH, { ...ASKED, stream: true });
    const behind = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const send = (): Promise<void> => (reached.resolve(), behind.promise);
    const streaming = "events" in answer ? answer.events({ send }) : undefined;
    await reached.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(asking.read).toBe(1);
    behind.resolve();
    await streaming;
    expect(asking.read).toBe(4);
  });

  test("RN1 a client that has gone cancels its job", async () => {
    const gone = stage(...said("a", "b"), done());
    await gone.stream(PATH, ASKED, { signal: AbortSignal.abort() });
    expect(gone.cancelled).toEqual(["j1"]);
  });
});

test("AA2 to count is a job for no token at all, with the same words", async () => {
  const counting = stage(done({ finish: "length" }));
  const { max_tokens: _, ...asked } = ASKED;
  expect(await counting.json(COUNT, asked)).toEqual({ input_tokens: 7 });
  const answering = stage(done());
  await answering.json(PATH, ASKED);
  expect(counting.submitted).toEqual([{ ...answering.submitted[0], maxTokens: 0 }]);
});

describe("AS1 what the engine cannot do is refused by its name", () => {
  test.each([
    ["max_tokens", { max_tokens: undefined }],
    ["temperature", { temperature: 1.5 }],
    ["top_p", { top_p: 0.5 }],
    ["top_k", { top_k: 40 }],
    ["thinking.type", { thinking: { type: "adaptive" } }],
    ["tools.0", { tools: [{ name: "f", input_schema: { type: "object" } }] }],
    ["tool_choice.type", { tool_choice: { type: "any" } }],
    ["output_config.effort", { output_config: { effort: "low" } }],
    ["messages.0.content", { messages: [{ role: "user", content: [{ type: "image", source: {} }] }] }],
    ["stop_sequences.0", { stop_sequences: [""] }],
    ["frequency_penalty", { frequency_penalty: 1 }],
  ])("%s", async (field, more) => {
    const asking = stage(done());
    await expect(asking.json(PATH, { ...ASKED, ...more })).rejects.toMatchObject({
      code: "request.invalid",
      details: { field },
    });
    expect(asking.submitted).toEqual([]);
  });

  test("what would change nothing is taken, as clients send it", async () => {
    const idle = { top_p: 1, tools: [], tool_choice: { type: "auto" }, thinking: { type: "disabled" }, stream: false };
    const about = { metadata: { user_id: "u" }, service_tier: "auto", cache_control: { type: "ephemeral", ttl: "1h" } };
    await expect(stage(done()).json(PATH, { ...ASKED, ...idle, ...about })).resolves.toBeDefined();
  });
});

test("every code has its type in the dialect, is named among the details, and says what to do", () => {
  for (const code of Object.keys(ERRORS).filter(isErrorCode)) {
    const { type, error } = anthropicError({ code, message: "m", details: { field: "n" } });
    const { httpStatus, advice } = ERRORS[code];
    expect(type).toBe("error");
    expect(error.type).toMatch(
      httpStatus < 500
        ? /^((invalid_request|authentication|permission|not_found|conflict|rate_limit)_error|request_too_large)$/
        : /^(api|overloaded|timeout)_error$/,
    );
    expect(error).toMatchObject({ details: { error_code: code, field: "n" } });
    expect(error.message).toBe(`m ${advice}`);
  }
});
