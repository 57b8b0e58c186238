/**
 * Goal: who points the Anthropic client at a node works as before: messages, streams, counts, errors, leaving.
 * Method: the real client at a pinned version, over TCP, against a real node with a real model.
 *
 * @see src/doors/run.ts, RN1 RN2; anthropic/answer.ts, AM1 to AM4; anthropic/ask.ts, AA2 AA3; anthropic/schema.ts, AS1
 */
import Anthropic, { APIUserAbortError, BadRequestError, NotFoundError } from "@anthropic-ai/sdk";
import { beforeAll, describe, expect, test } from "vitest";
import { readHolder } from "../../src/hosts/real/home-lock.ts";
import { waitUntil } from "../support/children.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { temporaryHome } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const CANCELLED_WITHIN_MS = 10_000;
const messages = [{ role: "user" as const, content: "What is a hive?" }];
const asked = { model: "starter", max_tokens: 100, messages };
/** The model by default here never ends by itself. */
const endless = { model: "queenbee", max_tokens: 3_000, messages };

const weather = {
  name: "weather",
  description: "The weather here.",
  input_schema: {
    type: "object" as const,
    properties: { loud: { type: "boolean" }, unit: { enum: ["C", "F"] } },
    required: ["loud", "unit"],
  },
};

let client: Anthropic;
let node: TestNode;

beforeAll(async () => {
  const ends: (() => Promise<void>)[] = [];
  const { home, remove } = temporaryHome();
  const env = { RBEE_MODEL_DEFAULT: `file:${randomModel({ endless: true })}` };
  node = await startNode({ home, env, lastly: (end) => void ends.push(end) });
  client = new Anthropic({ baseURL: readHolder(home)?.url ?? "", apiKey: "unused", maxRetries: 0 });
  return async () => {
    for (const end of ends) await end();
    remove();
  };
});

const textOf = ({ content }: Anthropic.Message): string =>
  content.map((block) => (block.type === "text" ? block.text : "")).join("");

function useIn({ content }: Anthropic.Message): Anthropic.ToolUseBlock {
  const use = content.find((block) => block.type === "tool_use");
  if (use === undefined) throw new Error("nothing was called");
  return use;
}

const inputOf = (message: Anthropic.Message): unknown => useIn(message).input;

describe("messages", () => {
  test("AM2 AM4 an answer comes whole, or streamed in pieces that the client puts together to the same", async () => {
    const whole = await client.messages.create(asked);
    expect(whole).toMatchObject({ type: "message", role: "assistant", model: "starter", stop_reason: "end_turn" });
    expect(textOf(whole)).toContain("hive");
    const stream = client.messages.stream(asked);
    const heard: string[] = [];
    let atFirst = 0;
    for await (const event of stream) {
      if (heard.at(-1) !== event.type) heard.push(event.type);
      if (event.type === "message_start") atFirst = event.message.usage.input_tokens;
    }
    expect(heard).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    const final = await stream.finalMessage();
    expect(final).toEqual({ ...whole, id: final.id, parsed_output: null });
    expect(final.id).toMatch(/^msg_j\d+$/);
    expect(whole.usage.output_tokens).toBeGreaterThan(3);
    expect(atFirst).toBe(whole.usage.input_tokens);
  });

  test("AM3 an answer says whether tokens, a stop sequence or the context ended it", async () => {
    const short = await client.messages.create({ ...asked, max_tokens: 3 });
    expect(short).toMatchObject({ stop_reason: "max_tokens", usage: { output_tokens: 3 } });
    const whole = textOf(await client.messages.create(asked));
    const stopped = await client.messages.create({ ...asked, stop_sequences: ["never said", "hive"] });
    expect(stopped).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "hive" });
    expect(textOf(stopped)).toBe(whole.slice(0, whole.indexOf("hive")));
  });

  test("AA2 AM4 what counting says is what answering takes, also for what is longer than any context", async () => {
    const system = [{ type: "text" as const, text: "Be brief.", cache_control: { type: "ephemeral" as const } }];
    const { input_tokens } = await client.messages.countTokens({ model: "starter", messages, system });
    const { usage } = await client.messages.create({ ...asked, system });
    expect(input_tokens).toBe(usage.input_tokens);
    const long = [{ role: "user" as const, content: "hive ".repeat(20_000) }];
    expect((await client.messages.countTokens({ model: "starter", messages: long })).input_tokens).toBeGreaterThan(
      20_000,
    );
    await expect(client.messages.create({ ...asked, messages: long })).rejects.toMatchObject({
      status: 400,
      errorCode: "context.overflow",
    });
  });

  test("a schema holds the answer to its form, an answer that is begun is gone on with", async () => {
    const schema = { type: "object", properties: { pass: { type: "boolean" } }, required: ["pass"] };
    const formed = await client.messages.create({
      ...asked,
      output_config: { format: { type: "json_schema", schema } },
    });
    expect(JSON.parse(textOf(formed))).toEqual({ pass: expect.any(Boolean) });
    const whole = textOf(await client.messages.create(asked));
    const begun = whole.slice(0, whole.lastIndexOf(" "));
    const rest = await client.messages.create({
      ...asked,
      messages: [...messages, { role: "assistant", content: begun }],
    });
    expect(textOf(rest)).toBe(whole.slice(begun.length));
  });
});

