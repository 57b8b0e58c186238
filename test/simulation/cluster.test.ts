/**
 * Goal: a small cluster under faults keeps its promises, and a seed is the whole of a run.
 * Method: the real cells of queen, hive, jobs and workers in one thread on virtual time; workers die, threads crash and
 * forks lose their answers at moments the seed chooses; then the faults stop and everything must come to an end.
 */
import { describe, expect, test } from "vitest";
import type { StreamItem } from "../../src/protocol/ports.ts";
import { SimCluster } from "./sim-cluster.ts";

const JOBS = 8;
const FAULTS_MS = 6000;
/** Attempts are bounded, a load takes 150 ms, a lost fork is noticed after 10 s: long enough for all of it. */
const HEAL_MS = 120_000;

interface Outcome {
  readonly hash: string;
  readonly accepted: readonly string[];
  readonly streams: ReadonlyMap<string, readonly StreamItem[]>;
  readonly workersLeft: number;
  readonly dead: number;
}

async function run(seed: number, faults: boolean): Promise<Outcome> {
  const cluster = new SimCluster(seed);
  const { world } = cluster;
  const accepted: string[] = [];
  await world.runAsync(50);
  for (let n = 0; n < JOBS; n += 1) {
    world.clock.after(world.rng.int(0, FAULTS_MS / 2), () => {
      // A client whose queen is gone at that moment is refused, and has been promised nothing.
      cluster.submit(`question ${n}`, n).then(
        (job) => accepted.push(job),
        () => {},
      );
    });
  }
  if (faults) for (let n = 0; n < 6; n += 1) world.clock.after(world.rng.int(100, FAULTS_MS), () => fault(cluster));
  await world.runAsync(FAULTS_MS);
  await world.runAsync(HEAL_MS);
  const streams = new Map<string, readonly StreamItem[]>();
  for (const job of accepted) streams.set(job, await cluster.read(job));
  const dead = world.host("queen").core.deadLetters.count + world.host("hive").core.deadLetters.count;
  return { hash: world.hash, accepted, streams, workersLeft: cluster.workers.length, dead };
}

function fault(cluster: SimCluster): void {
  const { rng } = cluster.world;
  switch (rng.int(0, 3)) {
    case 0:
      return cluster.crash("queen");
    case 1:
      return cluster.crash("hive");
    case 2:
      cluster.loseForkAnswers += 1;
      return cluster.crash("hive");
    default:
      if (cluster.workers.length > 0) cluster.killWorker(rng.pick(cluster.workers));
  }
}

const text = (items: readonly StreamItem[]): string =>
  items.map((item) => (item.type === "chunk" ? item.chunk.text : "")).join("");

describe("a small cluster on virtual time", () => {
  test("undisturbed, every job is answered by one worker and nothing lands in dead letters", async () => {
    const { accepted, streams, workersLeft, dead } = await run(1, false);
    expect(accepted).toHaveLength(JOBS);
    for (const items of streams.values()) expect(items.at(-1)).toMatchObject({ type: "end", end: { type: "done" } });
    expect(workersLeft).toBe(1);
    expect(dead).toBe(0);
  });

  for (let seed = 1; seed <= 60; seed += 1) {
    test(`RJ1 RJ2: seed ${seed}: every accepted job ends once, its tokens in order, whatever died meanwhile`, async () => {
      const calm = await run(seed, false);
      const { accepted, streams } = await run(seed, true);
      const byQuestion = new Map([...calm.streams.values()].map((items) => [text(items), true]));
      for (const job of accepted) {
        const items = streams.get(job) ?? [];
        const ends = items.filter((item) => item.type === "end");
        expect(ends, `${job} of seed ${seed}`).toHaveLength(1);
        const indexes = items.flatMap((item) => (item.type === "chunk" ? [item.chunk.index] : []));
        expect(indexes).toEqual(indexes.map((_, at) => at));
        if (ends[0]?.type === "end" && ends[0].end.type === "done") expect(byQuestion.has(text(items))).toBe(true);
      }
    });
  }

  test("worker.load.timeout: a worker that hangs while loading is given up, and the next one answers", async () => {
    const cluster = new SimCluster(3);
    cluster.hangLoads = 1;
    await cluster.world.runAsync(50);
    const submitted = cluster.submit("question", 0);
    await cluster.world.runAsync(60_000);
    const items = await cluster.read(await submitted);
    expect(items.at(-1)).toMatchObject({ type: "end", end: { type: "done", attempts: 1 } });
    expect(cluster.ends).toEqual(["worker.load.timeout"]);
  });

  test("RX1: the same seed gives the same trace, twice", async () => {
    const first = await run(7, true);
    const second = await run(7, true);
    expect(second.hash).toBe(first.hash);
    expect((await run(8, true)).hash).not.toBe(first.hash);
  });
});
