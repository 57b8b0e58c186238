/**
 * Goal: the queen's terms, phases and refusals are in order whatever comes when.
 * Method: an exhaustive walk over every event and timer, through three terms of office.
 *
 * @see machines/queen.ts, K1 to K5, K8
 * @module
 */
import { describe, expect, test } from "vitest";
import type { QueenEvent } from "../../machines/queen-events.ts";
import { type QueenContext, queenMachine } from "../../machines/queen.ts";
import { eventsOf, queenSamples } from "../support/machine-events.ts";
import { stateOf } from "../support/run-machine.ts";
import { alwaysCircle, breaches, deadLetters, declaredStates, type Edge, TICK, walk } from "../support/walk-machine.ts";

const TERMS = 3;
const contextOf = (moment: QueenEdge["from"]): QueenContext => moment.snapshot.context as QueenContext;

const walked = walk<QueenEvent, number>(queenMachine, {
  events: eventsOf(queenSamples),
  isFar: (moment) => contextOf(moment).epoch > TERMS,
  // How often she answered those who wait for her to stop, in this term.
  witness: 0,
  look: (known, actions, event) => {
    if (event?.type === "restored") return 0;
    return event?.type === "drain" ? known : known + actions.filter(({ type }) => type === "answerDrain").length;
  },
});
type QueenEdge = Edge<QueenEvent, number>;
const rule = (holds: (edge: QueenEdge) => boolean): readonly string[] => breaches(walked.edges, holds);
const asks = ({ actions }: QueenEdge, ...names: readonly string[]): boolean =>
  actions.some(({ type }) => names.includes(type));

/** Restoring is passed within the step that enters it. */
const PASSED = "restoring";

