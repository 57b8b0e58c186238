/**
 * Goal: whatever order news comes in, a job ends once, gives every slot back, and never begins too much.
 * Method: an exhaustive walk over two attempts and every event, with the deadline as one more event.
 *
 * @see machines/job.ts, J1 to J9
 * @module
 */
import { describe, expect, test } from "vitest";
import { type JobContext, type JobEvent, jobMachine } from "../../machines/job.ts";
import { eventsOf, jobImpossible, jobSamples, statesOf } from "../support/machine-events.ts";
import { type Action, stateOf } from "../support/run-machine.ts";
import { alwaysCircle, breaches, deadLetters, declaredStates, type Edge, TICK, walk } from "../support/walk-machine.ts";

const ATTEMPTS_MAX = 2;

interface Known {
  readonly announced: number;
  /** Begun, and the slot not given back; begun, and not abandoned. An attempt may be adopted any number of times. */
  readonly held: number;
  readonly asked: number;
  /** Cancelled, or out of time. */
  readonly over: boolean;
}

const count = (actions: readonly Action[], ...names: readonly string[]): number =>
  actions.filter(({ type }) => names.includes(type)).length;

/** One too many or too few has broken the rule: counting on, a walk would not end. */
const nearOne = (slots: number): number => Math.max(-1, Math.min(2, slots));

const walked = walk<JobEvent, Known>(jobMachine, {
  input: { deadlineMs: 1000, attemptsMax: ATTEMPTS_MAX },
  events: eventsOf(jobSamples),
  witness: { announced: 0, held: 0, asked: 0, over: false },
  look: (known, actions, event) => ({
    announced: known.announced + count(actions, "announceDone", "announceFailed"),
    held: nearOne(known.held + count(actions, "execute") - count(actions, "vacate")),
    asked: nearOne(known.asked + count(actions, "execute") - count(actions, "abandon")),
    over: known.over || event?.type === "cancel" || event === TICK,
  }),
});
type JobEdge = Edge<JobEvent, Known>;
const rule = (holds: (edge: JobEdge) => boolean): readonly string[] => breaches(walked.edges, holds);

const contextOf = ({ from }: JobEdge): JobContext => from.snapshot.context as JobContext;
const isEnd = (state: string): boolean => ["done", "failed", "cancelled"].includes(state);
const ASKS_OF_AN_ATTEMPT = ["execute.failed", "begin.failed", "seal.failed"];
const attemptOf = (event: JobEdge["event"]): number | undefined => {
  if ("attempt" in event) return event.attempt;
  return ASKS_OF_AN_ATTEMPT.some((type) => type === event.type) && "key" in event ? Number(event.key) : undefined;
};

