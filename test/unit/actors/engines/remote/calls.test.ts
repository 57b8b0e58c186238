/**
 * Goal: the calls of somebody else's server are told as they were meant, in order and whole, or not at all.
 * Method: a server on loopback that says exactly this, asked through the real way out.
 *
 * @see src/actors/engines/remote/calls.ts, CP1 to CP4; hearing.ts, HE1 HE2; openai.ts, OA4 OA5; ollama.ts, OL3;
 *      engine.ts, RE10
 * @module
 */
import { describe, expect, test } from "vitest";
import type { ChatMessage, Tools } from "../../../../../machines/request.ts";
import { openaiDialect } from "../../../../../src/actors/engines/remote/openai.ts";
import { answering, ASKED, loaded, never } from "../../../../support/remote-stage.ts";

const TOOLS: Tools = { functions: [{ name: "look" }, { name: "act" }], choice: "auto", parallel: true };
const DONE = "data: [DONE]\n\n";

type Delta = readonly [index: number | null, name: string | null, args: string | null];

/** One event with these pieces of calls. */
const event = (...deltas: readonly Delta[]): string => {
  const tool_calls = deltas.map(([index, name, args]) => ({ index, function: { name, arguments: args } }));
  return `data: ${JSON.stringify({ choices: [{ delta: { tool_calls }, finish_reason: null }] })}\n\n`;
};
const text = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const end = (finish: string): string =>
  `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: finish }] })}\n\n${DONE}`;

async function saying(body: string, dialect: "openai" | "ollama" = "openai") {
  const made = await loaded({ dialect });
  made.served.mood = { instead: answering(200, body) };
  return made;
}

const heardOf = async (body: string, more: Parameters<Awaited<ReturnType<typeof saying>>["generate"]>[0] = {}) =>
  (await saying(body)).generate({ tools: TOOLS, ...more });

