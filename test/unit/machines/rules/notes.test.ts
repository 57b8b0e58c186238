/**
 * Goal: what an agent keeps for itself is what it alone thought, bounded, and a function of what it had read.
 *
 * @see machines/rules/notes.ts, NT1 to NT3
 * @module
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogEvent, Unwritten } from "../../../../machines/rules/log.ts";
import { keptWith, type Note, notesFor, notesOf, ownNotes } from "../../../../machines/rules/notes.ts";
import { granted, logOf, openedBody, said, USAGE } from "../../../support/team-rows.ts";

const passed = (agent: string, why: string): Unwritten => ({
  type: "passed",
  agent,
  turn: 1,
  basis: 0,
  why,
  usage: USAGE,
});
const LOG = logOf(
  openedBody({ memory: [{ agent: "a", notes: ["from before"] }] }),
  granted("a", 1),
  passed("a", "it was said"),
  passed("b", "b knows why"),
  { type: "rejected", agent: "a", turn: 4, why: "stale", usage: USAGE, text: "Go left." },
  { type: "rejected", agent: "b", turn: 5, why: "stale", usage: USAGE },
  { type: "cancelled", agent: "a", turn: 6, partial: "Go" },
  { type: "ballot", agent: "a", round: 1, basis: 3, option: "b", conf: 0.66, usage: USAGE },
  said("a", 8, "Everybody reads this."),
);

describe("what an agent has thought", () => {
  test("NT1 is its passes, what came to nothing, and its ballots, up to where it reads; not what all have read", () => {
    expect(ownNotes(LOG, "a", LOG.length - 1)).toEqual([
      "from before",
      "I passed: it was said",
      "I came too late to say: Go left.",
      "I was cut off saying: Go",
      "I voted for b, 7 of 10 sure",
    ]);
    expect(ownNotes(LOG, "a", 3)).toEqual(["from before", "I passed: it was said"]);
    expect(ownNotes(LOG, "b", LOG.length - 1)).toEqual(["I passed: b knows why"]);
  });

  test("NT3 TS11 is kept under the label of its discussion, and given to what is as private or more", () => {
    const notes = notesOf(LOG, "b");
    expect(notes).toEqual([{ text: "I passed: b knows why", label: "private" }]);
    expect([notesFor(notes, "internal"), notesFor(notes, "private"), notesFor(notes, "secret")]).toEqual([
      [],
      ["I passed: b knows why"],
      ["I passed: b knows why"],
    ]);
  });

  test("NT2 is bounded in number and in length, and the newest stay", () => {
    const long = logOf(
      openedBody(),
      ...Array.from({ length: 20 }, (_, index) => passed("a", `${index} ${"x".repeat(999)}`)),
    );
    const own = ownNotes(long, "a", long.length);
    expect([own.length, Math.max(...own.map(({ length }) => length))]).toEqual([8, 240]);
    expect(own.at(-1)).toMatch(/^I passed: 19 /);
    const notes = notesOf(long, "a");
    expect(keptWith(notes, notes)).toEqual(notes);
    const more: readonly Note[] = [{ text: "one more", label: "private" }];
    expect(keptWith(notes, more)).toEqual([...notes.slice(1), ...more]);
  });
});

test("NT1 TS9 TS10 nothing that came later, and nothing of another agent, changes a byte of it", () => {
  const event = fc
    .tuple(fc.constantFrom("a", "b", "c"), fc.string({ maxLength: 20 }))
    .map(([agent, why]) => passed(agent, why));
  const world = fc.record({ events: fc.array(event, { maxLength: 20 }), later: fc.array(event, { maxLength: 5 }) });
  const memoryOf = (other: string) => [
    { agent: "a", notes: ["mine"] },
    { agent: "b", notes: [other] },
  ];
  fc.assert(
    fc.property(world, fc.string(), ({ events, later }, other) => {
      const log = logOf(openedBody({ memory: memoryOf("b's") }), ...events);
      const own = ownNotes(log, "a", log.length - 1);
      expect(
        ownNotes(logOf(openedBody({ memory: memoryOf("b's") }), ...events, ...later), "a", log.length - 1),
      ).toEqual(own);
      const without = log.filter(
        (one): one is LogEvent => one.type === "opened" || !("agent" in one) || one.agent === "a",
      );
      expect(ownNotes(without, "a", log.length - 1)).toEqual(own);
      expect(ownNotes(logOf(openedBody({ memory: memoryOf(other) }), ...events), "a", log.length - 1)).toEqual(own);
    }),
  );
});
