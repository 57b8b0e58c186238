/**
 * Goal: what the programs that people use send is taken as they send it, without a setting on their side.
 * Method: requests of the shapes that these programs were seen to send, shortened, at the door that each of them uses.
 *
 * @see src/doors/only.ts; openai/schema.ts, OS1 OS2; openai/responses-tools.ts, RT1 RT2; anthropic/schema.ts, AS1
 * @module
 */
import { describe, expect, test } from "vitest";
import type { JobRequest } from "../../../machines/request.ts";
import { anthropicRoutes } from "../../../src/doors/anthropic/routes.ts";
import { ollamaRoutes } from "../../../src/doors/ollama/routes.ts";
import { openaiRoutes } from "../../../src/doors/openai/routes.ts";
import type { RunSeat } from "../../../src/doors/run.ts";
import { LIMITS, type StatusView } from "../../../src/protocol/api.ts";
import { DialectStage, done, pieces, said, type Said } from "../../support/dialect-stage.ts";
import { modelsSeat } from "../../support/models-seat.ts";

const CHAT = "/v1/chat/completions";
const RESPONSES = "/v1/responses";
const MESSAGES = "/v1/messages";
const question = [{ role: "user", content: "What is a hive?" }];

const nodeOf = (seat: RunSeat) => ({
  ...seat,
  status: async (): Promise<StatusView> => ({ queen: {}, hives: [] }) as unknown as StatusView,
  stopWorker: async (): Promise<void> => {},
});
const stageOf = (...heard: readonly Said[]): DialectStage =>
  new DialectStage(
    (seat) => [
      ...openaiRoutes(seat, () => 5_000),
      ...anthropicRoutes(seat),
      ...ollamaRoutes(nodeOf(seat), modelsSeat(), () => 5_000),
    ],
    ...(heard.length === 0 ? said("A part.") : pieces(...heard)),
    done(heard.length === 0 ? "stop" : "tool_calls"),
  );

async function jobFor(path: string, body: object): Promise<JobRequest> {
  const stage = stageOf();
  const answer = await stage.call(path, body);
  if ("events" in answer) await answer.events({ send: () => {} });
  const [job] = stage.submitted;
  if (job === undefined) throw new Error("nothing was asked of the queen");
  return job;
}

const schemaWithRules = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: { command: { type: "string", pattern: "^ls" }, timeout: { type: "integer", exclusiveMinimum: 0 } },
  required: ["command"],
  additionalProperties: false,
};