describe("pieces of calls", () => {
  const whole = [
    { name: "look", arguments: `{"at":"a 🐝"}` },
    { name: "act", arguments: `{"n":1}` },
  ];

  test.each<readonly [string, readonly (readonly Delta[])[]]>([
    ["one after the other", [[[0, "look", `{"at":`]], [[0, null, `"a 🐝"}`]], [[1, "act", `{"n":1}`]]]],
    ["mixed", [[[0, "look", ""]], [[1, "act", `{"n"`]], [[0, null, `{"at":"a 🐝"}`]], [[1, null, ":1}"]]]],
    [
      "several at once",
      [
        [
          [0, "look", `{"at":"a 🐝`],
          [1, "act", `{"n":`],
        ],
        [
          [1, "", "1}"],
          [0, "", `"}`],
        ],
      ],
    ],
    ["without an index", [[[null, "look", `{"at":`]], [[null, null, `"a 🐝"}`]], [[null, "act", `{"n":1}`]]]],
    ["with the name in each", [[[7, "look", `{"at":`]], [[7, "look", `"a 🐝"}`]], [[9, "act", `{"n":1}`]]]],
    ["cut within a character", [[[0, "look", `{"at":"a \uD83D`]], [[0, null, `\uDC1D"}`]], [[1, "act", `{"n":1}`]]]],
  ])("CP1 that come %s are told one call after the other", async (_how, events) => {
    const body = events.map((deltas) => event(...deltas)).join("");
    expect(await heardOf(body + end("tool_calls"))).toMatchObject({ finish: "tool_calls", text: "", calls: whole });
  });

  test("CP1 more of a call that was whole, or another name for it, is foreign", async () => {
    const both = event([0, "look", "{}"]) + event([1, "act", "{"]);
    for (const more of [event([0, null, "{}"]), event([1, "look", "}"])]) {
      await expect(heardOf(both + more + end("tool_calls"))).rejects.toMatchObject({ code: "endpoint.foreign" });
    }
  });

  test("CP2 no arguments at all are an object without members", async () => {
    const body = event([0, "look", null]) + event([1, "act", ""]);
    const calls = [
      { name: "look", arguments: "{}" },
      { name: "act", arguments: "{}" },
    ];
    expect(await heardOf(body + end("tool_calls"))).toMatchObject({ finish: "tool_calls", calls });
  });

  test.each([
    ["broken JSON", event([0, "look", `{"at":`])],
    ["JSON that is no object", event([0, "look", `["a"]`])],
    ["two objects in one", event([0, "look", `{}{}`])],
    ["no name", event([0, null, `{}`])],
    ["a function that nobody offered", event([0, "format_disk", `{}`])],
  ])("CP2 a call with %s is a failure, never an answer", async (_what, body) => {
    await expect(heardOf(body + end("tool_calls"))).rejects.toMatchObject({ code: "endpoint.refused" });
  });

  test("CP2 a call nobody asked for at all is a failure", async () => {
    const call = heardOf(event([0, "look", "{}"]) + end("tool_calls"), { tools: undefined });
    await expect(call).rejects.toMatchObject({ code: "endpoint.refused" });
  });

  test("CP2 the last call of an answer that was cut may be unfinished, and no other one", async () => {
    const last = event([0, "look", "{}"]) + event([1, "act", `{"n"`]);
    expect(await heardOf(last + end("length"))).toMatchObject({
      finish: "length",
      calls: [
        { name: "look", arguments: "{}" },
        { name: "act", arguments: `{"n"` },
      ],
    });
    const first = event([0, "look", `{"at"`]) + event([1, "act", "{}"]);
    await expect(heardOf(first + end("length"))).rejects.toMatchObject({ code: "endpoint.refused" });
  });

  test("CP3 where one call was asked for, no other is told", async () => {
    const body = event([0, "look", "{}"]) + event([1, "act", "{}"]) + end("tool_calls");
    const calls = [{ name: "look", arguments: "{}" }];
    expect(await heardOf(body, { tools: { ...TOOLS, parallel: false } })).toMatchObject({ calls });
    const cut = event([0, "look", "{}"]) + event([1, "act", "{"]) + end("length");
    const once = await heardOf(cut, { tools: { ...TOOLS, parallel: false } });
    expect(once).toMatchObject({ calls, finish: "tool_calls" });
    expect(await heardOf(body, { tools: { ...TOOLS, choice: { name: "look" } } })).toMatchObject({ calls });
  });

  test("CP4 an answer is gone on with behind the calls that were said, and other calls are no such answer", async () => {
    const body = text("I ") + event([0, "look", `{"at":1}`]) + event([1, "act", `{"n":2}`]) + end("tool_calls");
    const said = { said: "I ", saidCalls: [{ name: "look", arguments: `{"at"` }] };
    expect(await heardOf(body, said)).toMatchObject({ text: "", finish: "tool_calls" });
    expect((await heardOf(body, said)).calls.map((call) => call.arguments)).toEqual([`{"at":1}`, `{"n":2}`]);
    for (const saidCalls of [
      [{ name: "act", arguments: "" }],
      [{ name: "look", arguments: `{"on"` }],
      [{ name: "look", arguments: `{"at":1} and more` }],
      [...said.saidCalls, { name: "act", arguments: "" }, { name: "act", arguments: "" }],
    ]) {
      await expect(heardOf(body, { ...said, saidCalls })).rejects.toMatchObject({ code: "endpoint.cut" });
    }
    await expect(heardOf(body, { ...said, said: "I see" })).rejects.toMatchObject({ code: "endpoint.cut" });
  });

  test("CP4 nothing is told behind calls that were said of other ones", async () => {
    const { engine } = await saying(event([0, "look", `{"on":1}`]) + end("tool_calls"));
    const told: string[] = [];
    const request = { ...ASKED, tools: TOOLS, saidCalls: [{ name: "look", arguments: `{"at"` }] };
    const call = engine.generate(request, (piece) => void told.push(piece), never);
    await expect(call).rejects.toMatchObject({ code: "endpoint.cut" });
    expect(told).toEqual([]);
  });

  test("RE5 calls without end are cut", async () => {
    const body = event(...Array.from({ length: 4_000 }, (_, index): Delta => [index, "look", null]));
    await expect(heardOf(body + end("tool_calls"))).rejects.toMatchObject({ code: "endpoint.failed" });
  });
});

describe("the answer around calls", () => {
  test("HE1 is text before them, and what comes behind them is not told", async () => {
    const body = text("I look.") + event([0, "look", "{}"]) + text("Done!") + end("tool_calls");
    expect(await heardOf(body)).toMatchObject({ text: "I look.", calls: [{ name: "look" }], finish: "tool_calls" });
  });

  test("HE1 is no text where something has to be called, and without a call it is a failure", async () => {
    const tools: Tools = { ...TOOLS, choice: "required" };
    const body = text("Sure.") + event([0, "look", "{}"]) + end("tool_calls");
    expect(await heardOf(body, { tools })).toMatchObject({ text: "", calls: [{ name: "look" }] });
    for (const finish of ["stop", "tool_calls"]) {
      const call = heardOf(text("No.") + end(finish), { tools });
      await expect(call).rejects.toMatchObject({ code: "endpoint.refused" });
    }
    expect(await heardOf(text("Well, ") + end("length"), { tools })).toMatchObject({ text: "", finish: "length" });
  });

  test("HE2 ends with tool_calls also where the server says that it just stopped", async () => {
    expect(await heardOf(event([0, "look", "{}"]) + end("stop"))).toMatchObject({ finish: "tool_calls" });
  });

  test("HE2 ends as any other where nothing was called, and with what a stop would have held back", async () => {
    const body = text("all of it EN") + end("stop");
    expect(await heardOf(body, { stops: ["END"] })).toMatchObject({ finish: "stop", text: "all of it EN" });
    const calls = text("I look EN") + event([0, "look", "{}"]) + end("stop");
    expect(await heardOf(calls, { stops: ["END"] })).toMatchObject({ text: "I look EN", calls: [{ name: "look" }] });
  });
});

