/**
 * Goal: whatever somebody else's server does, it is an answer, or a failure with its own code: never half of one.
 * Method: a server on loopback that misbehaves, asked through the real way out.
 *
 * @see src/actors/engines/remote/engine.ts, RE1 RE2 RE4 RE7; failure.ts, RF1 RF2; src/hosts/worker/remote-server.ts,
 * SV1-SV3
 * @module
 */
import { describe, expect, test } from "vitest";
import { waitUntil } from "../../../../support/children.ts";
import { answering, ASKED, loaded, never, SILENT, SOON_MS, stage } from "../../../../support/remote-stage.ts";

const BOTH = ["openai", "ollama"] as const;

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
      const code = does === "cut" ? "endpoint.lost" : "endpoint.failed";
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
