/**
 * Goal: a hive obeys the newest queen only, starts nothing while it drains, lets go when its queen is
 * not heard of any more, and comes back to serving under a new term.
 * Method: an exhaustive walk over two epochs and every event.
 *
 * @see machines/hive.ts, H1 to H6
 * @module
 */
import { describe, expect, test } from "vitest";
import { type HiveContext, type HiveEvent, hiveMachine } from "../../machines/hive.ts";
import { eventsOf, hiveImpossible, hiveSamples, statesOf } from "../support/machine-events.ts";
import { folded, stateOf } from "../support/run-machine.ts";
import { alwaysCircle, breaches, deadLetters, declaredStates, type Edge, walk } from "../support/walk-machine.ts";

const walked = walk<HiveEvent, null>(hiveMachine, {
  events: eventsOf(hiveSamples),
  witness: null,
  look: () => null,
});
type HiveEdge = Edge<HiveEvent, null>;
const rule = (holds: (edge: HiveEdge) => boolean): readonly string[] => breaches(walked.edges, holds);

const epochOf = (moment: HiveEdge["from"]): number => (moment.snapshot.context as HiveContext).epoch;
const asks = ({ actions }: HiveEdge, ...names: readonly string[]): boolean =>
  actions.some(({ type }) => names.includes(type));
const phaseOf = (moment: HiveEdge["from"]): string => stateOf(moment).split(".")[0] ?? "";
const isNewTerm = ({ event, from }: HiveEdge): boolean =>
  ["inventory", "start.worker", "stop.worker", "lease"].includes(event.type) &&
  "epoch" in event &&
  event.epoch > epochOf(from);
const letsGo = ({ from, to }: HiveEdge): boolean => phaseOf(to) === "adrift" && phaseOf(from) !== "adrift";
const isStale = ({ from, event }: HiveEdge): boolean => "epoch" in event && event.epoch < epochOf(from);

