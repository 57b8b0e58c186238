/**
 * Goal: chunks are numbered behind what was said, credit holds one run back and no other, and the engine is never asked
 *       for more than its slots (G1 to G8 of engine-port.ts; RJ2, RJ4, RJ6).
 * Method: the port over the simulated engine, on virtual time.
 */
import { describe, expect, test } from "vitest";
import { BARE_REQUEST, type JobRequest } from "../../../../machines/request.ts";
import { createEnginePort, type EnginePort } from "../../../../src/actors/worker/engine-port.ts";
import type { Engine } from "../../../../src/actors/engines/engine.ts";
import { type Chunk, CREDIT_CHUNKS, type ExecuteAsk } from "../../../../src/protocol/worker.ts";
import type { AskResult } from "../../../../src/runtime/envelope.ts";
import { SimClock } from "../../../simulation/sim-clock.ts";
import { SimEngine } from "../../../simulation/sim-engine.ts";

const SPEC = { modelPath: "m", contextTokens: 4096, slots: 2, threads: 1, gpu: "none" } as const;

const REQUEST: JobRequest = {
  ...BARE_REQUEST,
  capability: "text",
  model: "m",
  // To this the simulated engine has much to say.
  prompt: "tell me of 1",
  maxTokens: 20,
  temperature: 0,
  seed: 1,
};

const ENDED_WITH_20 = { ok: true, event: { executed: { finish: "length", usage: { completionTokens: 20 } } } };

class Desk {
  readonly port: EnginePort;
  readonly chunks: Chunk[] = [];
  readonly answers = new Map<string, AskResult>();
  /** The most calls of the engine that ran at once. */
  most = 0;
  readonly engine: SimEngine;
  readonly #clock = new SimClock();
  #running = 0;

