/**
 * Goal: discussions and whoever else asks do not keep each other waiting for all that one of them has sent.
 * Method: the real queen, jobs, hive and workers on virtual time: a crowd of jobs waits, discussions of a few thinkers
 * each ask for one job after another, and what is given a slot is written down in its order.
 *
 * @see machines/README.md, TL9; machines/rules/turns.ts, TU2
 * @module
 */
import { describe, expect, test } from "vitest";
import type { QueenEvent } from "../../machines/queen-events.ts";
import { BARE_REQUEST } from "../../machines/request.ts";
import type { JobRow } from "../../machines/rules/queue.ts";
import type { Accepted } from "../../src/actors/queen/admission.ts";
import { jobs } from "../../src/actors/queen/tables.ts";
import { event } from "../../src/runtime/reading.ts";
import { type ClusterEar, QUEEN, SimCluster } from "./sim-cluster.ts";
import { drawScenario } from "./scenario.ts";

const toQueen = event<QueenEvent>();
const ANSWER_MS = 60_000;
/** Hops between the door and the queen, there and back. */
const HOPS_MS = 60;
const CROWD = 10_000;
const AT_ONCE = 32;

const nothing = (): void => undefined;

class Stage {
  readonly cluster: SimCluster;
  /** As they were given slots. */
  readonly placed: JobRow[] = [];
  readonly ended = new Map<string, JobRow>();
  readonly #changed = new Set<string>();
  readonly #waiters = new Map<string, () => void>();
  readonly #known = new Map<string, JobRow>();

  constructor(workers: number, slots: number) {
    const { seed, config } = drawScenario(1, { minutes: 0.2 });
    const calm = { hives: 1, slots, workersMax: workers, queueLengthMax: 20_000, queenMailMax: 256, tokenMs: 20 };
    const ear: ClusterEar = {
      ...{ said: nothing, forked: nothing, struck: nothing, repeated: nothing, told: nothing },
      ...{ sent: nothing, arrived: nothing, opened: nothing, down: nothing, worker: nothing, member: nothing },
      job: (key) => this.#changed.add(key),
      step: () => this.#look(),
    };
    const patient = { jobDeadlineMs: 3_600_000, attemptsMax: 1, idleTimeoutMs: 600_000, saboteur: undefined };
    this.cluster = new SimCluster({ seed, config: { ...config, ...calm, ...patient } }, ear);
    this.cluster.start();
  }

  /** Another worker beside the one that is there. */
  spawn(): Promise<void> {
    return new Promise((done) => {
      const made = toQueen({ type: "spawn.worker", model: "sim", node: undefined });
      this.cluster.door.ask(QUEEN, made, ANSWER_MS, () => done());
    });
  }

  submit(party: string | undefined, prompt: string): Promise<string> {
    const request = { ...BARE_REQUEST, capability: "text", model: "sim", prompt, maxTokens: 2, party } as const;
    return new Promise((done, refused) => {
      const made = toQueen({ type: "submit", request, caller: { requestId: "r" } });
      this.cluster.door.ask(QUEEN, made, ANSWER_MS, (result) => {
        if (result.ok) done((result.event as Accepted).job);
        else refused(new Error(result.error.code));
      });
    });
  }

  cancel(job: string): Promise<void> {
    return new Promise((done) => {
      this.cluster.door.ask(QUEEN, toQueen({ type: "cancel", job }), ANSWER_MS, () => done());
    });
  }