describe("every history of a job", () => {
  test("reaches every state, in a walk that ends", () => {
    expect([...walked.states].toSorted()).toEqual(declaredStates(jobMachine).toSorted());
    expect(walked.moments).toBeGreaterThan(20);
    expect(alwaysCircle(jobMachine)).toBeUndefined();
  });

  test("leaves no event unnamed where it can arrive", () => {
    expect(deadLetters(walked.edges)).toEqual(statesOf(jobImpossible));
  });

  test("J1 a job ends in exactly one of done, failed, cancelled, and says so once (RJ1)", () => {
    expect(
      rule(({ to, after }) => after.announced === (isEnd(stateOf(to)) || stateOf(to) === "ended" ? 1 : 0)),
    ).toEqual([]);
    expect(rule(({ from, to }) => !isEnd(stateOf(from)) || [stateOf(from), "ended"].includes(stateOf(to)))).toEqual([]);
  });

  test("J2 news of an attempt that is not the running one changes nothing (RJ2)", () => {
    const isStale = (edge: JobEdge): boolean => {
      const attempt = attemptOf(edge.event);
      return stateOf(edge.from) === "open.running" && attempt !== undefined && attempt !== contextOf(edge).attempt;
    };
    const isIdle = ({ from, to, actions }: JobEdge): boolean => from.snapshot === to.snapshot && actions.length === 0;
    expect(walked.edges.some(isStale)).toBe(true);
    expect(rule((edge) => !isStale(edge) || isIdle(edge))).toEqual([]);
  });

  test("J2 attempts only rise: an assignment that a loss has overtaken begins nothing", () => {
    const isOld = (edge: JobEdge): boolean =>
      edge.event.type === "assigned" && edge.event.attempt <= contextOf(edge).attempt;
    expect(rule((edge) => !isOld(edge) || count(edge.actions, "execute") === 0)).toEqual([]);
  });

  test("J9 its last attempt goes on while it waits, and is not begun again; any other is none of its", () => {
    const adoptions = walked.edges.filter(
      ({ from, event }) => stateOf(from) === "open.queued" && event.type === "adopted",
    );
    const isLast = (edge: JobEdge): boolean => attemptOf(edge.event) === contextOf(edge).attempt;
    expect(new Set(adoptions.map(isLast))).toEqual(new Set([true, false]));
    expect(breaches(adoptions, (edge) => (stateOf(edge.to) === "open.running") === isLast(edge))).toEqual([]);
    const begun = ({ actions }: JobEdge) =>
      actions.flatMap(({ type, params }) =>
        type === "execute" ? [(params as { isUnderWay: boolean }).isUnderWay] : [],
      );
    expect(rule((edge) => begun(edge).every((isUnderWay) => isUnderWay === (edge.event.type === "adopted")))).toEqual(
      [],
    );
  });

  test("J3 after cancel or the deadline no attempt begins, and none runs on (RJ6)", () => {
    expect(rule(({ before, actions }) => !before.over || count(actions, "execute") === 0)).toEqual([]);
    expect(rule(({ after }) => !after.over || after.asked === 0)).toEqual([]);
  });

  test("J4 only a transient failure is tried again, and only while attempts are left", () => {
    const mayRecall = ({ event, from }: JobEdge): boolean => {
      if (event.type === "suspend") return true;
      const isGone = event.type === "worker.lost" || ("code" in event && event.code === "cell.gone");
      const isTransient = isGone || ("class" in event && event.class === "transient");
      const attempt = attemptOf(event) ?? 0;
      return isTransient && attempt >= (from.snapshot.context as JobContext).attempt && attempt < ATTEMPTS_MAX;
    };
    const begins = ({ from, to }: JobEdge): boolean =>
      stateOf(to) === "open.recalling" && stateOf(from) !== "open.recalling";
    expect(rule((edge) => !begins(edge) || mayRecall(edge))).toEqual([]);
  });

  test("J4 a worker that ended while the job was on its way to it is lost like any other", () => {
    const met = walked.edges.filter(
      (edge) =>
        stateOf(edge.from) === "open.running" &&
        edge.event.type === "execute.failed" &&
        edge.event.code === "cell.gone" &&
        attemptOf(edge.event) === contextOf(edge).attempt,
    );
    expect([...new Set(met.map(({ to }) => stateOf(to)))].toSorted()).toEqual(["failed", "open.recalling"]);
    const reasons = met.map(({ to }) => (to.snapshot.context as JobContext).failure.code);
    expect(new Set(reasons)).toEqual(new Set(["defect", "job.attempts"]));
  });

  test("J4 another attempt begins behind what was said: no way to the queue but through `said`", () => {
    const returns = ({ from, to }: JobEdge): boolean =>
      stateOf(to) === "open.queued" && stateOf(from) !== "open.queued";
    expect(
      rule((edge) => !returns(edge) || (edge.event.type === "said" && count(edge.actions, "requeue") === 1)),
    ).toEqual([]);
  });

  test("J5 every attempt that began is abandoned and its slot given back, once, when it is left", () => {
    const running = (state: string): number => (state === "open.running" ? 1 : 0);
    expect(rule(({ to, after }) => after.held === running(stateOf(to)))).toEqual([]);
    expect(rule(({ to, after }) => after.asked === running(stateOf(to)))).toEqual([]);
  });

  test("J6 a job is done when its answer is known to be kept whole, and in no other way", () => {
    const becomesDone = ({ from, to }: JobEdge): boolean => stateOf(to) === "done" && stateOf(from) !== "done";
    expect(walked.edges.some(becomesDone)).toBe(true);
    expect(
      rule((edge) => !becomesDone(edge) || (stateOf(edge.from) === "open.sealing" && edge.event.type === "sealed")),
    ).toEqual([]);
  });

  test("J1 J4 what happens to an open job decides what becomes of it: this, and nothing else", () => {
    const news = (edge: JobEdge): string => {
      const { event } = edge;
      const isGone = "code" in event && event.code === "cell.gone";
      const kind = isGone ? " (gone)" : "class" in event ? ` (${event.class})` : "";
      const isLast = /transient|lost|gone/.test(kind + event.type) && contextOf(edge).attempt === ATTEMPTS_MAX;
      return `${event.type}${kind}${isLast ? ", the last attempt" : ""}`;
    };
    const ways = walked.edges
      .filter(({ from, to }) => stateOf(from).startsWith("open.") && stateOf(from) !== stateOf(to))
      // Of the loss that overtakes an assignment, see below.
      .filter(({ event, from }) => stateOf(from) !== "open.queued" || event.type !== "worker.lost")
      .map((edge) => `${stateOf(edge.from).slice("open.".length)}: ${news(edge)} -> ${stateOf(edge.to)}`);
    expect([...new Set(ways)].toSorted()).toEqual([
      "queued: adopted -> open.running",
      "queued: assigned -> open.running",
      "queued: cancel -> cancelled",
      "queued: reject (terminal) -> failed",
      "queued: tick -> failed",
      "recalling: cancel -> cancelled",
      "recalling: recall.failed (transient) -> failed",
      "recalling: recall.failed (transient), the last attempt -> failed",
      "recalling: said -> open.queued",
      "recalling: tick -> failed",
      "running: begin.failed (transient) -> open.recalling",
      "running: begin.failed (transient), the last attempt -> failed",
      "running: cancel -> cancelled",
      "running: execute.failed (gone) -> open.recalling",
      "running: execute.failed (gone), the last attempt -> failed",
      "running: execute.failed (terminal) -> failed",
      "running: execute.failed (transient) -> open.recalling",
      "running: execute.failed (transient), the last attempt -> failed",
      "running: executed -> open.sealing",
      "running: suspend -> open.recalling",
      "running: tick -> failed",
      "running: worker.lost -> open.recalling",
      "running: worker.lost, the last attempt -> failed",
      "sealing: cancel -> cancelled",
      "sealing: seal.failed (terminal) -> failed",
      "sealing: seal.failed (transient) -> open.recalling",
      "sealing: seal.failed (transient), the last attempt -> failed",
      "sealing: sealed -> done",
      "sealing: tick -> failed",
    ]);
  });

  test("the loss of a worker that overtakes the assignment to it costs the attempt and no more", () => {
    const overtaken = walked.edges.filter(
      ({ from, event }) => stateOf(from) === "open.queued" && event.type === "worker.lost",
    );
    expect(overtaken.length).toBeGreaterThan(0);
    const isNews = (edge: JobEdge): boolean => (attemptOf(edge.event) ?? 0) > contextOf(edge).attempt;
    expect(breaches(overtaken, (edge) => !isNews(edge) || stateOf(edge.to) !== "open.queued")).toEqual([]);
  });

  test("J8 what a job said is told once its stream is closed, of one that was cut or failed, and of no other", () => {
    const told = ({ actions }: JobEdge): unknown => actions.find(({ type }) => type === "tellSpent")?.params;
    const closes = ({ event, from }: JobEdge): boolean =>
      event.type === "stream.closed" && ["failed", "cancelled"].includes(stateOf(from));
    expect(walked.edges.some(closes)).toBe(true);
    expect(rule((edge) => closes(edge) === (told(edge) !== undefined))).toEqual([]);
    expect(walked.edges.filter(closes).map(told)).toContainEqual({ saidTokens: 2 });
  });
});