  /** @param isDeaf its engine does not listen when a run is dropped */
  constructor(isDeaf = false, slots: number = SPEC.slots) {
    this.engine = new SimEngine({ clock: this.#clock, files: new Map([["m", {}]]), tokenMs: 10 });
    this.port = createEnginePort(
      this.#counting(this.engine, isDeaf),
      { ...SPEC, slots },
      {
        chunk: (chunk) => void this.chunks.push(chunk),
        progress: () => {},
        nowMs: () => this.#clock.monotonicMs(),
        after: (delayMs, run) => this.#clock.after(delayMs, run),
        watch: { probeEveryMs: 1000, probeTimeoutMs: 500, stallMs: 3000 },
        temperature: 0,
      },
    );
  }

  ask(
    id: string,
    event: { readonly type: "load" | "watch" } | (Omit<ExecuteAsk, "type"> & { readonly type: "run" }),
  ): void {
    this.port.ask({ id, from: "w/worker/main", event, deadlineMs: 1e9 }, (result) => void this.answers.set(id, result));
  }

  run(job: string, more: Partial<Omit<ExecuteAsk, "type">> = {}): void {
    this.ask(job, { type: "run", job, attempt: 1, request: REQUEST, said: { pieces: [], tokens: 0 }, ...more });
  }

  textOf(job: string): string {
    return this.of(job)
      .map((chunk) => chunk.text)
      .join("");
  }

  of(job: string): Chunk[] {
    return this.chunks.filter((chunk) => chunk.job === job);
  }

  /** Until nothing more happens by itself. */
  async settle(forMs = Number.POSITIVE_INFINITY): Promise<void> {
    const untilMs = this.#clock.monotonicMs() + forMs;
    for (;;) {
      await new Promise((resolve) => void setImmediate(resolve));
      if ((this.#clock.nextMs ?? Number.POSITIVE_INFINITY) > untilMs || !this.#clock.advance()) return;
    }
  }

  #counting(engine: SimEngine, isDeaf: boolean): Engine {
    return {
      load: (...given) => engine.load(...given),
      embed: (texts, signal) => engine.embed(texts, signal),
      unload: () => engine.unload(),
      probe: (signal) => this.#counted(() => engine.probe(signal)),
      get steps() {
        return engine.steps;
      },
      generate: (request, hear, signal) =>
        this.#counted(() => engine.generate(request, hear, isDeaf ? new AbortController().signal : signal)),
    };
  }

  async #counted<Result>(call: () => Promise<Result>): Promise<Result> {
    this.#running += 1;
    this.most = Math.max(this.most, this.#running);
    try {
      return await call();
    } finally {
      this.#running -= 1;
    }
  }
}

async function loaded(isDeaf = false, slots: number = SPEC.slots): Promise<Desk> {
  const desk = new Desk(isDeaf, slots);
  desk.ask("load", { type: "load" });
  await desk.settle();
  return desk;
}

describe("the engine as a port", () => {
  test("G1 G5 a run behind what was said gives the rest of the text, the rest of the tokens, and the usage of both", async () => {
    const desk = await loaded();
    desk.run("whole");
    await desk.settle();
    const pieces = desk.of("whole").slice(0, 7);
    const tokens = pieces.reduce((sum, chunk) => sum + chunk.tokens, 0);
    desk.run("rest", { attempt: 2, said: { pieces: pieces.map((chunk) => chunk.text), tokens } });
    await desk.settle();
    expect(desk.of("rest").map(({ index }) => index)).toEqual(
      desk
        .of("whole")
        .slice(7)
        .map(({ index }) => index),
    );
    expect(desk.textOf("rest")).toBe(
      desk
        .of("whole")
        .slice(7)
        .map((chunk) => chunk.text)
        .join(""),
    );
    for (const job of ["whole", "rest"]) expect(desk.answers.get(job)).toMatchObject(ENDED_WITH_20);
  });

  test("G1 a run that was cut in the middle of a call goes on with its arguments, and calls nothing twice", async () => {
    const desk = await loaded();
    const parameters = { type: "object", properties: { level: { type: "integer" }, loud: { type: "boolean" } } };
    const tools = { functions: [{ name: "act", parameters }], choice: { name: "act" }, parallel: false };
    const request = { ...REQUEST, tools, maxTokens: 100 };
    desk.run("whole", { request });
    await desk.settle();
    const whole = desk.of("whole");
    expect(whole.map(({ kind }) => kind).slice(0, 3)).toEqual(["call", "arguments", "arguments"]);
    const pieces = whole.slice(0, 3).map(({ text }) => text);
    desk.run("rest", { request, attempt: 2, said: { pieces, tokens: 3, calls: [0] } });
    await desk.settle();
    expect(desk.of("rest").map(({ index, kind, text }) => ({ index, kind, text }))).toEqual(
      whole.slice(3).map(({ index, kind, text }) => ({ index, kind, text })),
    );
    for (const job of ["whole", "rest"]) {
      expect(desk.answers.get(job)).toMatchObject({
        event: { executed: { finish: "tool_calls", chunks: whole.length } },
      });
    }
  });

  test("G7 a stop of the request ends its text, and the end says which; so does the choice of tokens count", async () => {
    const desk = await loaded();
    desk.run("whole");
    desk.run("cut", { request: { ...REQUEST, stops: [" wait "] } });
    desk.run("other", { request: { ...REQUEST, sampling: { presencePenalty: 1 } } });
    await desk.settle();
    const whole = desk.textOf("whole");
    expect(desk.textOf("cut")).toBe(whole.slice(0, whole.indexOf(" wait ")));
    expect(desk.answers.get("cut")).toMatchObject({ event: { executed: { finish: "stop", stop: " wait " } } });
    expect(desk.textOf("other")).not.toBe(whole);
  });

  test("G5 when all tokens asked for were said already, the run is over at once and says nothing", async () => {
    const desk = await loaded();
    desk.run("late", { said: { pieces: ["a"], tokens: 20 } });
    await desk.settle();
    expect(desk.of("late")).toEqual([]);
    expect(desk.answers.get("late")).toMatchObject(ENDED_WITH_20);
  });

  test("G2 without credit a run stops after its window, another goes on, and credit lets it go on as well", async () => {
    const desk = await loaded();
    const endless = { request: { ...REQUEST, maxTokens: 1000 } };
    desk.run("held", endless);
    desk.run("free", endless);
    for (let round = 0; round < 20; round += 1) {
      await desk.settle(1_000);
      desk.port.credit("free", 1, 100);
      desk.port.credit("held", 2, 100);
    }
    expect(desk.of("held")).toHaveLength(CREDIT_CHUNKS);
    expect(desk.of("free").length).toBeGreaterThan(2 * CREDIT_CHUNKS);
    desk.port.credit("held", 1, 10);
    await desk.settle(1_000);
    expect(desk.of("held")).toHaveLength(CREDIT_CHUNKS + 10);
  });

  test("G3 RJ6 a run that is dropped says nothing more, also while it waits for credit, and its slot is free", async () => {
    const desk = await loaded();
    desk.run("first", { request: { ...REQUEST, maxTokens: 1000 } });
    await desk.settle();
    expect(desk.of("first")).toHaveLength(CREDIT_CHUNKS);
    desk.port.drop("first");
    await desk.settle();
    for (const job of ["second", "third"]) desk.run(job);
    await desk.settle();
    expect(desk.of("first")).toHaveLength(CREDIT_CHUNKS);
    for (const job of ["second", "third"]) expect(desk.answers.get(job)?.ok).toBe(true);
  });

  test("G3 RJ6 a run that is dropped says nothing more, even where its engine does not listen", async () => {
    const desk = await loaded(true);
    desk.run("first");
    await desk.settle(50);
    desk.port.drop("first");
    const said = desk.of("first").length;
    expect(said).toBeGreaterThan(0);
    await desk.settle();
    expect(desk.of("first")).toHaveLength(said);
  });

  test("G4 RJ4 a run that takes the place of a dropped one waits until that has really ended", async () => {
    const desk = await loaded();
    for (const job of ["a", "b"]) desk.run(job);
    await desk.settle(30);
    desk.port.drop("a");
    desk.run("c");
    await desk.settle();
    expect(desk.most).toBe(2);
    expect(desk.answers.get("c")).toMatchObject({ ok: true });
  });

  test("G6 whoever watches hears of an engine that is sick, with a code and its class, and of no other", async () => {
    const desk = await loaded();
    desk.ask("watch", { type: "watch" });
    await desk.settle(10_000);
    expect(desk.answers.has("watch")).toBe(false);
    desk.engine.faults = { failsAtToken: 0 };
    await desk.settle(1_001);
    const sick = { type: "engine.sick", code: "engine.failed", class: "transient" };
    expect(desk.answers.get("watch")).toMatchObject({ ok: true, event: sick });
  });

  test("G6 a dropped run that never ends in its engine is found: its slot is not free, and nothing is done", async () => {
    const desk = await loaded(true);
    desk.ask("watch", { type: "watch" });
    desk.engine.faults = { stallsAtToken: 2 };
    desk.run("a");
    await desk.settle(500);
    desk.port.drop("a");
    await desk.settle(5_000);
    expect(desk.answers.get("watch")).toMatchObject({ ok: true, event: { code: "worker.hung" } });
  });

  test("G6 nobody is probed once nobody watches", async () => {
    const desk = await loaded();
    desk.ask("watch", { type: "watch" });
    desk.port.drop("watch");
    desk.engine.faults = { failsAtToken: 0 };
    await desk.settle(30_000);
    expect(desk.answers.has("watch")).toBe(false);
  });

  test("G8 the first chunk of an attempt tells the tokens of the prompt, whatever was said before it", async () => {
    const desk = await loaded();
    desk.run("a");
    desk.run("b", { said: { pieces: ["tell"], tokens: 1 } });
    await desk.settle();
    for (const job of ["a", "b"]) {
      const [first, ...rest] = desk.of(job);
      expect(desk.answers.get(job)).toMatchObject({
        event: { executed: { usage: { promptTokens: first?.promptTokens } } },
      });
      expect(first?.promptTokens).toBeGreaterThan(0);
      expect(rest.filter(({ promptTokens }) => promptTokens !== undefined)).toEqual([]);
    }
  });

  test("G8 a job for no token at all says nothing, and is told the tokens of its prompt", async () => {
    const desk = await loaded();
    desk.run("a");
    desk.run("count", { request: { ...REQUEST, maxTokens: 0 } });
    await desk.settle();
    expect(desk.of("count")).toEqual([]);
    const usage = { promptTokens: desk.of("a")[0]?.promptTokens, completionTokens: 0 };
    expect(desk.answers.get("count")).toMatchObject({ ok: true, event: { executed: { usage } } });
  });

  test("G4 a probe takes the one slot there is only until a run comes, which has it within a token", async () => {
    const desk = await loaded(false, 1);
    desk.ask("watch", { type: "watch" });
    await desk.settle(1_005);
    desk.run("a");
    await desk.settle(25);
    expect(desk.of("a").length).toBeGreaterThan(0);
    expect(desk.most).toBe(1);
    desk.port.drop("watch");
    await desk.settle();
    expect(desk.answers.get("a")).toMatchObject(ENDED_WITH_20);
  });
});
