/**
 * Goal: one job inside, the dialect outside: what is asked of the queen, and what the client is given, to the end.
 * Method: the routes over a seat whose jobs say what the test says. The real client is in test/integration.
 *
 * @see src/doors/run.ts, RN1 to RN3; text.ts, OT1 to OT3; schema.ts, OS1; response-events.ts, OE3
 * @module
 */
import { describe, expect, test } from "vitest";
import type { JobRequest } from "../../../../machines/request.ts";
import { openaiError } from "../../../../src/doors/openai/refusal.ts";
import { openaiRoutes } from "../../../../src/doors/openai/routes.ts";
import type { RunSeat } from "../../../../src/doors/run.ts";
import { errorData, ERRORS, isErrorCode, RbeeError } from "../../../../src/protocol/errors.ts";
import type { StreamItem } from "../../../../src/protocol/ports.ts";
import type { Chunk } from "../../../../src/protocol/worker.ts";
import type { Answer, Call, ServerEvent } from "../../../../src/protocol/route.ts";
import { DialectStage } from "../../../support/dialect-stage.ts";

const USAGE = { promptTokens: 7, completionTokens: 3, firstTokenMs: 1, totalMs: 2 };
const DONE = {
  type: "end",
  end: { type: "done", finish: "stop", usage: USAGE, model: "m", worker: "w1", attempts: 1, queuedMs: 0, loadMs: 0 },
} as const satisfies StreamItem;
const FAILED: StreamItem = {
  type: "end",
  end: { type: "error", failure: { code: "worker.hung", class: "transient", message: "it hung" } },
};
const said = (...texts: readonly string[]): StreamItem[] =>
  texts.map((text, index) => ({
    type: "chunk",
    chunk: { job: "j1", attempt: 1, index, kind: "text", text, tokens: 1 },
  }));
const pieces = (...given: readonly (readonly [Chunk["kind"], string])[]): StreamItem[] =>
  given.map(([kind, text], index) => ({
    type: "chunk",
    chunk: { job: "j1", attempt: 1, index, kind, text, tokens: 1 },
  }));
const CALLED: StreamItem[] = [
  ...pieces(["text", "Hm. "], ["call", "act"], ["arguments", '{"a"'], ["arguments", ":1}"], ["call", "rest"]),
  { ...DONE, end: { ...DONE.end, finish: "tool_calls" } },
];
const TOOLS = ["act", "rest"].map((name) => ({ type: "function", function: { name, parameters: { type: "object" } } }));
const CHAT = { model: "m", messages: [{ role: "user", content: "Hello" }] };

class Stage {
  readonly submitted: JobRequest[] = [];
  readonly cancelled: string[] = [];
  readonly #items: readonly StreamItem[];

  constructor(...items: readonly StreamItem[]) {
    this.#items = items;
  }

  get seat(): RunSeat {
    return {
      submit: async (request) => {
        this.submitted.push(request);
        return { job: `j${this.submitted.length}`, state: "queued", position: 0 };
      },
      cancel: async (job) => void this.cancelled.push(job),
      read: (_job, _from, signal) => this.#read(signal),
    };
  }

  async *#read(signal: AbortSignal): AsyncGenerator<StreamItem> {
    for (const item of this.#items) {
      if (signal.aborted) return;
      yield item;
    }
  }

  async call(path: string, body: unknown, more: Partial<Call> = {}): Promise<Answer> {
    const route = openaiRoutes(this.seat, () => 5_000).find((one) => one.path === path);
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
  async stream(path: string, body: object, more: Partial<Call> = {}): Promise<{ data: unknown[]; code?: string }> {
    const answer = await this.call(path, { ...body, stream: true }, more);
    const sent: ServerEvent[] = [];
    if (!("events" in answer)) throw new Error("no stream");
    try {
      await answer.events({ send: (event) => void sent.push(event) });
    } catch (thrown) {
      return { data: sent.map(({ data }) => data), code: errorData(thrown).code };
    }
    return { data: sent.map(({ data }) => data) };
  }
}

