/**
 * Goal: what a model is given to call, and what was called before, fit together before anything is queued.
 *
 * @see src/doors/tools.ts, TO1 TO2; pieces.ts, PI1
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { ChatMessage } from "../../../machines/request.ts";
import { Gathered, pieceOf } from "../../../src/doors/pieces.ts";
import { checkedMessages, messagesOf, toolsOf } from "../../../src/doors/tools.ts";
import type { Chunk } from "../../../src/protocol/worker.ts";

const call = (id: string, args = "{}") => ({ id, name: "act", arguments: args });
const user: ChatMessage = { role: "user", content: "Go" };
const calling = (...calls: readonly ReturnType<typeof call>[]): ChatMessage => ({
  role: "assistant",
  content: "",
  calls,
});
const answer = (callId: string): ChatMessage => ({ role: "tool", content: "done", callId });

describe("TO1 each call is answered, once, before anything else is said", () => {
  test("in any order, and text may follow", () => {
    const messages = [user, calling(call("a"), call("b")), answer("b"), answer("a"), user];
    expect(checkedMessages(messages)).toBe(messages);
  });

  test.each([
    ["an answer to nothing", [user, answer("a")], "messages.1"],
    ["an answer twice", [user, calling(call("a")), answer("a"), answer("a")], "messages.3"],
    ["a user before the answer", [user, calling(call("a")), user], "messages.2"],
    ["no answer at the end", [user, calling(call("a"))], "messages"],
    ["one id for two calls", [user, calling(call("a"), call("a")), answer("a")], "messages.1"],
    ["arguments that are no object", [user, calling(call("a", "[]")), answer("a")], "messages.1"],
    ["arguments that are no JSON", [user, calling(call("a", "{")), answer("a")], "messages.1"],
  ])("%s is refused, and named", (_what, messages, field) => {
    expect(() => checkedMessages(messages)).toThrow(expect.objectContaining({ code: "request.invalid" }));
    expect(() => checkedMessages(messages)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ field }) }),
    );
  });

  test("rbee's own words for them are the same", () => {
    const calls = [call("a")];
    expect(
      messagesOf([
        { role: "user", content: "Go" },
        { role: "assistant", content: "", tool_calls: calls },
        { role: "tool", content: "done", tool_call_id: "a" },
      ]),
    ).toEqual([user, calling(...calls), answer("a")]);
  });
});

describe("TO2 who has to call something has something to call", () => {
  const functions = [{ name: "act" }, { name: "rest" }];
  const asked = { functions, choice: undefined, parallel: undefined } as const;

  test("nobody has to by default, and several may be called", () => {
    expect(toolsOf(asked)).toEqual({ functions, choice: "auto", parallel: true });
    expect(toolsOf({ ...asked, choice: { name: "act" }, parallel: false })).toEqual({
      functions,
      choice: { name: "act" },
      parallel: false,
    });
  });

  test("nothing is called where nothing is there, or may be", () => {
    expect(toolsOf({ ...asked, functions: [] })).toBeUndefined();
    expect(toolsOf({ ...asked, functions: undefined })).toBeUndefined();
    expect(toolsOf({ ...asked, choice: "none" })).toBeUndefined();
  });

  test.each([
    ["tool_choice", { choice: { name: "sing" } }],
    ["tool_choice", { choice: "required", functions: [] }],
    ["tools", { functions: [{ name: "act" }, { name: "act" }] }],
  ] as const)("%s that cannot be is refused", (field, more) => {
    expect(() => toolsOf({ ...asked, ...more })).toThrow(
      expect.objectContaining({ code: "request.invalid", details: expect.objectContaining({ field }) }),
    );
  });
});

test.prop([fc.array(fc.array(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 4 }), { maxLength: 4 })])(
  "PI1 the arguments of a call are the pieces behind its name, up to the next",
  (called) => {
    const gathered = new Gathered();
    const parts = called.flatMap((json) => [
      { kind: "call", text: "act" } as const,
      ...json.map((text) => ({ kind: "arguments", text }) as const),
    ]);
    const said = [{ kind: "text", text: "Well." } as const, ...parts];
    for (const [index, part] of said.entries()) {
      const chunk: Chunk = { job: "j1", attempt: 1, index, tokens: 1, ...part };
      gathered.add(pieceOf(chunk));
    }
    expect(gathered.text).toBe("Well.");
    expect(gathered.calls.map((one) => one.arguments)).toEqual(called.map((json) => json.join("")));
    expect(new Set(gathered.calls.map(({ id }) => id)).size).toBe(called.length);
  },
);
