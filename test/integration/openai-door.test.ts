/**
 * Goal: who points the OpenAI client at a node works as before: chat, streams, JSON, embeddings, errors, leaving.
 * Method: the real client at a pinned version, over TCP, against a real node with a real model.
 *
 * @see src/doors/run.ts, RN1 RN2; text.ts, OT1 OT2; schema.ts, OS1
 */
import OpenAI, { BadRequestError } from "openai";
import { beforeAll, describe, expect, test } from "vitest";
import { readHolder } from "../../src/hosts/real/home-lock.ts";
import { waitUntil } from "../support/children.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { temporaryHome } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const FREE_WITHIN_MS = 2_000;
const messages = [{ role: "user" as const, content: "What is a hive?" }];
const starter = { model: "starter", temperature: 0, seed: 1, messages };

const weather = {
  type: "function" as const,
  function: {
    name: "weather",
    description: "The weather here.",
    parameters: {
      type: "object",
      properties: { loud: { type: "boolean" }, unit: { enum: ["C", "F"] } },
      required: ["loud", "unit"],
    },
  },
};

let client: OpenAI;
let node: TestNode;

const clientOf = ({ home }: TestNode): OpenAI =>
  new OpenAI({ baseURL: `${readHolder(home)?.url}/v1`, apiKey: "unused", maxRetries: 0 });

beforeAll(async () => {
  const ends: (() => Promise<void>)[] = [];
  const { home, remove } = temporaryHome();
  node = await startNode({ home, lastly: (end) => void ends.push(end) });
  client = clientOf(node);
  return async () => {
    for (const end of ends) await end();
    remove();
  };
});