describe("a chat", () => {
  test("is a job with the same words; a developer speaks as the system, parts of text are one text", async () => {
    const stage = new Stage(DONE);
    const parts = [
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ];
    const messages = [
      { role: "developer", content: "Be brief." },
      { role: "user", content: parts },
    ];
    await stage.json("/v1/chat/completions", { ...CHAT, messages, max_tokens: 9, temperature: 0.5, seed: 4 });
    expect(stage.submitted).toEqual([
      expect.objectContaining({
        capability: "text",
        model: "m",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "ab" },
        ],
        maxTokens: 9,
        temperature: 0.5,
        seed: 4,
        label: "private",
      }),
    ]);
  });

  test("OT2 a stream opens with the role, says the text in order, how it ended, what it took, and that it is over", async () => {
    const { data } = await new Stage(...said("a", "b"), DONE).stream("/v1/chat/completions", {
      ...CHAT,
      stream_options: { include_usage: true },
    });
    const common = { id: "chatcmpl-j1", object: "chat.completion.chunk", created: 5, model: "m" };
    const chunk = (delta: object, finish: string | null = null): object => ({
      ...common,
      usage: null,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    });
    expect(data).toEqual([
      chunk({ role: "assistant", content: "", refusal: null }),
      chunk({ content: "a" }),
      chunk({ content: "b" }),
      chunk({}, "stop"),
      { ...common, choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } },
      "[DONE]",
    ]);
  });

  test("OT1 RN2 a job that fails in the middle breaks the stream with its code, and never ends it as done", async () => {
    const { data, code } = await new Stage(...said("a"), FAILED).stream("/v1/chat/completions", CHAT);
    expect(code).toBe("worker.hung");
    expect(data).toHaveLength(2);
    await expect(new Stage(...said("a"), FAILED).json("/v1/chat/completions", CHAT)).rejects.toMatchObject({
      code: "worker.hung",
    });
  });

  test("stops and the choice of tokens are the engine's to heed", async () => {
    const stage = new Stage(DONE);
    await stage.json("/v1/chat/completions", { ...CHAT, stop: "two", top_p: 0.5, presence_penalty: 1 });
    await stage.json("/v1/completions", { model: "m", prompt: "p", stop: ["a", "b"], frequency_penalty: -1 });
    expect(stage.submitted[0]).toMatchObject({ stops: ["two"], sampling: { topP: 0.5, presencePenalty: 1 } });
    expect(stage.submitted[1]).toMatchObject({ stops: ["a", "b"], sampling: { frequencyPenalty: -1 } });
  });

  test("RN1 a client that has gone cancels its job; a job that has ended is not cancelled", async () => {
    const gone = new Stage(...said("a", "b"), DONE);
    await gone.stream("/v1/chat/completions", CHAT, { signal: AbortSignal.abort() });
    expect(gone.cancelled).toEqual(["j1"]);
    const done = new Stage(...said("a"), DONE);
    await done.stream("/v1/chat/completions", CHAT);
    expect(done.cancelled).toEqual([]);
  });

  test("the same idempotency key is the same job, and a file is named over the node's own socket only", async () => {
    const stage = new Stage(DONE);
    await stage.call("/v1/chat/completions", CHAT, { headers: { "idempotency-key": "k" } });
    await stage.call("/v1/chat/completions", CHAT);
    expect(stage.submitted.map((job) => [job.idempotencyKey, job.isAwaited])).toEqual([
      ["k", false],
      [undefined, true],
    ]);
    const long = { headers: { "idempotency-key": "k".repeat(256) } };
    await expect(stage.call("/v1/chat/completions", CHAT, long)).rejects.toMatchObject({ code: "request.invalid" });
    const file = { ...CHAT, model: "file:/etc/m.gguf" };
    await expect(stage.call("/v1/chat/completions", file)).rejects.toMatchObject({ code: "request.forbidden" });
    await stage.call("/v1/chat/completions", file, { local: true });
    expect(stage.submitted.at(-1)?.model).toBe("file:/etc/m.gguf");
  });

  test("DH1 X-Request-Deadline says how long its answer may take, and one that cannot be read is refused", async () => {
    const stage = new Stage(DONE);
    const withDeadline = (deadline: string) =>
      stage.call("/v1/chat/completions", CHAT, { headers: { "x-request-deadline": deadline } });
    for (const deadline of ["500ms", "20s", "1m30s", "24h"]) await withDeadline(deadline);
    await stage.call("/v1/chat/completions", CHAT);
    expect(stage.submitted.map((job) => job.deadlineMs)).toEqual([500, 20_000, 90_000, 86_400_000, undefined]);
    for (const deadline of [
      "",
      "20",
      "soon",
      "-1s",
      "0s",
      "0.1ms",
      "25h",
      `${"1".repeat(40)}ms`,
      "2026-11-22T10:00:00Z",
    ]) {
      await expect(withDeadline(deadline), deadline).rejects.toMatchObject({
        code: "request.invalid",
        details: { field: "x-request-deadline" },
      });
    }
    expect(stage.submitted).toHaveLength(5);
  });
});

