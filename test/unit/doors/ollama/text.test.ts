/**
 * Goal: one job inside, the Ollama dialect outside: what is asked of the queen, and what the client is given.
 * Method: the routes over a seat whose jobs say what the test says. The real client is in test/integration.
 *
 * @see src/doors/ollama: text.ts, OX1 to OX4; options.ts, OO1 to OO3; schema.ts, OL1; loading.ts, OD1 OD2
 * @see src/doors/ollama/dialogue.ts, OM1
 * @see src/doors/run.ts, RN1 RN2
 * @module
 */
import { describe, expect, test } from "vitest";
import { FOR_EVER_MS } from "../../../../src/doors/ollama/keep-alive.ts";
import { ollamaError } from "../../../../src/doors/ollama/refusal.ts";
import { ollamaRoutes } from "../../../../src/doors/ollama/routes.ts";
import type { StatusView, WorkerView } from "../../../../src/protocol/api.ts";
import { ERRORS, isErrorCode, RbeeError } from "../../../../src/protocol/errors.ts";
import type { StreamItem } from "../../../../src/protocol/ports.ts";
import { DialectStage, done, FAILED, pieces, said, vectors } from "../../../support/dialect-stage.ts";
import { modelsSeat } from "../../../support/models-seat.ts";

const AT = "1970-01-01T00:00:05.000Z";
const TOOLS = ["act", "rest"].map((name) => ({ type: "function", function: { name, parameters: { type: "object" } } }));
const GENERATE = { model: "m:latest", prompt: "Hello" };
const CHAT = { model: "m:latest", messages: [{ role: "user", content: "Hello" }] };

class Stage extends DialectStage {
  readonly stopped: string[] = [];

  constructor(...items: readonly StreamItem[]) {
    const status = async (): Promise<StatusView> => STATUS;
    const stopWorker = async (worker: string): Promise<void> => {
      this.stopped.push(worker);
      if (worker === "w3") throw new RbeeError("request.not.found", "it has gone");
    };
    super((seat) => ollamaRoutes({ ...seat, status, stopWorker }, modelsSeat(), () => 5_000), ...items);
  }
}

const worker = (id: string, model: string, state: WorkerView["state"]): WorkerView => ({
  id,
  model,
  capability: "text",
  backend: "cpu",
  state,
  pid: 1,
  port: 1,
  slots: 4,
  busySlots: 0,
  reservedBytes: 1,
});
const WORKERS = [
  worker("w1", "m", "idle"),
  worker("w2", "m", "busy"),
  worker("w3", "m", "idle"),
  worker("w4", "m", "loading"),
  worker("w5", "other", "idle"),
];
const STATUS = { hives: [{ workers: WORKERS }] } as unknown as StatusView;