describe("chat completions", () => {
  test("OT2 an answer comes whole, or streamed in pieces that say the same", async () => {
    const whole = await client.chat.completions.create(starter);
    expect(whole.choices[0]).toMatchObject({ index: 0, finish_reason: "stop", message: { role: "assistant" } });
    expect(whole.choices[0]?.message.content).toContain("hive");
    const stream = client.chat.completions.stream({ ...starter, stream_options: { include_usage: true } });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    expect(final.usage).toEqual(whole.usage);
    expect(whole.usage?.total_tokens).toBe((whole.usage?.prompt_tokens ?? 0) + (whole.usage?.completion_tokens ?? 0));
    expect(final.id).toMatch(/^chatcmpl-j\d+$/);
  });

  test("max_completion_tokens ends it with length, and a stop string before itself", async () => {
    const short = await client.chat.completions.create({ ...starter, max_completion_tokens: 3 });
    expect(short.choices[0]?.finish_reason).toBe("length");
    const whole = (await client.chat.completions.create(starter)).choices[0]?.message.content ?? "";
    const stopped = await client.chat.completions.create({ ...starter, stop: ["hive"] });
    expect(stopped.choices[0]).toMatchObject({ finish_reason: "stop" });
    expect(stopped.choices[0]?.message.content).toBe(whole.slice(0, whole.indexOf("hive")));
    expect(stopped.usage?.completion_tokens).toBeGreaterThan(0);
  });

  test("a schema holds the answer to its form", async () => {
    const schema = { type: "object", properties: { pass: { type: "boolean" } }, required: ["pass"] };
    const answer = await client.chat.completions.create({
      ...starter,
      response_format: { type: "json_schema", json_schema: { name: "verdict", schema } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual({ pass: expect.any(Boolean) });
  });

  test("a tool that has to be called is called with arguments of its schema, whole or streamed, and its answer is read", async () => {
    const asked = { ...starter, tools: [weather], tool_choice: "required" as const };
    const { choices } = await client.chat.completions.create(asked);
    const [call] = choices[0]?.message.tool_calls ?? [];
    if (call?.type !== "function") throw new Error("nothing was called");
    expect(choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
    expect(call.function.name).toBe("weather");
    expect(JSON.parse(call.function.arguments)).toEqual({ loud: expect.any(Boolean), unit: expect.any(String) });
    const final = await client.chat.completions.stream(asked).finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: call.function });
    const answered = await client.chat.completions.create({
      ...asked,
      tool_choice: "none",
      messages: [
        ...messages,
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: call.id, content: "rain" },
      ],
    });
    expect(answered.choices[0]?.finish_reason).toBe("stop");
    expect(answered.usage?.prompt_tokens).toBeGreaterThan(20);
  });

  test("OT3 several choices come under one answer, and any JSON object is one", async () => {
    const several = await client.chat.completions.create({ ...starter, temperature: 1, n: 2, max_tokens: 8 });
    expect(several.choices.map(({ index }) => index)).toEqual([0, 1]);
    const json = await client.chat.completions.create({
      ...starter,
      max_tokens: 400,
      response_format: { type: "json_object" },
    });
    const [choice] = json.choices;
    if (choice?.finish_reason === "stop") expect(JSON.parse(choice.message.content ?? "")).toBeTypeOf("object");
    else expect(choice?.message.content?.trimStart()[0]).toBe("{");
  });

  test("`queenbee` is listed and answers", async () => {
    const listed: string[] = [];
    for await (const { id } of client.models.list()) listed.push(id);
    expect(listed).toEqual(expect.arrayContaining(["starter", "queenbee"]));
    const answer = await client.chat.completions.create({ ...starter, model: "queenbee" });
    expect(answer.model).toBe("queenbee");
    expect(answer.choices[0]?.message.content).toContain("hive");
  });
});

describe("responses", () => {
  const asked = { model: "starter", input: "What is a hive?", temperature: 0 };
  const tool = { type: "function" as const, strict: true, ...weather.function };

  test("OE1 OE2 an answer comes whole, or as events that say the same", async () => {
    const whole = await client.responses.create(asked);
    expect(whole.output_text).toContain("hive");
    expect(whole).toMatchObject({ status: "completed", error: null });
    const stream = client.responses.stream(asked);
    let streamed = "";
    stream.on("response.output_text.delta", ({ delta }) => void (streamed += delta));
    const final = await stream.finalResponse();
    expect([streamed, final.output_text]).toEqual([whole.output_text, whole.output_text]);
    expect(final.usage).toEqual(whole.usage);
    const short = await client.responses.create({ ...asked, max_output_tokens: 3 });
    expect(short).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
  });

  test("a function is called, streamed or not, and what came of it is read; a schema holds the text", async () => {
    const calling = { ...asked, tools: [tool], tool_choice: "required" as const };
    const { output } = await client.responses.create(calling);
    const [call] = output;
    if (call?.type !== "function_call") throw new Error("nothing was called");
    expect(JSON.parse(call.arguments)).toEqual({ loud: expect.any(Boolean), unit: expect.any(String) });
    const final = await client.responses.stream(calling).finalResponse();
    expect(final.output[0]).toMatchObject({ type: "function_call", name: "weather", arguments: call.arguments });
    const input = [
      { role: "user" as const, content: asked.input },
      call,
      { type: "function_call_output" as const, call_id: call.call_id, output: "rain" },
    ];
    const answered = await client.responses.create({ ...calling, tool_choice: "none", input });
    expect(answered.status).toBe("completed");
    const schema = { type: "object", properties: { pass: { type: "boolean" } }, required: ["pass"] };
    const format = { type: "json_schema" as const, name: "verdict", schema };
    const held = await client.responses.create({ ...asked, text: { format } });
    expect(JSON.parse(held.output_text)).toEqual({ pass: expect.any(Boolean) });
  });

  test("OS1 nothing is kept, and so nothing is gone on with", async () => {
    const asking = client.responses.create({ ...asked, previous_response_id: "resp_j1" });
    await expect(asking).rejects.toMatchObject({ status: 400, param: "previous_response_id" });
  });
});

test("completions go on from a prompt, whole or streamed", async () => {
  const asked = { model: "starter", prompt: "What is a hive?", temperature: 0, seed: 1, max_tokens: 40 };
  const whole = await client.completions.create(asked);
  let streamed = "";
  for await (const chunk of await client.completions.create({ ...asked, stream: true })) {
    streamed += chunk.choices[0]?.text ?? "";
  }
  expect(whole.choices[0]?.text).not.toBe("");
  expect(streamed).toBe(whole.choices[0]?.text);
});

test("embeddings are the same as numbers and as the bytes that the client asks for by itself", async () => {
  const asked = { model: "starter", input: ["a hive", "a worker"] };
  const numbers = await client.embeddings.create({ ...asked, encoding_format: "float" });
  const decoded = await client.embeddings.create(asked);
  expect(numbers.data.map(({ index }) => index)).toEqual([0, 1]);
  expect(numbers.data[0]?.embedding.length).toBeGreaterThan(1);
  expect(decoded.data.map(({ embedding }) => [...embedding])).toEqual(numbers.data.map(({ embedding }) => embedding));
  expect(numbers.usage.total_tokens).toBeGreaterThan(0);
});

describe("what cannot be done", () => {
  test("OS1 is refused with the field, in the client's own errors", async () => {
    const asking = client.chat.completions.create({ ...starter, logprobs: true });
    await expect(asking).rejects.toBeInstanceOf(BadRequestError);
    await expect(asking).rejects.toMatchObject({ status: 400, param: "logprobs", code: "request.invalid" });
  });

  test("RN2 a job that fails is an error with its code, streamed or not", async () => {
    const unknown = { ...starter, model: "nobody" };
    const error = { status: 404, code: expect.stringMatching(/^model\./) };
    await expect(client.chat.completions.create(unknown)).rejects.toMatchObject(error);
    await expect(client.chat.completions.create({ ...unknown, stream: true })).rejects.toMatchObject(error);
  });
});

test("RN1 a client that leaves in the middle frees the slot: its job is cancelled", async () => {
  const endless = await startNode({ env: { RBEE_MODEL_DEFAULT: `file:${randomModel({ endless: true })}` } });
  const asked = { ...starter, model: "queenbee", max_tokens: 3_000, stream: true } as const;
  for await (const chunk of await clientOf(endless).chat.completions.create(asked)) {
    if (chunk.choices[0]?.delta.content) break;
  }
  await waitUntil(async () => (await endless.status()).queen.queue.running === 0, FREE_WITHIN_MS);
});
