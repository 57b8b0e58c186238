/**
 * Goal: a response is one thing, told whole or event by event; and its input is the dialogue it stands for.
 *
 * @see src/doors/openai/response-events.ts, OE1 OE2; responses-schema.ts, OS1
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { z } from "zod";
import { ResponseEvents } from "../../../../src/doors/openai/response-events.ts";
import { responseJob } from "../../../../src/doors/openai/responses.ts";
import { responsesRequest } from "../../../../src/doors/openai/responses-schema.ts";
import type { Heard } from "../../../../src/doors/run.ts";
import { parseWith } from "../../../../src/protocol/parse.ts";

const usage = { promptTokens: 7, completionTokens: 3, firstTokenMs: 1, totalMs: 2 };
const jobOf = (body: object) => responseJob(parseWith(responsesRequest, { model: "m", ...body }));

const textPieces = fc.array(
  fc.string({ minLength: 1, maxLength: 3 }).map((text): Heard => ({ type: "text", text })),
  { maxLength: 3 },
);
const callPieces = fc
  .tuple(fc.constantFrom("act", "rest"), fc.array(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 3 }))
  .map(([name, jsons]): Heard[] => [
    { type: "call", id: name, name },
    ...jsons.map((json): Heard => ({ type: "arguments", json })),
  ]);
const answers = fc
  .tuple(textPieces, fc.array(callPieces, { maxLength: 3 }), fc.constantFrom("stop", "length", "tool_calls"))
  .map(([said, called, finish]): Heard[] => {
    const calls = called.map(([first, ...more], index) =>
      first?.type === "call" ? [{ ...first, id: `call_j_${index}` }, ...more] : [],
    );
    return [...said, ...calls.flat(), { type: "ended", ended: { finish, usage, queuedMs: 0, loadMs: 0 } }];
  });

const event = z.looseObject({
  type: z.string(),
  sequence_number: z.int(),
  output_index: z.int().optional(),
  item: z.looseObject({ id: z.string() }).optional(),
  item_id: z.string().optional(),
  delta: z.string().optional(),
  response: z.looseObject({ status: z.string(), output: z.array(z.unknown()) }).optional(),
});

const told = (heard: readonly Heard[]): z.infer<typeof event>[] => {
  const events = new ResponseEvents("j", {});
  return heard.flatMap((part) => [...events.hear(part)]).map((one) => event.parse(one));
};

test.prop([answers])("OE2 events are numbered by one, and the last, and no other, is the end", (heard) => {
  const events = told(heard);
  expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index));
  const isEnd = ({ type }: { readonly type: string }): boolean =>
    type === "response.completed" || type === "response.incomplete";
  expect(events.findIndex(isEnd)).toBe(events.length - 1);
  const isCut = heard.some((part) => part.type === "ended" && part.ended.finish === "length");
  expect(events.at(-1)?.response?.status).toBe(isCut ? "incomplete" : "completed");
  expect(events.slice(0, 2).map(({ type }) => type)).toEqual(["response.created", "response.in_progress"]);
});

test.prop([answers])("OE1 an item is added, filled and done before the next, and stands so in the whole", (heard) => {
  let open: { readonly id: string; said: string } | undefined;
  const done: unknown[] = [];
  const last = told(heard).map((one) => {
    const { type, output_index: at, item, item_id: id, delta } = one;
    if (type === "response.output_item.added") {
      expect([open, at]).toEqual([undefined, done.length]);
      open = { id: item?.id ?? "", said: "" };
    } else if (type === "response.output_item.done") {
      expect([item?.id, at]).toEqual([open?.id, done.length]);
      expect(JSON.stringify(item)).toContain(JSON.stringify(open?.said));
      done.push(item);
      open = undefined;
    } else if (id !== undefined) {
      expect([id, at]).toEqual([open?.id, done.length]);
      if (open !== undefined) open.said += delta ?? "";
    }
    return one;
  });
  expect(last.at(-1)?.response?.output).toEqual(done);
  expect(done.length).toBeGreaterThan(0);
  expect(new Set(done.map((item) => event.shape.item.parse(item)?.id)).size).toBe(done.length);
});

describe("what is asked", () => {
  test("a text is what the user says, behind the instructions", () => {
    expect(jobOf({ input: "Go", instructions: "Be brief.", max_output_tokens: 9 })).toMatchObject({
      capability: "text",
      maxTokens: 9,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Go" },
      ],
    });
  });

  test("items are a dialogue: calls behind each other are one turn, with what was said before them", () => {
    const call = (id: string): object => ({ type: "function_call", call_id: id, name: "act", arguments: "{}" });
    const input = [
      { role: "user", content: [{ type: "input_text", text: "Go" }] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "Well.", annotations: [] }] },
      { ...call("a"), id: "fc_1", status: "completed" },
      call("b"),
      { type: "function_call_output", call_id: "a", output: "1" },
      { type: "function_call_output", call_id: "b", output: [{ type: "input_text", text: "2" }] },
    ];
    const calls = ["a", "b"].map((id) => ({ id, name: "act", arguments: "{}" }));
    expect(jobOf({ input }).messages).toEqual([
      { role: "user", content: "Go" },
      { role: "assistant", content: "Well.", calls },
      { role: "tool", content: "1", callId: "a" },
      { role: "tool", content: "2", callId: "b" },
    ]);
  });

  test("tools and the form of the text are the job's", () => {
    const tools = [{ type: "function", name: "act", parameters: { type: "object" }, strict: true }];
    const asked = { input: "Go", tools, tool_choice: { type: "function", name: "act" }, parallel_tool_calls: false };
    expect(jobOf(asked).tools).toEqual({
      functions: [{ name: "act", parameters: { type: "object" }, strict: true }],
      choice: { name: "act" },
      parallel: false,
    });
    const schema = { type: "object", properties: {} };
    expect(jobOf({ input: "Go", text: { format: { type: "json_schema", name: "n", schema } } }).jsonSchema).toEqual(
      schema,
    );
    expect(jobOf({ input: "Go", text: { format: { type: "json_object" } } }).jsonSchema).toMatchObject({
      type: "object",
    });
  });

  test.each([
    ["previous_response_id", { previous_response_id: "resp_1" }],
    ["store", { store: true }],
    ["conversation", { conversation: "c" }],
    ["background", { background: true }],
    ["truncation", { truncation: "auto" }],
    ["include.0", { include: ["message.output_text.logprobs"] }],
    ["tools.0.type", { tools: [{ type: "file_search" }] }],
    ["tool_choice", { tool_choice: "required" }],
    ["seed", { seed: 1 }],
    ["messages.0", { input: [{ type: "function_call_output", call_id: "a", output: "" }] }],
  ])("OS1 %s is refused by its name", (field, more) => {
    const details = expect.objectContaining({ field });
    expect(() => jobOf({ input: "Go", ...more })).toThrow(
      expect.objectContaining({ code: "request.invalid", details }),
    );
  });

  test("OS1 what changes nothing is taken, as clients send it", () => {
    const idle = {
      store: false,
      previous_response_id: null,
      truncation: "disabled",
      include: [],
      tools: [],
      user: "u",
    };
    expect(() => jobOf({ input: "Go", ...idle })).not.toThrow();
  });
});
