/**
 * Goal: one job inside, the dialect outside: what is asked of the queen, and what the client is given, to the end.
 * Method: the routes over a seat whose jobs say what the test says. The real client is in test/integration.
 *
 * @see src/doors/run.ts, RN1 RN2 RN4; anthropic/answer.ts, AM1 to AM4; ask.ts, AA1 to AA4; content.ts, AC1 to AC3;
 *      schema.ts, AS1
 * @module
 */
import { fc, test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { anthropicError } from "../../../../src/doors/anthropic/refusal.ts";
import { anthropicRoutes } from "../../../../src/doors/anthropic/routes.ts";
import { ERRORS, isErrorCode } from "../../../../src/protocol/errors.ts";
import type { StreamItem } from "../../../../src/protocol/ports.ts";
import { DialectStage, done, FAILED, pieces, said, type Said, USAGE } from "../../../support/dialect-stage.ts";

const PATH = "/v1/messages";
const COUNT = "/v1/messages/count_tokens";
const ASKED = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "Hello" }] };
const STREAMED = { ...ASKED, stream: true };
const stage = (...items: readonly StreamItem[]): DialectStage => new DialectStage(anthropicRoutes, ...items);
const emptyText = { type: "text", text: "", citations: null };
const words = (text: string): object => ({ type: "text", text });

interface Block {
  text?: string;
  input?: unknown;
}

/** What a client keeps of an event while it puts a message together. */
interface Event {
  readonly type: string;
  readonly index?: number;
  readonly message?: { readonly content: unknown[]; readonly usage: object };
  readonly content_block?: Block;
  readonly delta?: { readonly text?: string; readonly partial_json?: string };
  readonly usage?: object;
}

/** The message that a client puts together, which heeds every event and nothing else. */
function together(events: readonly Event[]): object {
  const blocks: Block[] = [];
  let message: { readonly usage?: object } = {};
  let json = "";
  for (const { type, index = -1, delta, usage, ...event } of events) {
    if (type === "message_start") message = { ...event.message };
    if (type === "content_block_start") blocks[index] = { ...event.content_block };
    if (type === "content_block_start") json = "";
    const block = blocks[index];
    if (type === "content_block_delta" && block?.text !== undefined) block.text += delta?.text ?? "";
    if (type === "content_block_delta") json += delta?.partial_json ?? "";
    if (type === "content_block_stop" && block !== undefined && json !== "") block.input = JSON.parse(json);
    if (type === "message_delta") message = { ...message, ...delta, usage: { ...message.usage, ...usage } };
  }
  return { ...message, content: blocks };
}

const TOOL = { name: "act", description: "Does it.", input_schema: { type: "object", properties: {} } };
const use = (id: string, input: object = {}): object => ({ type: "tool_use", id, name: "act", input });
const callBlock = (id: string, input: object): object => ({ ...use(id, input), caller: { type: "direct" } });
const result = (id: string, more: object = {}): object => ({ type: "tool_result", tool_use_id: id, ...more });
const called = (...calls: readonly (readonly string[])[]): Said[] =>
  calls.flatMap(([name = "", ...json]): Said[] => [["call", name], ...json.map((text): Said => ["arguments", text])]);

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
    const { sent } = await stage(...said("a", "b"), done()).events(PATH, STREAMED);
    const data = (type: string, more: object): object => ({ event: type, data: { type, ...more } });
    expect(sent).toEqual([
      data("message_start", {
        message: expect.objectContaining({
          id: "msg_j1",
          role: "assistant",
          content: [],
          stop_reason: null,
          usage: expect.objectContaining({ input_tokens: 7, output_tokens: 0 }),
        }),
      }),
      data("content_block_start", { index: 0, content_block: emptyText }),
      data("content_block_delta", { index: 0, delta: { type: "text_delta", text: "a" } }),
      data("content_block_delta", { index: 0, delta: { type: "text_delta", text: "b" } }),
      data("content_block_stop", { index: 0 }),
      data("message_delta", {
        delta: expect.objectContaining({ stop_reason: "end_turn", stop_sequence: null }),
        usage: expect.objectContaining({ input_tokens: 7, output_tokens: 3 }),
      }),
      data("message_stop", {}),
    ]);
  });

  const aCall = fc
    .tuple(fc.string(), fc.integer({ min: 0, max: 9 }))
    .map(([value, cut]) => [JSON.stringify({ value }), cut] as const)
    .map(([json, cut]) => ["act", json.slice(0, cut), json.slice(cut)]);

  prop.prop([fc.array(fc.string({ maxLength: 4 }), { maxLength: 8 }), fc.array(aCall, { maxLength: 3 })])(
    "AM2 AC1 AC2 what a stream says, put together, is what the whole answer says",
    async (texts, calls) => {
      const items = [
        ...pieces(...texts.map((text): Said => ["text", text]), ...called(...calls)),
        done(calls.length > 0 ? "tool_calls" : "stop"),
      ];
      const whole = await stage(...items).json(PATH, ASKED);
      const { sent } = await stage(...items).events(PATH, STREAMED);
      const events = sent.map(({ data }) => data as Event);
      expect(together(events)).toEqual(whole);
      const ofBlocks = events.filter(({ type }) => type.startsWith("content_block_"));
      expect(ofBlocks.map(({ type }) => type.slice(14)).join(" ")).toMatch(/^$|^(start( delta)+ stop( |$))+$/);
      const numbers = ofBlocks.filter(({ type }) => type === "content_block_start").map(({ index }) => index);
      expect(numbers).toEqual(numbers.map((_, index) => index));
    },
  );

  test("AM1 RN2 a job that fails in the middle breaks the stream with its code, and never ends it as done", async () => {
    const { sent, code } = await stage(...said("a"), FAILED).events(PATH, STREAMED);
    expect(code).toBe("worker.hung");
    expect(sent.map(({ event }) => event)).toEqual(["message_start", "content_block_start", "content_block_delta"]);
    await expect(stage(...said("a"), FAILED).json(PATH, ASKED)).rejects.toMatchObject({ code: "worker.hung" });
  });

  test.each([
    ["end_turn", null, [done()], []],
    ["max_tokens", null, [done("length", { usage: { ...USAGE, completionTokens: 9 } })], []],
    ["model_context_window_exceeded", null, [done("length")], []],
    ["stop_sequence", "two", [...said("one "), done("stop", { stop: "two" })], ["two"]],
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
    await gone.events(PATH, STREAMED, { signal: AbortSignal.abort() });
    expect(gone.cancelled).toEqual(["j1"]);
  });
});

