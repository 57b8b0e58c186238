/**
 * Goal: BA1-BA6 of ballot.ts, and with them TD10 and the consensus of TS6.
 * Method: properties over small elections, in which ties, doubles and strangers are frequent.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Ballot, isDecided, minority, tally } from "../../../../machines/rules/ballot.ts";

const OPTIONS = ["a", "b", "c"];
const conf = fc.option(fc.double({ min: -0.5, max: 1.5 }), { nil: undefined });
const option = fc.constantFrom(...OPTIONS, "nobody's");
const quorum = fc.constantFrom("all" as const, "majority" as const, 0.5, 0.67, 0.9, 1);

/** One ballot each. */
const ballots = fc
  .array(fc.record({ option, conf }), { maxLength: 7 })
  .map((rows) => rows.map((row, at): Ballot => ({ agent: `agent-${at}`, ...row })));

const shuffled = ballots.chain((cast) =>
  fc.tuple(fc.constant(cast), fc.shuffledSubarray(cast, { minLength: cast.length, maxLength: cast.length })),
);

const vote = (agent: string, chosen: string, sure?: number): Ballot => ({ agent, option: chosen, conf: sure });

describe("a vote", () => {
  test("BA1 TD10 whatever order the ballots come in, the result is the same to the last digit", () => {
    fc.assert(
      fc.property(shuffled, quorum, ([cast, other], needed) => {
        const election = { quorum: needed, options: OPTIONS };
        const result = tally(cast, election);
        expect(tally(other, election)).toEqual(result);
        // Fractions would have another sum in another order.
        expect(result.standings.every(({ weight }) => Number.isSafeInteger(weight))).toBe(true);
      }),
    );
  });

  test("BA1 TD10 a winner who gains confidence or another ballot stays the winner, and what was reached stays so", () => {
    fc.assert(
      fc.property(ballots, quorum, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (cast, needed, pick, more) => {
        const election = { quorum: needed, options: OPTIONS };
        const before = tally(cast, election);
        if (before.winner === undefined) return;
        const own = cast.filter((ballot) => ballot.option === before.winner);
        const raised = own[pick % own.length];
        const higher = Math.min(1, Math.max(0, Number.isFinite(raised?.conf) ? Number(raised?.conf) : 0.5) + more);
        const surer = cast.map((ballot) => (ballot === raised ? { ...ballot, conf: higher } : ballot));
        for (const after of [
          tally(surer, election),
          tally([...cast, vote("newcomer", before.winner, more)], election),
        ]) {
          expect(after.winner).toBe(before.winner);
          if (before.reached) expect(after.reached).toBe(true);
        }
      }),
    );
  });

  test("BA2 TD10 an agent who votes again, for whatever, changes nothing", () => {
    fc.assert(
      fc.property(ballots, fc.array(fc.tuple(fc.nat(), option, conf)), quorum, (cast, again, needed) => {
        const election = { quorum: needed, options: OPTIONS };
        const doubles = again.flatMap(([pick, chosen, sure]) => {
          const agent = cast[pick % cast.length]?.agent;
          return agent === undefined ? [] : [vote(agent, chosen, sure)];
        });
        expect(tally([...cast, ...doubles], election)).toEqual(tally(cast, election));
      }),
    );
  });

  test("BA2 a ballot for what nobody proposed counts for nothing, and without any other there is no winner", () => {
    const election = { quorum: "majority", options: OPTIONS } as const;
    expect(tally([vote("x", "nobody's", 1)], election)).toMatchObject({ winner: undefined, reached: false, share: 0 });
    expect(tally([vote("x", "nobody's", 1), vote("y", "b", 0.1)], election)).toMatchObject({ winner: "b", share: 1 });
    expect(tally([], election)).toMatchObject({ winner: undefined, reached: false });
  });

  test("BA3 a confidence beyond 0 to 1 is cut, an unknown one is a half, and the least still is a ballot", () => {
    const weigh = (sure?: number) => tally([vote("x", "a", sure)], { quorum: "all", options: ["a"] }).standings[0];
    expect([7, 1, undefined, Number.NaN, 0.2, 0, -3].map((sure) => weigh(sure)?.weight)).toEqual([
      1000, 1000, 500, 500, 200, 1, 1,
    ]);
    expect(tally([vote("x", "a", 0)], { quorum: "all", options: ["a"] })).toMatchObject({ winner: "a", reached: true });
  });

  test("BA4 of equal weights the option that was proposed first wins", () => {
    const cast = [vote("x", "b"), vote("y", "a"), vote("z", "c")];
    for (const options of [OPTIONS, ["c", "b", "a"], ["b", "c", "a"]])
      expect(tally(cast, { quorum: "all", options }).winner).toBe(options[0]);
  });

  test("BA5 one who is very sure among many who are not makes no consensus, though he may lead", () => {
    const cast = [vote("x", "a", 1), vote("y", "b", 0.2), vote("z", "c", 0.2)];
    const result = tally(cast, { quorum: "majority", options: OPTIONS });
    expect(result).toMatchObject({ winner: "a", reached: false });
    expect(result.share).toBeGreaterThan(0.5);
    expect(result.agreement).toBeCloseTo(1 / 3);
  });

  test("BA5 those who voted early make no consensus over those who have not voted yet", () => {
    const election = { quorum: "majority", options: OPTIONS, voters: 5 } as const;
    const early = [vote("x", "a", 1), vote("y", "a", 1)];
    expect(tally(early, election)).toMatchObject({ winner: "a", share: 1, agreement: 0.4, reached: false });
    expect(tally([...early, vote("z", "a")], election).reached).toBe(true);
  });

  test.each([
    ["all", ["a", "a", "a"], true],
    ["all", ["a", "a", "b"], false],
    [1, ["a", "a", "a"], true],
    [1, ["a", "a", "b"], false],
    ["majority", ["a", "a", "b"], true],
    ["majority", ["a", "b"], false],
    [0.5, ["a", "b"], true],
    [0.67, ["a", "a", "b"], true],
    [0.7, ["a", "a", "b"], false],
  ] as const)("BA5 a quorum of %s over %j is reached: %s", (needed, chosen, reached) => {
    const cast = chosen.map((each, at) => vote(`agent-${at}`, each));
    expect(tally(cast, { quorum: needed, options: OPTIONS }).reached).toBe(reached);
  });

  test("the minority is everybody whose ballot is for something else, once", () => {
    const cast = [vote("x", "a"), vote("y", "b"), vote("y", "a"), vote("z", "c"), vote("x", "b")];
    expect(minority(cast, "a").map(({ agent }) => agent)).toEqual(["y", "z"]);
  });
});

