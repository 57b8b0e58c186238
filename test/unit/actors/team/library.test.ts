/**
 * Goal: a discussion begins once, and above the bound or on a full disk none does.
 *
 * @see machines/library.ts, LY1 to LY3; src/actors/team/library.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import type { LibraryEvent } from "../../../../machines/library.ts";
import { libraryBehaviour } from "../../../../src/actors/team/library.ts";
import { discussions, logKey, logs, storeTables } from "../../../../src/actors/team/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import { type Cue, lines, Stage } from "../../../support/stage.ts";
import { librarySamples } from "../../../support/team-events.ts";
import { discussionRow, logOf, openedBody } from "../../../support/team-rows.ts";

const { handlers } = libraryBehaviour({ discussionsMax: 2 });
const library = (): Stage => new Stage("store/library/main", storeTables);
const told = (stage: Stage, given: Partial<Cue<LibraryEvent>> = {}): readonly string[] =>
  lines(
    stage.play(
      handlers["open"] as (params: unknown, scope: Scope) => readonly Command[],
      {},
      { event: librarySamples.open[0] as LibraryEvent, asked: true, ...given },
    ),
  );

describe("a discussion", () => {
  test("begins in a cell of its own, and whoever asked is told once the disk has it", () => {
    expect(told(library())).toEqual([
      "spawn discussion/d1",
      "tell store/discussion/d1: begin session=s1",
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

  test("LY3 is told to who asks what runs, by its question", () => {
    const [opened] = logOf(openedBody());
    if (opened === undefined) throw new Error("a log begins with its question");
    const stage = library()
      .set(discussions, { d1: discussionRow(), d2: discussionRow({ session: "s2" }) })
      .set(logs, { [logKey("d1", 0)]: opened });
    const [answer] = stage.play(
      handlers["list"] as (params: unknown, scope: Scope) => readonly Command[],
      {},
      { event: { type: "list" }, asked: true },
    );
    const its = { discussion: "d1", session: "s1", request: "Which way?", mode: "discuss", at: 1000 };
    expect(answer).toMatchObject({ result: { event: { type: "running", discussions: [its] } } });
  });

  test("admission.closed: is refused where the disk is short of room, and where nobody asked", () => {
    const refusing = { freeBytes: 1, headroomBytes: 2 };
    expect(told(library(), { refusing })).toEqual(["refuse admission.closed"]);
    expect(told(library(), { asked: false })).toEqual([]);
  });
});