describe("tools", () => {
  const asked = { ...ASKED, tools: [TOOL] };

  test("a call is a block of the answer with its input, which stops with tool_use", async () => {
    const items = [...pieces(["text", "Hm."], ...called(["act", '{"a"', ":1}"], ["act"])), done("tool_calls")];
    const answer = await stage(...items).json(PATH, asked);
    expect(answer).toMatchObject({ stop_reason: "tool_use" });
    const blocks = [{ ...emptyText, text: "Hm." }, callBlock("call_j1_1", { a: 1 }), callBlock("call_j1_4", {})];
    expect(answer).toHaveProperty("content", blocks);
    const { sent } = await stage(...items).events(PATH, { ...asked, stream: true });
    const json = (partial: string): object => ({ type: "input_json_delta", partial_json: partial });
    expect(sent.slice(3, 8).map(({ data }) => data)).toEqual([
      { type: "content_block_stop", index: 0 },
      { type: "content_block_start", index: 1, content_block: callBlock("call_j1_1", {}) },
      { type: "content_block_delta", index: 1, delta: json('{"a"') },
      { type: "content_block_delta", index: 1, delta: json(":1}") },
      { type: "content_block_stop", index: 1 },
    ]);
  });

  test("AC3 a call that was cut has no input, and the answer says that tokens ended it", async () => {
    const items = [...pieces(...called(["act", '{"a":1,"b"'])), done("length")];
    const answer = await stage(...items).json(PATH, { ...asked, max_tokens: USAGE.completionTokens });
    expect(answer).toMatchObject({ stop_reason: "max_tokens" });
    expect(answer).toHaveProperty("content", [callBlock("call_j1_0", {})]);
  });

  test.each([
    [{ type: "auto" }, { choice: "auto", parallel: true }],
    [{ type: "any" }, { choice: "required", parallel: true }],
    [
      { type: "any", disable_parallel_tool_use: true },
      { choice: "required", parallel: false },
    ],
    [
      { type: "tool", name: "act" },
      { choice: { name: "act" }, parallel: true },
    ],
    [undefined, { choice: "auto", parallel: true }],
  ])("are a job's tools, chosen as by %j, also where they are counted", async (choice, tools) => {
    const { max_tokens: _, ...counted } = asked;
    const asking = stage(done());
    await asking.json(PATH, { ...asked, tool_choice: choice });
    await asking.json(COUNT, { ...counted, tool_choice: choice });
    const { name, description, input_schema: parameters } = TOOL;
    const given = { functions: [{ name, description, parameters }], ...tools };
    expect(asking.submitted.map((job) => job.tools)).toEqual([given, given]);
  });

  test("are none where none is to be used", async () => {
    const asking = stage(done());
    await asking.json(PATH, { ...asked, tool_choice: { type: "none" } });
    expect(asking.submitted[0]?.tools).toBeUndefined();
  });

  test("AA1 AA3 calls belong to the turn that made them, and each answer is a message behind it", async () => {
    const asking = stage(done());
    await asking.json(PATH, {
      ...asked,
      messages: [
        ...ASKED.messages,
        { role: "assistant", content: "Well." },
        { role: "assistant", content: [words("Hm."), use("c1", { a: [1] })] },
        { role: "assistant", content: [use("c2"), use("c3")] },
        { role: "user", content: [result("c2", { content: "rain" }), result("c1")] },
        { role: "user", content: [result("c3", { content: [words("a"), words("b")], is_error: true }), words("So?")] },
        { role: "user", content: "Tell!" },
      ],
    });
    const call = (id: string, args = "{}"): object => ({ id, name: "act", arguments: args });
    expect(asking.submitted[0]?.messages).toEqual([
      ...ASKED.messages,
      { role: "assistant", content: "Well.\n\nHm.", calls: [call("c1", '{"a":[1]}'), call("c2"), call("c3")] },
      { role: "tool", content: "rain", callId: "c2" },
      { role: "tool", content: "", callId: "c1" },
      { role: "tool", content: '{"error":"ab"}', callId: "c3" },
      { role: "user", content: "So?\n\nTell!" },
    ]);
  });

  test.each([
    ["messages.3", "no call", [result("c2")]],
    ["messages.3", "no answer", [words("So?")]],
    ["messages.3", "words before the answer", [words("So?"), result("c1")]],
    ["messages.3.content.0.type", "a call by a user", [use("c1")]],
    ["messages.3.content.0.content.0.type", "a picture", [result("c1", { content: [{ type: "image" }] })]],
  ])("AA4 %s names what does not fit, as the client counts: %s", async (field, _what, content) => {
    const asking = stage(done());
    const turns = [ASKED.messages[0], ASKED.messages[0], { role: "assistant", content: [use("c1")] }];
    const messages = [...turns, { role: "user", content }];
    const refused = asking.json(PATH, { ...asked, messages });
    await expect(refused).rejects.toMatchObject({ code: "request.invalid", details: { field } });
    expect(asking.submitted).toEqual([]);
  });

  test("AA1 what is said behind a call waits for its answer", async () => {
    const content = [use("c1"), words("So.")];
    const refused = stage(done()).json(PATH, { ...asked, messages: [{ role: "assistant", content }] });
    await expect(refused).rejects.toMatchObject({ details: { field: "messages.0" } });
  });
});