describe("text", () => {
  test("is a job with the same words and options, for as long as the model can say something", async () => {
    const stage = new Stage(done());
    const sampling = { top_k: 0, top_p: 0.9, repeat_penalty: 1.1 };
    const options = { temperature: 0.5, seed: 4, num_ctx: 512, num_thread: 2, stop: "two", ...sampling };
    await stage.json("/api/generate", {
      ...GENERATE,
      system: "Be brief.",
      options,
      stream: false,
      keep_alive: "1h30m",
    });
    await stage.json("/api/chat", { ...CHAT, options: { num_predict: 9, seed: -1 }, stream: false });
    expect(stage.submitted).toEqual([
      expect.objectContaining({
        capability: "text",
        model: "m",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Hello" },
        ],
        temperature: 0.5,
        seed: 4,
        sampling: expect.objectContaining({ topK: undefined, topP: 0.9, repeatPenalty: 1.1 }),
        stops: ["two"],
        maxTokens: 1_000_000,
        keepAliveMs: 5_400_000,
        label: "private",
      }),
      expect.objectContaining({
        messages: CHAT.messages,
        maxTokens: 9,
        seed: undefined,
        sampling: undefined,
        stops: [],
      }),
    ]);
  });

  test.each([
    ["/api/generate", GENERATE, (text: string) => ({ response: text })],
    ["/api/chat", CHAT, (text: string) => ({ message: { role: "assistant", content: text } })],
  ])(
    "OX2 OX4 %s says it in order and then how it ended and what it took, streamed unless asked not to",
    async (path, body, piece) => {
      const head = { model: "m:latest", created_at: AT };
      const figures = {
        total_duration: 12_500_000,
        load_duration: 4_000_000,
        prompt_eval_count: 7,
        prompt_eval_duration: 1_000_000,
        eval_count: 3,
        eval_duration: 1_500_000,
      };
      const { data } = await new Stage(...said("a", "b"), done("length")).stream(path, body);
      expect(data).toEqual([
        { ...head, ...piece("a"), done: false },
        { ...head, ...piece("b"), done: false },
        { ...head, ...piece(""), done: true, done_reason: "length", ...figures },
      ]);
      expect(await new Stage(...said("a", "b"), done()).json(path, { ...body, stream: false })).toEqual({
        ...head,
        ...piece("ab"),
        done: true,
        done_reason: "stop",
        ...figures,
      });
    },
  );

  test("OX1 RN2 a job that fails in the middle breaks the stream with its code, and never ends it as done", async () => {
    const { data, code } = await new Stage(...said("a"), FAILED).stream("/api/chat", CHAT);
    expect([code, data.length]).toEqual(["worker.hung", 1]);
    await expect(new Stage(...said("a"), FAILED).json("/api/chat", { ...CHAT, stream: false })).rejects.toMatchObject({
      code: "worker.hung",
    });
  });

  test("RN1 a client that has gone cancels its job", async () => {
    const gone = new Stage(...said("a", "b"), done());
    await gone.stream("/api/chat", CHAT, { signal: AbortSignal.abort() });
    expect(gone.cancelled).toEqual(["j1"]);
  });

  test("has the form that was asked for: any object, or what a schema says; none is none", async () => {
    const stage = new Stage(done());
    const schema = { type: "object", properties: { pass: { type: "boolean" } } };
    for (const format of ["json", schema, "", null]) await stage.json("/api/chat", { ...CHAT, stream: false, format });
    expect(stage.submitted.map(({ jsonSchema }) => jsonSchema)).toEqual([
      { type: "object", additionalProperties: true },
      schema,
      undefined,
      undefined,
    ]);
  });

  test("a file is named over the node's own socket only", async () => {
    const file = { ...CHAT, model: "file:/etc/m.gguf" };
    await expect(new Stage(done()).json("/api/chat", file)).rejects.toMatchObject({ code: "request.forbidden" });
  });
});

describe("tools", () => {
  const CALLED = pieces(
    ["text", "Hm. "],
    ["call", "act"],
    ["arguments", '{"a"'],
    ["arguments", ":1}"],
    ["call", "rest"],
  );
  const act = { function: { name: "act", arguments: { a: 1 } } };
  const rest = { function: { name: "rest", arguments: {} } };

  test("OM1 go with the job, and so does what was called before and what came of it", async () => {
    const stage = new Stage(done());
    const call = (name: string): object => ({ function: { name, arguments: { a: 1 } } });
    const messages = [
      { role: "user", content: "Go" },
      { role: "assistant", content: "", tool_calls: [call("act"), call("rest")] },
      { role: "tool", content: "rested", tool_name: "rest" },
      { role: "tool", content: "acted" },
    ];
    await stage.json("/api/chat", { ...CHAT, messages, tools: TOOLS, stream: false });
    expect(stage.submitted).toMatchObject([
      {
        messages: [
          { role: "user" },
          { role: "assistant", calls: [{ id: "call_1_0", name: "act", arguments: '{"a":1}' }, { id: "call_1_1" }] },
          { role: "tool", content: "rested", callId: "call_1_1" },
          { role: "tool", content: "acted", callId: "call_1_0" },
        ],
        tools: { functions: [{ name: "act" }, { name: "rest" }], choice: "auto", parallel: true },
      },
    ]);
  });

  test("OM1 an answer without a call, or a call without an answer, is refused by its place", async () => {
    const alone = { ...CHAT, messages: [{ role: "tool", content: "acted", tool_name: "act" }] };
    const refused = { code: "request.invalid", details: { field: "messages.0" } };
    await expect(new Stage(done()).json("/api/chat", alone)).rejects.toMatchObject(refused);
    const open = [{ role: "assistant", tool_calls: [{ function: { name: "act" } }] }];
    await expect(new Stage(done()).json("/api/chat", { ...CHAT, messages: open })).rejects.toMatchObject({
      details: { field: "messages" },
    });
  });

  test("OX3 that are called are told whole, with their arguments as an object", async () => {
    const items = [...CALLED, done("tool_calls")];
    const { data } = await new Stage(...items).stream("/api/chat", { ...CHAT, tools: TOOLS });
    expect(data).toMatchObject([
      { message: { content: "Hm. " }, done: false },
      { message: { content: "", tool_calls: [act] }, done: false },
      { message: { content: "", tool_calls: [rest] }, done: false },
      { message: { content: "" }, done: true, done_reason: "stop" },
    ]);
    expect(await new Stage(...items).json("/api/chat", { ...CHAT, tools: TOOLS, stream: false })).toMatchObject({
      message: { content: "Hm. ", tool_calls: [act, rest] },
      done_reason: "stop",
    });
  });

  test("OX3 of whose arguments a part is missing are none", async () => {
    for (const cut of [CALLED.slice(0, 3), CALLED.slice(0, 2)]) {
      const { data } = await new Stage(...cut, done("length")).stream("/api/chat", { ...CHAT, tools: TOOLS });
      expect(data).toMatchObject([{ message: { content: "Hm. " } }, { done: true, done_reason: "length" }]);
      const asked = { ...CHAT, tools: TOOLS, stream: false };
      const { message } = (await new Stage(...cut, done("length")).json("/api/chat", asked)) as { message: object };
      expect(message).toEqual({ role: "assistant", content: "Hm. " });
    }
  });
});

