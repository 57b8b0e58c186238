/**
 * What every Engine does, N1 to N9 of src/actors/engines/engine.ts: the real ones and the simulated one. How they
 * call is calls-contract.ts.
 *
 * The world of an implementation provides model files and engines, and lets time pass until a promise settles. What
 * only a model of this process can know is asked of local engines alone: its memory, its file, its template.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine, EngineFacts, EngineSpec, GenerateEnd, GenerateRequest } from "../../src/actors/engines/engine.ts";
import { RbeeError } from "../../src/protocol/errors.ts";

export interface EngineWorld {
  /**
   * @param availableBytes memory of the machine; plenty when left out
   * @param file which of the models below will be loaded
   */
  engine(availableBytes?: number, file?: keyof EngineWorld["files"]): Engine | Promise<Engine>;
  /** Model files: those that load, and what is wrong with the others. The context is 512 tokens, of `tools` 2048. */
  readonly files: Readonly<Record<"chat" | "tools" | "raw" | "missing" | "foreign" | "cut" | "architecture", string>>;
  settle<Result>(promise: Promise<Result>): Promise<Result>;
}

interface Heard extends GenerateEnd {
  readonly text: string;
  readonly pieces: readonly string[];
  readonly toldTokens: number;
}

export const CONTEXT_TOKENS = 512;
const SLOTS = 4;
const never = new AbortController().signal;
const ASKED: GenerateRequest = {
  input: { prompt: "Tell me of the hive" },
  said: "",
  maxTokens: 40,
  temperature: 0.8,
  seed: 7,
};
export const SCHEMA = {
  type: "object",
  properties: {
    action: { enum: ["answer", "spawn"] },
    roles: { type: "array", items: { type: "string", maxLength: 6 }, maxItems: 3 },
    sure: { type: "boolean" },
  },
  required: ["action", "roles", "sure"],
} as const;

const specOf = (modelPath: string): EngineSpec => ({
  modelPath,
  contextTokens: CONTEXT_TOKENS,
  slots: SLOTS,
  threads: 1,
  gpu: "none",
});

