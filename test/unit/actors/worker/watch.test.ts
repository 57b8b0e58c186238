/**
 * Goal: an engine is well because it lately did something, not because nothing was heard; and no run waits for a probe.
 * Method: the watch over an engine that does as it is told, on virtual time.
 *
 * @see src/actors/worker/watch.ts, V1 to V5
 * @module
 */
import { describe, expect, test } from "vitest";
import { EngineWatch } from "../../../../src/actors/worker/watch.ts";
import type { ProbeEnd } from "../../../../src/actors/engines/engine.ts";
import { type ErrorData, RbeeError } from "../../../../src/protocol/errors.ts";
import { SimClock } from "../../../simulation/sim-clock.ts";

const TIMES = { probeEveryMs: 1000, probeTimeoutMs: 400, stallMs: 2500 };

/** An engine whose probes take so long; `broken` ones fail, and Infinity ends by abort alone. */
class Scene {
  readonly clock = new SimClock();
  readonly sick: ErrorData[] = [];
  readonly watch: EngineWatch;
  steps = 0;
  probes = 0;
  probeMs = 20;
  broken = false;
  isDeaf = false;
  busy = 0;
  waitsForReaders = false;

  constructor() {
    const probe = (signal: AbortSignal): Promise<ProbeEnd> => this.#probe(signal);
    const engine = { probe, steps: 0 };
    Object.defineProperty(engine, "steps", { get: () => this.steps });
    this.watch = new EngineWatch(engine, TIMES, {
      nowMs: () => this.clock.monotonicMs(),
      after: (delayMs, run) => this.clock.after(delayMs, run),
      isFree: () => this.busy === 0,
      waitsForReaders: () => this.waitsForReaders,
    });
    this.watch.begin((sickness) => void this.sick.push(sickness));
  }

  #probe(signal: AbortSignal): Promise<ProbeEnd> {
    this.probes += 1;
    this.busy += 1;
    return new Promise<ProbeEnd>((resolve, reject) => {
      if (!this.isDeaf) signal.addEventListener("abort", () => reject(new RbeeError("interrupted", "aborted")));
      if (this.broken) reject(new Error("no such tensor"));
      if (this.probeMs === Infinity) return;
      this.clock.after(this.probeMs, () => {
        this.steps += 1;
        resolve({ firstTokenMs: this.probeMs, totalMs: this.probeMs });
      });
    }).finally(() => (this.busy -= 1));
  }

  /** Time passes; with `work` something is done every so often. */
  async pass(forMs: number, work = Infinity): Promise<void> {
    const untilMs = this.clock.monotonicMs() + forMs;
    const toil = (): void => {
      this.steps += 1;
      if (this.clock.monotonicMs() + work <= untilMs) this.clock.after(work, toil);
    };
    if (work < Infinity) this.clock.after(work, toil);
    await settle();
    while ((this.clock.nextMs ?? Infinity) <= untilMs) {
      this.clock.advance();
      await settle();
    }
    this.clock.moveTo(untilMs);
  }
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("an engine that is watched", () => {
  test("V1 and does nothing makes a probe each interval, and no other", async () => {
    const scene = new Scene();
    await scene.pass(999);
    expect(scene.probes).toBe(0);
    await scene.pass(4002);
    expect(scene.probes).toBe(5);
    expect(scene.sick).toEqual([]);
  });

  test.each([
    ["all the time", 1],
    ["in runs so short that it is never seen at work", 0],
  ])("V1 and works, %s, is left to its work", async (_how, busy) => {
    const scene = new Scene();
    scene.busy = busy;
    await scene.pass(10_000, 300);
    expect([scene.probes, scene.sick.length]).toEqual([0, 0]);
    expect(scene.watch.lastProof.by).toBe("work");
  });

  test("V2 makes no probe beside a run, and gives one up for a run that comes", async () => {
    const scene = new Scene();
    scene.probeMs = Infinity;
    await scene.pass(1001);
    expect([scene.probes, scene.busy]).toEqual([1, 1]);
    scene.watch.giveWay();
    await scene.pass(0);
    expect(scene.busy).toBe(0);
    scene.busy = 1;
    await scene.pass(1000, 100);
    expect([scene.probes, scene.sick.length]).toEqual([1, 0]);
  });

  test.each([
    ["fails", (scene: Scene) => (scene.broken = true), "engine.failed"],
    ["does not end in time", (scene: Scene) => (scene.probeMs = Infinity), "worker.hung"],
    [
      "does not even end for a run",
      (scene: Scene) => ((scene.probeMs = Infinity), (scene.isDeaf = true)),
      "worker.hung",
    ],
  ])("V3 V5 whose probe %s is sick, which is told once", async (_how, fault, code) => {
    const scene = new Scene();
    fault(scene);
    await scene.pass(1001);
    scene.watch.giveWay();
    await scene.pass(20_000);
    if (code === "worker.hung" && !scene.isDeaf) {
      // Given way to a run that is over, the next probe finds it.
      expect(scene.probes).toBe(2);
    }
    expect(scene.sick.map((each) => each.code)).toEqual([code]);
    const { probes } = scene;
    await scene.pass(20_000);
    expect(scene.probes).toBe(probes);
  });

  test("V4 that works and gets nothing done is sick after the stall time, and not before", async () => {
    const scene = new Scene();
    scene.busy = 1;
    await scene.pass(2400);
    expect(scene.sick).toEqual([]);
    await scene.pass(700);
    expect(scene.sick.map(({ code }) => code)).toEqual(["worker.hung"]);
  });

  test("V4 whose runs all wait for their readers is accused of nothing", async () => {
    const scene = new Scene();
    scene.busy = 1;
    scene.waitsForReaders = true;
    await scene.pass(30_000);
    expect(scene.sick).toEqual([]);
  });

  test("V5 no more is not probed", async () => {
    const scene = new Scene();
    scene.watch.end();
    await scene.pass(30_000);
    expect(scene.probes).toBe(0);
  });
});

describe("an engine that is examined", () => {
  test("proves itself at once when it is free, and who asks meanwhile is told of the same probe", async () => {
    const scene = new Scene();
    const both = Promise.all([scene.watch.examine(), scene.watch.examine()]);
    await scene.pass(100);
    const [one, other] = await both;
    expect(scene.probes).toBe(1);
    expect(one).toMatchObject({ by: "probe", atMs: 20, probe: { firstTokenMs: 20, totalMs: 20 } });
    expect(other).toEqual(one);
  });

  test("proves itself by its work when it works", async () => {
    const scene = new Scene();
    scene.busy = 1;
    await scene.pass(500, 100);
    expect(await scene.watch.examine()).toMatchObject({ by: "work", probe: undefined });
    expect(scene.probes).toBe(0);
  });

  test("V3 and fails is sick for whoever asked and for whoever watches", async () => {
    const scene = new Scene();
    scene.broken = true;
    await expect(scene.watch.examine()).rejects.toMatchObject({ code: "engine.failed" });
    expect(scene.sick).toMatchObject([{ code: "engine.failed", message: expect.stringContaining("no such tensor") }]);
  });

  test("V2 and gives way meanwhile to a run says what it last proved itself by", async () => {
    const scene = new Scene();
    scene.probeMs = Infinity;
    const examined = scene.watch.examine();
    await scene.pass(10);
    scene.watch.giveWay();
    expect(await examined).toMatchObject({ by: "work", atMs: 0 });
    expect(scene.sick).toEqual([]);
  });
});
