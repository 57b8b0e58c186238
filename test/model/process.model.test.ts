/**
 * Goal: memory is unbooked only after the reap, for the first reason, and what does not end is killed.
 * Method: an exhaustive walk over every event and timer of a process.
 *
 * @see machines/process.ts, P1 to P6
 * @module
 */
import { describe, expect, test } from "vitest";
import {
  type ProcessContext,
  type ProcessEnd,
  type ProcessEvent,
  type ProcessExit,
  processMachine,
} from "../../machines/process.ts";
import { eventsOf, processImpossible, processSamples, statesOf } from "../support/machine-events.ts";
import { type Action, stateOf } from "../support/run-machine.ts";
import { alwaysCircle, breaches, deadLetters, declaredStates, type Edge, TICK, walk } from "../support/walk-machine.ts";

interface Known {
  readonly gone: number;
  readonly started: number;
  readonly ready: number;
  /** The port was asked to wait for its end. */
  readonly awaited: boolean;
  readonly asked: boolean;
  readonly signals: readonly string[];
  /** The first reason that was given for its end. */
  readonly reason: string;
}

const count = (actions: readonly Action[], name: string): number => actions.filter(({ type }) => type === name).length;
const signalsOf = (actions: readonly Action[]): readonly string[] =>
  actions.filter(({ type }) => type === "sendSignal").map(({ params }) => (params as { signal: string }).signal);

const walked = walk<ProcessEvent, Known>(processMachine, {
  events: eventsOf(processSamples),
  witness: { gone: 0, started: 0, ready: 0, awaited: false, asked: false, signals: [], reason: "" },
  look: (known, actions) => {
    const end = actions.map(({ params }) => (params as { end?: ProcessEnd } | undefined)?.end?.message);
    return {
      gone: known.gone + count(actions, "announceGone"),
      started: known.started + count(actions, "announceStarting"),
      ready: known.ready + count(actions, "announceReady"),
      awaited: known.awaited || count(actions, "awaitReap") > 0,
      asked: known.asked || count(actions, "askToStop") > 0,
      signals: [...known.signals, ...signalsOf(actions)],
      reason: known.reason === "" ? (end.find((message) => message !== undefined) ?? "") : known.reason,
    };
  },
});
type ProcessEdge = Edge<ProcessEvent, Known>;
const rule = (holds: (edge: ProcessEdge) => boolean): readonly string[] => breaches(walked.edges, holds);

const endOf = (moment: ProcessEdge["from"]): ProcessEnd => (moment.snapshot.context as ProcessContext).end;

