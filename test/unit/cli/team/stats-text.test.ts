/**
 * Goal: what the team was worth is read on a screen of 80 columns, and nothing is said of what is not known.
 * Method: figures that are known.
 *
 * @see src/cli/team/stats-text.ts
 */
import { expect, test } from "vitest";
import { statsText } from "../../../../src/cli/team/stats-text.ts";
import type { TeamStats } from "../../../../src/protocol/team-api.ts";

const MODE: TeamStats["modes"][number] = {
  mode: "discuss",
  discussions: 4,
  completed: 3,
  contributions: 20,
  passes: 7,
  failures: 2,
  rejected: 1,
  tokens: 8_000,
  flips: 2,
  ms: { p50: 12_340, p95: 61_000 },
  reasons: [{ reason: "all_idle", discussions: 4 }],
  whys: [{ why: "it is about a decision", discussions: 4 }],
};

const NONE: TeamStats = { schemaVersion: 1, damaged: 0, modes: [], gate: { told: 0, same: 0 }, agents: [] };

test("Q12 how it went, what it cost, whether she judges as you do, and what her store and agents take is told", () => {
  const text = statsText({
    ...NONE,
    modes: [{ ...MODE, utilisation: 0.42, delegationMs: 1.26, costMicros: 2_500_000, isPart: true }],
    gate: { told: 5, same: 4 },
    agents: [{ name: "critical", sessions: 1, notes: 2, memoryBytes: 120 }],
    store: { asks: 9, ms: { p50: 1.04, p95: 7.5 } },
  });
  const said = text.replaceAll(/\s+/g, " ");
  expect(said).toContain("Thinkers at work 42 % of the time, the first turn given after 1.3 ms. Cost 2.50.");
  expect(said).toContain("Cost 2.50. Some work broke off, and may have taken more than is counted.");
  expect(said).toContain("the queen would have said the same: 4 of 5.");
  expect(said).toContain("keep for themselves: critical 120 B.");
  expect(said).toContain("Of the store's answers half take 1.0 ms at most, 95 % 7.5 ms.");
  for (const line of text.split("\n")) expect(line.length).toBeLessThan(80);
});

test("each mode is a row, with what each discussion took, and a sentence", () => {
  const text = statsText({ ...NONE, modes: [{ ...MODE, agreement: 0.75, roundsToConsensus: 3 }] });
  expect(text.split("\n")[1]?.split(/\s{2,}/)).toEqual(["discuss", "4", "75 %", "2000", "12.3", "61.0", "75 %", "2"]);
  const said = text.replaceAll(/\s+/g, " ");
  expect(said).toContain("20 contributions, 7 passes, 2 failures, 1 rejected");
  expect(said).toContain("Ended by: silence (4).");
  expect(said).toContain("Agreed in 3 rounds");
  for (const line of text.split("\n")) expect(line.length).toBeLessThan(80);
});

test("one of a thing is said as one", () => {
  const one = { ...MODE, contributions: 1, passes: 1, failures: 1, roundsToConsensus: 1 };
  const said = statsText({ ...NONE, damaged: 1, modes: [one] }).replaceAll(/\s+/g, " ");
  expect(said).toContain("1 contribution, 1 pass, 1 failure, 1 rejected");
  expect(said).toContain("Agreed in 1 round,");
  expect(said).toContain("unreadable: 1 log");
});

test("where nobody voted no agreement is told, and where nothing is kept that is said", () => {
  const text = statsText({ ...NONE, damaged: 2, modes: [MODE] });
  expect(text.split("\n")[1]).toMatch(/ - +2$/);
  expect(text).not.toContain("Agreed");
  expect(text).toContain("unreadable: 2 logs");
  expect(statsText({ ...NONE })).toBe("no discussion is kept yet");
});