describe("keep_alive goes with the job", () => {
  test.each([
    [0, 0],
    ["0", 0],
    ["0s", 0],
    [90, 90_000],
    ["300", 300_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    [-1, FOR_EVER_MS],
    ["-1", FOR_EVER_MS],
    ["-1m", FOR_EVER_MS],
    [1e300, FOR_EVER_MS],
    [null, undefined],
  ])("%o is %d ms", async (said_, ms) => {
    const stage = new Stage(done());
    await stage.json("/api/chat", { ...CHAT, stream: false, keep_alive: said_ });
    expect(stage.submitted[0]?.keepAliveMs).toBe(ms);
  });

  test.each(["soon", "", "5 m", "1h-30m", {}, true])("%o is refused by its name", async (keepAlive) => {
    const asked = { ...CHAT, keep_alive: keepAlive };
    await expect(new Stage(done()).json("/api/chat", asked)).rejects.toMatchObject({
      code: "request.invalid",
      details: { field: "keep_alive" },
    });
  });
});

describe("without words", () => {
  test.each([
    ["/api/generate", { model: "m" }],
    ["/api/generate", { model: "m", prompt: "", system: "Be brief." }],
    ["/api/chat", { model: "m", messages: [] }],
  ])("OD1 %s of %o loads the model by the smallest job there is, and says so whole", async (path, body) => {
    const stage = new Stage(...said("x"), done("length"));
    expect(await stage.json(path, { ...body, keep_alive: 60 })).toMatchObject({ done: true, done_reason: "load" });
    expect(stage.submitted).toMatchObject([{ model: "m", maxTokens: 1, keepAliveMs: 60_000 }]);
    expect(JSON.stringify(await stage.json(path, body))).not.toContain("x");
  });

  test("OD1 a model that cannot be loaded is an error", async () => {
    await expect(new Stage(FAILED).json("/api/generate", { model: "m" })).rejects.toMatchObject({
      code: "worker.hung",
    });
  });

  test("OD2 keep_alive 0 ends the workers that hold the model, and begins nothing", async () => {
    const stage = new Stage(done());
    const answer = await stage.json("/api/generate", { model: "m:latest", keep_alive: 0 });
    expect(answer).toMatchObject({ done: true, done_reason: "unload", response: "" });
    expect([stage.stopped, stage.submitted]).toEqual([["w1", "w2", "w3"], []]);
    const team = stage.json("/api/generate", { model: "queenbee", keep_alive: 0 });
    await expect(team).rejects.toMatchObject({ code: "request.invalid", details: { field: "model" } });
  });
});

describe("embeddings", () => {
  test("are a job of the texts, answered as numbers in order", async () => {
    const stage = new Stage(...vectors([0, 1], [1, 0]), done());
    expect(await stage.json("/api/embed", { model: "m:latest", input: ["a", "b"], keep_alive: 0 })).toEqual({
      model: "m:latest",
      embeddings: [
        [0, 1],
        [1, 0],
      ],
      total_duration: 12_500_000,
      load_duration: 4_000_000,
      prompt_eval_count: 7,
    });
    expect(stage.submitted).toMatchObject([{ capability: "embedding", model: "m", input: ["a", "b"], keepAliveMs: 0 }]);
    expect(await stage.json("/api/embeddings", { model: "m", prompt: "a" })).toEqual({ embedding: [0, 1] });
  });

  test("of a job that failed are none", async () => {
    const asked = new Stage(...vectors([0, 1]), FAILED).json("/api/embed", { model: "m", input: "a" });
    await expect(asked).rejects.toMatchObject({ code: "worker.hung" });
  });
});

describe("OL1 OO1 what the engine cannot do is refused by its name", () => {
  test.each([
    ["/api/chat", "options.top_p", { options: { top_p: 2 } }],
    ["/api/chat", "options.typical_p", { options: { typical_p: 0.7 } }],
    ["/api/chat", "options.repeat_last_n", { options: { repeat_penalty: 1.1, repeat_last_n: 64 } }],
    ["/api/chat", "options.mirostat", { options: { mirostat: 2 } }],
    ["/api/chat", "options.num_predict", { options: { num_predict: 0 } }],
    ["/api/chat", "options.draft", { options: { draft: 1 } }],
    ["/api/chat", "tools.0.type", { tools: [{ type: "search", function: { name: "f" } }] }],
    ["/api/chat", "think", { think: "high" }],
    ["/api/chat", "messages.0.images.0", { messages: [{ role: "user", content: "", images: ["aGk="] }] }],
    ["/api/chat", "messages.0.role", { messages: [{ role: "robot", content: "" }] }],
    ["/api/chat", "logprobs", { logprobs: true }],
    ["/api/generate", "raw", { raw: true }],
    ["/api/generate", "suffix", { suffix: "}" }],
    ["/api/generate", "template", { template: "{{ .Prompt }}" }],
    ["/api/generate", "context.0", { context: [1] }],
    ["/api/generate", "images.0", { images: ["aGk="] }],
    ["/api/generate", "format", { format: "yaml" }],
    ["/api/embed", "dimensions", { dimensions: 8 }],
  ])("%s: %s", async (path, field, more) => {
    const stage = new Stage(done());
    const body = { "/api/chat": CHAT, "/api/generate": GENERATE }[path] ?? { model: "m", input: "a" };
    await expect(stage.json(path, { ...body, ...more })).rejects.toMatchObject({
      code: "request.invalid",
      details: { field },
    });
    expect(stage.submitted).toEqual([]);
  });

  test("OO2 OO3 what would change nothing is taken, as clients send it", async () => {
    const idle = { top_p: 1, top_k: 0, min_p: 0, repeat_penalty: 1, mirostat: 0, mirostat_tau: 5, repeat_last_n: 64 };
    const machine = { num_ctx: 131_072, num_keep: 4, num_batch: 512, num_gpu: 99, num_thread: 8, use_mmap: true };
    const options = { ...idle, ...machine, num_predict: -1, stop: [] };
    const chat = { ...CHAT, stream: false, options, tools: [], think: false, format: null, truncate: true };
    await expect(new Stage(done()).json("/api/chat", chat)).resolves.toBeDefined();
    const bare = { raw: false, images: [], context: [], suffix: "", template: "", system: "" };
    await expect(
      new Stage(done()).json("/api/generate", { ...GENERATE, stream: false, ...bare }),
    ).resolves.toBeDefined();
  });
});

test("every code is one sentence after another in the dialect, says what to do, and ends them", () => {
  for (const code of Object.keys(ERRORS).filter(isErrorCode)) {
    const { error } = ollamaError({ code, message: "it broke" });
    expect(error).toBe(`it broke. ${ERRORS[code].advice} (${code})`);
  }
});