describe("Codex", () => {
  const text = (role: string, said_: string, more: object = {}): object => ({
    ...{ type: "message", role, content: [{ type: role === "assistant" ? "output_text" : "input_text", text: said_ }] },
    ...more,
  });
  const session = {
    model: "m",
    stream: true,
    tools: [
      { type: "function", name: "exec", description: "Runs a command.", strict: false, parameters: schemaWithRules },
      {
        type: "namespace",
        name: "agents",
        description: "Sub-agents.",
        tools: [{ type: "function", name: "close", description: "Closes one.", strict: false, parameters: {} }],
      },
      { type: "web_search", external_web_access: false },
    ],
    tool_choice: "auto",
    parallel_tool_calls: true,
    reasoning: { effort: "medium", summary: "auto" },
    text: { verbosity: "low" },
    store: false,
    include: ["reasoning.encrypted_content"],
    service_tier: "priority",
    prompt_cache_key: "01a1",
    client_metadata: { "turn-metadata": "{}" },
  };
  const input = [
    text("developer", "You are a coding agent.", { id: "msg_1" }),
    text("user", "List the files.", { id: "msg_2" }),
  ];

  test("OS2 a session begins: developers speak as the system, and the answer is as long as it is", async () => {
    const job = await jobFor(RESPONSES, { ...session, input });
    expect(job.messages?.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(job.maxTokens).toBe(LIMITS.outputTokens);
  });

  test("RT1 RT2 its tools are functions, those of a namespace by both names; what a server would run is left out", async () => {
    const { tools } = await jobFor(RESPONSES, { ...session, input });
    expect(tools?.functions.map(({ name }) => name)).toEqual(["exec", "agents__close"]);
    const answer = await stageOf().json(RESPONSES, { ...session, input, stream: false });
    expect(answer).toMatchObject({ tools: [{ name: "exec" }, { name: "agents" }] });
    const alone = { ...session, input, tools: [{ type: "web_search" }] };
    await expect(stageOf().json(RESPONSES, alone)).rejects.toMatchObject({ details: { field: "tools.0.type" } });
  });

  test("RT1 a call of a namespace is told by its names, whole and streamed, and comes back by them", async () => {
    const stage = stageOf(["call", "agents__close"], ["arguments", '{"id":"a"}']);
    const called = { type: "function_call", name: "close", namespace: "agents", arguments: '{"id":"a"}' };
    const whole = await stage.json(RESPONSES, { ...session, input, stream: false });
    expect(whole).toMatchObject({ output: [called] });
    const { data } = await stage.stream(RESPONSES, { ...session, input });
    expect(data).toContainEqual(
      expect.objectContaining({ type: "response.output_item.done", item: expect.objectContaining(called) }),
    );
    const behind = [
      ...input,
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "e" },
      { ...called, id: "fc_1", call_id: "c1", status: "completed" },
      { type: "function_call_output", id: "fco_1", call_id: "c1", output: "closed" },
    ];
    const { messages } = await jobFor(RESPONSES, { ...session, input: behind });
    expect(messages?.slice(2)).toEqual([
      { role: "assistant", content: "", calls: [{ id: "c1", name: "agents__close", arguments: '{"id":"a"}' }] },
      { role: "tool", content: "closed", callId: "c1" },
    ]);
  });

  test("RT1 a namespace that ends in the separator has no second one", async () => {
    const tools = [{ type: "namespace", name: "mcp__files__", tools: [{ type: "function", name: "read" }] }];
    const job = await jobFor(RESPONSES, { ...session, input, tools });
    expect(job.tools?.functions.map(({ name }) => name)).toEqual(["mcp__files__read"]);
  });
});

describe("OpenCode", () => {
  const tools = [
    { type: "function", function: { name: "bash", description: "Runs it.", parameters: schemaWithRules } },
  ];
  const session = { model: "m", max_tokens: 32_000, stream: true, stream_options: { include_usage: true } };

  test("a session, its title and what its tools said are jobs", async () => {
    const call = { id: "call_1", type: "function", function: { name: "bash", arguments: '{"command":"ls"}' } };
    const messages = [
      { role: "system", content: "You are a coding agent." },
      ...question,
      { role: "assistant", content: "", tool_calls: [call], reasoning_content: "Hm." },
      { role: "tool", tool_call_id: "call_1", content: "a file" },
    ];
    const job = await jobFor(CHAT, { ...session, messages, tools, tool_choice: "auto", reasoning_effort: "high" });
    expect(job).toMatchObject({ maxTokens: 32_000, tools: { choice: "auto", functions: [{ name: "bash" }] } });
    expect(job.tools?.functions[0]?.strict).toBeUndefined();
    await expect(jobFor(CHAT, { ...session, messages: question })).resolves.toMatchObject({ maxTokens: 32_000 });
  });
});

