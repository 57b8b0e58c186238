/**
 * Goal: a discussion begins once, and above the bound or on a full disk none does.
 *
 * @see machines/library.ts, LY1 to LY5; src/actors/team/library.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import type { DiscussionEvent } from "../../../../machines/discussion.ts";
import type { LibraryEvent } from "../../../../machines/library.ts";
import { libraryBehaviour } from "../../../../src/actors/team/library.ts";
import {
  type AgentRow,
  agents,
  discussions,
  logKey,
  logs,
  memories,
  openings,
  storeTables,
} from "../../../../src/actors/team/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import { type Cue, lines, Stage } from "../../../support/stage.ts";
import { librarySamples } from "../../../support/team-events.ts";
import { discussionRow, logOf, openedBody, type OpenedBody, roster } from "../../../support/team-rows.ts";

const { handlers } = libraryBehaviour({ discussionsMax: 2 });
type Handler = (params: unknown, scope: Scope) => readonly Command[];
const library = (): Stage => new Stage("store/library/main", storeTables);
const told = (stage: Stage, given: Partial<Cue<LibraryEvent>> = {}): readonly string[] =>
  lines(
    stage.play(
      handlers["open"] as Handler,
      {},
      { event: librarySamples.open[0] as LibraryEvent, asked: true, ...given },
    ),
  );

describe("a discussion", () => {
  test("begins in a cell of its own, and whoever asked is told once the disk has it", () => {
    expect(told(library())).toEqual([
      "spawn discussion/d1",
      "tell store/discussion/d1: begin session=s1",
      "spawn agent/s1-a-1",
      "spawn agent/s1-b-1",
      "reply opened, flushed",
    ]);
  });

  test("LY1 team.busy: is refused above the bound, and nothing of it stays", () => {
    const stage = library().set(discussions, { d7: discussionRow(), d8: discussionRow() });
    expect(told(stage)).toEqual(["refuse team.busy"]);
    expect(Object.keys(stage.all(discussions))).toEqual(["d7", "d8"]);
  });

  test("LY2 that runs already is begun once, whoever asks again", () => {
    const stage = library().set(discussions, { d1: discussionRow(), d8: discussionRow() });
    expect(told(stage)).toEqual(["reply opened, flushed"]);
  });

  test("LY2 LY6 that was opened a moment ago is not begun a second time, and whoever asks is told the same", () => {
    const stage = library();
    told(stage);
    expect(told(stage)).toEqual(["reply opened, flushed"]);
    const noteBegun = handlers["noteBegun"] as (params: { discussion: string }, scope: Scope) => readonly Command[];
    stage.play(noteBegun, { discussion: "d1" }, { event: { type: "begun", discussion: "d1" } });
    expect(stage.all(openings)).toEqual({});
  });

  test("LY1 LY6 is refused above the bound also where many are opened at once", () => {
    const stage = library().set(openings, { d7: { session: "s1" }, d8: { session: "s1" } });
    expect(told(stage)).toEqual(["refuse team.busy"]);
  });

  test("LY5 is told to who asks what runs, by its question and by what the user said in it", () => {
    const [opened, said] = logOf(openedBody(), { type: "user", text: "It must be cheap." });
    if (opened === undefined || said === undefined) throw new Error("a log begins with its question");
    const stage = library()
      .set(discussions, { d1: discussionRow(), d2: discussionRow({ session: "s2" }) })
      .set(logs, { [logKey("d1", 0)]: opened, [logKey("d1", 1)]: said });
    const [answer] = stage.play(
      handlers["list"] as (params: unknown, scope: Scope) => readonly Command[],
      {},
      { event: { type: "list" }, asked: true },
    );
    const its = {
      discussion: "d1",
      session: "s1",
      request: "Which way?",
      mode: "discuss",
      at: 1000,
      said: [said.type === "user" ? said.text : ""],
    };
    expect(answer).toMatchObject({ result: { event: { type: "running", discussions: [its] } } });
  });

  test("LY5 Q12 tells of each agent that lives, by its name, in how many sessions and what it keeps there", () => {
    const note = (text: string) => ({ text, label: "private" }) as const;
    const stage = library()
      .set(agents, { "s1/b": agentRow("s1", "b"), "s1/a": agentRow("s1", "a"), "s2/a": agentRow("s2", "a") })
      .set(memories, { "s1/a": [note("nein"), note("später")], "s2/a": [note("ja")] });
    const [answer] = stage.play(handlers["list"] as Handler, {}, { event: { type: "list" }, asked: true });
    expect(answer).toMatchObject({
      result: {
        event: {
          agents: [
            { name: "a", sessions: 2, notes: 3, memoryBytes: 13 },
            { name: "b", sessions: 1, notes: 0, memoryBytes: 0 },
          ],
        },
      },
    });
  });

  test("admission.closed: is refused where the disk is short of room, and where nobody asked", () => {
    const refusing = { freeBytes: 1, headroomBytes: 2 };
    expect(told(library(), { refusing })).toEqual(["refuse admission.closed"]);
    expect(told(library(), { asked: false })).toEqual([]);
  });
});

const agentRow = (session: string, name: string): AgentRow => ({
  session,
  name,
  address: `store/agent/${session}-${name}-0`,
});
const opening = (given: Partial<Omit<OpenedBody, "config">> = {}): LibraryEvent => ({
  type: "open",
  discussion: "d1",
  session: "s1",
  opening: { type: "question", opened: openedBody(given) },
  roster: roster("a", "b"),
  model: undefined,
  caller: undefined,
});
/** What its discussion begins with. */
function begun(stage: Stage, event: LibraryEvent): unknown {
  const commands = stage.play(handlers["open"] as Handler, {}, { event, asked: true });
  const tells = commands.flatMap((command) => (command.do === "tell" ? [command.event as DiscussionEvent] : []));
  const begin = tells.find(({ type }) => type === "begin");
  return begin?.type === "begin" && begin.opening.type === "question" ? begin.opening.opened.memory : undefined;
}

