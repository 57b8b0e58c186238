/**
 * Goal: with more money or more time a discussion is the same one for longer, and never for shorter.
 * Method: a real node over a server that bills its work; the same discussion with less of one of them. What there is to
 * pay is reckoned by the checker's own books.
 *
 * @see machines/README.md, TD8; test/support/conducted.ts; of tokens and patience: team-metamorphic.test.ts
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LogEvent } from "../../machines/rules/log.ts";
import { enter, opened } from "../simulation/team/books.ts";
import { asideMicros, lastMicros } from "../simulation/team/purse.ts";
import { waitUntil } from "../support/children.ts";
import { type Conducted, discussed, type How, inTurn, plainLog, planned } from "../support/conducted.ts";
import { ABROAD, KeyedNode } from "../support/keyed-node.ts";
import { ofType } from "../support/team-node.ts";

/** Of each answer, where time is short. */
const PACE_MS = 300;
const ENV = { RBEE_TEAM_COST_MAX: "100" };

/** What it takes that something is granted or voted on, of each event; of others nothing. */
function needsOf([first, ...rest]: readonly LogEvent[]): readonly number[] {
  if (first?.type !== "opened") return [];
  const books = opened(first);
  const needs = rest.map((event) => {
    const held = books.spentMicros + asideMicros(books) + lastMicros(books);
    enter(books, event);
    if (event.type === "granted") return held + (event.reservedMicros ?? 0);
    return event.type === "polled" ? (event.reserved ?? []).reduce((sum, { micros }) => sum + micros, held) : 0;
  });
  return [0, ...needs];
}

describe("a discussion that is billed", () => {
  let its: KeyedNode;
  /** Where nothing is short. */
  let rich: Conducted;

  /** @param how what is otherwise than that whoever reads the same says the same */
  const talk = (how: Partial<How> = {}): Promise<Conducted> =>
    discussed(
      its,
      {
        says: planned({ divergent: ["speak", "speak"], convergent: ["object"], critical: ["pass", "speak"] }),
        ...how,
      },
      { model: ABROAD, privacy: "public" },
    );

  beforeAll(async () => {
    its = await KeyedNode.start({ ...ENV, RBEE_TEAM_QUORUM: "all" });
    rich = await talk();
    expect(ofType(rich.log, "polled").length).toBeGreaterThan(0);
    expect(ofType(rich.log, "closing")[0]?.reason).not.toBe("budget");
  }, 120_000);
  afterAll(() => its.close());

  const again = (more: Readonly<Record<string, string>>): Promise<void> =>
    its.again({ ...ENV, RBEE_TEAM_QUORUM: "all", ...more });
  /** From where on it is another one. */
  const partsAt = (one: Conducted): number => {
    const [mine, others] = [plainLog(one), plainLog(rich)];
    return mine.findIndex((event, seq) => seq > 0 && !isDeepStrictEqual(event, others[seq]));
  };

  test("TD8 with more money is the same until the smaller one refuses something, and refuses nothing earlier", async () => {
    const needs = needsOf(rich.log);
    // What takes more than anything before it is what a budget just below it refuses.
    const peaks = needs.flatMap((need, seq) => (need > Math.max(0, ...needs.slice(0, seq)) ? [seq] : []));
    const chosen = [0.2, 0.5, 1].map((share) => peaks[Math.ceil((peaks.length - 1) * share)] ?? 0);
    expect(new Set(chosen).size).toBe(3);
    console.log(`refused at ${chosen.join(", ")} of ${rich.log.length}`);
    const refused = await inTurn(chosen, async (seq) => {
      await again({ RBEE_TEAM_COST_MAX: String(((needs[seq] ?? 0) - 1) / 1e6) });
      return partsAt(await talk());
    });
    expect(refused).toEqual(chosen);
    // And one that pays all of it is the same to the end.
    await again({ RBEE_TEAM_COST_MAX: String(Math.max(...needs) / 1e6) });
    expect(partsAt(await talk())).toBe(-1);
  }, 120_000);

  test("TD8 with more time is the same until the smaller one is over its time, and goes on from there", async () => {
    const until = await inTurn(["2s", "4s"], async (hard) => {
      await again({ RBEE_TEAM_HARD: hard });
      let answered = 0;
      const short = await talk({
        async meanwhile({ log }) {
          const beganAt = log[0]?.at ?? 0;
          const isShut = (): boolean => log.some(({ type }) => type === "closing");
          await waitUntil(() => isShut() || Date.now() >= beganAt + answered * PACE_MS, 20_000);
          answered += 1;
          return false;
        },
      });
      expect(ofType(short.log, "closing")[0]?.reason).toBe("timeout");
      const at = partsAt(short);
      expect(short.log[at]?.type).toBe("closing");
      return at;
    });
    console.log(`over at ${until.join(", ")} of ${rich.log.length}`);
    expect(until[0]).toBeGreaterThan(1);
    expect(until[1]).toBeGreaterThan(until[0] ?? Infinity);
  }, 120_000);
});
