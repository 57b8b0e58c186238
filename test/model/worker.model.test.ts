/**
 * Goal: no order of runs, stops, drops and timeouts runs too much, gives the model back twice, or revives a worker.
 * Method: an exhaustive walk with one or two slots and three runs, with every timer as one more event.
 *
 * @see machines/worker.ts, W1 to W7
 * @module
 */
import { describe, expect, test } from "vitest";
import { runKey, type WorkerContext, type WorkerEvent, workerMachine } from "../../machines/worker.ts";
import { eventsOf, statesOf, workerImpossible, workerSamples } from "../support/machine-events.ts";
import { type Action, stateOf } from "../support/run-machine.ts";
import { alwaysCircle, breaches, deadLetters, declaredStates, type Edge, TICK, walk } from "../support/walk-machine.ts";

interface Known {
  readonly released: number;
  readonly stopped: number;
  /** Said in this stay in `idle`. */
  readonly saidIdle: number;
}

const count = (actions: readonly Action[], name: string): number => actions.filter(({ type }) => type === name).length;
/** Events that begin another stay in `idle`: it was busy, or somebody asks for its idleness anew. */
const beginsStay = (type: string | undefined): boolean => ["ran", "run.failed", "await.idle"].includes(type ?? "");

const walked = walk<WorkerEvent, Known>(workerMachine, {
  events: eventsOf(workerSamples),
  witness: { released: 0, stopped: 0, saidIdle: 0 },
  look: (known, actions, event) => ({
    released: known.released + count(actions, "releaseModel"),
    stopped: known.stopped + count(actions, "answerStopped"),
    saidIdle: (beginsStay(event?.type) ? 0 : known.saidIdle) + count(actions, "answerIdle"),
  }),
});
type WorkerEdge = Edge<WorkerEvent, Known>;
const rule = (holds: (edge: WorkerEdge) => boolean): readonly string[] => breaches(walked.edges, holds);

const contextOf = (snapshot: WorkerEdge["from"]["snapshot"]): WorkerContext => snapshot.context as WorkerContext;
const OPEN = ["loading", "idle", "busy"];
const SERVES = ["idle", "busy", "draining"];
const ON_THE_WAY = ["draining", "stopping", "stopped"];
const takesJobs = (state: string): boolean => state === "idle" || state === "busy";

