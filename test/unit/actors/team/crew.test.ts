/**
 * Goal: each thinker has one task at a time, and what nobody waits for any more is thought of no longer.
 *
 * @see machines/crew.ts, CR1 to CR3; src/actors/team/crew.ts, CW1 and CW2
 * @module
 */
import { describe, expect, test } from "vitest";
import type { CrewEvent } from "../../../../machines/crew.ts";
import { crewBehaviour } from "../../../../src/actors/team/crew.ts";
import { type Task, type ThinkerRow, thinkers, thinkersTables } from "../../../../src/actors/team/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import { ASKER, type Cue, lines, Stage } from "../../../support/stage.ts";
import { assignment } from "../../../support/team-rows.ts";

const { handlers } = crewBehaviour();
const crewStage = (): Stage => new Stage("thinkers/crew/main", thinkersTables);
type Handler = (given: unknown, scope: Scope) => readonly Command[];
const told = (stage: Stage, action: string, cue: Cue<CrewEvent>, params: unknown = {}): readonly string[] =>
  lines(stage.play(handlers[action] as Handler, params, cue));

const ADDRESS = "thinkers/specialist/d1-a-1";
const ask = (agent = "a", discussion = "d1") =>
  ({ event: { type: "task", ...assignment({ agent, discussion }) }, asked: true }) as const;
const taskOf = (id: string): Task => ({ re: { ...ASKER, id }, assignment: assignment() });
const row = (given: Partial<ThinkerRow> = {}): ThinkerRow => ({
  address: ADDRESS,
  running: undefined,
  waiting: [],
  ...given,
});
const dropped = (id: string) => [{ event: { type: "ask.dropped", id } }, { id }] as const;
const none = { event: { type: "restored" } } as const;

describe("a task", () => {
  test("CR1 goes to its thinker, which is begun when it is first needed, and goes on to it later", () => {
    const stage = crewStage();
    expect(told(stage, "give", ask())).toEqual(["spawn specialist/d1-a-1", `tell ${ADDRESS}: assigned duty=talk`]);
    told(stage, "giveNext", none, { thinker: "d1/a" });
    expect(told(stage, "give", ask())).toEqual([`tell ${ADDRESS}: assigned duty=talk`]);
  });

  test("CR1 waits behind the one that its thinker has, in the order they came, up to a bound", () => {
    const stage = crewStage().set(thinkers, { "d1/a": row({ running: taskOf("x") }) });
    expect(told(stage, "give", ask())).toEqual([]);
    expect(told(stage, "giveNext", none, { thinker: "d1/a" })).toEqual([`tell ${ADDRESS}: assigned duty=talk`]);
    expect(stage.all(thinkers)["d1/a"]).toMatchObject({ running: { re: ASKER }, waiting: [] });
    stage.set(thinkers, {
      "d1/a": row({ running: taskOf("x"), waiting: ["a", "b", "c", "d", "e", "f", "g", "h"].map(taskOf) }),
    });
    expect(told(stage, "give", ask())).toEqual(["refuse mailbox.full"]);
  });

  test("CR1 that is asked again by a store that came back is one task", () => {
    const stage = crewStage();
    expect(told(stage, "give", ask())).toHaveLength(2);
    expect(told(stage, "give", ask())).toEqual([]);
    expect(stage.all(thinkers)["d1/a"]?.waiting).toEqual([]);
  });

  test("CR2 CW1 that nobody waits for is cut behind its thinker's last letter, or taken out of the line", () => {
    const stage = crewStage().set(thinkers, { "d1/a": row({ running: taskOf("x"), waiting: [taskOf("y")] }) });
    expect(told(stage, "giveUp", ...dropped("x"))).toEqual([`tell ${ADDRESS}: cut`]);
    expect(told(stage, "giveUp", ...dropped("y"))).toEqual([]);
    expect(stage.all(thinkers)["d1/a"]?.waiting).toEqual([]);
    expect(told(stage, "giveUp", ...dropped("z"))).toEqual([]);
  });

  test("CW2 that was given to a thinker which had gone by then is another's", () => {
    const stage = crewStage().set(thinkers, { "d1/a": row({ running: taskOf("x"), waiting: [taskOf("y")] }) });
    expect(told(stage, "forget", { ...none, serial: 9 }, { thinker: "d1-a-1" })).toEqual([
      "spawn specialist/d1-a-9",
      "tell thinkers/specialist/d1-a-9: assigned duty=talk",
    ]);
    expect(stage.all(thinkers)["d1/a"]).toMatchObject({ running: { re: { id: "x" } }, waiting: [{ re: { id: "y" } }] });
    const idle = crewStage().set(thinkers, { "d1/a": row() });
    expect(told(idle, "forget", none, { thinker: "d1-a-1" })).toEqual([]);
    expect(idle.all(thinkers)).toEqual({});
  });
});

describe("a discussion", () => {
  const both = (): Stage =>
    crewStage().set(thinkers, {
      "d1/a": row({ running: taskOf("x"), waiting: [taskOf("y")] }),
      "d1/b": row({ address: "thinkers/specialist/d1-b-2" }),
      "d10/a": row({ address: "thinkers/specialist/d10-a-3", running: taskOf("z") }),
    });

  test("CR2 that is told to stop has its thinkers cut, and nobody else's", () => {
    const stage = both();
    expect(
      told(stage, "cutAll", { event: { type: "cut", discussion: "d1" }, asked: true }, { discussion: "d1" }),
    ).toEqual(["refuse interrupted", `tell ${ADDRESS}: cut`, "reply cut"]);
    expect(stage.all(thinkers)["d1/a"]?.waiting).toEqual([]);
  });

  test("CR3 TS18 that is released has no thinker left, whoever waited is told, and nobody else is touched", () => {
    const stage = both();
    const event = { type: "release", discussion: "d1" } as const;
    expect(told(stage, "dismiss", { event, asked: true }, { discussion: "d1" })).toEqual([
      `stop ${ADDRESS}`,
      "refuse interrupted",
      "refuse interrupted",
      "stop thinkers/specialist/d1-b-2",
      "reply released",
    ]);
    expect(Object.keys(stage.all(thinkers))).toEqual(["d10/a"]);
  });
});