describe("every history of a process", () => {
  test("reaches every state, in a walk that ends", () => {
    expect([...walked.states].toSorted()).toEqual(declaredStates(processMachine).toSorted());
    expect(alwaysCircle(processMachine)).toBeUndefined();
  });

  test("leaves no event unnamed where it can arrive", () => {
    expect(deadLetters(walked.edges)).toEqual(statesOf(processImpossible));
  });

  test("P1 it is gone when it is reaped, in whatever state, by nothing else, and says so once (RS6)", () => {
    expect(rule(({ event, to }) => (event.type === "reaped") === (stateOf(to) === "gone"))).toEqual([]);
    expect(rule(({ to, after }) => after.gone === (stateOf(to) === "gone" ? 1 : 0))).toEqual([]);
  });

  test("P2 the first reason for its end stands, and is the one that is told", () => {
    expect(rule(({ from, to }) => endOf(from).code === "" || endOf(to) === endOf(from))).toEqual([]);
    const told = ({ actions, to, after }: ProcessEdge): boolean =>
      count(actions, "announceGone") === 0 || (endOf(to).code !== "" && after.reason === endOf(to).message);
    expect(rule(told)).toEqual([]);
  });

  test("P5 the reason says what happened: asked, idle, out of memory, crashed, loading too long, hung, sick", () => {
    const reasons = walked.edges
      .filter(({ from, to }) => endOf(from).code === "" && endOf(to).code !== "")
      .map(({ from, event, to }) => `${stateOf(from)}, ${event.type}: ${endOf(to).code}`);
    expect([...new Set(reasons)].toSorted()).toEqual([
      "forking, fork.failed: process.fork",
      "forking, kill: interrupted",
      "forking, reaped: worker.lost",
      "forking, reaped: worker.out.of.memory",
      "forking, stop: interrupted",
      "loading, kill: interrupted",
      "loading, reaped: worker.lost",
      "loading, reaped: worker.out.of.memory",
      "loading, report.failed: model.corrupt",
      "loading, silent: worker.hung",
      "loading, stop: interrupted",
      "loading, tick: worker.load.timeout",
      "ready, kill: interrupted",
      "ready, reaped: worker.lost",
      "ready, reaped: worker.out.of.memory",
      "ready, silent: worker.hung",
      "ready, stop: interrupted",
      "ready, worker.expired: worker.idle",
      "ready, worker.sick: worker.hung",
    ]);
  });

  test("P5 worker.out.of.memory: want of memory is told only where something speaks for it, and then as probable", () => {
    const lost = walked.edges.filter(({ from, event }) => event.type === "reaped" && endOf(from).code === "");
    expect(lost.length).toBeGreaterThan(0);
    const isGuessed = ({ event, to }: ProcessEdge): boolean =>
      event.type === "reaped" && (event.starved !== "") === /probably.*memory/.test(endOf(to).message);
    expect(breaches(lost, isGuessed)).toEqual([]);
  });

  test("P6 what was done to end it is told with its end: nothing, asked, or the signal that was sent", () => {
    const told = ({ actions }: ProcessEdge): ProcessExit | undefined =>
      actions.flatMap(({ type, params }) =>
        type === "announceGone" ? [(params as { exit: ProcessExit }).exit] : [],
      )[0];
    const isTold = (edge: ProcessEdge): boolean => {
      if (edge.event.type !== "reaped") return told(edge) === undefined;
      const { after } = edge.event.exit;
      return told(edge)?.after === (after === "nothing" && edge.before.asked ? "request" : after);
    };
    expect(rule(isTold)).toEqual([]);
    expect(new Set(walked.edges.map((edge) => told(edge)?.after))).toEqual(
      new Set([undefined, "nothing", "request", "SIGKILL"]),
    );
  });

  test("P3 what is asked to end is asked, then terminated, then killed, by time alone", () => {
    const ticks = walked.edges
      .filter(({ event }) => event === TICK)
      .map(({ from, to }) => `${stateOf(from)} -> ${stateOf(to)}`);
    expect(new Set(ticks)).toEqual(
      new Set(["loading -> killing", "stopping -> terminating", "terminating -> killing"]),
    );
    const entersKilling = ({ from, to }: ProcessEdge): boolean =>
      stateOf(to) === "killing" && stateOf(from) !== "killing";
    expect(rule((edge) => !entersKilling(edge) || signalsOf(edge.actions).join(" ") === "SIGKILL")).toEqual([]);
    expect(
      rule(({ from, to }) => !ENDING.includes(stateOf(from)) || [...ENDING, "gone"].includes(stateOf(to))),
    ).toEqual([]);
  });

  test("P3 what happens decides the state it is in: this, and nothing else", () => {
    const ways = walked.edges
      .filter(({ from, to }) => stateOf(from) !== stateOf(to))
      // In every state: the reap, and the order to kill.
      .filter(({ event }) => event.type !== "reaped" && event.type !== "kill")
      .map(({ from, to, event }) => `${stateOf(from)}: ${event.type} -> ${stateOf(to)}`);
    expect([...new Set(ways)].toSorted()).toEqual([
      "forking: fork.failed -> killing",
      "forking: forked -> killing",
      "forking: forked -> loading",
      "loading: report.failed -> stopping",
      "loading: silent -> killing",
      "loading: stop -> stopping",
      "loading: tick -> killing",
      "loading: worker.ready -> ready",
      "ready: silent -> killing",
      "ready: stop -> stopping",
      "ready: worker.expired -> stopping",
      "ready: worker.sick -> killing",
      "stopping: silent -> killing",
      "stopping: tick -> terminating",
      "terminating: silent -> killing",
      "terminating: tick -> killing",
    ]);
    const isToldToKill = ({ event, from }: ProcessEdge): boolean =>
      event.type === "kill" && stateOf(from) !== "forking";
    expect(rule((edge) => !isToldToKill(edge) || stateOf(edge.to) === "killing")).toEqual([]);
  });

  test("P3 on its way to an end it says so, with the reason, before it does anything about it", () => {
    const actions = (edge: ProcessEdge): string => edge.actions.map(({ type }) => type).join(" ");
    const enters = (state: string) => (edge: ProcessEdge) =>
      stateOf(edge.to) === state && (stateOf(edge.from) !== state || edge.event.type === "kill");
    const isOwn = (edge: ProcessEdge): boolean => !["forked", "kill"].includes(edge.event.type);
    expect(rule((edge) => !enters("stopping")(edge) || actions(edge) === "announceStopping askToStop")).toEqual([]);
    expect(
      rule(
        (edge) =>
          !(enters("killing")(edge) && isOwn(edge)) || actions(edge) === "announceStopping sendSignal awaitReap",
      ),
    ).toEqual([]);
    const terminates = (edge: ProcessEdge): boolean => signalsOf(edge.actions).join(" ") === "SIGTERM";
    expect(rule((edge) => !enters("terminating")(edge) || terminates(edge))).toEqual([]);
  });

  test("P4 whatever it waits for is asked for when it begins to load, and again when the question was lost", () => {
    const asked = (from: string, type: string): ReadonlySet<string> =>
      new Set(
        walked.edges
          .filter((edge) => stateOf(edge.from) === from && edge.event.type === type)
          .map(({ actions }) => actions.map((action) => action.type).join(" ")),
      );
    expect(asked("forking", "forked")).toContain("announceStarting awaitReap awaitSilence awaitReady");
    expect(asked("loading", "worker.ready")).toEqual(new Set(["announceReady awaitIdle"]));
    expect(asked("ready", "idle.failed")).toEqual(new Set(["awaitIdle"]));
    expect(asked("killing", "reap.failed")).toEqual(new Set(["awaitReap"]));
    expect(asked("ready", "listen.failed")).toEqual(new Set(["awaitSilence"]));
  });

  test("P4 while it ends, somebody waits for the reap", () => {
    expect(rule(({ to, after }) => !ENDING.includes(stateOf(to)) || after.awaited)).toEqual([]);
  });

  test("P4 a fork that is under way is not given up: its end waits for the fork's answer", () => {
    const leavesFork = ({ from, to }: ProcessEdge): boolean => stateOf(from) === "forking" && stateOf(to) !== "forking";
    const types = walked.edges.filter(leavesFork).map(({ event }) => event.type);
    expect(new Set(types)).toEqual(new Set(["forked", "fork.failed", "reaped"]));
    const wasEnded = ({ from, event }: ProcessEdge): boolean =>
      stateOf(from) === "forking" && event.type === "forked" && endOf(from).code !== "";
    expect(walked.edges.some(wasEnded)).toBe(true);
    expect(rule((edge) => !wasEnded(edge) || stateOf(edge.to) === "killing")).toEqual([]);
  });

  test("it is said to load and to be ready at most once each, in this order", () => {
    expect(rule(({ after }) => after.started <= 1 && after.ready <= after.started)).toEqual([]);
  });
});

const ENDING = ["stopping", "terminating", "killing"];