describe("every history of a worker", () => {
  test("reaches every state, in a walk that ends", () => {
    expect([...walked.states].toSorted()).toEqual(declaredStates(workerMachine).toSorted());
    expect(alwaysCircle(workerMachine)).toBeUndefined();
  });

  test("leaves no event unnamed where it can arrive", () => {
    expect(deadLetters(walked.edges)).toEqual(statesOf(workerImpossible));
  });

  test("W1 stopping is one-way: loading, idle and busy come before it and never after (RL1)", () => {
    expect(rule(({ from, to }) => !ON_THE_WAY.includes(stateOf(from)) || !OPEN.includes(stateOf(to)))).toEqual([]);
  });

  test("W1 what happens decides the state it is in: this, and nothing else", () => {
    const ways = walked.edges
      .filter(({ from, to }) => stateOf(from) !== stateOf(to))
      .map(({ from, to, event }) => `${stateOf(from)}: ${event.type} -> ${stateOf(to)}`);
    expect([...new Set(ways)].toSorted()).toEqual([
      "busy: engine.sick -> stopping",
      "busy: ran -> idle",
      "busy: run.failed -> idle",
      "busy: stop -> draining",
      "draining: engine.sick -> stopping",
      "draining: ran -> stopping",
      "draining: run.failed -> stopping",
      "draining: tick -> stopping",
      "failed: report -> stopping",
      "failed: stop -> stopping",
      "failed: tick -> stopping",
      "idle: engine.sick -> stopping",
      "idle: execute -> busy",
      "idle: stop -> stopping",
      "loading: load.failed -> failed",
      "loading: load.failed -> stopping",
      "loading: model.loaded -> idle",
      "loading: stop -> stopping",
      "loading: tick -> stopping",
      "stopping: model.released -> stopped",
      "stopping: release.failed -> stopped",
    ]);
  });

  test("W6 one that failed before anybody asked is asked in its own time, and says why", () => {
    const untold = walked.edges.filter(({ from, event }) => stateOf(from) === "failed" && event.type === "report");
    expect(untold.length).toBeGreaterThan(0);
    expect(breaches(untold, ({ actions }) => count(actions, "answerUnready") === 1)).toEqual([]);
    const unasked = ({ from, to }: WorkerEdge): boolean => stateOf(from) !== "failed" && stateOf(to) === "failed";
    expect(rule((edge) => !unasked(edge) || !contextOf(edge.from.snapshot).asked)).toEqual([]);
  });

  test("W3 on its way to an end it gives up what runs, and then the model", () => {
    const begins = ({ from, to }: WorkerEdge): boolean => stateOf(to) === "stopping" && stateOf(from) !== "stopping";
    const last = ({ actions }: WorkerEdge): string =>
      actions
        .slice(-2)
        .map(({ type }) => type)
        .join(" ");
    expect(rule((edge) => !begins(edge) || last(edge) === "abortAll releaseModel")).toEqual([]);
  });

  test("W2 it begins a run only in a free slot, and none while loading or stopping (RJ4)", () => {
    const begins = ({ actions }: WorkerEdge): boolean => count(actions, "begin") > 0;
    expect(walked.edges.some(begins)).toBe(true);
    expect(rule((edge) => !begins(edge) || takesJobs(stateOf(edge.from)))).toEqual([]);
    const isWithin = ({ to }: WorkerEdge): boolean =>
      contextOf(to.snapshot).running.length <= contextOf(to.snapshot).slots;
    expect(rule((edge) => !begins(edge) || isWithin(edge))).toEqual([]);
  });

  test("W2 a request it cannot take is refused, not lost", () => {
    const isAnswered = ({ actions }: WorkerEdge): boolean =>
      actions.length === 1 && ["begin", "reattach", "refuse"].includes(actions[0]?.type ?? "");
    expect(rule((edge) => edge.event.type !== "execute" || isAnswered(edge))).toEqual([]);
  });

  test("W2 what runs is what was begun and has not ended: the end of a run frees its slot and no other", () => {
    const keys = (moment: WorkerEdge["from"]): readonly string[] => contextOf(moment.snapshot).running.map(runKey);
    const ends = ({ event, from }: WorkerEdge): boolean =>
      ["busy", "draining"].includes(stateOf(from)) && (event.type === "ran" || event.type === "run.failed");
    const ended = ({ event }: WorkerEdge): string =>
      event.type === "ran" ? runKey(event) : event.type === "run.failed" ? event.key : "";
    expect(walked.edges.some((edge) => ends(edge) && keys(edge.from).length === 2 && keys(edge.to).length === 1)).toBe(
      true,
    );
    const isFreed = (edge: WorkerEdge): boolean =>
      keys(edge.to).join() ===
      keys(edge.from)
        .filter((key) => key !== ended(edge))
        .join();
    expect(rule((edge) => !ends(edge) || isFreed(edge))).toEqual([]);
    const grows = (edge: WorkerEdge): boolean => keys(edge.to).length > keys(edge.from).length;
    expect(rule((edge) => grows(edge) === (count(edge.actions, "begin") === 1))).toEqual([]);
  });

  test("W3 the model is given back once, on the way to stopped and never before", () => {
    const expected = (state: string): number => (state === "stopping" || state === "stopped" ? 1 : 0);
    expect(rule(({ to, after }) => after.released === expected(stateOf(to)))).toEqual([]);
    expect(rule(({ to, after }) => after.stopped === (stateOf(to) === "stopped" ? 1 : 0))).toEqual([]);
  });

  test("W4 it says once for each stay in idle that its time is over, and only there", () => {
    expect(rule(({ from, actions }) => count(actions, "answerIdle") === 0 || stateOf(from) === "idle")).toEqual([]);
    expect(rule(({ after }) => after.saidIdle <= 1)).toEqual([]);
    expect(
      walked.edges.some(({ event, from, after }) => event === TICK && stateOf(from) === "idle" && after.saidIdle === 1),
    ).toBe(true);
  });

  test("W4 whoever asks for its idleness anew is told when the time has passed again", () => {
    const asksAnew = ({ from, event }: WorkerEdge): boolean => stateOf(from) === "idle" && event.type === "await.idle";
    expect(walked.edges.some((edge) => asksAnew(edge) && edge.from.timers.size === 0)).toBe(true);
    expect(rule((edge) => !asksAnew(edge) || edge.to.timers.size === 1)).toEqual([]);
  });

  test("W5 an attempt that runs is not begun again: who asks twice, also late, gets the one answer (RC2)", () => {
    const asksAgain = ({ from, event }: WorkerEdge): boolean =>
      event.type === "execute" &&
      ["busy", "draining"].includes(stateOf(from)) &&
      contextOf(from.snapshot).running.some((run) => runKey(run) === runKey(event));
    expect(walked.edges.filter(asksAgain).map(({ from }) => stateOf(from))).toContain("draining");
    expect(rule((edge) => !asksAgain(edge) || edge.actions.map(({ type }) => type).join(" ") === "reattach")).toEqual(
      [],
    );
  });

  test("W5 an attempt is refused where a newer one of its job runs", () => {
    const isOlder = ({ from, event }: WorkerEdge): boolean =>
      event.type === "execute" &&
      contextOf(from.snapshot).running.every((run) => runKey(run) !== runKey(event)) &&
      contextOf(from.snapshot).running.some(({ job, attempt }) => job === event.job && attempt > event.attempt);
    expect(walked.edges.some((edge) => isOlder(edge) && stateOf(edge.from) === "busy")).toBe(true);
    expect(rule((edge) => !isOlder(edge) || edge.actions.some(({ type }) => type === "refuse"))).toEqual([]);
  });

  test("W6 whoever asks whether it is ready is told so, or why not, however late it asks", () => {
    const knows = ({ from }: WorkerEdge): boolean => {
      const { facts, failure } = contextOf(from.snapshot);
      return facts !== undefined || failure !== undefined;
    };
    const isTold = ({ actions }: WorkerEdge): boolean =>
      actions.some(({ type }) => type === "answerReady" || type === "answerUnready");
    expect(rule((edge) => edge.event.type !== "report" || isTold(edge) === knows(edge))).toEqual([]);
    const fails = ({ event, from }: WorkerEdge): boolean =>
      stateOf(from) === "loading" && (event.type === "load.failed" || event === TICK);
    expect(rule((edge) => !fails(edge) || contextOf(edge.to.snapshot).failure !== undefined)).toEqual([]);
  });

  test("W6 whoever asks is remembered before it is told: who is not remembered hears nothing", () => {
    const isRemembered = ({ event, actions }: WorkerEdge): boolean =>
      !["report", "await.idle", "stop"].includes(event.type) || actions[0]?.type === "remember";
    expect(rule(isRemembered)).toEqual([]);
  });

  test("W7 its engine is watched from the moment the model is loaded, and again when the watch was lost", () => {
    const watches = ({ actions }: WorkerEdge): number => count(actions, "watchEngine");
    const isLoaded = ({ from, event }: WorkerEdge): boolean =>
      stateOf(from) === "loading" && event.type === "model.loaded";
    const isLost = ({ from, event }: WorkerEdge): boolean =>
      SERVES.includes(stateOf(from)) && event.type === "watch.failed";
    expect(rule((edge) => watches(edge) === (isLoaded(edge) || isLost(edge) ? 1 : 0))).toEqual([]);
    expect(walked.edges.some(isLost)).toBe(true);
  });

  test("W7 a sick engine ends the worker, which says so at once and to whoever asks later for its idleness", () => {
    const falls = ({ from, event }: WorkerEdge): boolean =>
      SERVES.includes(stateOf(from)) && event.type === "engine.sick";
    const says = ({ actions }: WorkerEdge): boolean => actions.some(({ type }) => type === "answerSick");
    expect(new Set(walked.edges.filter(falls).map(({ from }) => stateOf(from)))).toEqual(new Set(SERVES));
    expect(rule((edge) => !falls(edge) || (stateOf(edge.to) === "stopping" && says(edge)))).toEqual([]);
    const isSick = ({ from }: WorkerEdge): boolean =>
      contextOf(from.snapshot).facts !== undefined && contextOf(from.snapshot).failure !== undefined;
    const asksLate = (edge: WorkerEdge): boolean => edge.event.type === "await.idle" && isSick(edge);
    expect(walked.edges.some(asksLate)).toBe(true);
    expect(rule((edge) => (!falls(edge) && says(edge) === asksLate(edge)) || falls(edge))).toEqual([]);
  });

  test("what runs is in a slot exactly while it is busy or draining", () => {
    const state = ({ to }: WorkerEdge): string => stateOf(to);
    const running = ({ to }: WorkerEdge): number => contextOf(to.snapshot).running.length;
    expect(rule((edge) => state(edge) !== "busy" || running(edge) > 0)).toEqual([]);
    expect(rule((edge) => !["loading", "idle"].includes(state(edge)) || running(edge) === 0)).toEqual([]);
  });
});