test("how tokens are chosen is the engine's", async () => {
  const asking = stage(done());
  await asking.json(PATH, { ...ASKED, top_p: 0.5, top_k: 40 });
  await asking.json(PATH, ASKED);
  expect(asking.submitted.map(({ sampling }) => sampling)).toEqual([{ topP: 0.5, topK: 40 }, undefined]);
});

test("AA2 to count is a job for no token at all, with the same words", async () => {
  const counting = stage(done("length"));
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
    ["top_p", { top_p: 1.5 }],
    ["top_k", { top_k: 0.5 }],
    ["thinking.type", { thinking: { type: "always" } }],
    ["tools.0.type", { tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 1 }] }],
    ["tools.0.input_schema", { tools: [{ name: "act" }] }],
    ["tools.0.type", { tools: [{ type: "web_search_20250305", name: "web_search" }] }],
    ["tools", { tools: [TOOL, TOOL] }],
    ["tool_choice", { tool_choice: { type: "any" } }],
    ["tool_choice", { tool_choice: { type: "tool", name: "rest" }, tools: [TOOL] }],
    ["tool_choice.type", { tool_choice: { type: "all" } }],
    ["container", { container: "c" }],
    ["output_config.effort", { output_config: { effort: 5 } }],
    ["messages.0.content.0.type", { messages: [{ role: "user", content: [{ type: "image", source: {} }] }] }],
    ["messages.0.content", { messages: [{ role: "user", content: 5 }] }],
    ["messages.0.role", { messages: [{ role: "tool", content: "a" }] }],
    ["system.0.type", { system: [use("c1")] }],
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
    const tool = { ...TOOL, type: "custom", strict: true, allowed_callers: ["direct"], eager_input_streaming: true };
    await expect(stage(done()).json(PATH, { ...ASKED, tools: [tool] })).resolves.toBeDefined();
    const idle = { top_p: 1, tools: [], tool_choice: { type: "auto" }, thinking: { type: "disabled" }, stream: false };
    const about = { metadata: { user_id: "u" }, service_tier: "auto", cache_control: { type: "ephemeral", ttl: "1h" } };
    await expect(stage(done()).json(PATH, { ...ASKED, ...idle, ...about })).resolves.toBeDefined();
  });
});

test("every code has its type in the dialect, is named among the details, and says what to do", () => {
  for (const code of Object.keys(ERRORS).filter(isErrorCode)) {
    const { type, error } = anthropicError({ code, message: "m", details: { field: "n" } }, "r1");
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