describe("a vote that goes on", () => {
  /** No confidence moves the likelihoods, so that only what cannot be overturned decides. */
  const CERTAIN = { massMin: 2 };
  const several = fc
    .array(fc.record({ option: fc.constantFrom(...OPTIONS), conf }), { maxLength: 6 })
    .map((rows) => rows.map((row, at): Ballot => ({ agent: `agent-${at}`, ...row })));

  test("BA6 what is decided by what was cast no ballots to come can overturn", () => {
    fc.assert(
      fc.property(several, fc.array(fc.record({ option, conf }), { maxLength: 4 }), (cast, rest) => {
        if (!isDecided(cast, rest.length, CERTAIN)) return;
        const later = rest.map((row, at) => ({ agent: `later-${at}`, ...row }));
        const election = { quorum: "majority", options: [...OPTIONS, "nobody's"] } as const;
        expect(tally([...cast, ...later], election).winner).toBe(tally(cast, election).winner);
      }),
      { numRuns: 500 },
    );
  });

  test("BA6 what the ballots to come could overturn is not decided by what was cast", () => {
    fc.assert(
      fc.property(several, fc.integer({ min: 1, max: 4 }), (cast, outstanding) => {
        const options = [...OPTIONS].reverse();
        const { winner } = tally(cast, { quorum: "majority", options });
        const rival = options.find((each) => each !== winner) ?? "a";
        const all = Array.from({ length: outstanding }, (_, at) => vote(`later-${at}`, rival, 1));
        const overturned =
          tally([...cast, ...all], { quorum: "majority", options: [rival, ...options] }).winner === rival;
        if (overturned) expect(isDecided(cast, outstanding, CERTAIN)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test("BA6 samples that agree end a vote early, the sooner the surer they are and the more answers there could be", () => {
    const agree = (count: number, sure?: number) =>
      Array.from({ length: count }, (_, at) => vote(`agent-${at}`, "42", sure));
    const needed = (sure: number | undefined, answers?: number) =>
      [1, 2, 3, 4, 5, 6, 7, 8].find((count) =>
        isDecided(agree(count, sure), 40, answers === undefined ? {} : { answers }),
      );
    expect([needed(0.9), needed(undefined), needed(0.3)]).toEqual([2, 3, 4]);
    expect([needed(0.8, 2), needed(0.8, 4), needed(0.8, 1000)]).toEqual([3, 2, 2]);
    // A coin says nothing about a verdict, however often it is thrown.
    expect(needed(0.5, 2)).toBeUndefined();
  });

  test("BA6 samples that contradict each other are asked on, and one alone never decides", () => {
    expect(isDecided([vote("x", "1", 0.9), vote("y", "2", 0.9)], 3)).toBe(false);
    expect(isDecided([vote("x", "1", 1)], 4)).toBe(false);
    expect(isDecided([], 5)).toBe(false);
    expect(isDecided([], 0)).toBe(true);
  });

  test("BA6 an answer that is likely but does not lead decides nothing", () => {
    const cast = [vote("x", "a", 0.9), vote("y", "b", 0.5), vote("z", "b", 0.45)];
    expect(isDecided(cast, 5, { massMin: 0.5 })).toBe(false);
  });
});
