/**
 * Goal: a download goes its steps in order, tries again what passes within its bounds, and ends once, for one reason.
 * Method: an exhaustive walk with a witness that counts ends, tries in a row, and what was checked.
 *
 * @see machines/download.ts, D1 to D5
 * @module
 */
import { describe, expect, test } from "vitest";
import { type DownloadContext, type DownloadEvent, downloadMachine, TRIES_MAX } from "../../machines/download.ts";
import { downloadImpossible, downloadSamples, eventsOf, statesOf } from "../support/machine-events.ts";
import { stateOf } from "../support/run-machine.ts";
import { alwaysCircle, breaches, deadLetters, declaredStates, type Edge, walk } from "../support/walk-machine.ts";

interface Witness {
  readonly ends: number;
  /** Since the last step back. */
  readonly fetched: boolean;
  readonly checked: boolean;
  readonly roomy: boolean;
}

const walked = walk<DownloadEvent, Witness>(downloadMachine, {
  events: eventsOf(downloadSamples),
  witness: { ends: 0, fetched: false, checked: false, roomy: false },
  look: (known, actions, event) => {
    const asked = (name: string): boolean => actions.some(({ type }) => type === name);
    return {
      ends: Math.min(2, known.ends + Number(asked("announceDone")) + Number(asked("announceFailed"))),
      roomy: (known.roomy && !asked("resolve") && !asked("measureRoom")) || event?.type === "room.enough",
      fetched: (known.fetched && !asked("resolve")) || event?.type === "fetched",
      checked: (known.checked && !asked("resolve")) || event?.type === "checked",
    };
  },
});
type DownloadEdge = Edge<DownloadEvent, Witness>;
const rule = (holds: (edge: DownloadEdge) => boolean): readonly string[] => breaches(walked.edges, holds);
const contextOf = (moment: DownloadEdge["from"]): DownloadContext => moment.snapshot.context as DownloadContext;
const asks = ({ actions }: DownloadEdge, name: string): boolean => actions.some(({ type }) => type === name);
const failureOf = ({ actions }: DownloadEdge): unknown =>
  (actions.find(({ type }) => type === "announceFailed")?.params as { failure?: unknown } | undefined)?.failure;
const enters = ({ from, to }: DownloadEdge, state: string): boolean => stateOf(to) === state && stateOf(from) !== state;

