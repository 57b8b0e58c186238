/**
 * Goal: the last word is what was said and chosen, with who still objects and what it cost; and without a model too.
 *
 * @see machines/rules/conclude.ts, CO1 to CO4
 * @module
 */
import { describe, expect, test } from "vitest";
import { extract, finalOf, readyAnswer } from "../../../../machines/rules/conclude.ts";
import { REASONS, type Unwritten } from "../../../../machines/rules/log.ts";
import { type Standing, standingOf } from "../../../../machines/rules/standing.ts";
import { NO_USAGE } from "../../../../machines/rules/usage.ts";
import { granted, logOf, openedBody, said, USAGE } from "../../../support/team-rows.ts";

function standing(...bodies: readonly Unwritten[]): Standing {
  const made = standingOf(logOf(...bodies));
  if (made === undefined) throw new Error("a log begins with its question");
  return made;
}
const closing = (reason: (typeof REASONS)[number]): Unwritten => ({ type: "closing", reason });
const ballot = (agent: string, option: string): Unwritten => ({
  type: "ballot",
  agent,
  round: 1,
  basis: 4,
  option,
  conf: 1,
  usage: USAGE,
});
const polled: Unwritten = {
  type: "polled",
  round: 1,
  basis: 4,
  options: [
    { id: "a", of: 3 },
    { id: "b", of: 4 },
  ],
  voters: ["a", "b"],
};
const tallied: Unwritten = { type: "tallied", round: 1, winner: "a", agreement: 0.5, reached: false };
const TALK = [openedBody(), granted("a", 1), granted("b", 2), said("a", 1, "Go left."), said("b", 2, "Go right.")];

describe("the answer", () => {
  test("CO1 of one who answers alone is that one's, and no model is asked", () => {
    const alone = standing(openedBody({ mode: "alone" }), granted("a", 1), said("a", 1, "Left."), closing("exhausted"));
    expect(readyAnswer(alone)).toEqual({ text: "Left.", by: "contribution" });
  });

  test("CO1 of a vote is what was chosen", () => {
    const [, ...rest] = TALK;
    const vote = standing(openedBody({ mode: "vote" }), ...rest, polled, ballot("a", "a"), ballot("b", "b"), tallied);
    expect(readyAnswer(vote)).toEqual({ text: "Go left.", by: "contribution" });
  });

  test("CO1 of a discussion is asked of a model, unless nobody spoke or somebody stopped it", () => {
    expect(readyAnswer(standing(...TALK, closing("all_idle")))).toBeUndefined();
    expect(readyAnswer(standing(...TALK, closing("cancelled")))).toMatchObject({ by: "extract" });
    expect(readyAnswer(standing(openedBody(), closing("all_failed")))).toMatchObject({ by: "extract" });
  });

  test("CO2 without a model is what was chosen, else what was summed up, else what everybody said", () => {
    const summary: Unwritten = { type: "summary", upTo: 4, text: "They differ.", cites: [3, 4] };
    expect(extract(standing(...TALK, summary, polled, ballot("a", "a"), ballot("b", "b"), tallied))).toBe("Go left.");
    expect(extract(standing(...TALK, summary))).toBe("They differ.");
    expect(extract(standing(...TALK))).toBe("a: Go left.\nb: Go right.");
  });

  test.each(REASONS)("CO2 where nobody spoke says so, and why: %s", (reason) => {
    const text = extract(standing(openedBody(), closing(reason)));
    expect(text).toMatch(/^There is no answer: .{10,}\.$/);
  });

  test("CO2 gives each reason in words of its own where they differ for the user", () => {
    const told = new Set(REASONS.map((reason) => extract(standing(openedBody(), closing(reason)))));
    expect(told.size).toBe(REASONS.length);
  });
});

describe("the last event", () => {
  const by = { text: "So.", by: "model", usage: { promptTokens: 10, completionTokens: 1 } } as const;
  const objection: Unwritten = {
    type: "objection",
    agent: "b",
    turn: 2,
    claim: "c1",
    quote: "Left.",
    error: "It is far.",
  };

  test("CO3 hears whoever voted otherwise, or objected and did not come round", () => {
    const votes = standing(...TALK, polled, ballot("a", "a"), ballot("b", "b"), tallied);
    expect(finalOf(votes, [], by, 2000).minority).toEqual([{ agent: "b", text: "Go right." }]);
    const objects = standing(...TALK, objection);
    expect(finalOf(objects, [], by, 2000).minority).toEqual([{ agent: "b", text: "It is far." }]);
    const cameRound = standing(...TALK, objection, polled, ballot("a", "a"), ballot("b", "a"), tallied);
    expect(finalOf(cameRound, [], by, 2000).minority).toEqual([]);
  });

  test("CO4 counts what it cost and changed from the log: tokens, time, words, votes for another's draft", () => {
    const log = logOf(...TALK, polled, ballot("a", "a"), ballot("b", "a"), { ...tallied, agreement: 1 });
    const all = standingOf(log);
    if (all === undefined) throw new Error("a log begins with its question");
    expect(finalOf(all, log, by, 2000)).toMatchObject({
      upTo: 4,
      worth: { tokens: 4 * 5 + 11, ms: 1000, contributions: 2, agreement: 1, flips: 1 },
    });
    expect(finalOf(standing(...TALK), [], by, 2000).worth).not.toHaveProperty("agreement");
  });

  test.each<[string, boolean, readonly Unwritten[]]>([
    ["every call was answered", false, [polled, ballot("a", "a"), ballot("b", "a"), tallied]],
    ["ballots are asked for that nobody waits for", true, [polled, ballot("a", "a")]],
    ["somebody was late", true, [granted("a", 5), { type: "late", agent: "a", turn: 5 }]],
    ["somebody was cut", true, [granted("a", 5), { type: "cancelled", agent: "a", turn: 5, partial: "Go" }]],
    [
      "somebody was cut who had begun nothing",
      false,
      [granted("a", 5), { type: "cancelled", agent: "a", turn: 5, partial: "", usage: NO_USAGE }],
    ],
  ])("CO4 US2 says whether that is all of it, as when %s: a part is %s", (_what, isPart, events) => {
    const log = logOf(...TALK, ...events);
    const { worth } = finalOf(standing(...TALK, ...events), log, by, 2000);
    expect(worth.isPart).toBe(isPart ? true : undefined);
  });

  test("CO4 says what a model's own words took, and nothing where no model was asked", () => {
    expect(finalOf(standing(...TALK), [], by, 2000).usage).toEqual(by.usage);
    expect(finalOf(standing(...TALK), [], { ...by, by: "extract" }, 2000)).not.toHaveProperty("usage");
  });
});