describe("tools", () => {
  test("are the job's to call, with what was called before and what came of it", async () => {
    const stage = new Stage(DONE);
    const call = { id: "c1", type: "function", function: { name: "act", arguments: "{}" } };
    const messages = [
      { role: "user", content: "Go" },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "c1", content: "done" },
    ];
    await stage.json("/v1/chat/completions", { ...CHAT, messages, tools: TOOLS, parallel_tool_calls: false });
    const functions = ["act", "rest"].map((name) => ({ name, parameters: { type: "object" } }));
    expect(stage.submitted[0]?.tools).toEqual({ functions, choice: "auto", parallel: false });
    expect(stage.submitted[0]?.messages).toEqual([
      { role: "user", content: "Go" },
      { role: "assistant", content: "", calls: [{ id: "c1", name: "act", arguments: "{}" }] },
      { role: "tool", content: "done", callId: "c1" },
    ]);
    const choice = { type: "function", function: { name: "rest" } };
    await stage.json("/v1/chat/completions", { ...CHAT, tools: TOOLS, tool_choice: choice });
    expect(stage.submitted[1]?.tools?.choice).toEqual({ name: "rest" });
    await stage.json("/v1/chat/completions", { ...CHAT, tools: TOOLS, tool_choice: "none" });
    expect(stage.submitted[2]?.tools).toBeUndefined();
  });

  test("OT2 what is called comes whole, or as deltas with their index, and nothing of it is text", async () => {
    const asked = { ...CHAT, tools: TOOLS };
    const whole = await new Stage(...CALLED).json("/v1/chat/completions", asked);
    const tool_calls = [
      { id: "call_j1_1", type: "function", function: { name: "act", arguments: '{"a":1}' } },
      { id: "call_j1_4", type: "function", function: { name: "rest", arguments: "" } },
    ];
    expect(whole).toMatchObject({
      choices: [{ finish_reason: "tool_calls", message: { content: "Hm. ", tool_calls } }],
    });
    const { data } = await new Stage(...CALLED).stream("/v1/chat/completions", asked);
    const begun = (index: number, id: string, name: string): object => ({
      tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }],
    });
    const more = (json: string): object => ({ tool_calls: [{ index: 0, function: { arguments: json } }] });
    const deltas = [
      { role: "assistant", content: "", refusal: null },
      { content: "Hm. " },
      begun(0, "call_j1_1", "act"),
      more('{"a"'),
      more(":1}"),
      begun(1, "call_j1_4", "rest"),
      {},
    ].map((delta) => expect.objectContaining({ choices: [expect.objectContaining({ delta })] }));
    expect(data).toEqual([...deltas, "[DONE]"]);
  });

  test("an answer that only calls has no content", async () => {
    const answer = await new Stage(...pieces(["call", "act"], ["arguments", "{}"]), DONE).json("/v1/chat/completions", {
      ...CHAT,
      tools: TOOLS,
    });
    expect(answer).toMatchObject({ choices: [{ message: { content: null } }] });
  });
});

describe("n", () => {
  test("OT3 each choice is a job with a seed and a key of its own; the prompt is counted once", async () => {
    const stage = new Stage(...said("a"), DONE);
    const answer = await stage.call(
      "/v1/chat/completions",
      { ...CHAT, n: 3, seed: 7 },
      { headers: { "idempotency-key": "k" } },
    );
    expect(stage.submitted.map(({ seed, idempotencyKey }) => [seed, idempotencyKey])).toEqual([
      [7, "k"],
      [8, "k 1"],
      [9, "k 2"],
    ]);
    const choices = [0, 1, 2].map((index) => ({ index, message: { content: "a" } }));
    const usage = { prompt_tokens: 7, completion_tokens: 9, total_tokens: 16 };
    expect("json" in answer ? answer.json : undefined).toMatchObject({ choices, usage });
  });

  test("OT2 OT3 a stream has the pieces of each choice in order, under one id", async () => {
    const { data } = await new Stage(...said("a", "b"), DONE).stream("/v1/chat/completions", { ...CHAT, n: 2 });
    const chunks = data.slice(0, -1) as { id: string; choices: { index: number; delta: { content?: string } }[] }[];
    expect(new Set(chunks.map(({ id }) => id))).toEqual(new Set(["chatcmpl-j1"]));
    for (const wanted of [0, 1]) {
      const own = chunks.flatMap(({ choices }) => choices).filter(({ index }) => index === wanted);
      expect(own.map(({ delta }) => delta.content)).toEqual(["", "a", "b", undefined]);
    }
    expect(data.at(-1)).toBe("[DONE]");
  });

  test("RN3 when one of them fails, or is not admitted, the others are cancelled", async () => {
    const failing = new Stage(...said("a"), FAILED);
    await expect(failing.json("/v1/chat/completions", { ...CHAT, n: 2 })).rejects.toMatchObject({
      code: "worker.hung",
    });
    const full = new Stage(DONE);
    const { submit } = full.seat;
    const seat: RunSeat = {
      ...full.seat,
      submit: (request) => {
        if (full.submitted.length === 2) throw new RbeeError("queue.full", "no room");
        return submit(request);
      },
    };
    const call = { params: {}, query: {}, headers: {}, local: false, signal: new AbortController().signal };
    const route = openaiRoutes(seat, () => 0).find(({ path }) => path === "/v1/chat/completions");
    await expect(route?.handle({ ...call, body: { ...CHAT, n: 4 } })).rejects.toMatchObject({ code: "queue.full" });
    expect(full.cancelled).toEqual(["j1", "j2"]);
  });

  test("RN3 RN1 a client that has gone cancels them all", async () => {
    const gone = new Stage(...said("a", "b"), DONE);
    await gone.stream("/v1/chat/completions", { ...CHAT, n: 2 }, { signal: AbortSignal.abort() });
    expect(gone.cancelled.toSorted()).toEqual(["j1", "j2"]);
  });
});

