/**
 * Goal: what a discussion looks like: TO1-TO4 of told.ts, LV1 of live.ts, PN1 of panel.ts, PA1 of paint.ts.
 * Method: recorded logs, and logs with anything in them, drawn on screens of any width.
 */
import { stripVTControlCharacters } from "node:util";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { widthOf } from "../../../../src/cli/team/columns.ts";
import { Hearing } from "../../../../src/cli/team/hearing.ts";
import { liveLines } from "../../../../src/cli/team/live.ts";
import type { Screen } from "../../../../src/cli/team/paint.ts";
import { linesOf } from "../../../../src/cli/team/told.ts";
import { whyLines } from "../../../../src/cli/team/why.ts";
import {
  DISCUSSION,
  opened,
  recorded,
  type Recorded,
  source,
  TEAM,
  usage,
  VOTE,
} from "../../../support/recorded-log.ts";

const PLAIN: Screen = { columns: 80, hasColours: false };

/** All that stays on the screen, and the most that was drawn anew at once. */
function drawn(events: readonly Recorded[], screen: Screen): { told: string[]; live: string[]; rows: number } {
  const hearing = new Hearing();
  const told: string[] = [];
  const live: string[] = [];
  let rows = 0;
  for (const step of recorded(events)) {
    if (step.type === "wait" || step.type === "until said") continue;
    hearing.hear(step);
    if (step.type !== "token" && hearing.standing !== undefined) told.push(...linesOf(hearing.standing, step, screen));
    const now = liveLines(hearing, screen);
    rows = Math.max(rows, now.length);
    live.push(...now);
  }
  return { told, live, rows };
}

const said = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), fc.lorem({ maxCount: 40 }));
const turn = { agent: "critical", turn: 1, basis: 0 };
const anything = said.map((text): readonly Recorded[] => [
  opened("discuss", { why: text }),
  { type: "granted", ...turn, kind: "talk", reservedTokens: 1 },
  { type: "token", agent: "critical", turn: 1, offset: 0, text },
  { type: "contributed", ...turn, text, usage, source: source() },
  { type: "claims", agent: "critical", turn: 1, list: [{ id: "c1", text }] },
  { type: "objection", agent: "critical", turn: 1, claim: text, quote: text, error: text },
  { type: "passed", ...turn, why: text, usage },
  { type: "failed", agent: "critical", turn: 1, kind: text, message: text },
  { type: "cancelled", agent: "critical", turn: 1, partial: text },
  { type: "user", text },
  { type: "summary", upTo: 2, text, cites: [] },
  {
    type: "final",
    upTo: 2,
    text,
    by: "extract",
    minority: [{ agent: "critical", text }],
    worth: { tokens: 1, ms: 1, contributions: 1, flips: 0 },
  },
]);