describe("tools", () => {
  const calling = { ...asked, tools: [weather], tool_choice: { type: "any" as const } };

  test("AM2 AC2 a tool that has to be used is, with input of its schema, whole or streamed", async () => {
    const whole = await client.messages.create(calling);
    expect(whole).toMatchObject({ stop_reason: "tool_use", content: [{ type: "tool_use", name: "weather" }] });
    expect(whole.content).toHaveLength(1);
    expect(inputOf(whole)).toEqual({ loud: expect.any(Boolean), unit: expect.any(String) });
    const stream = client.messages.stream(calling);
    let json = "";
    stream.on("inputJson", (partial) => void (json += partial));
    const final = await stream.finalMessage();
    const id = useIn(final).id;
    const content = whole.content.map((block) => ({ ...block, id }));
    expect(final).toEqual({ ...whole, id: final.id, content, parsed_output: null });
    expect(JSON.parse(json)).toEqual(inputOf(whole));
    const named = { ...calling, tool_choice: { type: "tool" as const, name: "weather" } };
    expect(inputOf(await client.messages.create(named))).toEqual(inputOf(whole));
  });

  test("AA2 AA3 what came of it is read, whether it worked or failed, and all of it is counted", async () => {
    const called = await client.messages.create(calling);
    const { id: tool_use_id } = useIn(called);
    const dialogue = (more: { content?: string; is_error?: boolean }): Anthropic.MessageParam[] => [
      ...messages,
      { role: "assistant", content: called.content },
      { role: "user", content: [{ type: "tool_result", tool_use_id, ...more }] },
    ];
    const { max_tokens: _, tool_choice: __, ...counted } = calling;
    const tokens: number[] = [];
    for (const more of [{}, { content: "rain and wind" }, { content: "rain and wind", is_error: true }]) {
      const turn = { ...counted, messages: dialogue(more) };
      const { usage, stop_reason } = await client.messages.create({ ...turn, max_tokens: 200 });
      expect(stop_reason).toMatch(/^(end_turn|tool_use|max_tokens)$/);
      tokens.push(usage.input_tokens);
      expect((await client.messages.countTokens(turn)).input_tokens).toBe(usage.input_tokens);
    }
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(new Set(tokens).size).toBe(3);
    const bare = await client.messages.countTokens({ model: "starter", messages });
    expect((await client.messages.countTokens({ ...counted, messages })).input_tokens).toBeGreaterThan(
      bare.input_tokens,
    );
  });

  test("AA4 a result of nothing is refused where it stands", async () => {
    const content = [{ type: "tool_result" as const, tool_use_id: "toolu_1" }];
    const asking = client.messages.create({ ...calling, messages: [...messages, { role: "user", content }] });
    await expect(asking).rejects.toMatchObject({ status: 400, details: { field: "messages.1" } });
  });
});

test("`queenbee` and the models of this machine are listed", async () => {
  const listed: string[] = [];
  for await (const { id } of client.models.list()) listed.push(id);
  expect(listed).toEqual(expect.arrayContaining(["starter", "queenbee"]));
});

describe("what cannot be done", () => {
  test("AS1 is refused with the field, in the client's own errors, with the name of the request", async () => {
    const asking = client.messages.create({ ...asked, container: "c" });
    await expect(asking).rejects.toBeInstanceOf(BadRequestError);
    await expect(asking).rejects.toMatchObject({
      status: 400,
      type: "invalid_request_error",
      errorCode: "request.invalid",
      details: { field: "container" },
      requestID: expect.stringMatching(/^req_/),
    });
  });

  test("RN2 a job that fails is an error with its code, streamed or not", async () => {
    const unknown = { ...asked, model: "nobody" };
    await expect(client.messages.create(unknown)).rejects.toBeInstanceOf(NotFoundError);
    const error = { status: 404, type: "not_found_error", errorCode: expect.stringMatching(/^model\./) };
    await expect(client.messages.stream(unknown).finalMessage()).rejects.toMatchObject(error);
  });
});

describe("RN1 a client that leaves", () => {
  const expectCancelled = async (job: string): Promise<void> => {
    expect((await node.outcome(job, CANCELLED_WITHIN_MS)).state).toBe("cancelled");
  };

  test("a stream in the middle cancels its job; `queenbee` is a model like any", async () => {
    let job = "";
    for await (const event of client.messages.stream(endless)) {
      if (event.type === "message_start") job = event.message.id.replace("msg_", "");
      if (event.type === "content_block_delta") break;
    }
    await expectCancelled(job);
  });

  test("while it waits for the whole answer cancels its job as well", async () => {
    const leaving = new AbortController();
    const headers = { "idempotency-key": "mine" };
    const asking = client.messages.create(endless, { signal: leaving.signal, headers });
    await waitUntil(async () => (await node.status()).queen.queue.running === 1, CANCELLED_WITHIN_MS);
    leaving.abort();
    await expect(asking).rejects.toBeInstanceOf(APIUserAbortError);
    // Whoever names the same key is told of the same job.
    const { job_id } = await node.submit({ prompt: "a", idempotency_key: "mine" });
    await expectCancelled(job_id);
  });
});
