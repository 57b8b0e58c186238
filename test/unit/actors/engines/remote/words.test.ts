/**
 * Goal: the words of each dialect are read as they were meant, whatever the network makes of them, or refused.
 * Method: a server on loopback that says exactly this.
 *
 * @see src/actors/engines/remote/openai.ts, OA1 to OA3; ollama.ts, OL1 OL2; lines.ts, LN1 LN2; engine.ts, RE5 RE6
 * @module
 */
import { describe, expect, test } from "vitest";
import { answering, loaded, never } from "../../../../support/remote-stage.ts";

describe("the words of a stream", () => {
  /** A server that says exactly this, in one piece or cut after every byte. */
  async function saying(body: string, bytewise = false) {
    const made = await loaded();
    made.served.mood = {
      instead(_asked, response) {
        const bytes = Buffer.from(body);
        const pieces = bytewise ? [...bytes].map((byte) => Buffer.of(byte)) : [bytes];
        for (const piece of pieces) response.write(piece);
        response.end();
        return true;
      },
    };
    return made;
  }
  const piece = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ choices: [{ delta, finish_reason: finish }] })}\n\n`;
  const DONE = "data: [DONE]\n\n";

  test("are whole however the network cuts them, with any ends of lines, comments and names of events", async () => {
    const first = piece({ role: "assistant", content: "Löst 🐝" }).replaceAll("\n", "\r\n");
    const thought = piece({ content: null, reasoning_content: "hm" });
    const body = `: hello\r\n\r\nevent: x\r\n${first}${thought}${piece({ content: " ja" }, "stop")}${DONE}`;
    expect(await (await saying(body, true)).generate()).toMatchObject({ text: "Löst 🐝 ja", finish: "stop" });
  });

  test("a character that comes in two halves is told whole", async () => {
    const halves = [..."🐝".split("")].map(
      (half) => `data: {"choices":[{"delta":{"content":"\\u${half.charCodeAt(0).toString(16)}"}}]}\n\n`,
    );
    expect((await (await saying(`${halves.join("")}${piece({}, "stop")}${DONE}`)).generate()).text).toBe("🐝");
  });

  test("OA1 a finish without the closing word is a break, and so is the closing word without a finish", async () => {
    const open = await saying(piece({ content: "a" }, "stop"));
    await expect(open.generate()).rejects.toMatchObject({ code: "endpoint.failed" });
    const bare = await saying(`${piece({ content: "a" })}${DONE}`);
    await expect(bare.generate()).rejects.toMatchObject({ code: "endpoint.failed" });
  });

  test.each(["content_filter", "tool_calls"])("OA2 a finish of %s is no answer", async (finish) => {
    const { generate } = await saying(`${piece({ content: "a" }, finish)}${DONE}`);
    await expect(generate()).rejects.toMatchObject({ code: "endpoint.refused" });
  });

  test("a piece that is none is foreign, and a line without end is not kept", async () => {
    await expect((await saying("data: {}\n\n")).generate()).rejects.toMatchObject({ code: "endpoint.foreign" });
    for (const begun of [": a comment ", "data: "]) {
      const { generate } = await saying(begun + "x".repeat(5 * 2 ** 20));
      await expect(generate()).rejects.toMatchObject({ code: "endpoint.foreign" });
    }
  });

  test("RE5 a server that never stops is cut", async () => {
    const { generate } = await saying(
      `${piece({ content: "word ".repeat(1000) }).repeat(3)}${piece({}, "stop")}${DONE}`,
    );
    await expect(generate()).rejects.toMatchObject({ code: "endpoint.failed" });
  });

  test("RE6 what was to be JSON and is none is refused: the server has no grammar", async () => {
    const { generate } = await saying(`${piece({ content: "Sure! {" }, "stop")}${DONE}`);
    await expect(generate({ jsonSchema: { type: "boolean" } })).rejects.toMatchObject({ code: "endpoint.refused" });
  });
});

test("what chooses tokens is passed on where it was asked for, under every name that servers have for it", async () => {
  const { generate, served } = await loaded();
  await generate({ sampling: { topP: 0.5, repeatPenalty: 1.5 } });
  const body = JSON.parse(served.work.at(-1)?.body ?? "") as object;
  expect(body).toMatchObject({ top_p: 0.5, repeat_penalty: 1.5, repetition_penalty: 1.5 });
  expect(body).not.toHaveProperty("top_k");
});

test.each(["openai", "ollama"] as const)(
  "the seed that llama.cpp takes for none is not sent to %s",
  async (dialect) => {
    const { generate, served } = await loaded({ dialect });
    await generate({ seed: 0xffff_ffff });
    const body = JSON.parse(served.work.at(-1)?.body ?? "") as { seed?: number; options?: { seed: number } };
    expect(body.seed ?? body.options?.seed).toBe(0);
  },
);

test("OA3 a server that wants the newer word for the most tokens gets it, and is asked in it from then on", async () => {
  const { generate, served } = await loaded();
  served.mood = {
    instead({ method, body }, response) {
      if (method === "GET" || "max_completion_tokens" in (JSON.parse(body) as object)) return false;
      const message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.";
      response.writeHead(400).end(JSON.stringify({ error: { message } }));
      return true;
    },
  };
  expect((await generate({ maxTokens: 5 })).completionTokens).toBe(5);
  await generate({ maxTokens: 5 });
  expect(served.work).toHaveLength(3);
});

describe("vectors", () => {
  const wrong = (data: readonly object[]) => JSON.stringify({ data });
  test.each([
    ["too few", wrong([{ index: 0, embedding: [1] }])],
    [
      "of different sizes",
      wrong([
        { index: 0, embedding: [1] },
        { index: 1, embedding: [1, 2] },
      ]),
    ],
    [
      "nothing but zeros",
      wrong([
        { index: 0, embedding: [0] },
        { index: 1, embedding: [1] },
      ]),
    ],
    [
      "no numbers",
      wrong([
        { index: 0, embedding: ["a"] },
        { index: 1, embedding: [1] },
      ]),
    ],
  ])("that are %s are no answer", async (_what, body) => {
    const { engine, served } = await loaded();
    served.mood = { instead: answering(200, body) };
    await expect(engine.embed(["a", "b"], never)).rejects.toMatchObject({ code: "endpoint.foreign" });
  });
});

test.each([`{"done":true}`, `{"done":true,"done_reason":"unload"}`])(
  "OL1 a last line that does not say why it is the last is a break: %s",
  async (line) => {
    const { generate, served } = await loaded({ dialect: "ollama" });
    served.mood = { instead: answering(200, `{"message":{"content":"a"},"done":false}\n${line}\n`) };
    await expect(generate()).rejects.toMatchObject({ code: "endpoint.failed" });
  },
);

test("OL2 Ollama is asked to refuse what is too long instead of cutting it, and for the context that was promised", async () => {
  const { generate, engine, served } = await loaded({ dialect: "ollama" });
  await generate();
  await engine.embed(["a"], never);
  const bodies = served.work.map(({ body }) => JSON.parse(body) as object);
  expect(bodies[0]).toMatchObject({ truncate: false, shift: false, options: { num_ctx: 512, num_predict: 30 } });
  expect(bodies[1]).toMatchObject({ truncate: false });
});