test("OE3 a response that breaks has failed, and ends with the code; RN1 one left is cancelled", async () => {
  const asked = { model: "m", input: "Hello", stream: true };
  const stage = new DialectStage((seat) => openaiRoutes(seat, () => 5_000), ...said("a"), FAILED);
  const { sent, broken } = await stage.whole("/v1/responses", asked);
  expect(JSON.stringify(sent)).not.toMatch(/response\.(completed|incomplete)/);
  const numbered = { sequence_number: sent.length };
  const failed = { status: "failed", error: { code: "server_error" }, id: "resp_j1" };
  expect(broken).toMatchObject([
    { event: "response.failed", data: { ...numbered, response: failed } },
    { event: "error", data: { sequence_number: sent.length + 1, code: "worker.hung", param: null } },
  ]);
  const gone = new Stage(...said("a"), DONE);
  await gone.stream("/v1/responses", asked, { signal: AbortSignal.abort() });
  expect(gone.cancelled).toEqual(["j1"]);
  const whole = await new Stage(...said("a", "b"), DONE).json("/v1/responses", { ...asked, stream: false });
  expect(whole).toMatchObject({ id: "resp_j1", created_at: 5, output: [{ content: [{ text: "ab" }] }] });
});

test("an answer that is to be any JSON object is held to that", async () => {
  const stage = new Stage(DONE);
  await stage.json("/v1/chat/completions", { ...CHAT, response_format: { type: "json_object" } });
  expect(stage.submitted[0]?.jsonSchema).toEqual({ type: "object", additionalProperties: true });
});

describe("OS1 what the engine cannot do is refused by its name", () => {
  test.each([
    ["n", { n: 9 }],
    ["top_p", { top_p: 1.5 }],
    ["presence_penalty", { presence_penalty: 3 }],
    ["logit_bias.7", { logit_bias: { 7: 1 } }],
    ["logprobs", { logprobs: true }],
    ["tools.0.type", { tools: [{ type: "web_search" }] }],
    ["tools.0.function.name", { tools: [{ type: "function", function: { name: "f g" } }] }],
    ["tool_choice", { tool_choice: "required" }],
    ["tool_choice", { tools: TOOLS, tool_choice: { type: "function", function: { name: "sing" } } }],
    ["response_format.type", { response_format: { type: "xml" } }],
    ["messages.0", { messages: [{ role: "tool", content: "c", tool_call_id: "a" }] }],
    ["messages.0.content", { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "u" } }] }] }],
    ["top_k", { top_k: -2 }],
    ["store", { store: true }],
    ["modalities.1", { modalities: ["text", "audio"] }],
  ])("%s", async (field, more) => {
    const stage = new Stage(DONE);
    await expect(stage.json("/v1/chat/completions", { ...CHAT, ...more })).rejects.toMatchObject({
      code: "request.invalid",
      details: { field },
    });
    expect(stage.submitted).toEqual([]);
  });

  test("what would change nothing is taken, as clients send it", async () => {
    const idle = { n: 1, top_p: 1, presence_penalty: 0, tools: [], logprobs: false, stop: null, user: "u", seed: null };
    await expect(new Stage(DONE).json("/v1/chat/completions", { ...CHAT, ...idle })).resolves.toBeDefined();
  });
});

test("every code has its type and its status in the dialect, and says what to do", () => {
  for (const code of Object.keys(ERRORS).filter(isErrorCode)) {
    const { error } = openaiError({ code, message: "m", details: { field: "n" } });
    const { httpStatus, advice } = ERRORS[code];
    expect(error.type).toMatch(
      httpStatus < 500 ? /^(invalid_request|authentication|permission|not_found|rate_limit)_error$/ : /^server_error$/,
    );
    expect(error).toMatchObject({ code, param: "n", message: expect.stringContaining(advice) });
  }
});
