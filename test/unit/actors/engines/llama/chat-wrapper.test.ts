/**
 * Goal: CW1 of chat-wrapper.ts. Method: the real library, on the starter and on models that spell their template so or
 * otherwise.
 */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chatWrapperOf, PLAIN_CHATML } from "../../../../../src/actors/engines/llama/chat-wrapper.ts";
import { type Runtime, startRuntime } from "../../../../../src/actors/engines/llama/runtime.ts";
import { randomModel } from "../../../../support/tiny-models.ts";

const STARTER = join(import.meta.dirname, "../../../../../models/starter.gguf");
const OTHERWISE = PLAIN_CHATML.replace("['role'] + '", "['role'] + ' says");
let runtime: Runtime;

beforeAll(async () => {
  runtime = await startRuntime("none");
});
afterAll(() => runtime.llama.dispose());

test.each([
  ["the starter", STARTER],
  ["a model with the starter's template", randomModel()],
  ["a model whose turns begin a little otherwise", randomModel({ chatTemplate: OTHERWISE })],
])("CW1 %s is given what the library would have chosen", async (_, modelPath) => {
  const { binding, llama } = runtime;
  const model = await llama.loadModel({ modelPath });
  const [given, chosen] = [chatWrapperOf(binding, model), binding.resolveChatWrapper(model, { warningLogs: false })];
  expect(given?.wrapperName).toBe(chosen.wrapperName);
  expect(given?.settings).toEqual(chosen.settings);
  await model.dispose();
});

test("CW1 a model without a template has no wrapper", async () => {
  const model = await runtime.llama.loadModel({ modelPath: randomModel({ chatTemplate: false }) });
  expect(chatWrapperOf(runtime.binding, model)).toBeUndefined();
  await model.dispose();
});
