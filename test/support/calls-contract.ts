/**
 * How every Engine calls functions, N10 of src/actors/engines/engine.ts: the real one and the simulated one.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tools } from "../../machines/request.ts";
import type { Engine, GenerateEnd, GenerateRequest, OutputKind, SaidCall } from "../../src/actors/engines/engine.ts";
import { type EngineWorld, expectFits, SCHEMA } from "./engine-contract.ts";

/** Room for what is said of tools. */
export const TOOLS_CONTEXT_TOKENS = 2_048;

const never = new AbortController().signal;
const ASKED: GenerateRequest = { input: { prompt: "Go" }, said: "", maxTokens: 400, temperature: 0.8, seed: 7 };
const TOOLS: Tools = {
  functions: [{ name: "act", description: "Does something.", parameters: SCHEMA }, { name: "stop" }],
  choice: "required",
  parallel: true,
};

interface Heard extends GenerateEnd {
  readonly text: string;
  readonly calls: readonly SaidCall[];
}

export function callsContract(engineName: string, makeWorld: () => EngineWorld | Promise<EngineWorld>): void {
  describe(`calls of the engine, ${engineName}`, () => {
    let world: EngineWorld;
    let engine: Engine;
    const opened: Engine[] = [];

    const open = async (file: "tools" | "raw"): Promise<Engine> => {
      const made = await world.engine(undefined, file);
      opened.push(made);
      const modelPath = world.files[file];
      const spec = { modelPath, contextTokens: TOOLS_CONTEXT_TOKENS, slots: 1, threads: 1, gpu: "none" } as const;
      await world.settle(made.load(spec, () => {}, never));
      return made;
    };
    beforeAll(async () => {
      world = await makeWorld();
      engine = await open("tools");
    });
    afterAll(async () => {
      for (const made of opened) await made.unload();
    });

    const generate = async (more: Partial<GenerateRequest>, from = engine): Promise<Heard> => {
      const calls: SaidCall[] = [...(more.saidCalls ?? [])];
      let text = "";
      const hear = (piece: string, _tokens: number, kind: OutputKind): void => {
        if (kind === "text") text += piece;
        if (kind === "call") calls.push({ name: piece, arguments: "" });
        const last = calls.at(-1) ?? { name: "", arguments: "" };
        if (kind === "arguments") calls.splice(-1, 1, { ...last, arguments: last.arguments + piece });
      };
      const end = await world.settle(from.generate({ ...ASKED, ...more }, hear, never));
      return { ...end, text, calls };
    };

    test("N10 a call that is asked for is its name and arguments that its schema allows, and no text", async () => {
      for (const seed of [1, 2, 3]) {
        for (const choice of ["required", { name: "stop" }, { name: "act" }] as const) {
          const { finish, text, calls } = await generate({ seed, tools: { ...TOOLS, choice }, maxTokens: 400 });
          expect({ finish, text }).toEqual({ finish: "tool_calls", text: "" });
          expect(calls.length).toBeGreaterThan(0);
          if (typeof choice === "object") expect(calls.map((call) => call.name)).toEqual([choice.name]);
          for (const call of calls) expectAllowed(call);
        }
      }
    });

    test("N10 a call that is cut is gone on with in the middle, and is then whole", async () => {
      const tools = { ...TOOLS, choice: { name: "act" } };
      const [whole] = (await generate({ tools, maxTokens: 400 })).calls;
      const text = whole?.arguments.replaceAll("\uFFFD", "") ?? "";
      for (let length = 0; length <= text.length; length += 7) {
        const saidCalls = [{ name: "act", arguments: text.slice(0, length).toWellFormed().replace("\uFFFD", "") }];
        const { finish, calls } = await generate({ tools, saidCalls, maxTokens: 400 });
        expect(finish).toBe("tool_calls");
        expect(calls).toHaveLength(1);
        for (const call of calls) expectAllowed(call);
      }
    });

    test("N10 a call may be left unmade, and one that is cut by the tokens asked for ends with length", async () => {
      for (const seed of [1, 2, 3, 4]) {
        const { finish, calls, text } = await generate({ seed, tools: { ...TOOLS, choice: "auto" }, maxTokens: 400 });
        expect(finish === "tool_calls").toBe(calls.length > 0);
        if (calls.length === 0) expect(text).not.toBe("");
        for (const call of calls) expectAllowed(call);
      }
      const cut = await generate({ tools: { ...TOOLS, choice: { name: "act" } }, maxTokens: 3 });
      expect(cut).toMatchObject({ finish: "length", completionTokens: 3, text: "" });
    });

    test("N2 N10 an abort in the middle of a call ends it within a token, and the next call has the slot", async () => {
      const abort = new AbortController();
      const heard: OutputKind[] = [];
      const hear = (_text: string, _tokens: number, kind: OutputKind): void => {
        heard.push(kind);
        if (kind === "arguments") abort.abort();
      };
      const tools = { ...TOOLS, choice: { name: "act" } };
      const end = await world.settle(engine.generate({ ...ASKED, tools }, hear, abort.signal));
      expect(end.finish).toBe("abort");
      expect(heard).toEqual(["call", "arguments"]);
      expect((await generate({ tools })).finish).toBe("tool_calls");
    });

    test("N10 a strict tool that cannot be held to its schema is refused, and so is one of no object", async () => {
      const parameters = { type: "object", properties: { a: { type: "string", pattern: "a" } }, required: ["a"] };
      const functions = [{ name: "act", parameters, strict: true }];
      await expect(generate({ tools: { ...TOOLS, functions } })).rejects.toMatchObject({ code: "schema.unsupported" });
      const noObject = [{ name: "act", parameters: { type: "string" } }];
      const refused = generate({ tools: { ...TOOLS, functions: noObject } });
      await expect(refused).rejects.toMatchObject({ code: "schema.unsupported" });
    });

    test("LC3 N10 beside a schema of the text, an answer is a document of it or calls", async () => {
      for (let seed = 1; seed <= 8; seed++) {
        const { text, calls, finish } = await generate({
          seed,
          jsonSchema: SCHEMA,
          tools: { ...TOOLS, choice: "auto" },
        });
        if (calls.length === 0) expectFits(JSON.parse(text));
        else expect([text, finish]).toEqual(["", "tool_calls"]);
        for (const call of calls) expectAllowed(call);
      }
    });

    test("JS2 a tool that is not strict is called with what can be held of its schema", async () => {
      const parameters = { type: "object", properties: { a: { type: "integer", multipleOf: 7 } }, required: ["a"] };
      const functions = [{ name: "act", parameters }];
      const { calls } = await generate({ tools: { ...TOOLS, functions, choice: "required" } });
      expect(JSON.parse(calls[0]?.arguments ?? "")).toEqual({ a: expect.any(Number) });
    });

    test("N10 a model that can call nothing is refused", async () => {
      const call = generate({ tools: TOOLS }, await open("raw"));
      await expect(call).rejects.toMatchObject({ code: "request.invalid", details: { field: "tools" } });
    });
  });
}

function expectAllowed({ name, arguments: args }: SaidCall): void {
  if (name === "act") expectFits(JSON.parse(args));
  else expect({ name, args: JSON.parse(args) }).toEqual({ name: "stop", args: {} });
}
