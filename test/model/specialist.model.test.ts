/**
 * Goal: a thinker does one thing at a time, answers for each once, and is gone for good when it is told to stop.
 * Method: an exhaustive walk with a witness that counts what was given to it and what it answered.
 *
 * @see machines/specialist.ts, SP1 to SP5
 * @module
 */
import { describe, expect, test } from "vitest";
import { type SpecialistEvent, specialistMachine } from "../../machines/specialist.ts";
import { eventsOf, statesOf } from "../support/machine-events.ts";
import { stateOf } from "../support/run-machine.ts";
import { specialistImpossible, specialistSamples, STEPPING } from "../support/team-events.ts";
import { alwaysCircle, breaches, deadLetters, declaredStates, type Edge, walk } from "../support/walk-machine.ts";

/** How many answers are owed. */
interface Witness {
  readonly owed: number;
}

const ANSWERS = ["giveResult", "givePass", "giveFailure", "giveMalformed", "givePartial"];

const walked = walk<SpecialistEvent, Witness>(specialistMachine, {
  events: eventsOf(specialistSamples),
  witness: { owed: 0 },
  look: ({ owed }, actions, event) => {
    const given = Number(event?.type === "assigned" && actions.some(({ type }) => type === "call"));
    const answered = actions.filter(({ type }) => ANSWERS.includes(type)).length;
    return { owed: Math.max(-1, Math.min(2, owed + given - answered)) };
  },
});
type SpecialistEdge = Edge<SpecialistEvent, Witness>;
const rule = (holds: (edge: SpecialistEdge) => boolean): readonly string[] => breaches(walked.edges, holds);
const does = ({ actions }: SpecialistEdge, name: string): boolean => actions.some(({ type }) => type === name);
const isAtWork = (moment: SpecialistEdge["from"]): boolean => STEPPING.includes(stateOf(moment));

describe("every history of a thinker", () => {
  test("reaches every state, in a walk that ends", () => {
    expect([...walked.states].toSorted()).toEqual(declaredStates(specialistMachine).toSorted());
    expect(alwaysCircle(specialistMachine)).toBeUndefined();
  });

  test("leaves no event unnamed where it can arrive", () => {
    expect(deadLetters(walked.edges)).toEqual(statesOf(specialistImpossible));
  });

  test("SP1 it owes one answer while it works, and none when it is free or gone", () => {
    const owes = ({ to }: SpecialistEdge): number => (isAtWork(to) || stateOf(to) === "stopping" ? 1 : 0);
    expect(rule((edge) => edge.after.owed === owes(edge))).toEqual([]);
    expect(rule((edge) => isAtWork(edge.to) || stateOf(edge.to) === "stopping" || !does(edge, "call"))).toEqual([]);
  });

  test("SP1 each duty begins with its own step, and no step is skipped", () => {
    const paths = new Set(
      walked.edges
        .filter(({ from, to }) => isAtWork(to) && stateOf(from) !== stateOf(to))
        .map(({ from, event, to }) => `${stateOf(from)} ${"duty" in event ? event.duty : event.type}: ${stateOf(to)}`),
    );
    expect([...paths].toSorted()).toEqual([
      "bidding objects: objecting",
      "bidding speaks: speaking",
      "drafting thought: claiming",
      "listening answer: answering",
      "listening draft: drafting",
      "listening final: concluding",
      "listening sample: sampling",
      "listening summary: summing",
      "listening talk: bidding",
      "listening vote: voting",
    ]);
  });

  test("SP2 a pass is given only when the model passed, and what fits no form or fails is given as a failure", () => {
    expect(
      rule((edge) => does(edge, "givePass") === (edge.event.type === "passes" && stateOf(edge.from) === "bidding")),
    ).toEqual([]);
    const isBad = ({ from, event }: SpecialistEdge): boolean =>
      isAtWork(from) && stateOf(from) !== "claiming" && ["malformed", "call.failed", "broke"].includes(event.type);
    const failures = rule((edge) => isBad(edge) === (does(edge, "giveMalformed") || does(edge, "giveFailure")));
    expect(failures).toEqual([]);
    expect(new Set(walked.edges.filter(isBad).map(({ from }) => stateOf(from))).size).toBe(STEPPING.length - 1);
  });

  test("SP4 a draft is given whatever comes of its claims", () => {
    const ends = walked.edges.filter(({ from, to }) => stateOf(from) === "claiming" && stateOf(to) === "listening");
    expect(ends.map(({ event }) => event.type).toSorted()).toEqual(["broke", "call.failed", "malformed", "thought"]);
    expect(ends.every((edge) => does(edge, "giveResult"))).toBe(true);
  });

  test("SP3 told to stop it cuts its call, gives what it has, and does nothing more", () => {
    const isCut = ({ from, event }: SpecialistEdge): boolean => isAtWork(from) && event.type === "cut";
    expect(new Set(walked.edges.filter(isCut).map(({ from }) => stateOf(from))).size).toBe(STEPPING.length);
    expect(rule((edge) => !isCut(edge) || (does(edge, "cutCall") && stateOf(edge.to) === "stopping"))).toEqual([]);
    const stops = ({ from }: SpecialistEdge): boolean => stateOf(from) === "stopping";
    expect(rule((edge) => !stops(edge) || ["stopping", "stopped"].includes(stateOf(edge.to)))).toEqual([]);
    expect(rule((edge) => !stops(edge) || does(edge, "givePartial") === (stateOf(edge.to) === "stopped"))).toEqual([]);
  });

  test("SP5 it goes when it has concluded, was stopped, or nobody has needed it for a while, and nothing leads out of its end", () => {
    const goes = walked.edges.filter(({ from, to }) => stateOf(to) === "stopped" && stateOf(from) !== "stopped");
    const why = new Set(goes.map(({ from, event }) => `${stateOf(from)}: ${event.type}`));
    expect([...why].toSorted()).toEqual([
      "concluding: broke",
      "concluding: call.failed",
      "concluding: malformed",
      "concluding: thought",
      "listening: tick",
      "stopping: cut.failed",
      "stopping: partial",
    ]);
    expect(goes.every((edge) => does(edge, "depart"))).toBe(true);
    expect(walked.edges.some(({ from }) => stateOf(from) === "stopped")).toBe(false);
    expect(goes.every(({ to }) => to.snapshot.status === "done")).toBe(true);
  });
});
