/**
 * Goal: who builds on the AI SDK points it at a node and it works: text, streams, objects, tools, vectors, leaving.
 * Method: the real SDK at a pinned version, by each of its providers for OpenAI's dialect, against a real node.
 *
 * @see src/doors/run.ts, RN1; openai/schema.ts, OS1; openai/references.ts, RF1
 * @see src/actors/engines/grammar/json-schema.ts, JS1 JS2
 */
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateText, isStepCount, Output, streamText, tool } from "ai";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { readHolder } from "../../src/hosts/real/home-lock.ts";
import { waitUntil } from "../support/children.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { temporaryHome } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

globalThis.AI_SDK_LOG_WARNINGS = false;

const CANCELLED_WITHIN_MS = 10_000;
const asked = { prompt: "What is a hive?", temperature: 0, maxRetries: 0 };

let baseURL: string;
let node: TestNode;

const openai = () => createOpenAI({ baseURL, apiKey: "unused" });
const compatible = () =>
  createOpenAICompatible({ baseURL, name: "rbee", includeUsage: true, supportsStructuredOutputs: true });

beforeAll(async () => {
  const ends: (() => Promise<void>)[] = [];
  const { home, remove } = temporaryHome();
  const env = { RBEE_MODEL_DEFAULT: `file:${randomModel({ endless: true })}` };
  node = await startNode({ home, env, lastly: (end) => void ends.push(end) });
  baseURL = `${readHolder(home)?.url}/v1`;
  return async () => {
    for (const end of ends) await end();
    remove();
  };
});

const tools = {
  weather: tool({
    description: "The weather of the next days.",
    inputSchema: z.object({
      loud: z.boolean(),
      unit: z.enum(["C", "F"]),
      days: z.number().int().min(1).max(7).optional(),
      at: z.iso.date().nullish(),
    }),
    execute: async ({ unit }) => ({ sky: "rain", unit }),
  }),
};

describe.each([
  ["responses", () => openai()("starter")],
  ["chat", () => openai().chat("starter")],
  ["the provider of compatible servers", () => compatible()("starter")],
])("by %s", (_name, model) => {
  test("a text comes whole, or streamed in pieces that say the same, with what it took", async () => {
    const whole = await generateText({ ...asked, model: model() });
    expect(whole.text).toContain("hive");
    expect(whole.finishReason).toBe("stop");
    const streamed = streamText({ ...asked, model: model() });
    let text = "";
    let pieces = 0;
    for await (const piece of streamed.textStream) {
      text += piece;
      pieces += 1;
    }
    expect(text).toBe(whole.text);
    expect(pieces).toBeGreaterThan(2);
    const { inputTokens, outputTokens } = await streamed.usage;
    expect([inputTokens, outputTokens]).toEqual([whole.usage.inputTokens, whole.usage.outputTokens]);
    expect(outputTokens).toBeGreaterThan(3);
  });

  test("JS1 an object is of its schema: bounds, choices, alternatives, what may be left out", async () => {
    const schema = z.object({
      pass: z.boolean(),
      score: z.number().int().min(0).max(5),
      share: z.number().min(0).max(1),
      unit: z.enum(["C", "F"]),
      note: z.string().max(5).nullable(),
      kind: z.union([z.literal("a"), z.object({ size: z.int().positive() })]),
      tags: z.array(z.string().max(4)).max(2).optional(),
    });
    const { output } = await generateText({ ...asked, model: model(), output: Output.object({ schema }) });
    expect(schema.parse(output)).toEqual(output);
  });

  test("JS2 a tool is called in a step of its own, and the next one reads what it said; streamed as well", async () => {
    const steps = {
      ...asked,
      tools,
      stopWhen: isStepCount(2),
      prepareStep: ({ stepNumber }: { readonly stepNumber: number }) =>
        ({ toolChoice: stepNumber === 0 ? "required" : "none" }) as const,
    };
    const whole = await generateText({ ...steps, model: model() });
    expect(whole.steps).toHaveLength(2);
    expect(whole.steps[0]).toMatchObject({ finishReason: "tool-calls", toolResults: [{ output: { sky: "rain" } }] });
    const streamed = streamText({ ...steps, model: model() });
    expect(await streamed.text).toBe(whole.text);
    expect((await streamed.steps)[0]?.toolCalls[0]?.input).toEqual(whole.steps[0]?.toolCalls[0]?.input);
  });

  test("RF1 what was said in one turn is known in the next, however the SDK sends it", async () => {
    const first = await generateText({ ...asked, model: model() });
    const { prompt, ...said } = asked;
    const begun = [{ role: "user" as const, content: prompt }, ...first.response.messages];
    const messages = [...begun, { role: "user" as const, content: "And a worker?" }];
    const second = await generateText({ ...said, model: model(), messages });
    expect(second.finishReason).toBe("stop");
    expect(second.usage.inputTokens).toBeGreaterThan(first.usage.totalTokens ?? Infinity);
  });

  test("hints of how hard to think change nothing", async () => {
    const hints = { reasoningEffort: "low", textVerbosity: "low", user: "u" };
    const providerOptions = {
      openai: { ...hints, store: false, promptCacheKey: "k", forceReasoning: true },
      rbee: hints,
    };
    const { text, finishReason } = await generateText({ ...asked, model: model(), providerOptions });
    expect([text !== "", finishReason]).toEqual([true, "stop"]);
  });
});

test("vectors are of each text, by either provider", async () => {
  const values = ["a hive", "a worker"];
  const models = [openai().embedding("starter"), compatible().embeddingModel("starter")];
  const [one, other] = await Promise.all(models.map((model) => embedMany({ model, values, maxRetries: 0 })));
  expect(one?.embeddings).toHaveLength(2);
  expect(one?.embeddings).toEqual(other?.embeddings);
});

test("RN1 a signal that aborts in the middle frees the slot", async () => {
  const leaving = new AbortController();
  const model = compatible()("queenbee");
  const stream = streamText({ ...asked, model, maxOutputTokens: 3_000, abortSignal: leaving.signal });
  for await (const piece of stream.textStream) if (piece !== "") leaving.abort();
  await waitUntil(async () => (await node.status()).queen.queue.running === 0, CANCELLED_WITHIN_MS);
});
