/**
 * Goal: what is published of discussions is told once, whatever comes again, and a fork as what it adds.
 * Method: recorded logs, published event by event, twice, from the middle, and as a fork publishes what it was given.
 *
 * @see src/hosts/watching/team-witness.ts, TW1-TW3
 */
import { expect, test } from "vitest";
import type { News } from "../../../../src/hosts/watching/news.ts";
import { TeamWitness } from "../../../../src/hosts/watching/team-witness.ts";
import { DISCUSSION, logOf, recorded } from "../../../support/recorded-log.ts";

const LOG = logOf(recorded(DISCUSSION));
const ENDED = { event: "discussion.ended", mode: "discuss", reason: "consensus", tokens: 1_234, durationMs: 12_300 };

function witnessed() {
  const news: News[] = [];
  const { heard } = new TeamWitness((one) => news.push(one));
  const turns = (): readonly string[] => news.flatMap((one) => (one.event === "turn.ended" ? [one.end] : []));
  return { news, heard, turns };
}

test("each turn is told by how it ended, and the discussion by why, with what it took", () => {
  const { news, heard, turns } = witnessed();
  for (const event of LOG) heard("d1", [event]);
  expect(turns()).toEqual(["contributed", "contributed", "failed", "contributed", "passed"]);
  expect(news.at(-1)).toEqual({ ...ENDED, flips: 1 });
});

test("TW1 what is published again after a crash is told once, also behind the end", () => {
  const { news, heard } = witnessed();
  for (const event of LOG.slice(0, 8)) heard("d1", [event]);
  for (const event of LOG.slice(4)) heard("d1", [event]);
  for (const event of LOG) heard("d1", [event]);
  expect(news.filter(({ event }) => event === "turn.ended")).toHaveLength(5);
  expect(news.filter(({ event }) => event === "discussion.ended")).toHaveLength(1);
});

test("TW2 of a fork nothing is told that it was given", () => {
  const { news, heard, turns } = witnessed();
  const given = LOG.findIndex(({ type }) => type === "summary");
  heard("d2", LOG.slice(0, given));
  for (const event of LOG.slice(given)) heard("d2", [event]);
  expect(turns()).toEqual(["contributed", "passed"]);
  const durationMs = (LOG.at(-1)?.at ?? 0) - (LOG[given - 1]?.at ?? 0);
  expect(news.at(-1)).toEqual({ ...ENDED, flips: 1, tokens: 1_234 - 30, durationMs });
});

test("of a discussion that an earlier life began the mode is unknown, and its end is told", () => {
  const { news, heard } = witnessed();
  for (const event of LOG.slice(-2)) heard("d3", [event]);
  expect(news).toEqual([{ ...ENDED, mode: "unknown", reason: "unknown", flips: 1 }]);
});
