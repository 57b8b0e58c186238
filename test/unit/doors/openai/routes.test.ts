/**
 * Goal: one job inside, the dialect outside: what is asked of the queen, and what the client is given, to the end.
 * Method: the routes over a seat whose jobs say what the test says. The real client is in test/integration.
 *
 * @see src/doors/run.ts, RN1 RN2; text.ts, OT1 OT2; schema.ts, OS1
 * @module
 */
import { describe, expect, test } from "vitest";
import type { JobRequest } from "../../../../machines/queen.ts";
import { openaiError } from "../../../../src/doors/openai/refusal.ts";
import { openaiRoutes } from "../../../../src/doors/openai/routes.ts";
import type { RunSeat } from "../../../../src/doors/run.ts";
import { errorData, ERRORS, isErrorCode } from "../../../../src/protocol/errors.ts";
import type { StreamItem } from "../../../../src/protocol/ports.ts";
import type { Answer, Call, ServerEvent } from "../../../../src/protocol/route.ts";

const USAGE = { promptTokens: 7, completionTokens: 3, firstTokenMs: 1, totalMs: 2 };
const DONE: StreamItem = {
  type: "end",
  end: { type: "done", finish: "stop", usage: USAGE, model: "m", worker: "w1", attempts: 1, queuedMs: 0, loadMs: 0 },
};
const FAILED: StreamItem = {
  type: "end",
  end: { type: "error", failure: { code: "worker.hung", class: "transient", message: "it hung" } },
};
const said = (...texts: readonly string[]): StreamItem[] =>
  texts.map((text, index) => ({
    type: "chunk",
    chunk: { job: "j1", attempt: 1, index, kind: "text", text, tokens: 1 },
  }));
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
        return { job: "j1", state: "queued", position: 0 };
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
    expect(stage.submitted[0]?.idempotencyKey).toBe("k");
    const long = { headers: { "idempotency-key": "k".repeat(256) } };
    await expect(stage.call("/v1/chat/completions", CHAT, long)).rejects.toMatchObject({ code: "request.invalid" });
    const file = { ...CHAT, model: "file:/etc/m.gguf" };
    await expect(stage.call("/v1/chat/completions", file)).rejects.toMatchObject({ code: "request.forbidden" });
    await stage.call("/v1/chat/completions", file, { local: true });
    expect(stage.submitted[1]?.model).toBe("file:/etc/m.gguf");
  });
});

describe("OS1 what the engine cannot do is refused by its name", () => {
  test.each([
    ["n", { n: 2 }],
    ["top_p", { top_p: 1.5 }],
    ["presence_penalty", { presence_penalty: 3 }],
    ["logit_bias.7", { logit_bias: { 7: 1 } }],
    ["logprobs", { logprobs: true }],
    ["tools.0", { tools: [{ type: "function", function: { name: "f" } }] }],
    ["response_format.type", { response_format: { type: "json_object" } }],
    ["messages.0.content", { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "u" } }] }] }],
    ["top_k", { top_k: 40 }],
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
