/**
 * Goal: a discussion begins once, and above the bound or on a full disk none does.
 *
 * @see machines/library.ts, LY1 and LY2; src/actors/team/library.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import type { LibraryEvent } from "../../../../machines/library.ts";
import { libraryBehaviour } from "../../../../src/actors/team/library.ts";
import { discussions, storeTables } from "../../../../src/actors/team/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import { type Cue, lines, Stage } from "../../../support/stage.ts";
import { librarySamples } from "../../../support/team-events.ts";
import { discussionRow } from "../../../support/team-rows.ts";

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

  test("admission.closed: is refused where the disk is short of room, and where nobody asked", () => {
    const refusing = { freeBytes: 1, headroomBytes: 2 };
    expect(told(library(), { refusing })).toEqual(["refuse admission.closed"]);
    expect(told(library(), { asked: false })).toEqual([]);
  });
});