  /** Its job has ended. */
  over(job: string): Promise<void> {
    return this.ended.has(job) ? Promise.resolve() : new Promise((done) => this.#waiters.set(job, done));
  }

  get nowMs(): number {
    return this.cluster.world.clock.monotonicMs();
  }

  get queued(): number {
    return this.cluster.world.host("queen").core.tables.rows(jobs).index.queued;
  }

  async until<T>(what: Promise<T>, withinMs = 3_600_000): Promise<T> {
    let isOver = false;
    const seen = what.finally(() => (isOver = true));
    for (const endMs = this.nowMs + withinMs; !isOver && this.nowMs < endMs;) await this.cluster.world.runAsync(5);
    expect(isOver, `it is over within ${withinMs} ms`).toBe(true);
    return seen;
  }

  #look(): void {
    if (this.#changed.size === 0) return;
    const rows = this.cluster.world.host("queen").core.tables.rows(jobs);
    for (const key of this.#changed) {
      const row = rows.get(key);
      if (row === undefined) continue;
      if (row.state === "running" && this.#known.get(key)?.state === "queued") this.placed.push(row);
      if (row.endedAt !== undefined && !this.ended.has(key)) {
        this.ended.set(key, row);
        this.#waiters.get(key)?.();
      }
      this.#known.set(key, row);
    }
    this.#changed.clear();
  }
}

/** So many jobs of one party wait. */
async function crowded(stage: Stage, count: number): Promise<void> {
  const sends = async (): Promise<void> => {
    for (let sent = 0; sent < count / AT_ONCE; sent++) await stage.submit(undefined, `crowd ${sent}`);
  };
  await stage.until(Promise.all(Array.from({ length: AT_ONCE }, sends)));
}

interface Asked {
  readonly job: string;
  /** How many had been given a slot when it was asked for. */
  readonly from: number;
}

/** A discussion: its thinkers ask for one job after another, each waiting for its own. */
async function discusses(stage: Stage, party: string, thinkers: number, turns: number): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const thinks = async (thinker: number): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) {
      const from = stage.placed.length;
      const job = await stage.submit(party, `${party} ${thinker} ${turn}`);
      asked.push({ job, from });
      await stage.over(job);
    }
  };
  await Promise.all(Array.from({ length: thinkers }, (_, thinker) => thinks(thinker)));
  return asked;
}

const DISCUSSIONS = 5;
const THINKERS = 3;
const TURNS = 4;
const SLOTS = 4;

describe("a crowd", () => {
  test("TL9 each job of each discussion is given a slot in its turn, though ten thousand others wait", async () => {
    const stage = new Stage(2, SLOTS / 2);
    await stage.until(stage.submit(undefined, "first").then((job) => stage.over(job)));
    await stage.until(stage.spawn());
    await crowded(stage, CROWD);
    const talks = Array.from({ length: DISCUSSIONS }, (_, its) => discusses(stage, `d${its}`, THINKERS, TURNS));
    const asked = (await stage.until(Promise.all(talks))).flat();
    expect(asked.length).toBe(DISCUSSIONS * THINKERS * TURNS);
    expect(asked.every(({ job }) => stage.ended.get(job)?.state === "done")).toBe(true);
    // It is the third of its discussion at the most: three of each other one and of the crowd go before it. What was
    // given a slot while it was on its way to the queen did not pass it.
    const bound = THINKERS * DISCUSSIONS + (THINKERS - 1) + SLOTS;
    for (const { job, from } of asked) {
      const waited = stage.placed.findIndex(({ id }) => id === job) - from;
      expect(waited, `${job} waits for ${waited} others`).toBeLessThanOrEqual(bound);
    }
    // Nor is the crowd kept waiting: while they talk it has its turn among six.
    const last = Math.max(...asked.map(({ job }) => stage.placed.findIndex(({ id }) => id === job)));
    const crowd = stage.placed.slice(0, last).filter(({ party }) => party === undefined).length;
    expect(crowd).toBeGreaterThanOrEqual(Math.floor(last / (DISCUSSIONS + 1)) - SLOTS);
    expect(stage.queued).toBeGreaterThan(CROWD / 2);
    expect(new Set(stage.placed.map(({ worker }) => worker)).size).toBe(2);
  }, 120_000);

  test("TL9 a stop waits for nobody, though ten thousand jobs wait", async () => {
    const stage = new Stage(1, 1);
    await crowded(stage, CROWD);
    const mine = await stage.until(Promise.all(["a", "b", "c"].map((prompt) => stage.submit("d", prompt))));
    const sinceMs = stage.nowMs;
    await stage.until(Promise.all(mine.map((job) => stage.cancel(job).then(() => stage.over(job)))));
    expect(stage.nowMs - sinceMs).toBeLessThan(HOPS_MS);
    expect(mine.map((job) => stage.ended.get(job)?.state)).toEqual(["cancelled", "cancelled", "cancelled"]);
  }, 120_000);
});
