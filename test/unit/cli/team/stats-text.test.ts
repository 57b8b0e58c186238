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

test("each mode is a row, with what each discussion took, and a sentence", () => {
  const text = statsText({ schemaVersion: 1, damaged: 0, modes: [{ ...MODE, agreement: 0.75, roundsToConsensus: 3 }] });
  expect(text.split("\n")[1]?.split(/\s{2,}/)).toEqual(["discuss", "4", "75 %", "2000", "12.3", "61.0", "75 %", "2"]);
  const said = text.replaceAll(/\s+/g, " ");
  expect(said).toContain("20 contributions, 7 passes, 2 failures, 1 rejected");
  expect(said).toContain("Ended by: silence (4).");
  expect(said).toContain("Agreed in 3 rounds");
  for (const line of text.split("\n")) expect(line.length).toBeLessThan(80);
});

test("one of a thing is said as one", () => {
  const one = { ...MODE, contributions: 1, passes: 1, failures: 1, roundsToConsensus: 1 };
  const said = statsText({ schemaVersion: 1, damaged: 1, modes: [one] }).replaceAll(/\s+/g, " ");
  expect(said).toContain("1 contribution, 1 pass, 1 failure, 1 rejected");
  expect(said).toContain("Agreed in 1 round,");
  expect(said).toContain("unreadable: 1 log");
});

test("where nobody voted no agreement is told, and where nothing is kept that is said", () => {
  const text = statsText({ schemaVersion: 1, damaged: 2, modes: [MODE] });
  expect(text.split("\n")[1]).toMatch(/ - +2$/);
  expect(text).not.toContain("Agreed");
  expect(text).toContain("unreadable: 2 logs");
  expect(statsText({ schemaVersion: 1, damaged: 0, modes: [] })).toBe("no discussion is kept yet");
});