describe("every history of a hive", () => {
  test("reaches every state, in a walk that ends", () => {
    expect([...walked.states].toSorted()).toEqual(declaredStates(hiveMachine).toSorted());
    expect(alwaysCircle(hiveMachine)).toBeUndefined();
  });

  test("leaves no event unnamed where it can arrive", () => {
    expect(deadLetters(walked.edges)).toEqual(statesOf(hiveImpossible));
  });

  test("H1 the epoch it obeys never falls, and a command of an older one does nothing but be refused (RC1)", () => {
    expect(walked.edges.some(isStale)).toBe(true);
    expect(rule(({ from, to }) => epochOf(to) >= epochOf(from))).toEqual([]);
    const isRefused = ({ from, to, actions }: HiveEdge): boolean =>
      phaseOf(from) === phaseOf(to) && actions.every(({ type }) => type === "refuse");
    expect(rule((edge) => !isStale(edge) || isRefused(edge))).toEqual([]);
  });

  test("H1 what the newest queen asks is answered, whatever it is doing", () => {
    const isAsked = ({ event }: HiveEdge): boolean => event.type === "inventory" || event.type === "start.worker";
    const answers = (edge: HiveEdge): boolean => asks(edge, "answerInventory", "measure", "refuse");
    expect(rule((edge) => !isAsked(edge) || answers(edge))).toEqual([]);
  });

  test("H1 the epoch of what it obeys is the one that it obeys from then on (RC1)", () => {
    const isObeyed = (edge: HiveEdge): boolean =>
      ["inventory", "start.worker", "stop.worker", "drain"].includes(edge.event.type) && !isStale(edge);
    expect(
      rule((edge) => !isObeyed(edge) || !("epoch" in edge.event) || epochOf(edge.to) === edge.event.epoch),
    ).toEqual([]);
  });

  test("H2 while it drains, and after, it starts nothing (RS4)", () => {
    const serves = ({ from, to }: HiveEdge): boolean => phaseOf(from) === "serving" && phaseOf(to) === "serving";
    expect(
      rule(
        (edge) => !asks(edge, "measure", "decide", "beginFetch", "noteUnmeasured") || serves(edge) || isNewTerm(edge),
      ),
    ).toEqual([]);
    const leftOver = ({ from, event }: HiveEdge): boolean =>
      phaseOf(from) !== "serving" && (event.type === "measured" || event.type === "measure.failed");
    expect(rule((edge) => !leftOver(edge) || asks(edge, "refuseUnmeasured"))).toEqual([]);
  });

  test("H3 it has stopped only when all are gone, which it looks at after each that goes (RS1)", () => {
    const stops = ({ from, to }: HiveEdge): boolean => phaseOf(to) === "stopped" && phaseOf(from) !== "stopped";
    expect(rule((edge) => !stops(edge) || edge.event.type === "all.gone")).toEqual([]);
    expect(rule((edge) => !stops(edge) || asks(edge, "announceStopped"))).toEqual([]);
    const oneLess = ({ from, event }: HiveEdge): boolean =>
      ["draining", "adrift"].includes(phaseOf(from)) && ["process.gone", "reaped"].includes(event.type);
    expect(rule((edge) => !oneLess(edge) || edge.actions.at(-1)?.type === "checkGone")).toEqual([]);
  });

  test("H3 a hive that begins to drain stops all it has, and looks at once whether that is nothing", () => {
    const begins = ({ from, to }: HiveEdge): boolean => phaseOf(to) === "draining" && phaseOf(from) !== "draining";
    expect(walked.edges.some(begins)).toBe(true);
    expect(rule((edge) => !begins(edge) || asks(edge, "stopAll"))).toEqual([]);
    expect(rule((edge) => !begins(edge) || edge.actions.at(-1)?.type === "checkGone")).toEqual([]);
  });

  test("H3 told to hurry by the newest queen while it drains, it kills all that is left, and looks", () => {
    const hurries = ({ event, from }: HiveEdge): boolean => event.type === "hurry" && phaseOf(from) === "draining";
    const isNew = (edge: HiveEdge): boolean => hurries(edge) && !isStale(edge);
    expect(walked.edges.some(isNew)).toBe(true);
    const actions = (edge: HiveEdge): string => edge.actions.map(({ type }) => type).join(" ");
    expect(rule((edge) => !isNew(edge) || actions(edge) === "killAll checkGone")).toEqual([]);
    expect(rule((edge) => !asks(edge, "killAll") || isNew(edge) || letsGo(edge))).toEqual([]);
  });

  test("H3 whatever is heard of a process is in the books, in every state", () => {
    const notes = {
      "process.loading": "noteLoading",
      "process.ready": "noteReady",
      "process.stopping": "noteStopping",
      "process.gone": "noteGone",
      reaped: "bookOutOrphan",
      terminated: "endOrphan",
      "reap.failed": "retryOrphan",
    } as const;
    for (const [type, action] of Object.entries(notes)) {
      expect(walked.edges.filter(({ event }) => event.type === type).length).toBeGreaterThan(0);
      expect(rule((edge) => edge.event.type !== type || edge.actions[0]?.type === action)).toEqual([]);
    }
  });

  test("H3 asked to drain when it has stopped, it says again that it has", () => {
    const isAsked = (edge: HiveEdge): boolean =>
      edge.event.type === "drain" && phaseOf(edge.from) === "stopped" && !isStale(edge);
    expect(walked.edges.some(isAsked)).toBe(true);
    expect(rule((edge) => !isAsked(edge) || asks(edge, "announceStopped"))).toEqual([]);
  });

  test("H4 a new term, of the queen or of this hive, ends the drain of the old one", () => {
    const isReason = (edge: HiveEdge): boolean => edge.event.type === "restored" || isNewTerm(edge);
    const seenIn = walked.edges.filter(isNewTerm).map(({ from }) => phaseOf(from));
    expect(seenIn).toEqual(expect.arrayContaining(["serving", "adrift", "draining", "stopped"]));
    expect(rule((edge) => !isReason(edge) || phaseOf(edge.to) === "serving")).toEqual([]);
    const comesBack = ({ from, to }: HiveEdge): boolean =>
      phaseOf(to) === "serving" && ["draining", "stopped"].includes(phaseOf(from));
    expect(rule((edge) => !comesBack(edge) || isReason(edge))).toEqual([]);
  });

  test("H6 it lets go only when the lease is over or the link stays away, and of everything at once then", () => {
    const because = new Set(walked.edges.filter(letsGo).map(({ from, event }) => `${stateOf(from)}: ${event.type}`));
    expect([...because].toSorted()).toEqual(["serving.leased: tick", "serving.severed: tick"]);
    const actions = (edge: HiveEdge): string => edge.actions.map(({ type }) => type).join(" ");
    expect(rule((edge) => !letsGo(edge) || actions(edge) === "killAll checkGone")).toEqual([]);
  });

  test("H6 a link that comes and goes without a word of the queen's does not make it wait for longer", () => {
    const again = walked.edges.filter(
      ({ from, event }) => stateOf(from) === "serving.severed" && event.type === "unlinked",
    );
    expect(again).not.toEqual([]);
    for (const { from, event } of again) {
      const { after } = folded(hiveMachine, { ...from, nowMs: from.nowMs + 1 }, event);
      expect([stateOf(after), after.timers]).toEqual(["serving.severed", from.timers]);
    }
  });

  test("H6 a lease of the newest queen is taken wherever it works or has let go, and lasts as long as she says", () => {
    const isGranted = (edge: HiveEdge): boolean =>
      edge.event.type === "lease" && !isStale(edge) && ["serving", "adrift"].includes(phaseOf(edge.from));
    expect(walked.edges.some(isGranted)).toBe(true);
    const isTaken = ({ to }: HiveEdge): boolean =>
      stateOf(to) === "serving.leased" && (to.snapshot.context as HiveContext).leaseMs === 5;
    expect(rule((edge) => !isGranted(edge) || isTaken(edge))).toEqual([]);
  });

  test("H6 it serves her again once she asks what it has", () => {
    const isAsked = (edge: HiveEdge): boolean =>
      edge.event.type === "inventory" && !isStale(edge) && phaseOf(edge.from) === "adrift";
    expect(walked.edges.some(isAsked)).toBe(true);
    expect(rule((edge) => !isAsked(edge) || phaseOf(edge.to) === "serving")).toEqual([]);
  });
});