describe("Vercel's AI SDK and LangChain", () => {
  const schema = { ...schemaWithRules, properties: { days: { type: "integer", minimum: 1 } }, required: [] };

  test("hints of OpenAI's newer models change nothing", async () => {
    const hints = {
      ...{ reasoning_effort: "minimal", verbosity: "low", service_tier: "flex", metadata: { a: "b" }, user: "u" },
      ...{ prompt_cache_key: "k", prompt_cache_retention: "24h", safety_identifier: "s", modalities: ["text"] },
      prediction: { type: "content", content: "A hive" },
    };
    await expect(jobFor(CHAT, { model: "m", messages: question, ...hints })).resolves.toBeDefined();
    const responding = { model: "m", input: question, text: {}, max_tool_calls: 3, stream: false };
    await expect(jobFor(RESPONSES, responding)).resolves.toBeDefined();
  });

  test("an agent whose answer has a form has tools as well, in every dialect", async () => {
    const asked = { model: "m", messages: question, max_tokens: 9 };
    const json_schema = { name: "n", schema };
    const functions = [{ type: "function", function: { name: "act", parameters: schema } }];
    const format = { type: "json_schema", ...json_schema };
    const tools = [{ name: "act", input_schema: schema }];
    const jobs = [
      await jobFor(CHAT, { ...asked, tools: functions, response_format: { type: "json_schema", json_schema } }),
      await jobFor(RESPONSES, {
        ...{ model: "m", input: "Go", text: { format } },
        tools: [{ type: "function", name: "act", parameters: schema }],
      }),
      await jobFor(MESSAGES, { ...asked, tools, output_config: { format: { type: "json_schema", schema } } }),
      await jobFor("/api/chat", { model: "m", messages: question, tools: functions, format: schema }),
    ];
    for (const job of jobs) expect([job.tools?.functions[0]?.name, job.jsonSchema]).toEqual(["act", schema]);
  });

  test("a function that says it is strict is held to all of its schema, in every dialect", async () => {
    const named = { name: "act", parameters: schema, strict: true };
    const functions = [
      await jobFor(CHAT, { model: "m", messages: question, tools: [{ type: "function", function: named }] }),
      await jobFor(RESPONSES, { model: "m", input: "Go", tools: [{ type: "function", ...named }] }),
      await jobFor(MESSAGES, {
        ...{ model: "m", max_tokens: 9, messages: question },
        tools: [{ name: "act", input_schema: schema, strict: true }],
      }),
    ];
    expect(functions.map(({ tools }) => tools?.functions[0]?.strict)).toEqual([true, true, true]);
  });

  test("an assistant that only called, and a tool that said nothing, have said nothing", async () => {
    const call = { id: "c1", type: "function", function: { name: "act", arguments: "{}" } };
    const messages = [
      ...question,
      { role: "assistant", content: [], tool_calls: [call] },
      { role: "tool", tool_call_id: "c1", content: null },
    ];
    const job = await jobFor(CHAT, { model: "m", messages, n: 1, stream: false });
    expect(job.messages?.slice(1).map(({ content }) => content)).toEqual(["", ""]);
  });
});

