/**
 * Goal: an agent lives as long as it is of use, keeps nothing longer, and says once that it has gone.
 * Method: an exhaustive walk with a witness that counts its farewells.
 *
 * @see machines/agent.ts, AG1 to AG3; src/actors/team/agent.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import { type AgentEvent, agentMachine } from "../../machines/agent.ts";
import { agentBehaviour } from "../../src/actors/team/agent.ts";
import { memories, storeTables } from "../../src/actors/team/tables.ts";
import type { Command, Scope } from "../../src/runtime/behaviour.ts";
import { eventsOf } from "../support/machine-events.ts";
import { stateOf } from "../support/run-machine.ts";
import { lines, Stage } from "../support/stage.ts";
import { agentSamples } from "../support/team-events.ts";
import { breaches, deadLetters, declaredStates, type Edge, walk } from "../support/walk-machine.ts";

interface Witness {
  readonly farewells: number;
}

const walked = walk<AgentEvent, Witness>(agentMachine, {
  input: { agent: "s1/a" },
  events: eventsOf(agentSamples),
  witness: { farewells: 0 },
  look: ({ farewells }, actions) => ({ farewells: farewells + actions.filter(({ type }) => type === "depart").length }),
});
type AgentEdge = Edge<AgentEvent, Witness>;
const rule = (holds: (edge: AgentEdge) => boolean): readonly string[] => breaches(walked.edges, holds);
const paths = new Set(walked.edges.map(({ from, event, to }) => `${stateOf(from)} ${event.type}: ${stateOf(to)}`));

describe("every life of an agent", () => {
  test("reaches every state and leaves no event unnamed", () => {
    expect([...walked.states].toSorted()).toEqual(declaredStates(agentMachine).toSorted());
    expect(deadLetters(walked.edges)).toEqual({});
  });

  test("AG1 is at work from a turn to its end, and idle is the only state that time ends", () => {
    expect(paths).toContain("idle task: active");
    expect(paths).toContain("active rested: idle");
    expect([...paths].filter((path) => path.includes("tick: terminated"))).toEqual(["idle tick: terminated"]);
  });

  test("AG1 a turn, a round of a vote and something learnt begin its time anew, and nothing else does", () => {
    const { idle } = agentMachine.config.states ?? {};
    const anew = Object.entries(idle?.on ?? {}).filter(([, to]) => typeof to === "object" && "reenter" in to);
    expect(anew.map(([type]) => type).toSorted()).toEqual(["consulted", "keep", "learnt"]);
  });

  test("AG2 none outlives a restart", () => {
    expect([...paths].filter((path) => path.includes("restored")).toSorted()).toEqual([
      "active restored: terminated",
      "idle restored: terminated",
    ]);
  });

  test("AG3 it says that it goes when it goes, and once", () => {
    expect(rule(({ to, after }) => after.farewells === Number(stateOf(to) === "terminated"))).toEqual([]);
  });
});

describe("what it keeps", () => {
  const { handlers } = agentBehaviour({ ttlMs: 1 });
  type Handler = (params: unknown, scope: Scope) => readonly Command[];
  const play = (stage: Stage, action: string, event: AgentEvent): readonly string[] =>
    lines(stage.play(handlers[action] as Handler, { agent: "s1/a" }, { event }));
  const notes = (...texts: readonly string[]) => texts.map((text) => ({ text, label: "private" }) as const);

  test("TS10 is its own: another's is neither read nor changed", () => {
    const stage = new Stage("store/agent/s1-a-1", storeTables).set(memories, { "s1/b": notes("b's") });
    play(stage, "keep", { type: "keep", notes: notes("one") });
    play(stage, "keep", { type: "keep", notes: notes("two") });
    expect(stage.all(memories)).toEqual({ "s1/a": notes("one", "two"), "s1/b": notes("b's") });
  });

  test("AG1 goes with it, and its library is told where it lived", () => {
    const stage = new Stage("store/agent/s1-a-1", storeTables).set(memories, {
      "s1/a": notes("one"),
      "s1/b": notes("b's"),
    });
    expect(play(stage, "depart", { type: "retire" })).toEqual([
      "tell store/library/main: departed agent=s1/a address=store/agent/s1-a-1",
    ]);
    expect(stage.all(memories)).toEqual({ "s1/b": notes("b's") });
  });

  test("TT1 TS10 is on no disk", () => expect(memories.volatile).toBe(true));
});
