/**
 * Goal: who points the Ollama client at a node works as before: chat, generate, vectors, models, errors, leaving.
 * Method: the real client at a pinned version, over TCP, against one real node with real models and a hub on loopback.
 *
 * @see src/doors/ollama: text.ts, OX1 to OX4; pull.ts, OP1; loading.ts, OD1 OD2; dialogue.ts, OM1; schema.ts, OL1
 * @see src/doors/run.ts, RN1 RN2
 */
import { readFileSync } from "node:fs";
import { Ollama } from "ollama";
import { beforeAll, describe, expect, test } from "vitest";
import { readHolder } from "../../src/hosts/real/home-lock.ts";
import { waitUntil } from "../support/children.ts";
import { TestHub } from "../support/hub.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { temporaryHome } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const WITHIN_MS = 30_000;
const REPO = "bees/endless-GGUF";
const PULLED = `hf.co/${REPO}:Q8_0`;
const messages = [{ role: "user", content: "What is a hive?" }];
const options = { temperature: 0, seed: 1 };
const starter = { model: "starter:latest", messages, options };

let ollama: Ollama;
let node: TestNode;
let url: string;

beforeAll(async () => {
  const ends: (() => void | Promise<void>)[] = [];
  const lastly = (end: () => void | Promise<void>): void => void ends.push(end);
  const hub = await new TestHub().start(lastly);
  hub.put(REPO, "endless-Q8_0.gguf", readFileSync(randomModel({ endless: true })));
  const { home, remove } = temporaryHome();
  node = await startNode({ home, env: hub.env, lastly });
  url = readHolder(home)?.url ?? "";
  ollama = new Ollama({ host: url });
  return async () => {
    for (const end of ends) await end();
    remove();
  };
});

const inMemory = async (): Promise<readonly string[]> => (await ollama.ps()).models.map(({ name }) => name);

describe("chat", () => {
  test("OX2 OX4 an answer comes whole, or streamed in pieces that say the same, with what it took in ns", async () => {
    const whole = await ollama.chat(starter);
    expect(whole).toMatchObject({ model: "starter:latest", done: true, done_reason: "stop" });
    expect(whole.message).toEqual({ role: "assistant", content: expect.stringContaining("hive") });
    expect(whole.eval_count).toBeGreaterThan(1);
    expect(whole.prompt_eval_count).toBeGreaterThan(1);
    expect(whole.total_duration).toBeGreaterThanOrEqual(whole.prompt_eval_duration + whole.eval_duration);
    let text = "";
    let pieces = 0;
    for await (const part of await ollama.chat({ ...starter, stream: true })) {
      text += part.message.content;
      pieces += 1;
      if (part.done) expect(part).toMatchObject({ done_reason: "stop", eval_count: whole.eval_count });
    }
    expect(text).toBe(whole.message.content);
    expect(pieces).toBeGreaterThan(2);
  });

  test("num_predict ends it with length, a stop string before itself, a schema holds it to its form", async () => {
    const short = await ollama.chat({ ...starter, options: { ...options, num_predict: 3 } });
    expect([short.done_reason, short.eval_count]).toEqual(["length", 3]);
    const whole = (await ollama.chat(starter)).message.content;
    const stopped = await ollama.chat({ ...starter, options: { ...options, stop: ["hive"] } });
    expect(stopped.message.content).toBe(whole.slice(0, whole.indexOf("hive")));
    const format = { type: "object", properties: { pass: { type: "boolean" } }, required: ["pass"] };
    const formed = await ollama.chat({ ...starter, format });
    expect(JSON.parse(formed.message.content)).toEqual({ pass: expect.any(Boolean) });
  });
});

test("OM1 tools go with a chat, and so do what was called and what came of it", async () => {
  const parameters = { type: "object", properties: { town: { type: "string" } } };
  const tools = [{ type: "function", function: { name: "weather", description: "The weather.", parameters } }];
  const call = { function: { name: "weather", arguments: { town: "Utrecht" } } };
  const dialogue = [
    ...messages,
    { role: "assistant", content: "", tool_calls: [call] },
    { role: "tool", content: "rain", tool_name: "weather" },
  ];
  const answered = await ollama.chat({ ...starter, messages: dialogue, tools });
  expect(answered).toMatchObject({ done: true, done_reason: "stop" });
  expect(answered.prompt_eval_count).toBeGreaterThan((await ollama.chat(starter)).prompt_eval_count);
});

test("generate answers a prompt, as it would in a chat, and `queenbee` answers too", async () => {
  const asked = { model: "starter", prompt: "What is a hive?", options };
  const { response } = await ollama.generate(asked);
  expect(response).toBe((await ollama.chat(starter)).message.content);
  let streamed = "";
  for await (const part of await ollama.generate({ ...asked, model: "queenbee", stream: true }))
    streamed += part.response;
  expect(streamed).toBe(response);
});

