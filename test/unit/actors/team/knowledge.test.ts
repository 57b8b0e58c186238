/**
 * Goal: what is known is found by whom it belongs to, is bounded, and is gone when it is forgotten.
 *
 * @see machines/knowledge.ts, KN2 to KN5; src/actors/team/knowledge.ts, KB1 and KB2
 * @module
 */
import { describe, expect, test } from "vitest";
import type { KnowledgeEvent } from "../../../../machines/knowledge.ts";
import type { Lesson } from "../../../../machines/rules/learn.ts";
import { type FoundEvent, knowledgeBehaviour, type LackingEvent } from "../../../../src/actors/team/knowledge.ts";
import {
  agents,
  discussions,
  knowledge,
  type KnowledgeRow,
  logKey,
  logs,
  storeTables,
  vectors,
} from "../../../../src/actors/team/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import { type Cue, lines, Stage } from "../../../support/stage.ts";
import { knowledgeSamples } from "../../../support/team-events.ts";
import { discussionRow, logOf, openedBody } from "../../../support/team-rows.ts";

const { handlers } = knowledgeBehaviour();
type Handler = (params: unknown, scope: Scope) => readonly Command[];
const stageOf = (rows: Readonly<Record<string, KnowledgeRow>> = {}): Stage =>
  new Stage("store/knowledge/main", storeTables).set(knowledge, rows);

const ACTIONS = {
  learn: "learn",
  teach: "teach",
  list: "list",
  search: "search",
  lacking: "tellLacking",
  embedded: "keepVector",
  forget: "forget",
  "forget.session": "forgetSession",
  restored: "",
} as const;
const play = (stage: Stage, event: KnowledgeEvent, cue: Partial<Cue<KnowledgeEvent>> = {}): readonly Command[] =>
  stage.play(handlers[ACTIONS[event.type]] as Handler, {}, { event, asked: true, ...cue });
const told = (stage: Stage, event: KnowledgeEvent, cue: Partial<Cue<KnowledgeEvent>> = {}): readonly string[] =>
  lines(play(stage, event, cue));

function answered<Answer>(commands: readonly Command[]): Answer {
  const reply = commands.find((command) => command.do === "reply");
  if (reply?.do !== "reply" || !reply.result.ok) throw new Error("it was not answered");
  return reply.result.event as Answer;
}

const row = (given: Partial<KnowledgeRow> = {}): KnowledgeRow => ({
  about: "",
  text: "The cat is called Miso.",
  origin: { by: "user" },
  confidence: 1,
  label: "private",
  createdAt: 1,
  accessedAt: 1,
  ...given,
});
const learnt = (session: string, accessedAt = 1): Partial<KnowledgeRow> => ({
  origin: { by: "discussion", session, discussion: "d1", seq: 9 },
  accessedAt,
});
const search = (text: string, given: Partial<Extract<KnowledgeEvent, { type: "search" }>> = {}): KnowledgeEvent => ({
  type: "search",
  question: { text },
  label: "private",
  limit: 3,
  isUse: false,
  ...given,
});
const found = (stage: Stage, event: KnowledgeEvent): readonly string[] =>
  answered<FoundEvent>(play(stage, event)).found.map(({ id }) => id);
const learn = (given: Partial<Lesson> = {}): KnowledgeEvent => ({
  type: "learn",
  lesson: { ...(knowledgeSamples.learn[0]?.lesson as Lesson), ...given },
});

describe("what is taught", () => {
  test("is known under an id of its own, and is told so once the disk has it", () => {
    const stage = stageOf();
    expect(
      told(stage, { type: "teach", text: " The cat is called Miso. ", label: "internal" }, { serial: 36 }),
    ).toEqual(["reply taught id=k10, flushed"]);
    expect(stage.all(knowledge)["k10"]).toMatchObject({ text: "The cat is called Miso.", label: "internal" });
  });

  test("twice is known once", () => {
    const stage = stageOf({ k1: row() });
    expect(told(stage, { type: "teach", text: "the cat  is called miso.", label: "private" })).toEqual([
      "reply taught id=k1, flushed",
    ]);
    expect(Object.keys(stage.all(knowledge))).toEqual(["k1"]);
  });

  test("admission.closed: is refused where the disk is short of room", () => {
    const refusing = { freeBytes: 1, headroomBytes: 2 };
    expect(told(stageOf(), { type: "teach", text: "so", label: "private" }, { refusing })).toEqual([
      "refuse admission.closed",
    ]);
  });
});

