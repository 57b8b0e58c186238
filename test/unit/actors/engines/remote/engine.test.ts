/**
 * Goal: whatever somebody else's server does, it is an answer, or a failure with its own code: never half of one.
 * Method: a server on loopback that misbehaves, asked through the real way out; waiting is on a clock of the test's.
 *
 * @see src/actors/engines/remote/engine.ts, RE1 to RE7; openai.ts, OA1 OA2; ollama.ts, OL1 OL2; failure.ts, RF1 RF2;
 * patience.ts, PA1 PA2; src/hosts/remote-server.ts, SV1 to SV3
 * @module
 */
import type { ServerResponse } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import type { GenerateRequest } from "../../../../../src/actors/engines/engine.ts";
import { RemoteEngine } from "../../../../../src/actors/engines/remote/engine.ts";
import { ollamaDialect } from "../../../../../src/actors/engines/remote/ollama.ts";
import { openaiDialect } from "../../../../../src/actors/engines/remote/openai.ts";
import { TRIES_MAX, WAIT_MS_MAX } from "../../../../../src/actors/engines/remote/patience.ts";
import { remoteServer, type ServerAddress, type ServerTimes } from "../../../../../src/hosts/remote-server.ts";
import { waitUntil } from "../../../../support/children.ts";
import { ModelServer, type ModelServerOptions } from "../../../../support/model-server.ts";

const SOON_MS = 10_000;
const SILENT: ServerTimes = { headMs: 1_000, silentMs: 1_000 };
const BOTH = ["openai", "ollama"] as const;
const SPEC = { modelPath: "", contextTokens: 512, slots: 4, threads: 1, gpu: "none" } as const;
const ASKED: GenerateRequest = { input: { prompt: "a hive" }, said: "", maxTokens: 30, temperature: 0, seed: 1 };
const never = new AbortController().signal;

interface Setup extends Partial<ModelServerOptions> {
  readonly address?: Partial<ServerAddress>;
  readonly times?: ServerTimes;
  readonly model?: string;
  /** No wait is ever over. */
  readonly isFrozen?: boolean;
}

/** A server, an engine that asks it, and the waits that the engine began: each is over as soon as it is looked at. */
async function stage({ address, times, model = "model", isFrozen = false, ...options }: Setup = {}) {
  const { dialect = "openai" } = options;
  const served = await ModelServer.start({ ...options, dialect });
  onTestFinished(() => served.close());
  const waits: number[] = [];
  let nowMs = 0;
  const engine = new RemoteEngine({
    model,
    dialect: (dialect === "openai" ? openaiDialect : ollamaDialect)("there"),
    server: remoteServer({ name: "there", url: served.url, key: options.key, upTo: "private", ...address }, times),
    clock: {
      now: () => nowMs,
      after(delayMs, run) {
        waits.push(delayMs);
        if (isFrozen) return;
        nowMs += delayMs;
        setImmediate(run);
      },
    },
    probe: "list",
  });
  const load = () => engine.load(SPEC, () => {}, never);
  const generate = async (more: Partial<GenerateRequest> = {}, signal = never) => {
    let text = "";
    const end = await engine.generate({ ...ASKED, ...more }, (piece) => void (text += piece), signal);
    return { ...end, text };
  };
  return { served, engine, waits, load, generate, pass: (ms: number) => void (nowMs += ms) };
}

async function loaded(setup?: Setup) {
  const made = await stage(setup);
  await made.load();
  return made;
}

/** Refuses so often, then lets through. */
function refusing(times: number, status: number, headers: Record<string, string> = {}) {
  let left = times;
  return (asked: { readonly method: string }, response: ServerResponse): boolean => {
    if (asked.method === "GET" || left === 0) return false;
    left -= 1;
    response.writeHead(status, headers).end(JSON.stringify({ error: { message: "slow down" } }));
    return true;
  };
}

const answering =
  (status: number, body: string) =>
  (_asked: unknown, response: ServerResponse): boolean => {
    response.writeHead(status, { "content-type": "application/json" }).end(body);
    return true;
  };