test("embeddings are vectors in order, in the newer shape and the older", async () => {
  const { embeddings, prompt_eval_count: tokens } = await ollama.embed({
    model: "starter",
    input: ["a hive", "a bee"],
  });
  expect(embeddings).toHaveLength(2);
  expect(tokens).toBeGreaterThan(0);
  const { embedding } = await ollama.embeddings({ model: "starter", prompt: "a bee" });
  expect(embedding).toEqual(embeddings[1]);
});

describe("models", () => {
  test("are listed, shown, and told when they are in memory; somebody is there, and says which dialect", async () => {
    const { models } = await ollama.list();
    expect(models.map(({ name }) => name)).toEqual(expect.arrayContaining(["starter:latest", "queenbee:latest"]));
    const shown = await ollama.show({ model: "starter" });
    expect(shown.details).toMatchObject({ format: "gguf", family: "llama" });
    expect(shown.capabilities).toContain("completion");
    await ollama.generate({ model: "starter", prompt: "" });
    expect(await inMemory()).toEqual(["starter:latest"]);
    expect((await ollama.version()).version).toMatch(/^\d/);
    expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
  });

  test("OD1 OD2 keep_alive is done: 0 behind an answer, or alone, takes the model from memory", async () => {
    await ollama.chat({ ...starter, keep_alive: 0 });
    await waitUntil(async () => (await inMemory()).length === 0, WITHIN_MS);
    const loaded = await ollama.generate({ model: "starter", prompt: "", keep_alive: "1h" });
    expect([loaded.done_reason, await inMemory()]).toEqual(["load", ["starter:latest"]]);
    const unloaded = await ollama.generate({ model: "starter", prompt: "", keep_alive: 0 });
    expect(unloaded.done_reason).toBe("unload");
    await waitUntil(async () => (await inMemory()).length === 0, WITHIN_MS);
  });

  test("OP1 RN1 one is pulled with its progress, answers, frees its slot when its client leaves, and is deleted", async () => {
    expect(await ollama.pull({ model: "starter" })).toEqual({ status: "success" });
    const told: string[] = [];
    for await (const { status } of await ollama.pull({ model: PULLED, stream: true })) told.push(status);
    expect(told.at(-1)).toBe("success");
    const listed = (await ollama.list()).models.find(({ name }) => name === PULLED);
    expect(listed?.details).toMatchObject({ family: "llama", quantization_level: "Q8_0" });
    const asked = { model: PULLED, messages, options: { num_predict: 3_000 }, stream: true } as const;
    const stream = await ollama.chat(asked);
    const leaving = async (): Promise<void> => {
      for await (const part of stream) if (part.message.content !== "") stream.abort();
    };
    await expect(leaving()).rejects.toMatchObject({ name: "AbortError" });
    await waitUntil(async () => (await node.status()).queen.queue.running === 0, WITHIN_MS);
    expect(await inMemory()).toContain(PULLED);
    await expect(ollama.delete({ model: PULLED })).rejects.toMatchObject({ status_code: 409 });
    await ollama.generate({ model: PULLED, prompt: "", keep_alive: 0 });
    await waitUntil(async () => (await node.workers()).every(({ model }) => model === "starter"), WITHIN_MS);
    await ollama.delete({ model: PULLED });
    expect((await ollama.list()).models.map(({ name }) => name)).not.toContain(PULLED);
  });
});

describe("what cannot be done", () => {
  test("OL1 is refused with the field, in the client's own error", async () => {
    const asking = ollama.chat({ ...starter, options: { mirostat: 2 } });
    await expect(asking).rejects.toMatchObject({ name: "ResponseError", status_code: 400 });
    await expect(asking).rejects.toThrow(/^options\.mirostat: only 0 is possible here/);
  });

  test("RN2 a job that fails is an error with its status, streamed or not, and so is what is not here", async () => {
    const unknown = { ...starter, model: "nobody" };
    await expect(ollama.chat(unknown)).rejects.toMatchObject({ status_code: 404 });
    await expect(ollama.chat({ ...unknown, stream: true })).rejects.toMatchObject({ status_code: 404 });
    await expect(ollama.show({ model: "nobody" })).rejects.toMatchObject({ status_code: 404 });
    await expect(ollama.pull({ model: "nobody" })).rejects.toMatchObject({ status_code: 400 });
    await expect(ollama.copy({ source: "starter", destination: "mine" })).rejects.toMatchObject({ status_code: 400 });
  });
});