describe("what is learnt", () => {
  test("AG1 is told to the agents of its session, and to nobody else's", () => {
    const address = "store/agent/s1-a-1";
    const stage = stageOf().set(agents, {
      "s1/a": { session: "s1", name: "a", address },
      "s2/a": { session: "s2", name: "a", address: "store/agent/s2-a-1" },
    });
    expect(told(stage, learn())).toEqual([`tell ${address}: learnt`]);
  });

  test("of one question is what was agreed on last, and its vector is not that of what it said before", () => {
    const stage = stageOf({ k1: row({ about: "Which way?", text: "Right.", ...learnt("s0") }) });
    stage.set(vectors, { k1: { model: "m", values: [1] } });
    play(stage, learn());
    expect(stage.all(knowledge)).toMatchObject({ k1: { text: "Left.", origin: { session: "s1" } } });
    expect(stage.all(vectors)).toEqual({});
  });

  test("KN4 does not put otherwise what the user said", () => {
    const stage = stageOf({ k1: row({ about: "", text: "Which way?" }) });
    play(stage, learn());
    expect(stage.all(knowledge)).toMatchObject({ k1: { text: "Which way?", origin: { by: "user" } } });
  });

  test("KN4 knowledge.full: goes first when it was needed longest ago; what was taught stays, and bounds itself", () => {
    const taught = Array.from({ length: 998 }, (_, index) => [`t${index}`, row({ text: `fact ${index}` })]);
    const rows = {
      ...(Object.fromEntries(taught) as Record<string, KnowledgeRow>),
      old: row({ text: "older", ...learnt("s1", 5) }),
      used: row({ text: "newer", ...learnt("s1", 9) }),
    };
    const stage = stageOf(rows).set(vectors, { old: { model: "m", values: [1] } });
    play(stage, { type: "teach", text: "one more", label: "private" }, { serial: 1 });
    expect(Object.keys(stage.all(knowledge))).toHaveLength(1_000);
    expect(stage.all(knowledge)["old"]).toBeUndefined();
    expect(stage.all(vectors)).toEqual({});
    play(stage, { type: "teach", text: "and another", label: "private" }, { serial: 2 });
    expect(told(stage, { type: "teach", text: "too much", label: "private" }, { serial: 3 })).toEqual([
      "refuse knowledge.full",
    ]);
    play(stage, learn(), { serial: 4 });
    expect(stage.all(knowledge)["k4"]).toBeUndefined();
  });
});

describe("a question", () => {
  test("KN5 TS11 finds nothing that is more private than itself", () => {
    const stage = stageOf({
      k1: row({ label: "secret" }),
      k2: row({ label: "private" }),
      k3: row({ label: "public" }),
    });
    expect(found(stage, search("the cat called", { label: "secret" }))).toEqual(["k1", "k2", "k3"]);
    expect(found(stage, search("the cat called", { label: "private" }))).toEqual(["k2", "k3"]);
    expect(found(stage, search("the cat called", { label: "internal" }))).toEqual(["k3"]);
  });

  test("notes what it uses, and only that", () => {
    const stage = stageOf({ k1: row(), k2: row({ text: "The dog is called Rex." }) });
    play(stage, search("and the cat?"), { at: 500 });
    expect(stage.all(knowledge)["k1"]?.accessedAt).toBe(1);
    play(stage, search("and the cat?", { isUse: true }), { at: 500 });
    expect([stage.all(knowledge)["k1"]?.accessedAt, stage.all(knowledge)["k2"]?.accessedAt]).toEqual([500, 1]);
  });

  test("KB1 is compared with a vector of the very text, which is kept where that has not changed", () => {
    const stage = stageOf({ k1: row() });
    const vector = { model: "m", values: [1, 0] };
    const lacking = (model: string): readonly string[] =>
      answered<LackingEvent>(play(stage, { type: "lacking", model })).pieces.map(({ id }) => id);
    expect(lacking("m")).toEqual(["k1"]);
    play(stage, { type: "embedded", id: "k1", text: "The cat is called Tom.", vector });
    play(stage, { type: "embedded", id: "k9", text: row().text, vector });
    play(stage, { type: "embedded", id: "k1", text: row().text, vector: { model: "m", values: Array(5_000).fill(1) } });
    expect(stage.all(vectors)).toEqual({});
    play(stage, { type: "embedded", id: "k1", text: row().text, vector });
    expect([lacking("m"), lacking("other")]).toEqual([[], ["k1"]]);
    expect(found(stage, search("quite other words", { question: { text: "quite other words", vector } }))).toEqual([
      "k1",
    ]);
  });
});

describe("what is forgotten", () => {
  const given = (): Stage =>
    stageOf({ k1: row(), k2: row({ text: "The dog is called Rex." }) })
      .set(vectors, { k1: { model: "m", values: [1] } })
      .set(discussions, { d1: discussionRow(), d2: discussionRow() })
      .set(logs, {
        [logKey("d1", 0)]: logOf(openedBody({ knowledge: [{ id: "k1", text: row().text }] }))[0] as never,
        [logKey("d2", 0)]: logOf(openedBody())[0] as never,
      });

  test("KN2 KB2 is gone with its vector, running discussions that were given it are told, and the rest stays", () => {
    const stage = given();
    expect(told(stage, { type: "forget", id: "k1" })).toEqual([
      "tell store/discussion/d1: forgotten knowledge=k1",
      "reply forgotten, flushed",
    ]);
    expect([Object.keys(stage.all(knowledge)), stage.all(vectors)]).toEqual([["k2"], {}]);
    expect(told(stage, { type: "forget", id: "k1" })).toEqual(["refuse request.not.found"]);
  });

  test("KN3 of a session is what was learnt in it and what its agents kept, and nothing else", () => {
    const stage = stageOf({ k1: row(learnt("s1")), k2: row(learnt("s2")), k3: row() }).set(agents, {
      "s1/a": { session: "s1", name: "a", address: "store/agent/s1-a-1" },
      "s2/a": { session: "s2", name: "a", address: "store/agent/s2-a-1" },
    });
    expect(told(stage, { type: "forget.session", session: "s1" })).toEqual([
      "tell store/agent/s1-a-1: retire",
      "reply session.forgotten, flushed",
    ]);
    expect(Object.keys(stage.all(knowledge))).toEqual(["k2", "k3"]);
  });
});