describe("every history of a download", () => {
  test("reaches every state, in a walk that ends", () => {
    expect([...walked.states].toSorted()).toEqual(declaredStates(downloadMachine).toSorted());
    expect(alwaysCircle(downloadMachine)).toBeUndefined();
  });

  test("leaves no event unnamed where it can arrive", () => {
    expect(deadLetters(walked.edges)).toEqual(statesOf(downloadImpossible));
  });

  test("ends once, and says of a failure why", () => {
    expect(rule(({ after, to }) => after.ends === (to.snapshot.status === "done" ? 1 : 0))).toEqual([]);
    const isTold = (edge: DownloadEdge): boolean => (failureOf(edge) as { code: string } | undefined)?.code !== "";
    expect(rule((edge) => !enters(edge, "failed") || isTold(edge))).toEqual([]);
  });

  test("D1 it is done only once all was fetched and then checked", () => {
    expect(walked.edges.some((edge) => enters(edge, "done"))).toBe(true);
    expect(rule((edge) => !enters(edge, "done") || (edge.after.fetched && edge.after.checked))).toEqual([]);
    expect(rule((edge) => !asks(edge, "check") || edge.after.fetched)).toEqual([]);
  });

  test("D2 tries in a row are bounded, and one that got further begins the row anew", () => {
    expect(rule(({ to }) => contextOf(to).tries <= TRIES_MAX)).toEqual([]);
    expect(walked.edges.some(({ to }) => contextOf(to).tries === TRIES_MAX)).toBe(true);
    const further = ({ from, event }: DownloadEdge): boolean =>
      stateOf(from) === "fetching" &&
      event.type === "cut" &&
      event.code === "hub.unreachable" &&
      event.presentBytes > contextOf(from).presentBytes;
    expect(walked.edges.some((edge) => further(edge) && contextOf(edge.from).tries === TRIES_MAX)).toBe(true);
    const isAnew = (edge: DownloadEdge): boolean =>
      stateOf(edge.to) === "waiting" && contextOf(edge.to).tries === 1 && asks(edge, "noteProgress");
    expect(rule((edge) => !further(edge) || isAnew(edge))).toEqual([]);
  });

  test("D2 what does not pass ends it at once, with its own code", () => {
    const isFinal = ({ event, from }: DownloadEdge): boolean =>
      "class" in event &&
      event.class === "terminal" &&
      (event.code !== "download.corrupt" || contextOf(from).spoilt) &&
      (event.type === "cut" ? stateOf(from) === "fetching" : true);
    const named = walked.edges.filter(({ named: isNamed }) => isNamed);
    expect(named.some(isFinal)).toBe(true);
    const tells = (edge: DownloadEdge): boolean =>
      stateOf(edge.to) === "failed" &&
      "code" in edge.event &&
      (failureOf(edge) as { code: string }).code === edge.event.code;
    expect(breaches(named, (edge) => !isFinal(edge) || tells(edge))).toEqual([]);
  });

  test("D2 every pause weighs patience, and ends in another try or for good", () => {
    expect(rule((edge) => !enters(edge, "waiting") || asks(edge, "weighPatience"))).toEqual([]);
    const out = walked.edges.filter(({ from, to }) => stateOf(from) === "waiting" && stateOf(to) !== "waiting");
    expect(new Set(out.map(({ to }) => stateOf(to)))).toEqual(new Set(["resolving", "failed"]));
  });

  test("D3 nothing is fetched before room was found for it, and a full disk is measured at once", () => {
    expect(rule((edge) => !asks(edge, "fetch") || edge.after.roomy)).toEqual([]);
    const isFull = ({ event, from }: DownloadEdge): boolean =>
      event.type === "cut" && event.code === "disk.full" && stateOf(from) === "fetching";
    const mayTry = (edge: DownloadEdge): boolean => contextOf(edge.from).tries < TRIES_MAX;
    expect(rule((edge) => !isFull(edge) || !mayTry(edge) || asks(edge, "measureRoom"))).toEqual([]);
    expect(rule((edge) => edge.event.type !== "room.lacking" || !edge.named || enters(edge, "failed"))).toEqual([]);
  });

  test("D4 what is not what the hub names is fetched afresh once, and never a second time", () => {
    const isSpoilt = ({ event, from }: DownloadEdge): boolean =>
      "code" in event && event.code === "download.corrupt" && stateOf(from) === "checking";
    const goesOn = (edge: DownloadEdge): boolean => stateOf(edge.to) === "waiting";
    expect(rule((edge) => !isSpoilt(edge) || goesOn(edge) === !contextOf(edge.from).spoilt)).toEqual([]);
    expect(rule((edge) => !isSpoilt(edge) || !goesOn(edge) || contextOf(edge.to).presentBytes === 0)).toEqual([]);
  });

  test("D5 each try begins with the question what the name means", () => {
    expect(
      rule((edge) => !enters(edge, "makingRoom") || ["resolving", "fetching"].includes(stateOf(edge.from))),
    ).toEqual([]);
    const again = ({ from, to }: DownloadEdge): boolean => stateOf(from) === "waiting" && stateOf(to) !== "failed";
    expect(rule((edge) => !again(edge) || stateOf(edge.to) === "waiting" || asks(edge, "resolve"))).toEqual([]);
  });

  test("a cancel ends it from everywhere, as a model that was removed", () => {
    const cancels = walked.edges.filter(({ event }) => event.type === "cancel");
    expect(new Set(cancels.map(({ from }) => stateOf(from)))).toEqual(
      new Set(["resolving", "makingRoom", "fetching", "checking", "waiting"]),
    );
    expect(breaches(cancels, (edge) => (failureOf(edge) as { code: string }).code === "model.removed")).toEqual([]);
  });
});