describe("every history of a queen", () => {
  test("reaches every state in which a step can end, in a walk that ends", () => {
    const stays = declaredStates(queenMachine).filter((state) => state !== PASSED);
    expect([...walked.states].toSorted()).toEqual(stays.toSorted());
    expect(alwaysCircle(queenMachine)).toBeUndefined();
  });

  test("leaves no event unnamed", () => {
    expect(deadLetters(walked.edges)).toEqual({});
  });

  test("K1 her epoch rises by one at each start and at nothing else, before any command of it (RC1)", () => {
    const risen = ({ from, to }: QueenEdge): number => contextOf(to).epoch - contextOf(from).epoch;
    expect(rule((edge) => risen(edge) === (edge.event.type === "restored" ? 1 : 0))).toEqual([]);
    const carried = ({ actions, to }: QueenEdge): boolean =>
      actions.every(({ params }) => {
        const epoch = (params as { epoch?: number } | undefined)?.epoch;
        return epoch === undefined || epoch === contextOf(to).epoch;
      });
    expect(walked.first.map(({ type, params }) => ({ type, params }))).toEqual([
      { type: "requestInventories", params: { epoch: 1 } },
    ]);
    expect(rule(carried)).toEqual([]);
  });

  test("K2 she places, and starts workers, only while serving", () => {
    expect(
      rule((edge) => !asks(edge, "place", "placeAll", "spawnWorker", "warm") || stateOf(edge.to) === "serving"),
    ).toEqual([]);
  });

  test("K2 a model that somebody wants warm before she serves is remembered, and looked after when she does", () => {
    const wishes = ({ event }: QueenEdge): boolean => event.type === "warm";
    const answers = (edge: QueenEdge): boolean =>
      asks(edge, stateOf(edge.from) === "serving" ? "warm" : "rememberWarm");
    expect(rule((edge) => !wishes(edge) || answers(edge))).toEqual([]);
    const begins = ({ from, to }: QueenEdge): boolean => stateOf(to) === "serving" && stateOf(from) !== "serving";
    expect(rule((edge) => !begins(edge) || asks(edge, "placeAll"))).toEqual([]);
  });

  test("K2 she admits while reconciling and serving; from draining on she refuses, and loses no request (RS4)", () => {
    const admits = ({ from }: QueenEdge): boolean => ["reconciling", "serving"].includes(stateOf(from));
    const answers = (edge: QueenEdge): boolean => asks(edge, admits(edge) ? "admit" : "refuseAdmission");
    expect(rule((edge) => edge.event.type !== "submit" || answers(edge))).toEqual([]);
    expect(rule((edge) => edge.event.type === "submit" || !asks(edge, "admit"))).toEqual([]);
  });

  test("K3 draining goes finishing, stopping, stopped, each with a deadline and none with a way back (RS3)", () => {
    const order = ["draining.finishing", "draining.stopping", "stopped"];
    const place = (moment: QueenEdge["from"]): number => order.indexOf(stateOf(moment));
    const goesOn = ({ from, to }: QueenEdge): boolean => place(to) === place(from) || place(to) === place(from) + 1;
    expect(rule((edge) => place(edge.from) < 0 || edge.event.type === "restored" || goesOn(edge))).toEqual([]);
    const ticks = walked.edges
      .filter(({ event }) => event === TICK)
      .map(({ from, to }) => `${stateOf(from)} -> ${stateOf(to)}`);
    expect(new Set(ticks)).toEqual(
      new Set(["reconciling -> serving", "draining.finishing -> draining.stopping", "draining.stopping -> stopped"]),
    );
  });

  test("K3 she stops by giving up what still runs and telling every hive to drain, under her epoch", () => {
    const begins = ({ from, to }: QueenEdge): boolean =>
      stateOf(to) === "draining.stopping" && stateOf(from) !== "draining.stopping";
    expect(walked.edges.some(begins)).toBe(true);
    expect(rule((edge) => !begins(edge) || (asks(edge, "suspendJobs") && asks(edge, "drainHives")))).toEqual([]);
  });

  test("what is asked of her while she serves is done, and refused or put off while she does not", () => {
    const asked = {
      place: ["place", undefined],
      warm: ["warm", "rememberWarm"],
      "spawn.worker": ["spawnWorker", "refuseAdmission"],
      "stop.worker": ["stopWorker", "refuseAdmission"],
    } as const;
    for (const [type, [serving, otherwise]] of Object.entries(asked)) {
      const expected = ({ from }: QueenEdge): string | undefined => (stateOf(from) === "serving" ? serving : otherwise);
      expect(rule((edge) => edge.event.type !== type || edge.actions[0]?.type === expected(edge))).toEqual([]);
    }
  });

  test("K3 hurry ends the phase at hand: it skips what runs, then hurries the hives", () => {
    const isHurry = (edge: QueenEdge, state: string): boolean =>
      edge.event.type === "hurry" && stateOf(edge.from) === state;
    expect(rule((edge) => !isHurry(edge, "draining.finishing") || stateOf(edge.to) === "draining.stopping")).toEqual(
      [],
    );
    expect(rule((edge) => !isHurry(edge, "draining.stopping") || asks(edge, "hurryHives"))).toEqual([]);
  });

  test("K3 whoever asks her to stop is remembered in every state, and answered once she has", () => {
    expect(rule((edge) => edge.event.type !== "drain" || asks(edge, "rememberDrain"))).toEqual([]);
    expect(
      rule((edge) => edge.event.type !== "drain" || stateOf(edge.from) !== "stopped" || asks(edge, "answerDrain")),
    ).toEqual([]);
    expect(rule(({ to, after }) => after === (stateOf(to) === "stopped" ? 1 : 0))).toEqual([]);
  });

  test("K3 a hive that comes back while she stops is told again to drain", () => {
    const comesBack = ({ event, from }: QueenEdge): boolean =>
      event.type === "hive.restored" && stateOf(from) === "draining.stopping";
    expect(walked.edges.some(comesBack)).toBe(true);
    expect(rule((edge) => !comesBack(edge) || asks(edge, "drainHives"))).toEqual([]);
  });

  test("K3 every end of a job, also of a broken one, is a reason to look whether any still runs", () => {
    const ends = ({ event, from }: QueenEdge): boolean =>
      ["job.ended", "job.requeued", "terminated"].includes(event.type) && stateOf(from) === "draining.finishing";
    expect(rule((edge) => !ends(edge) || edge.actions.at(-1)?.type === "checkIdle")).toEqual([]);
  });

  test("K3 what happens decides the phase she is in: this, and nothing else", () => {
    const ways = walked.edges
      .filter(({ from, to, event }) => stateOf(from) !== stateOf(to) && event.type !== "restored")
      .map(({ from, to, event }) => `${stateOf(from)}: ${event.type} -> ${stateOf(to)}`);
    expect([...new Set(ways)].toSorted()).toEqual([
      "draining.finishing: hurry -> draining.stopping",
      "draining.finishing: jobs.idle -> draining.stopping",
      "draining.finishing: tick -> draining.stopping",
      "draining.stopping: hives.stopped -> stopped",
      "draining.stopping: tick -> stopped",
      "reconciling: drain -> draining.finishing",
      "reconciling: reconciled -> serving",
      "reconciling: tick -> serving",
      "serving: drain -> draining.finishing",
    ]);
  });

  test("whatever she hears of jobs, workers and hives is in the books, in every state", () => {
    const notes = {
      "job.ended": "noteEnded",
      "job.vacated": "noteVacated",
      "job.requeued": "noteRequeued",
      terminated: "noteTerminated",
      "worker.reserved": "noteReserved",
      "load.failed": "noteLoadFailed",
      "worker.loading": "noteLoading",
      "worker.ready": "noteReady",
      "worker.stopping": "noteStopping",
      "worker.gone": "noteGone",
      "hive.inventory": "reconcile",
      "hive.stopped": "noteHiveStopped",
      "hive.restored": "requestInventories",
      cancel: "cancelJob",
    } as const;
    for (const [type, action] of Object.entries(notes)) {
      expect(walked.edges.filter(({ event }) => event.type === type).length).toBeGreaterThan(0);
      expect(rule((edge) => edge.event.type !== type || edge.actions[0]?.type === action)).toEqual([]);
    }
  });

  test("K4 a lookup and a status are answered in every state, with the phase she is in", () => {
    expect(rule((edge) => edge.event.type !== "lookup" || asks(edge, "answerLookup"))).toEqual([]);
    const tells = ({ actions, from }: QueenEdge): boolean => {
      const told = actions[0]?.params as QueenContext | undefined;
      return told !== undefined && stateOf(from).startsWith(told.phase);
    };
    expect(rule((edge) => edge.event.type !== "status" || tells(edge))).toEqual([]);
  });

  test("K8 what somebody waited for who is gone with an earlier life of the node ends, in every state", () => {
    expect(rule((edge) => edge.event.type !== "clients.gone" || edge.actions[0]?.type === "endAwaited")).toEqual([]);
    expect(walked.edges.some(({ event }) => event.type === "clients.gone")).toBe(true);
  });

  test("K5 keys, join tokens and machines are told, made, revoked, spent and removed in every state", () => {
    const does = {
      keys: "answerKeys",
      "create.key": "createKey",
      "revoke.key": "revokeKey",
      tokens: "answerTokens",
      "create.token": "createToken",
      "revoke.token": "revokeToken",
      "spend.token": "spendToken",
      machines: "answerMachines",
      "remove.machine": "removeMachine",
    } as const;
    for (const [type, action] of Object.entries(does)) {
      expect(rule((edge) => edge.event.type !== type || edge.actions[0]?.type === action)).toEqual([]);
    }
  });
});
