/**
 * Goal: whatever is heard and whenever, a discussion is written, closed, concluded and kept in this order, once each.
 * Method: an exhaustive walk with a witness that counts what may come once, and knows whether the thinkers have gone.
 *
 * @see machines/discussion.ts, DI1 to DI5
 * @module
 */
import { describe, expect, test } from "vitest";
import { type DiscussionEvent, discussionMachine } from "../../machines/discussion.ts";
import { eventsOf, statesOf } from "../support/machine-events.ts";
import { stateOf } from "../support/run-machine.ts";
import { discussionImpossible, discussionSamples } from "../support/team-events.ts";
import { alwaysCircle, breaches, deadLetters, declaredStates, type Edge, walk } from "../support/walk-machine.ts";

interface Witness {
  readonly closed: number;
  readonly finals: number;
  readonly released: boolean;
  readonly kept: boolean;
}

const count = (known: number, isMore: boolean): number => Math.min(2, known + Number(isMore));

const walked = walk<DiscussionEvent, Witness>(discussionMachine, {
  input: { graceMs: 5_000 },
  events: eventsOf(discussionSamples),
  witness: { closed: 0, finals: 0, released: false, kept: false },
  look: (known, actions, event) => {
    const asked = (name: string): boolean => actions.some(({ type }) => type === name);
    return {
      closed: count(known.closed, asked("shut")),
      finals: count(known.finals, asked("writeFinal") || asked("writeFallback")),
      released: known.released || event?.type === "released" || event?.type === "release.failed",
      kept: known.kept || event?.type === "kept",
    };
  },
});
type DiscussionEdge = Edge<DiscussionEvent, Witness>;
const rule = (holds: (edge: DiscussionEdge) => boolean): readonly string[] => breaches(walked.edges, holds);
const does = ({ actions }: DiscussionEdge, ...names: readonly string[]): boolean =>
  actions.some(({ type }) => names.includes(type));
const isOpen = (moment: DiscussionEdge["from"]): boolean => stateOf(moment).startsWith("open");
const edgesWith = (...names: readonly string[]): readonly DiscussionEdge[] =>
  walked.edges.filter((edge) => does(edge, ...names));

describe("every history of a discussion", () => {
  test("reaches every state, in a walk that ends", () => {
    expect([...walked.states].toSorted()).toEqual(declaredStates(discussionMachine).toSorted());
    expect(alwaysCircle(discussionMachine)).toBeUndefined();
  });

  test("leaves no event unnamed where it can arrive", () => {
    expect(deadLetters(walked.edges)).toEqual(statesOf(discussionImpossible));
  });

  test("DI1 it is closed once, has one final word, and is at its end only with both", () => {
    expect(rule(({ after }) => after.closed <= 1 && after.finals <= 1 && after.finals <= after.closed)).toEqual([]);
    const isEnd = ({ to }: DiscussionEdge): boolean => to.snapshot.status === "done";
    expect(walked.edges.some(isEnd)).toBe(true);
    expect(rule((edge) => !isEnd(edge) || (edge.after.closed === 1 && edge.after.finals === 1))).toEqual([]);
  });

  test("DI2 once it winds up nothing but the end of a turn is noted, and nothing once it is closed", () => {
    const notes = ["noteVote", "noteAbstention", "noteSummary", "forgetSummary", "noteSay", "noteOrder", "look"];
    expect(rule((edge) => !does(edge, ...notes) || isOpen(edge.from) || stateOf(edge.from) === "fresh")).toEqual([]);
    const ends = edgesWith("noteTurn", "noteFailure");
    const from = new Set(ends.map((edge) => stateOf(edge.from)));
    expect([...from].toSorted()).toEqual(["closing", "open.busy", "open.waiting"]);
    const late = walked.edges.filter(({ event }) => event.type === "say" || event.type === "order");
    const refused = new Set(late.filter((edge) => does(edge, "refuseLate")).map(({ from: at }) => stateOf(at)));
    expect([...refused].toSorted()).toEqual(["closed", "closing", "concluding", "fresh", "keeping"]);
  });

  test("DI2 it waits for turns that run no longer than the grace", () => {
    const times = walked.edges.filter(({ from, event }) => stateOf(from) === "closing" && event.type === "tick");
    expect(new Set(times.map(({ to }) => stateOf(to)))).toEqual(new Set(["closing", "closed"]));
    const [first] = edgesWith("wind");
    expect([...(first?.to.timers.values() ?? [])].map(({ dueMs }) => dueMs - (first?.to.nowMs ?? 0))).toEqual([
      4_750, 5_000,
    ]);
  });

  test("DI6 who has not ended just before the grace does is cut, once, and still heard", () => {
    const cuts = edgesWith("cutRest");
    expect(cuts).not.toEqual([]);
    for (const { from, event, to } of cuts) {
      expect([stateOf(from), event.type, stateOf(to)]).toEqual(["closing", "tick", "closing"]);
      expect([...to.timers.values()].map(({ dueMs }) => dueMs - to.nowMs)).toEqual([250]);
    }
  });

  test("DI3 no final word before the thinkers have been let go, and one although no model gives it", () => {
    expect(rule((edge) => !does(edge, "conclude") || edge.after.released)).toEqual([]);
    expect(rule((edge) => edge.after.finals === 0 || edge.after.released)).toEqual([]);
    const failing = walked.edges.filter(
      ({ from, event }) => stateOf(from) === "concluding" && event.type === "final.failed",
    );
    expect(failing.map(({ to }) => stateOf(to))).toEqual(failing.map(() => "keeping"));
    expect(failing.every((edge) => does(edge, "writeFallback"))).toBe(true);
    expect(failing).not.toEqual([]);
  });

  test("DI4 while it is open it looks when its time is up and when it was restored", () => {
    const owes = ({ from, event }: DiscussionEdge): boolean =>
      isOpen(from) && (event.type === "tick" || event.type === "restored" || event.type === "look");
    expect(walked.edges.filter(owes)).not.toEqual([]);
    expect(rule((edge) => !owes(edge) || does(edge, "look"))).toEqual([]);
    const waits = walked.edges.filter(({ to }) => stateOf(to) === "open.waiting");
    expect(rule(({ to }) => stateOf(to) !== "open.waiting" || to.timers.size === 1)).toEqual([]);
    expect(waits).not.toEqual([]);
  });

  test("DI5 it goes when its log is kept, and until then asks for it again and again", () => {
    expect(rule((edge) => edge.to.snapshot.status !== "done" || (edge.after.kept && does(edge, "clear")))).toEqual([]);
    const again = walked.edges.filter(({ from, event }) => stateOf(from) === "keeping" && event.type === "tick");
    expect(again).not.toEqual([]);
    expect(again.every((edge) => does(edge, "keep") && stateOf(edge.to) === "keeping")).toBe(true);
    expect(rule(({ to }) => stateOf(to) !== "keeping" || to.timers.size === 1)).toEqual([]);
  });
});