describe("a discussion in lines", () => {
  test("each speaker has a name and a number, objections quote, and what came to nothing is one line", () => {
    expect(drawn(DISCUSSION, PLAIN).told).toEqual([
      "  A discussion: several perspectives are asked for",
      "divergent 1, a sealed draft",
      "  One big machine is simpler to run than two small ones.",
      "    c1: one machine is simpler to run",
      "convergent 1, a sealed draft",
      "  Two small ones survive the loss of one.",
      "  critical failed: worker.lost: its worker ended",
      "critical 1 objects to c1",
      '  "One big machine is simpler"',
      "  Its loss is the loss of everything.",
      "critical 1",
      "  What does it cost when it is gone for a day?",
      "  convergent passes: nothing new to add",
      "  divergent votes for convergent, 70 % sure",
      "  convergent votes for its own, 90 % sure",
      "  the vote: convergent, 100 % agree",
      "  it ends by agreement",
      `╭─ answer ${"─".repeat(69)}`,
      "│ Keep two small machines: one of them may be lost.",
      "│ ",
      "│ divergent objects: two are twice the work",
      `╰${"─".repeat(78)}`,
      "discussion: 3 contributions, 1,234 tokens, 12.3 s, 100 % agree, 1 flip",
    ]);
  });

  test.each([
    [12_345_678, "cost 12.35"],
    [42, "cost 0.000042"],
    [0, "cost 0.00"],
  ])("B4 what was billed stands in the last line: %i millionths", (costMicros, says) => {
    const billed = DISCUSSION.map((event): Recorded =>
      event.type === "final" ? { ...event, worth: { ...event.worth, costMicros } } : event,
    );
    expect(drawn(billed, PLAIN).told.join(" ")).toContain(`1,234 tokens, ${says}, 12.3 s`);
  });

  test("B4 US2 of work that broke off what is known is told as the least", () => {
    const partly = DISCUSSION.map((event): Recorded =>
      event.type === "final" ? { ...event, worth: { ...event.worth, costMicros: 42, isPart: true } } : event,
    );
    expect(drawn(partly, PLAIN).told.join(" ")).toContain("at least 1,234 tokens, cost at least 0.000042, 12.3 s");
  });

  test("TO3 a failure says the whole of its reason, and no server's reason is endless", () => {
    const failing = (message: string): string[] =>
      drawn(
        [opened("discuss"), { type: "failed", agent: "critical", turn: 1, kind: "endpoint.refused", message }],
        PLAIN,
      ).told.slice(1);
    expect(failing("box does not hold its answer to a JSON schema, and nothing else will do")).toEqual([
      "  critical failed: endpoint.refused: box does not hold its answer to a JSON",
      "  schema, and nothing else will do",
    ]);
    expect(failing("no ".repeat(10_000)).length).toBeLessThan(6);
  });

  test("TO2 a vote is a line a sample, and one with what it was worth", () => {
    expect(drawn(VOTE, PLAIN).told).toEqual([
      "  A vote: one right answer exists",
      "  first, starter (80 % sure): 4",
      "  second, other (60 % sure): 4",
      "  the vote: 4, 100 % agree",
      "  it ends by agreement",
      "  vote: 2 samples, 30 tokens, 1.0 s, 100 % agree",
    ]);
  });

  test("TO4 of the queen alone nothing is told but her answer", () => {
    const alone = DISCUSSION.map((event): Recorded => (event.type === "opened" ? { ...event, mode: "alone" } : event));
    expect(drawn(alone, PLAIN)).toEqual({ told: [], live: [], rows: 0 });
  });

  test.prop([anything, fc.integer({ min: 20, max: 200 })])(
    "TO1 LV1 whatever is said every line fits, and what is drawn anew leaves room for a prompt",
    (events, columns) => {
      const { told, live, rows } = drawn(events, { columns, hasColours: true });
      for (const line of [...told, ...live]) {
        expect(line).not.toContain("\n");
        expect(widthOf(stripVTControlCharacters(line))).toBeLessThan(columns);
      }
      expect(rows).toBeLessThanOrEqual(12);
    },
  );

  test.prop([anything])("PA1 without colour the same is said, and nothing else is written", (events) => {
    const withColours = drawn(events, { columns: 80, hasColours: true }).told;
    expect(drawn(events, PLAIN).told).toEqual(withColours.map(stripVTControlCharacters));
  });

  test("each speaks in the colour of its file, and one that nobody knows has one too", () => {
    const agents = [...TEAM, { name: "odd", colour: "ultraviolet", hash: "o" }];
    const colours = agents.map(({ name }) => {
      const contributed: Recorded = {
        type: "contributed",
        agent: name,
        turn: 1,
        basis: 1,
        text: "x",
        usage,
        source: source(),
      };
      return drawn([opened("discuss", { agents }), contributed], { columns: 80, hasColours: true }).told[1];
    });
    expect(colours).toEqual([
      "\u001B[1m\u001B[34mdivergent 1\u001B[39m\u001B[22m\u001B[2m\u001B[22m",
      "\u001B[1m\u001B[32mconvergent 1\u001B[39m\u001B[22m\u001B[2m\u001B[22m",
      "\u001B[1m\u001B[31mcritical 1\u001B[39m\u001B[22m\u001B[2m\u001B[22m",
      "\u001B[1m\u001B[36modd 1\u001B[39m\u001B[22m\u001B[2m\u001B[22m",
    ]);
  });

  test.each([
    [{ type: "passed", ...turn, why: "I agree", usage }, "  critical passes: I agree"],
    [
      { type: "rejected", agent: "critical", turn: 1, why: "stale", usage },
      "  critical takes it back: others have said more meanwhile",
    ],
    [{ type: "late", agent: "critical", turn: 1 }, "  critical was not done in time"],
    [{ type: "cancelled", agent: "critical", turn: 1, partial: "It may" }, "  critical was stopped at: It may"],
    [
      { type: "abstained", agent: "critical", round: 1, kind: "thinker.malformed" },
      "  critical casts no vote: thinker.malformed",
    ],
    [
      { type: "tallied", round: 1, agreement: 0.5, winner: "divergent", reached: false },
      "  the vote: divergent, 50 % agree, which is too few",
    ],
    [{ type: "ordered", order: "extend", ms: 60_000 }, "  you give them 60 s more"],
    [{ type: "ordered", order: "mute", agent: "critical" }, "  you mute critical"],
  ] as const)("TO3 %j is one line with its reason", (event, line) => {
    expect(drawn([opened("discuss"), event], PLAIN).told.slice(1)).toEqual([line]);
  });

  test("PN1 who still objects is heard with the answer", () => {
    const { told } = drawn(DISCUSSION, PLAIN);
    expect(told.slice(-6).join("\n")).toContain("divergent objects: two are twice the work");
  });

  test("who speaks now has a line with the latest words, and it is seen how it stands so far", () => {
    const upToSummary = DISCUSSION.slice(0, DISCUSSION.findIndex(({ type }) => type === "summary") + 2);
    const hearing = new Hearing();
    for (const step of recorded(DISCUSSION.slice(0, 7)))
      if (step.type !== "wait" && step.type !== "until said") hearing.hear(step);
    expect(liveLines(hearing, PLAIN)).toEqual([
      "divergent 1 One big machine is simpler to run than two small ones.",
      "convergent 1 Two small ones survive",
      "critical 1 ...",
    ]);
    expect(drawn(upToSummary, PLAIN).live.slice(-4)).toEqual([
      "critical 1 ...",
      `╭─ so far ${"─".repeat(69)}`,
      "│ One machine is simpler, two survive a loss.",
      `╰${"─".repeat(78)}`,
    ]);
  });

  test("LV1 however many speak at once and however long the summary is, there is room for what stays", () => {
    const agents = Array.from({ length: 20 }, (_, index) => ({ name: `a${index}`, colour: "blue", hash: "h" }));
    const granted = agents.map(({ name }, index): Recorded => ({
      type: "granted",
      agent: name,
      turn: index + 1,
      basis: 0,
      kind: "draft",
      reservedTokens: 1,
    }));
    const summary: Recorded = { type: "summary", upTo: 1, text: "so it goes ".repeat(200), cites: [] };
    const { rows, live } = drawn([opened("discuss", { agents }), ...granted, summary], PLAIN);
    expect(rows).toBe(12);
    expect(live).toContain("  and 14 more");
  });

  test("why it went as it did is the way that was taken, and what was last said about it", () => {
    const hearing = new Hearing();
    for (const step of recorded(DISCUSSION)) if (step.type !== "wait" && step.type !== "until said") hearing.hear(step);
    expect(whyLines(hearing)).toEqual([
      "A discussion: several perspectives are asked for",
      "  critical failed: worker.lost: its worker ended",
      "  convergent passes: nothing new to add",
      "  the vote: convergent, 100 % agree",
      "  it ends by agreement",
    ]);
  });
});