describe("an agent", () => {
  test("LY3 is the same one in the next discussion of its session, and another one in another", () => {
    const there = library().set(agents, { "s1/a": agentRow("s1", "a"), "s2/b": agentRow("s2", "b") });
    expect(told(there).filter((line) => line.startsWith("spawn agent"))).toEqual(["spawn agent/s1-b-1"]);
    expect(Object.keys(there.all(agents))).toEqual(["s1/a", "s2/b", "s1/b"]);
  });

  test("LY3 TS9 brings what it kept for itself, and what the log says of it is that and nobody else's", () => {
    const stage = library().set(memories, {
      "s1/a": [{ text: "I passed: it was said", label: "private" }],
      "s2/b": [{ text: "I passed: elsewhere", label: "private" }],
      "s1/c": [{ text: "I passed: not here", label: "private" }],
    });
    expect(begun(stage, opening())).toEqual([{ agent: "a", notes: ["I passed: it was said"] }]);
    expect(begun(library(), opening())).toBeUndefined();
  });

  test("NT3 TS11 brings nothing that is more private than the question", () => {
    const stage = library().set(memories, {
      "s1/a": [
        { text: "for all", label: "public" },
        { text: "for few", label: "secret" },
      ],
    });
    expect(begun(stage, opening({ label: "internal" }))).toEqual([{ agent: "a", notes: ["for all"] }]);
    expect(begun(library().set(memories, stage.all(memories)), opening({ label: "secret" }))).toMatchObject([
      { notes: ["for all", "for few"] },
    ]);
  });

  test("LY3 is nobody who answers alone or is a sample of a vote, and a fork brings what its log began with", () => {
    const kept = { "s1/a": [{ text: "kept", label: "private" }] } as const;
    for (const mode of ["alone", "vote"] as const) {
      const stage = library().set(memories, kept);
      expect(begun(stage, opening({ mode }))).toBeUndefined();
      expect(stage.all(agents)).toEqual({});
    }
    const stage = library().set(memories, kept);
    const fork = {
      ...opening(),
      opening: { type: "fork", prefix: logOf(openedBody()), text: undefined },
    } as LibraryEvent;
    const commands = stage.play(handlers["open"] as Handler, {}, { event: fork, asked: true });
    expect(JSON.stringify(commands)).not.toContain("kept");
    expect(Object.keys(stage.all(agents))).toEqual(["s1/a", "s1/b"]);
  });

  test("LY3 is told what it alone knows of a discussion that is over, and begins anew for it where it has gone", () => {
    const stage = library().set(agents, { "s1/a": agentRow("s1", "a") });
    const notes = [{ text: "I passed: so", label: "private" }] as const;
    const kept = ["a", "b"].map((agent) => ({ agent, notes }));
    const event: LibraryEvent = { type: "remember", session: "s1", kept };
    expect(lines(stage.play(handlers["remember"] as Handler, {}, { event, serial: 7 }))).toEqual([
      "spawn agent/s1-b-7",
      "tell store/agent/s1-a-0: keep",
      "tell store/agent/s1-b-7: keep",
    ]);
  });

  test("LY3 that has gone is struck off, but not the one that came in its place", () => {
    const stage = library().set(agents, { "s1/a": agentRow("s1", "a"), "s1/b": agentRow("s1", "b") });
    const depart = (agent: string, address: AgentRow["address"]): unknown =>
      stage.play(handlers["noteDeparted"] as Handler, {}, { event: { type: "departed", agent, address } });
    depart("s1/a", "store/agent/s1-a-0");
    depart("s1/b", "store/agent/s1-b-earlier");
    expect(Object.keys(stage.all(agents))).toEqual(["s1/b"]);
  });

  test("LY4 who was called first goes when there are too many", () => {
    const crowd = Object.fromEntries(
      Array.from({ length: 511 }, (_, index) => [`s/${index}`, agentRow("s", String(index))]),
    );
    const stage = library().set(agents, crowd);
    expect(told(stage)).toContain("tell store/agent/s-0-0: retire");
    expect(Object.keys(stage.all(agents))).toHaveLength(512);
    expect(stage.all(agents)["s/1"]).toBeDefined();
  });
});