export function engineContract(
  name: string,
  makeWorld: () => EngineWorld | Promise<EngineWorld>,
  backend: EngineFacts["backend"] = "cpu",
): void {
  describe(`engine, ${name}`, () => {
    let world: EngineWorld;
    let engine: Engine;
    let facts: EngineFacts;
    const progress: number[] = [];
    const opened: Engine[] = [];

    const open = async (
      file: keyof EngineWorld["files"],
      hear: (fraction: number) => void = () => {},
    ): Promise<Engine> => {
      const made = await world.engine(undefined, file);
      opened.push(made);
      facts = await world.settle(made.load(specOf(world.files[file]), hear, never));
      return made;
    };
    beforeAll(async () => {
      world = await makeWorld();
      engine = await open("chat", (fraction) => progress.push(fraction));
    });
    afterAll(async () => {
      for (const made of opened) await made.unload();
    });

    /** Generates to the end and hears all of it. */
    const generate = async (more: Partial<GenerateRequest> = {}, from = engine): Promise<Heard> => {
      const pieces: string[] = [];
      let toldTokens = 0;
      const hear = (text: string, tokens: number): void => {
        pieces.push(text);
        toldTokens += tokens;
      };
      const end = await world.settle(from.generate({ ...ASKED, ...more }, hear, never));
      return { ...end, pieces, toldTokens, text: pieces.join("") };
    };

    test("a loaded model says what it is and what it holds", () => {
      expect(facts).toMatchObject({ contextTokens: CONTEXT_TOKENS, slots: SLOTS });
      expect(facts.backend).toBe(backend);
      expect(facts.memoryBytes > facts.parameters).toBe(backend !== "remote");
      expect(progress.at(-1)).toBe(1);
      expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    });

    test("text comes in whole characters, and no token is counted twice", async () => {
      const heard = await Promise.all([1, 2, 3].map((seed) => generate({ seed, maxTokens: 200 })));
      for (const { text, pieces, toldTokens, completionTokens } of heard) {
        expect(text).not.toBe("");
        expect(pieces.every((piece) => piece !== "" && piece.isWellFormed())).toBe(true);
        expect(toldTokens).toBeLessThanOrEqual(completionTokens);
      }
    });

    test("N4 the same request gives the same text, another seed another, and temperature 0 heeds no seed", async () => {
      const first = await generate();
      expect((await generate()).text).toBe(first.text);
      expect((await generate({ seed: 8 })).text).not.toBe(first.text);
      const greedy = await generate({ temperature: 0 });
      expect((await generate({ temperature: 0, seed: 99 })).text).toBe(greedy.text);
    });

    test("N4 the largest seed is a seed like any other", async () => {
      expect((await generate({ seed: 0xffff_ffff })).text).toBe((await generate({ seed: 0xffff_ffff })).text);
    });

    test("N4 the one likeliest token is the greedy one, and a penalty for what was said makes another text", async () => {
      const greedy = await generate({ temperature: 0 });
      expect((await generate({ sampling: { topK: 1 } })).text).toBe(greedy.text);
      for (const sampling of [{ repeatPenalty: 8 }, { presencePenalty: 2 }, { frequencyPenalty: 2 }]) {
        const other = await generate({ temperature: 0, sampling, maxTokens: 200 });
        expect(other.text).not.toBe((await generate({ temperature: 0, maxTokens: 200 })).text);
        expect((await generate({ temperature: 0, sampling, maxTokens: 200 })).text).toBe(other.text);
      }
    });

    test("N9 a stop ends the text before itself, wherever it lies, and the end names it and counts what it took", async () => {
      const whole = await generate({ maxTokens: 60 });
      for (let at = 0; at + 4 <= whole.text.length; at += 5) {
        const stop = whole.text.slice(at, at + 4);
        if (!stop.isWellFormed()) continue;
        const cut = await generate({ maxTokens: 60, stops: ["never to be found", stop] });
        expect(cut).toMatchObject({ finish: "stop", stop, text: whole.text.slice(0, whole.text.indexOf(stop)) });
        expect(cut.completionTokens).toBeGreaterThan(0);
        expect(cut.completionTokens).toBeLessThanOrEqual(whole.completionTokens);
      }
      const uncut = await generate({ maxTokens: 60, stops: ["never to be found"] });
      expect(uncut).toMatchObject({ finish: whole.finish, text: whole.text, stop: undefined });
    });

    test("maxTokens ends with length, exactly there", async () => {
      expect(await generate({ maxTokens: 5 })).toMatchObject({ finish: "length", completionTokens: 5 });
    });

    test("N6 asking for more than fits ends with length when the context is full", async () => {
      const prompt = "hive ".repeat(60);
      for (let seed = 0; seed < 60; seed++) {
        const { finish, promptTokens, completionTokens } = await generate({
          input: { prompt },
          maxTokens: 100_000,
          seed,
        });
        if (finish !== "length") continue;
        expect(promptTokens + completionTokens).toBe(CONTEXT_TOKENS);
        return;
      }
      expect.fail("no seed filled the context");
    });

    test("N6 a prompt that leaves no room is refused with both numbers, and nothing is emitted", async () => {
      const call = generate({ input: { prompt: "hive ".repeat(2_000) } });
      await expect(call).rejects.toMatchObject({
        code: "context.overflow",
        details: { promptTokens: expect.any(Number), contextTokens: CONTEXT_TOKENS },
      });
    });

    test("N6 a call for no token counts the prompt as an answer would, and one that no context holds", async () => {
      const { promptTokens } = await generate();
      const still = engine.steps;
      expect(await generate({ maxTokens: 0 })).toMatchObject({ finish: "length", text: "", promptTokens });
      // A server counts what it would answer, and nothing else.
      if (backend !== "cpu") return;
      const long = await generate({ input: { prompt: "hive ".repeat(2_000) }, maxTokens: 0 });
      expect(long.promptTokens).toBeGreaterThan(CONTEXT_TOKENS);
      expect(engine.steps).toBe(still);
    });

    test("text is told with the tokens of its prompt", async () => {
      const told = new Set<number>();
      const call = engine.generate(ASKED, (_text, _tokens, _kind, prompt) => void told.add(prompt), never);
      const { promptTokens } = await world.settle(call);
      // A server tells it at the end.
      expect([...told]).toEqual([backend === "cpu" ? promptTokens : 0]);
    });

    test("N2 an abort ends the call within one token, and what came stands", async () => {
      const abort = new AbortController();
      const pieces: string[] = [];
      const onText = (text: string): void => {
        pieces.push(text);
        if (pieces.length === 3) abort.abort();
      };
      const end = await world.settle(engine.generate({ ...ASKED, maxTokens: 400 }, onText, abort.signal));
      expect(end.finish).toBe("abort");
      expect(pieces.length).toBeLessThanOrEqual(4);
      expect((await generate({ maxTokens: 400 })).text.startsWith(pieces.slice(0, 3).join(""))).toBe(true);
    });

    test("N2 a call that is aborted before it begins makes no token", async () => {
      const end = await world.settle(engine.generate(ASKED, () => {}, AbortSignal.abort()));
      expect(end).toMatchObject({ finish: "abort", completionTokens: 0 });
    });

    test("N2 an abort ends a call whose reader never comes back", async () => {
      const abort = new AbortController();
      const forever = new Promise<void>(() => {});
      const call = engine.generate(ASKED, () => (abort.abort(), forever), abort.signal);
      expect((await world.settle(call)).finish).toBe("abort");
    });

    test("N3 a reader that is busy holds its own slot only", async () => {
      const gate = Promise.withResolvers<void>();
      let held = 0;
      const slow = engine.generate(ASKED, () => (held++, gate.promise), never);
      const others = await world.settle(
        Promise.all([1, 2, 3].map((seed) => engine.generate({ ...ASKED, seed }, () => {}, never))),
      );
      expect(others.every(({ completionTokens }) => completionTokens > 1)).toBe(true);
      expect(held).toBe(1);
      gate.resolve();
      expect((await world.settle(slow)).completionTokens).toBeGreaterThan(1);
    });

    test("N1 a slot is free again after a reader that throws", async () => {
      const throws = (): never => {
        throw new RbeeError("stream.gone", "Nobody reads.");
      };
      for (let round = 0; round <= SLOTS; round++) {
        await expect(world.settle(engine.generate(ASKED, throws, never))).rejects.toMatchObject({
          code: "stream.gone",
        });
      }
      expect((await generate()).text).not.toBe("");
    });

    test("a JSON schema is held, also when the text is gone on with in the middle", async () => {
      for (const seed of [1, 2, 3]) {
        const whole = await generate({ seed, jsonSchema: SCHEMA, maxTokens: 300 });
        expectFits(JSON.parse(whole.text));
        const said = whole.text
          .slice(0, Math.floor(whole.text.length / 2))
          .toWellFormed()
          .replaceAll("\uFFFD", "");
        const rest = await generate({ seed, said, jsonSchema: SCHEMA, maxTokens: 300 });
        expectFits(JSON.parse(said + rest.text));
      }
    });

    test.each([
      ["a keyword it cannot hold", { type: "string", pattern: "a+" }],
      ["no type", { properties: {} }],
      [
        "an unknown type deep inside",
        { type: "array", items: { type: "object", properties: { a: { type: "date" } } } },
      ],
      ["a reference to nowhere", { $ref: "#/$defs/none" }],
      ["a list", []],
      ["a count without measure", { type: "string", maxLength: 1e9 }],
    ])("a schema with %s is refused", async (_what, jsonSchema) => {
      await expect(generate({ jsonSchema })).rejects.toMatchObject({ code: "schema.unsupported" });
    });

    test("a vector has length one, and says the same of the same text", async () => {
      const { vectors, promptTokens } = await world.settle(engine.embed(["the hive", "the hive", "a queue"], never));
      const [one, same, other] = vectors;
      expect(promptTokens).toBeGreaterThan(3);
      const dims = backend === "cpu" ? facts.embeddingDims : one?.length;
      expect([one?.length, other?.length]).toEqual([dims, dims]);
      expect(dot(one, one)).toBeCloseTo(1, 4);
      expect(dot(one, same)).toBeCloseTo(1, 4);
      expect(dot(one, other)).toBeLessThan(0.999);
    });

    test("a text that is empty, or too long, to embed is refused", async () => {
      await expect(engine.embed(["a", ""], never)).rejects.toMatchObject({ code: "request.invalid" });
      await expect(engine.embed(["hive ".repeat(2_000)], never)).rejects.toMatchObject({ code: "context.overflow" });
    });

    test("embedding can be aborted", async () => {
      await expect(world.settle(engine.embed(["a"], AbortSignal.abort()))).rejects.toMatchObject({
        code: "interrupted",
      });
    });

    test("N7 a probe makes a token, takes no time that others would miss, and leaves the texts what they are", async () => {
      const before = await generate();
      for (let round = 0; round <= SLOTS; round++) {
        const end = await world.settle(engine.probe(never));
        expect(end.totalMs).toBeGreaterThanOrEqual(end.firstTokenMs);
        expect(end.firstTokenMs).toBeGreaterThan(0);
      }
      expect((await generate()).text).toBe(before.text);
    });

    test("N7 a probe that is aborted ends as interrupted, and its slot is free", async () => {
      for (let round = 0; round <= SLOTS; round++) {
        await expect(world.settle(engine.probe(AbortSignal.abort()))).rejects.toMatchObject({ code: "interrupted" });
      }
      expect((await generate()).text).not.toBe("");
    });

    test("N8 steps rise with every token, vector and probe, and by themselves not at all", async () => {
      const still = engine.steps;
      const { completionTokens } = await generate({ maxTokens: 9 });
      const told = engine.steps;
      expect(told - still).toBeGreaterThanOrEqual(completionTokens);
      await world.settle(engine.embed(["the hive"], never));
      const embedded = engine.steps;
      expect(embedded).toBeGreaterThan(told);
      await world.settle(engine.probe(never));
      expect(engine.steps).toBeGreaterThan(embedded);
      expect(engine.steps).toBe(engine.steps);
    });

    test("N5 loading a model that is not there rejects with model.not.found", async () => {
      const missing = await world.engine(undefined, "missing");
      const call = missing.load(specOf(world.files.missing), () => {}, never);
      await expect(world.settle(call)).rejects.toMatchObject({ code: "model.not.found" });
    });

    test("loading can be aborted", async () => {
      const made = await world.engine();
      const call = made.load(specOf(world.files.chat), () => {}, AbortSignal.abort());
      await expect(world.settle(call)).rejects.toMatchObject({ code: "interrupted" });
    });

    test("unload ends running calls as an abort would, and later ones are refused", async () => {
      const made = await open("chat");
      const begun = Promise.withResolvers<void>();
      const running = made.generate({ ...ASKED, maxTokens: 400 }, () => begun.resolve(), never);
      await world.settle(begun.promise);
      await world.settle(made.unload());
      expect((await running).finish).toBe("abort");
      await expect(made.generate(ASKED, () => {}, never)).rejects.toBeInstanceOf(RbeeError);
      await expect(made.embed(["a"], never)).rejects.toBeInstanceOf(RbeeError);
      await expect(made.probe(never)).rejects.toBeInstanceOf(RbeeError);
    });

    if (backend === "remote") return;

    test("a model without a template completes messages raw", async () => {
      const raw = await open("raw");
      expect(facts.chatTemplate).toBe(false);
      const messages = [{ role: "user", content: "The queen" }] as const;
      expect((await generate({ input: { messages } }, raw)).completionTokens).toBeGreaterThan(0);
    });

    if (backend !== "cpu") return;

    test.each([
      ["foreign", "model.foreign"],
      ["cut", "model.corrupt"],
      ["architecture", "model.architecture"],
    ] as const)("N5 loading a file that is %s rejects with %s", async (file, code) => {
      const made = await world.engine(undefined, file);
      const call = made.load(specOf(world.files[file]), () => {}, never);
      await expect(world.settle(call)).rejects.toMatchObject({ code });
    });

    test("N5 a model that does not fit the memory is refused before the memory is taken", async () => {
      const made = await world.engine(100_000);
      const call = made.load(specOf(world.files.chat), () => {}, never);
      await expect(world.settle(call)).rejects.toMatchObject({ code: "engine.out.of.memory" });
    });
  });
}

export function expectFits(value: unknown): void {
  expect(value).toEqual({
    action: expect.stringMatching(/^(answer|spawn)$/),
    roles: expect.any(Array),
    sure: expect.any(Boolean),
  });
}

const dot = (a: Float32Array | undefined, b: Float32Array | undefined): number =>
  Array.from(a ?? []).reduce((sum, number, index) => sum + number * (b?.[index] ?? 0), 0);
