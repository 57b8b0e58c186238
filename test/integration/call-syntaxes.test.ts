/**
 * Goal: every chat template that the engine's library knows by name writes calls that are recognised, or is refused.
 *
 * @see src/actors/engines/call-syntax.ts, CX1 CX2
 * @module
 */
import type { ChatWrapper, LlamaModel } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CallSyntax, checkCalls } from "../../src/actors/engines/call-syntax.ts";
import { type Binding, startRuntime } from "../../src/actors/engines/llama/runtime.ts";
import { randomModel } from "../support/tiny-models.ts";

let binding: Binding;
let model: LlamaModel;

beforeAll(async () => {
  const runtime = await startRuntime("none");
  ({ binding } = runtime);
  model = await runtime.llama.loadModel({ modelPath: randomModel() });
});
afterAll(() => model.dispose());

const stateOf = (wrapper: ChatWrapper): ReturnType<ChatWrapper["generateContextState"]> =>
  wrapper.generateContextState({
    chatHistory: [
      { type: "user", text: "Go" },
      { type: "model", response: [] },
    ],
    availableFunctions: { act: { params: { type: "object", properties: {} } } },
    documentFunctionParams: true,
  });

describe("calls as templates write them", () => {
  test.each([
    ["QwenChatWrapper", ["<tool_call>"], '<tool_call>\n{"name": "act", "arguments": '],
    ["Llama3_1ChatWrapper", ["<function="], "<function=act>"],
    ["MistralChatWrapper", ["[TOOL_CALLS]", '{"name": "'], '[TOOL_CALLS][{"name": "act", "arguments": '],
    ["ChatMLChatWrapper", ["||call:"], "||call: act("],
    ["DeepSeekChatWrapper", ["<function="], "<function=act>"],
    ["Gemma4ChatWrapper", ["<|tool_call>"], "<|tool_call>call:act{"],
  ] as const)("CX1 %s", (name, triggers, head) => {
    const wrapper = new binding[name]();
    expect(() => checkCalls(stateOf(wrapper))).not.toThrow();
    const syntax = new CallSyntax(binding, model.tokenizer, wrapper.settings.functions);
    expect(syntax.triggers).toEqual(triggers);
    expect(model.detokenize(syntax.head(true, "act"), true)).toBe(head);
    expect(head.startsWith(syntax.triggers[0] ?? "nothing")).toBe(true);
  });

  test.each(["FunctionaryChatWrapper", "HarmonyChatWrapper", "MuseChatWrapper"] as const)(
    "CX2 %s begins calls in a way that is not known here, and is refused",
    (name) => {
      const refused = expect.objectContaining({ code: "request.invalid", details: { field: "tools" } });
      expect(() => checkCalls(stateOf(new binding[name]()))).toThrow(refused);
    },
  );
});
