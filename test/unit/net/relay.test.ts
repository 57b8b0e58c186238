/**
 * Goal: what a worker of another machine says reaches its readers whole, however often the link breaks (RE1 to RE3).
 * Method: the real spool and the real relay with a link between them that loses what is on its way; a property over
 *         what is said and when it breaks.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { ChunkRelay, RUNS_MAX } from "../../../src/net/relay.ts";
import { Streams } from "../../../src/net/streams.ts";
import { type Chunk, CREDIT_CHUNKS } from "../../../src/protocol/worker.ts";

const WORKER = "w1";
const chunk = (index: number, job = "j"): Chunk => {
  return { job, attempt: 1, index, kind: "text", text: `${index} `, tokens: 1 };
};

class World {
  /** What is on its way, in order, both ways. */
  #underWay: (() => void)[] = [];
  #isUp = true;
  /** What the worker may still say. */
  credit = CREDIT_CHUNKS;
  said = 0;
  readonly relay: ChunkRelay = new ChunkRelay({
    send: (_worker, one) => this.#send(() => this.streams.chunk(one)),
    credit: (_worker, _job, _attempt, chunks) => (this.credit += chunks),
  });
  readonly streams: Streams = new Streams({
    credit: (worker, job, attempt, chunks) => this.#send(() => this.relay.credit(worker, job, attempt, chunks)),
  });

  constructor() {
    const note = { type: "assigned", worker: WORKER, attempt: 1, why: "" } as const;
    const said = { pieces: [], tokens: 0 };
    this.relay.resume([]);
    this.streams.begin({ type: "begin", job: "j", attempt: 1, said, worker: WORKER, note });
  }

  say(count: number): void {
    for (let n = 0; n < count && this.credit > 0; n += 1) {
      this.credit -= 1;
      this.relay.chunk(WORKER, chunk(this.said));
      this.said += 1;
    }
  }

  arrive(count: number): void {
    for (const deliver of this.#underWay.splice(0, count)) deliver();
  }

  cut(): void {
    this.#isUp = false;
    this.#underWay = [];
    this.relay.unlinked();
  }

  heal(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    const standings = this.streams.resuming((worker) => worker === WORKER);
    this.#send(() => this.relay.resume(standings));
  }

  settle(): void {
    this.heal();
    while (this.#underWay.length > 0) this.arrive(1);
  }

  #send(deliver: () => void): void {
    if (this.#isUp) this.#underWay.push(deliver);
  }
}

const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("say" as const), count: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("arrive" as const), count: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cut" as const), count: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("heal" as const), count: fc.constant(0) }) },
);

describe("a relay", () => {
  test.prop([fc.array(act, { maxLength: 60, size: "max" })])(
    "RE1 RE3 nothing is missing and nobody waits for ever, wherever the link breaks",
    (acts) => {
      const world = new World();
      for (const { do: what, count } of acts) world[what](count);
      world.settle();
      expect(world.streams.isWhole("j", 1, world.said)).toBe(true);
      // Half of the credit may be held back; the worker goes on all the same.
      expect(world.credit).toBeGreaterThan(CREDIT_CHUNKS / 2);
      expect(world.credit).toBeLessThanOrEqual(CREDIT_CHUNKS);
    },
  );

  test("RE2 keeps as much as a worker may say unread, and forgets runs that nobody asks for", () => {
    const sent: number[] = [];
    const relay = new ChunkRelay({ send: (_worker, one) => sent.push(one.index), credit: () => {} });
    for (let index = 0; index < CREDIT_CHUNKS + 10; index += 1) relay.chunk(WORKER, chunk(index));
    sent.length = 0;
    relay.resume([{ worker: WORKER, job: "j", attempt: 1, next: 0, granted: 0 }]);
    expect(sent).toHaveLength(CREDIT_CHUNKS);
    for (let run = 0; run < RUNS_MAX; run += 1) relay.chunk(WORKER, chunk(0, `other-${run}`));
    sent.length = 0;
    relay.resume([{ worker: WORKER, job: "j", attempt: 1, next: 0, granted: 0 }]);
    expect(sent).toEqual([]);
  });

  test("a worker that is gone leaves nothing", () => {
    const sent: number[] = [];
    const relay = new ChunkRelay({ send: (_worker, one) => sent.push(one.index), credit: () => {} });
    relay.resume([]);
    relay.chunk(WORKER, chunk(0));
    relay.forget(WORKER);
    relay.resume([{ worker: WORKER, job: "j", attempt: 1, next: 0, granted: 0 }]);
    expect(sent).toEqual([0]);
  });
});
