/**
 * Goal: calls and their answers stand in the history where a chat template looks for them.
 *
 * @see src/actors/engines/llama/chat-history.ts, CH1
 * @module
 */
import { expect, test } from "vitest";
import type { ChatMessage } from "../../../../../machines/request.ts";
import { functionsOf, historyOf } from "../../../../../src/actors/engines/llama/chat-history.ts";

const user: ChatMessage = { role: "user", content: "Go" };
const calling: ChatMessage = {
  role: "assistant",
  content: "Let me see.",
  calls: [
    { id: "a", name: "act", arguments: '{"level": 1}' },
    { id: "b", name: "rest", arguments: "{}" },
  ],
};
const answers: readonly ChatMessage[] = [
  { role: "tool", content: "not now", callId: "b" },
  { role: "tool", content: '{"ok": true}', callId: "a" },
];
const open = { type: "model", response: [] };
const asked = { type: "user", text: "Go" };
const acted = { type: "functionCall", name: "act", params: { level: 1 }, result: { ok: true }, startsNewChunk: true };
const rested = { type: "functionCall", name: "rest", params: {}, result: "not now", startsNewChunk: false };

test("CH1 the model goes on in the turn in which it called, behind the answers by the ids of the calls", () => {
  const turn = { type: "model", response: ["Let me see.", acted, rested] };
  expect(historyOf([user, calling, ...answers])).toEqual([asked, turn]);
});

test("CH1 what it said behind the answers is the same turn; a user begins another", () => {
  const turn = { type: "model", response: ["Let me see.", acted, rested, "Done."] };
  const done: ChatMessage = { role: "assistant", content: "Done." };
  expect(historyOf([user, calling, ...answers, done])).toEqual([asked, turn]);
  expect(historyOf([user, calling, ...answers, done, user])).toEqual([asked, turn, asked, open]);
});

test("without calls each message is an item, and an assistant's at the end is gone on with", () => {
  const assistant: ChatMessage = { role: "assistant", content: "Yes" };
  const said = { type: "model", response: ["Yes"] };
  expect(historyOf([{ role: "system", content: "" }, user])).toEqual([{ type: "system", text: "" }, asked, open]);
  expect(historyOf([user, assistant, assistant])).toEqual([asked, said, said]);
});

test("a function without parameters takes an object without properties", () => {
  const parameters = { properties: { a: { type: "string" } } };
  expect(
    functionsOf({ functions: [{ name: "a" }, { name: "b", parameters }], choice: "auto", parallel: true }),
  ).toEqual({
    a: { params: { type: "object", properties: {} } },
    b: { params: { type: "object", ...parameters } },
  });
});
