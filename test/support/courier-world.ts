/**
 * Three hosts with two couriers each, and a schedule of errands and faults to put them through.
 *
 * @module
 */
import * as fc from "fast-check";
import { expect } from "vitest";
import type { Address } from "../../machines/words.ts";
import { SimWorld } from "../simulation/sim-world.ts";
import { booksOf, courier, courierTables } from "./courier.ts";

const HOSTS = ["a", "b", "c"] as const;
type HostName = (typeof HOSTS)[number];
const COURIERS: readonly Address[] = HOSTS.flatMap((host) => [`${host}/courier/1`, `${host}/courier/2`] as const);
const MAIL_MAX = 4;

export type Deed =
  | { readonly do: "go"; readonly route: readonly Address[]; readonly count: number; readonly lane: "control" | "data" }
  | { readonly do: "enquire"; readonly at: Address; readonly to: Address; readonly onRestart: "again" | "once" }
  | {
      readonly do: "kill" | "stop" | "powerLoss" | "freeze" | "thaw" | "fill" | "slow" | "quick";
      readonly host: HostName;
    }
  | { readonly do: "cut" | "heal" | "bounce" | "hold" | "release"; readonly a: HostName; readonly b: HostName };

/** A deed, and how long nothing else is done. */
export type Schedule = readonly (readonly [Deed, number])[];

const host = fc.constantFrom(...HOSTS);
const courierAt = fc.constantFrom(...COURIERS);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("go" as const),
      route: fc.array(courierAt, { minLength: 2, maxLength: 4 }),
      // More than a turn folds, now and then.
      count: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 1, max: 12 }) },
        { weight: 1, arbitrary: fc.integer({ min: 500, max: 700 }) },
      ),
      lane: fc.constantFrom("control" as const, "data" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("enquire" as const),
      at: courierAt,
      to: courierAt,
      onRestart: fc.constantFrom("again" as const, "once" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("kill", "stop", "powerLoss", "freeze", "thaw", "fill", "slow", "quick"),
      host,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("cut", "heal", "bounce", "hold", "release"), a: host, b: host }),
  },
) as fc.Arbitrary<Deed>;

export const schedules: fc.Arbitrary<Schedule> = fc.array(
  fc.tuple(deed, fc.oneof(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 40 }))),
  {
    maxLength: 40,
  },
);

export class CourierWorld {
  readonly sim: SimWorld;

  constructor(seed: number) {
    this.sim = new SimWorld(seed);
    this.sim.watch = (id) => {
      for (const { address, mailbox } of this.sim.host(id).core.cells.values()) {
        if (mailbox.dataLength > MAIL_MAX)
          throw new Error(`${address}: ${mailbox.dataLength} in a mailbox of ${MAIL_MAX}`);
      }
    };
    for (const id of HOSTS) {
      this.sim.add({
        id,
        behaviours: [courier(MAIL_MAX)],
        tables: courierTables,
        roots: [
          ["courier", "1", {}],
          ["courier", "2", {}],
        ],
        restartMs: 30,
      });
      this.sim.disk(id).flushMs = this.sim.rng.int(0, 15);
    }
    this.sim.run(20);
  }

  /** Puts it through a schedule; after every deed the books must be in order. */
  go(schedule: Schedule): void {
    for (const [given, thenMs] of schedule) {
      this.#do(given);
      this.sim.run(thenMs);
      this.assertInOrder();
    }
  }

  /** All faults end, and so does all work: within a bound of virtual time everything has arrived. */
  settle(): void {
    for (const id of HOSTS) {
      this.sim.disk(id).full = false;
      this.sim.disk(id).slow = false;
      this.sim.disk(id).flush();
      this.sim.thaw(id);
      this.sim.start(id);
      for (const other of HOSTS) {
        if (other === id) continue;
        this.sim.release(id, other);
        this.sim.heal(id, other);
      }
    }
    this.sim.run(20_000);
    this.assertInOrder();
    this.#assertComplete();
  }

  /** RM1: what a courier got of another is 1, 2, 3, ... */
  assertInOrder(): void {
    for (const id of HOSTS) {
      if (!this.sim.isUp(id)) continue;
      for (const [pair, numbers] of booksOf(this.sim.host(id)).got) {
        const wrong = numbers.findIndex((n, i) => n !== i + 1);
        if (wrong >= 0) throw new Error(`${pair}: ${numbers[wrong]} at place ${wrong + 1}`);
      }
    }
  }

  /** RM2, RM3, RM5, RM8, RM11: everything sent was got, nothing waits, each ask has one outcome. */
  #assertComplete(): void {
    const books = HOSTS.map((id) => booksOf(this.sim.host(id)));
    const allGot = new Map(books.flatMap((book) => [...book.got]));
    const allSent = new Map(books.flatMap((book) => [...book.sent]));
    for (const [pair, count] of allSent) expect(allGot.get(pair)?.length ?? 0, `${pair} complete`).toBe(count);
    for (const [pair, numbers] of allGot) expect(numbers.length, `${pair} was sent`).toBe(allSent.get(pair));
    for (const { outcomes } of books) {
      for (const [key, outcome] of outcomes) expect(outcome, `one outcome of ${key}`).toHaveLength(1);
    }
    for (const id of HOSTS) {
      const { core } = this.sim.host(id);
      expect([core.outbox.size, core.asks.size, core.gated.size, core.stalled.size, core.deadLetters.count]).toEqual([
        0, 0, 0, 0, 0,
      ]);
      const kinds = [...this.sim.disk(id).rows.keys()].map((key) => key.slice(0, 1));
      expect(kinds.filter((kind) => "omatdx".includes(kind))).toEqual([]);
    }
  }

  #do(given: Deed): void {
    const { sim } = this;
    switch (given.do) {
      case "go": {
        const [first, ...route] = given.route;
        if (first === undefined || !sim.isUp(first.slice(0, 1))) return;
        return sim.tell(first, { type: "go", route, count: given.count, lane: given.lane } as never);
      }
      case "enquire":
        if (sim.isUp(given.at.slice(0, 1)))
          sim.tell(given.at, { type: "enquire", to: given.to, onRestart: given.onRestart } as never);
        return;
      case "kill":
        return this.#again(given.host, () => sim.kill(given.host));
      case "stop":
        return this.#again(given.host, () => sim.stop(given.host));
      case "powerLoss":
        return this.#again(given.host, () => sim.powerLoss(given.host));
      case "freeze":
      case "thaw":
        return sim[given.do](given.host);
      case "fill":
        sim.disk(given.host).full = true;
        sim.clock.after(60, () => (sim.disk(given.host).full = false));
        return;
      case "slow":
        sim.disk(given.host).slow = true;
        return;
      case "quick":
        sim.disk(given.host).slow = false;
        return sim.disk(given.host).flush();
      case "bounce":
        if (given.a === given.b) return;
        sim.cut(given.a, given.b);
        return sim.heal(given.a, given.b);
      default:
        if (given.a !== given.b) sim[given.do](given.a, given.b);
    }
  }

  #again(id: HostName, end: () => void): void {
    end();
    this.sim.clock.after(this.sim.rng.int(1, 30), () => this.sim.start(id));
  }
}
