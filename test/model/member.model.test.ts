/**
 * Goal: a hive on another machine is given up once each time it goes, and works no longer than its lease says.
 * Method: an exhaustive walk over two links, two terms and every event.
 *
 * @see machines/member.ts, M1 to M5
 * @module
 */
import { describe, expect, test } from "vitest";
import { type MemberContext, type MemberEvent, memberMachine } from "../../machines/member.ts";
import { eventsOf, memberImpossible, memberSamples, statesOf } from "../support/machine-events.ts";
import { stateOf } from "../support/run-machine.ts";
import { alwaysCircle, breaches, deadLetters, declaredStates, type Edge, walk } from "../support/walk-machine.ts";

const walked = walk<MemberEvent, null>(memberMachine, {
  input: { epoch: 1 },
  events: eventsOf(memberSamples),
  witness: null,
  look: () => null,
});
type MemberEdge = Edge<MemberEvent, null>;
const rule = (holds: (edge: MemberEdge) => boolean): readonly string[] => breaches(walked.edges, holds);
const does = ({ actions }: MemberEdge, name: string): boolean => actions.some(({ type }) => type === name);
const linkOf = (moment: MemberEdge["from"]): number => (moment.snapshot.context as MemberContext).link;
const isPresent = (moment: MemberEdge["from"]): boolean => stateOf(moment).startsWith("present");

describe("every history of a hive's seat", () => {
  test("reaches every state it can rest in, in a walk that ends", () => {
    const resting = declaredStates(memberMachine).filter((state) => state !== "lost");
    expect([...walked.states].toSorted()).toEqual(resting.toSorted());
    expect(alwaysCircle(memberMachine)).toBeUndefined();
  });

  test("leaves no event unnamed where it can arrive", () => {
    expect(deadLetters(walked.edges)).toEqual(statesOf(memberImpossible));
  });

  test("M1 it is given up after the time for a return or at its goodbye, once, and is away then", () => {
    const givenUp = walked.edges.filter((edge) => does(edge, "announceAway"));
    const reasons = new Set(givenUp.map(({ from, event }) => `${stateOf(from)}: ${event.type}`));
    expect([...reasons].toSorted()).toEqual(["doubted: tick", "expected: tick", "present.granted: unlinked"]);
    const saidSo = ({ event }: MemberEdge): boolean => event.type !== "unlinked" || event.isGoodbye;
    expect(rule((edge) => !does(edge, "announceAway") || saidSo(edge))).toEqual([]);
    const goes = ({ from, event }: MemberEdge): boolean =>
      event.type === "unlinked" && event.isGoodbye && isPresent(from) && event.link === linkOf(from);
    expect(walked.edges.some(goes)).toBe(true);
    expect(rule((edge) => !goes(edge) || does(edge, "announceAway"))).toEqual([]);
    expect(rule((edge) => !does(edge, "announceAway") || stateOf(edge.to) === "away")).toEqual([]);
  });

  test("M1 after a restart of the queen it is waited for, whatever it was", () => {
    const wasThere = ({ from, event }: MemberEdge): boolean => event.type === "restored" && stateOf(from) !== "away";
    expect(walked.edges.some(wasThere)).toBe(true);
    expect(rule((edge) => !wasThere(edge) || stateOf(edge.to) === "expected")).toEqual([]);
  });

  test("M2 a lease is granted when it comes, at a new term, and again and again; never while it is not there", () => {
    expect(rule((edge) => !does(edge, "grantLease") || isPresent(edge.to))).toEqual([]);
    const owes = ({ from, to, event }: MemberEdge): boolean =>
      isPresent(to) && (!isPresent(from) || event.type === "term" || event.type === "tick");
    expect(walked.edges.filter(owes).map(({ event }) => event.type)).toEqual(expect.arrayContaining(["term", "tick"]));
    expect(rule((edge) => !owes(edge) || does(edge, "grantLease"))).toEqual([]);
  });

  test("M3 the queen is told each time it comes, also by a new link while it was there", () => {
    const comes = ({ from, event }: MemberEdge): boolean => event.type === "linked" && event.link > linkOf(from);
    expect(walked.edges.some(comes)).toBe(true);
    expect(rule((edge) => !comes(edge) || does(edge, "announcePresent"))).toEqual([]);
  });

  test("M5 the queen knows when it is not sure that it is there, each time, and at no other", () => {
    const isUnsure = (moment: MemberEdge["from"]): boolean => ["doubted", "expected"].includes(stateOf(moment));
    const becomes = ({ from, to }: MemberEdge): boolean => isUnsure(to) && stateOf(from) !== stateOf(to);
    expect(new Set(walked.edges.filter(becomes).map(({ to }) => stateOf(to))).size).toBe(2);
    expect(rule((edge) => does(edge, "announceDoubted") === becomes(edge))).toEqual([]);
  });

  test("M4 what is said of an earlier link changes nothing", () => {
    const isOld = ({ from, event }: MemberEdge): boolean =>
      ("link" in event && event.link < linkOf(from)) || (event.type === "linked" && event.link === linkOf(from));
    expect(walked.edges.some(isOld)).toBe(true);
    expect(
      rule((edge) => !isOld(edge) || (stateOf(edge.from) === stateOf(edge.to) && edge.actions.length === 0)),
    ).toEqual([]);
  });
});