describe("what is asked", () => {
  const history: readonly ChatMessage[] = [
    { role: "user", content: "Where?" },
    { role: "assistant", content: "", calls: [{ id: "c1", name: "look", arguments: `{"at":1}` }] },
    { role: "tool", content: "here", callId: "c1" },
  ];
  const asking = async (dialect: "openai" | "ollama", tools: Tools) => {
    const made = await loaded({ dialect, isEager: true });
    await made.generate({ tools, input: { messages: history }, maxTokens: 300 });
    return JSON.parse(made.served.work.at(-1)?.body ?? "") as Record<string, unknown>;
  };
  const described = (name: string) => ({ function: { name, parameters: { type: "object", properties: {} } } });

  test("OA4 OpenAI's dialect says what may be called, whether it must be, and whether once", async () => {
    const body = await asking("openai", TOOLS);
    expect(body).toMatchObject({ tools: [described("look"), described("act")], tool_choice: "auto" });
    expect(body).not.toHaveProperty("parallel_tool_calls");
    expect(await asking("openai", { ...TOOLS, parallel: false })).toMatchObject({ parallel_tool_calls: false });
    const forced = await asking("openai", { ...TOOLS, choice: { name: "act" } });
    expect(forced).toMatchObject({ tool_choice: "required", parallel_tool_calls: false });
    expect(forced["tools"]).toHaveLength(1);
    expect(forced["tools"]).toMatchObject([described("act")]);
  });

  test("the answers to calls are told with the calls, in either dialect", async () => {
    expect((await asking("openai", TOOLS))["messages"]).toEqual([
      { role: "user", content: "Where?" },
      {
        role: "assistant",
        content: "",
        tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: `{"at":1}` } }],
      },
      { role: "tool", content: "here", tool_call_id: "c1" },
    ]);
    expect((await asking("ollama", TOOLS))["messages"]).toEqual([
      { role: "user", content: "Where?" },
      { role: "assistant", content: "", tool_calls: [{ id: "c1", function: { name: "look", arguments: { at: 1 } } }] },
      { role: "tool", content: "here", tool_name: "look", tool_call_id: "c1" },
    ]);
  });

  test("OL3 Ollama is told of the one function that has to be called, and an answer without a call is a failure", async () => {
    const tools: Tools = { ...TOOLS, choice: { name: "act" } };
    expect((await asking("ollama", tools))["tools"]).toMatchObject([described("act")]);
    const line = (message: object, more: object) => `${JSON.stringify({ message, ...more })}\n`;
    const done = line({ content: "" }, { done: true, done_reason: "stop" });
    const mute = await saying(line({ content: "Why?" }, { done: false }) + done, "ollama");
    await expect(mute.generate({ tools })).rejects.toMatchObject({ code: "endpoint.refused" });
    const tool_calls = [{ function: { name: "act", arguments: { n: 1 } } }, { function: { name: "act" } }];
    const willing = await saying(line({ content: "", tool_calls }, { done: false }) + done, "ollama");
    expect(await willing.generate({ tools: TOOLS })).toMatchObject({
      finish: "tool_calls",
      calls: [
        { name: "act", arguments: `{"n":1}` },
        { name: "act", arguments: "{}" },
      ],
    });
  });

  test("OA5 a model without a chat template is asked for no call", () => {
    const ask = () => openaiDialect("there", true).generate("model", { ...ASKED, tools: TOOLS }, 10, 512);
    expect(ask).toThrow(expect.objectContaining({ code: "request.invalid", details: { field: "tools" } }));
  });

  test.each([
    [400, `"llama2" does not support tools`],
    [500, "tools param requires --jinja flag"],
    [400, `"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set`],
  ])("RE10 a server whose model can call nothing has the request refused: %d %s", async (status, message) => {
    const made = await loaded();
    made.served.mood = { instead: answering(status, JSON.stringify({ error: { message } })) };
    const refused = { code: "request.invalid", details: { field: "tools" } };
    await expect(made.generate({ tools: TOOLS })).rejects.toMatchObject(refused);
    await expect(made.generate()).rejects.not.toMatchObject(refused);
  });
});