describe("Claude Code", () => {
  const cache = { type: "ephemeral", ttl: "1h", scope: "global" };
  const tool = { name: "Bash", description: "Runs it.", input_schema: schemaWithRules };
  const session = {
    model: "m",
    max_tokens: 32_000,
    stream: true,
    temperature: 1,
    system: [
      { type: "text", text: "You are an agent." },
      { type: "text", text: "Be brief.", cache_control: cache },
    ],
    tools: [tool, { ...tool, name: `mcp__${"files".repeat(15)}__read`, defer_loading: true, cache_control: cache }],
    metadata: { user_id: JSON.stringify({ device_id: "d".repeat(600), session_id: "s" }) },
    thinking: { type: "enabled", budget_tokens: 31_999 },
    output_config: { effort: "medium" },
    context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
  };

  test("a session is a job with its words and its tools", async () => {
    const messages = [
      { role: "user", content: [{ type: "text", text: "List the files.", cache_control: cache }] },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm.", signature: "s" },
          { type: "tool_use", id: "toolu_1", name: "Bash", input: { command: "ls" }, caller: { type: "direct" } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "toolu_1", content: "a file", is_error: false, cache_control: cache },
          { type: "text", text: "Go on." },
        ],
      },
    ];
    const job = await jobFor(MESSAGES, { ...session, messages });
    expect(job.messages).toEqual([
      { role: "system", content: "You are an agent.Be brief." },
      { role: "user", content: "List the files." },
      { role: "assistant", content: "", calls: [{ id: "toolu_1", name: "Bash", arguments: '{"command":"ls"}' }] },
      { role: "tool", content: "a file", callId: "toolu_1" },
      { role: "user", content: "Go on." },
    ]);
    expect(job.tools?.functions.map(({ name }) => name.slice(0, 4))).toEqual(["Bash", "mcp_"]);
  });

  test("a turn that was only thought has said nothing, and thoughts are no words of anybody", async () => {
    const thought = [
      ...question,
      {
        role: "assistant",
        content: [
          { type: "redacted_thinking", data: "d" },
          { type: "text", text: "Well." },
        ],
      },
      { role: "user", content: "And?" },
    ];
    const { messages } = await jobFor(MESSAGES, { ...session, messages: thought, thinking: { type: "adaptive" } });
    expect(messages?.slice(1).map(({ content }) => content)).toEqual(["What is a hive?", "Well.", "And?"]);
  });

  test("its title, its count and its examples are asked for as it asks", async () => {
    const format = { type: "json_schema", schema: { type: "object", properties: {} } };
    const titled = { ...session, tools: [], thinking: { type: "disabled" }, messages: question };
    const title = await jobFor(MESSAGES, { ...titled, output_config: { format } });
    const older = await jobFor(MESSAGES, { ...titled, output_format: format });
    expect([title.jsonSchema, older.jsonSchema]).toEqual([format.schema, format.schema]);
    const { max_tokens: _, stream: _stream, temperature: _warm, metadata: _who, ...counted } = session;
    const count = await jobFor("/v1/messages/count_tokens", { ...counted, messages: question });
    expect(count.maxTokens).toBe(0);
    const tools = [{ ...tool, input_examples: [{ command: "ls" }] }];
    const shown = await jobFor(MESSAGES, { ...session, tools, messages: question });
    expect(shown.tools?.functions[0]?.description).toBe('Runs it.\nExample: {"command":"ls"}');
  });
});

describe("Open WebUI", () => {
  test("at the OpenAI door: a chat, its title, tags and follow-ups, its advanced parameters", async () => {
    const streamed = { model: "m", messages: question, stream: true, stream_options: { include_usage: true } };
    await expect(jobFor(CHAT, streamed)).resolves.toBeDefined();
    const task = { role: "user", content: "### Task:\nGenerate 1-3 broad tags" };
    const titled = { model: "m", messages: [task], stream: false, max_completion_tokens: 1000 };
    await expect(jobFor(CHAT, titled)).resolves.toMatchObject({ maxTokens: 1000 });
    const more = { temperature: 0.8, top_k: 40, min_p: 0.05, repetition_penalty: 1.1, logit_bias: {}, seed: 3 };
    const { sampling } = await jobFor(CHAT, { ...streamed, ...more, max_tokens: 100, reasoning_effort: "medium" });
    expect(sampling).toMatchObject({ topK: 40, minP: 0.05, repeatPenalty: 1.1 });
    const { sampling: open } = await jobFor(CHAT, { ...streamed, top_k: -1 });
    expect(open?.topK).toBeUndefined();
  });

  test("at the Ollama door: it looks who is there, and chats with options that say nothing", async () => {
    for (const path of ["/api/version", "/api/tags", "/api/ps"]) {
      await expect(stageOf().json(path, undefined, { method: "GET" })).resolves.toBeDefined();
    }
    const options = { temperature: null, num_ctx: 8192, num_batch: null, use_mmap: true, stop: null, num_predict: 128 };
    const messages = [
      { role: "assistant", content: "Well.", thinking: "Hm." },
      { ...question[0], images: null },
    ];
    const chatting = { model: "m:latest", messages, options, stream: true };
    const job = await jobFor("/api/chat", { ...chatting, keep_alive: "5m", format: null, tools: null, think: null });
    expect(job).toMatchObject({ model: "m", maxTokens: 128, keepAliveMs: 300_000 });
  });
});