describe("loading", () => {
  test("RE1 finds the model in the list, and takes no memory here", async () => {
    const { load, served } = await stage({ contextTokens: 300 });
    expect(await load()).toMatchObject({ backend: "remote", memoryBytes: 0, contextTokens: 300, slots: 4 });
    expect(served.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /v1/models"]);
  });

  test("RE1 a server without the model is told with what it has", async () => {
    const { load } = await stage({ model: "other", models: ["one", "two"] });
    await expect(load()).rejects.toMatchObject({
      code: "model.not.found",
      message: expect.stringContaining(`it has "one", "two"`),
    });
  });

  test("RE1 Ollama's latest is meant by a name without a tag", async () => {
    const { load } = await stage({ dialect: "ollama", model: "qwen", models: ["qwen:latest"] });
    expect(await load()).toMatchObject({ backend: "remote" });
  });

  test("RE7 a model that Ollama has somebody else run is refused: nobody has said what those may be given", async () => {
    const { load, served } = await stage({ dialect: "ollama" });
    const model = { name: "model", remote_host: "https://elsewhere.example" };
    served.mood = { instead: answering(200, JSON.stringify({ models: [model] })) };
    await expect(load()).rejects.toMatchObject({ code: "endpoint.elsewhere" });
  });

  test("SV1 a server that is not there is unreachable, and one that says nothing is stalled", async () => {
    const gone = await stage();
    await gone.served.close();
    await expect(gone.load()).rejects.toMatchObject({ code: "endpoint.unreachable" });
    const mute = await stage({ times: SILENT });
    mute.served.mood = { instead: () => true };
    await expect(mute.load()).rejects.toMatchObject({ code: "endpoint.stalled" });
    // It is gone by now: its test closes it once more.
    Object.assign(gone.served, { close: () => Promise.resolve() });
  });

  test.each([
    ["no JSON", 200, "<html>"],
    ["another form", 200, `{"models":"many"}`],
    ["no error of a model server", 404, "<html>not here</html>"],
  ])("RF2 an answer that is %s is of no model server", async (_what, status, body) => {
    const { load, served } = await stage();
    served.mood = { instead: answering(status, body) };
    await expect(load()).rejects.toMatchObject({ code: "endpoint.foreign" });
  });

  test("RF1 a wrong key is told, and neither it nor what the server says of it", async () => {
    const right = await loaded({ key: "sesame" });
    expect((await right.generate()).finish).toBe("length");
    const wrong = await stage({ key: "sesame", address: { key: "open-barley" } });
    await expect(wrong.load()).rejects.toMatchObject({
      code: "endpoint.unauthorized",
      message: expect.not.stringContaining("barley"),
    });
  });
});

describe.each(BOTH)("an answer in the dialect of %s", (dialect) => {
  test.each(["cut", "end", "error"] as const)(
    "RE2 is a failure when the server makes an %s of it midway",
    async (does) => {
      const { generate, served } = await loaded({ dialect });
      served.mood = { after: { pieces: 3, does } };
      const code = does === "cut" ? "endpoint.unreachable" : "endpoint.failed";
      await expect(generate()).rejects.toMatchObject({ code });
    },
  );

  test("RE2 is a failure when all of it came but its last word", async () => {
    const { generate, served } = await loaded({ dialect });
    served.mood = { neverDone: true };
    await expect(generate()).rejects.toMatchObject({ code: "endpoint.failed" });
  });

  test("SV1 that falls silent midway has stalled", async () => {
    const { generate, served } = await loaded({ dialect, times: SILENT });
    served.mood = { after: { pieces: 2, does: "stall" } };
    await expect(generate()).rejects.toMatchObject({ code: "endpoint.stalled" });
  });

  test("SV2 an abort cuts the request, so that the server works for nobody", async () => {
    const { engine, served } = await loaded({ dialect });
    served.mood = { after: { pieces: 2, does: "stall" } };
    const abort = new AbortController();
    let heard = 0;
    // While nothing comes any more, and nobody waits for a piece.
    const onText = (): void => void ((heard += 1) === 2 && setImmediate(() => abort.abort()));
    const end = await engine.generate(ASKED, onText, abort.signal);
    expect(end).toMatchObject({ finish: "abort", completionTokens: 2 });
    await waitUntil(() => served.left === 1, SOON_MS);
  });

  test("RE4 what was said comes again and is not told again", async () => {
    const { generate } = await loaded({ dialect });
    const whole = await generate();
    const said = whole.text.slice(0, 20);
    const saidTokens = said.split(" ").length - 1;
    const rest = await generate({ said, saidTokens, maxTokens: 30 - saidTokens });
    expect(said + rest.text).toBe(whole.text);
    expect(rest.completionTokens).toBe(30 - saidTokens);
  });

  test("RE4 another text than was said is no way to go on, nor is a shorter one", async () => {
    const { generate } = await loaded({ dialect });
    await expect(generate({ said: "Something else" })).rejects.toMatchObject({ code: "endpoint.cut" });
    const { text } = await generate({ maxTokens: 3 });
    await expect(generate({ said: `${text}and more`, maxTokens: 3 })).rejects.toMatchObject({ code: "endpoint.cut" });
  });

  test("a prompt that is too long is context.overflow", async () => {
    const { generate } = await loaded({ dialect, contextTokens: 100 });
    await expect(generate({ input: { prompt: "hive ".repeat(200) } })).rejects.toMatchObject({
      code: "context.overflow",
      details: { contextTokens: 100 },
    });
  });

  test("SV3 what is more private than the server may be given never leaves", async () => {
    const { generate, engine, served } = await loaded({ dialect, address: { upTo: "internal" } });
    await expect(generate({ label: "private" })).rejects.toMatchObject({ code: "privacy.refused" });
    // Nobody said who may see it.
    await expect(generate()).rejects.toMatchObject({ code: "privacy.refused" });
    await expect(engine.embed(["a"], never)).rejects.toMatchObject({ code: "privacy.refused" });
    expect(served.work).toEqual([]);
    expect((await generate({ label: "internal" })).text).not.toBe("");
  });

  test("a probe asks for the list: it costs nobody money", async () => {
    const { engine, served } = await loaded({ dialect });
    await engine.probe(never);
    expect(served.work).toEqual([]);
    expect(served.asked).toHaveLength(2);
  });
});

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

describe("what a server refuses", () => {
  test.each([
    [400, "endpoint.refused"],
    [402, "endpoint.refused"],
    [404, "model.not.found"],
    [408, "endpoint.stalled"],
    [500, "endpoint.failed"],
    [501, "endpoint.refused"],
    [503, "endpoint.failed"],
    [504, "endpoint.stalled"],
  ])("RF1 with %i is %s, in its own words", async (status, code) => {
    const { generate, served } = await loaded();
    served.mood = { instead: refusing(1, status) };
    const refused = { code, message: expect.stringContaining("slow down") };
    await expect(generate()).rejects.toMatchObject(refused);
  });

  test.each([
    ["seconds", { "retry-after": "7" }, 7000],
    ["a date gone by", { "retry-after": "Fri, 01 Jan 2021 00:00:00 GMT" }, 0],
    ["no time", {}, 1000],
  ])("PA1 a busy server that names %s is asked again then, and not before", async (_what, headers, waitMs) => {
    const { generate, served, waits } = await loaded();
    served.mood = { instead: refusing(1, 429, headers) };
    expect((await generate()).text).not.toBe("");
    expect(waits).toEqual(waitMs === 0 ? [] : [waitMs]);
    expect(served.work).toHaveLength(2);
  });

  test("PA1 the time that one call was told holds for every other", async () => {
    const { generate, served, waits, pass } = await loaded();
    served.mood = { instead: refusing(1, 503, { "retry-after": "300" }) };
    await expect(generate()).rejects.toMatchObject({ code: "endpoint.busy", details: { retryAfterMs: 300_000 } });
    pass(200_000);
    await expect(generate()).rejects.toMatchObject({ code: "endpoint.busy", details: { retryAfterMs: 100_000 } });
    expect(served.work).toHaveLength(1);
    pass(100_000 - WAIT_MS_MAX);
    expect((await generate()).text).not.toBe("");
    expect(waits).toEqual([WAIT_MS_MAX]);
  });

  test("PA2 nobody is patient for ever, and the pauses grow", async () => {
    const { generate, served, waits } = await loaded();
    served.mood = { instead: refusing(99, 429) };
    await expect(generate()).rejects.toMatchObject({ code: "endpoint.busy" });
    expect(served.work).toHaveLength(TRIES_MAX);
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
  });

  test("whoever leaves waits no longer", async () => {
    const { generate, served, waits } = await loaded({ isFrozen: true });
    served.mood = { instead: refusing(1, 429, { "retry-after": "50" }) };
    const abort = new AbortController();
    const asked = generate({}, abort.signal);
    await waitUntil(() => waits.length === 1, SOON_MS);
    abort.abort();
    expect((await asked).finish).toBe("abort");
    expect(served.work).toHaveLength(1);
  });
});

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
