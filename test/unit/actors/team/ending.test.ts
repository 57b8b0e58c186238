/**
 * Goal: a discussion that is over comes to its last word, whatever its host has forgotten, and cuts who was stopped.
 * Method: handlers on a stage, behind a log that was played by hand; the machine by itself.
 *
 * @see src/actors/team/ending.ts, EN1; machines/discussion.ts, DI4
 * @module
 */
import { expect, test } from "vitest";
import { type DiscussionEvent, discussionMachine } from "../../../../machines/discussion.ts";
import type { LogEvent } from "../../../../machines/rules/log.ts";
import { CREW } from "../../../../src/actors/team/crew.ts";
import { discussionBehaviour } from "../../../../src/actors/team/discussion.ts";
import { logKey, logs, storeTables } from "../../../../src/actors/team/tables.ts";
import { Owner } from "../../../simulation/team/owner.ts";
import { openedOf } from "../../../simulation/team/play.ts";
import { config, seatsOf } from "../../../simulation/team/scripts.ts";
import { Run } from "../../../support/run-machine.ts";
import { lines, Stage } from "../../../support/stage.ts";

const summarizer = { name: "scribe", colour: "white", hash: "0", place: "any", body: "Sum it up." } as const;
const { handlers } = discussionBehaviour({ crew: CREW, summarizer, frame: "You are one of a team." });

/** Somebody thinks, and the user stops it. */
function stopped(): readonly LogEvent[] {
  const opened = openedOf({ seed: 0, mode: "discuss", config, seats: seatsOf(["always-new"]), asides: [] });
  const its = new Owner(opened, 0);
  its.look(0);
  its.order({ order: "stop" }, 10);
  its.look(10);
  return its.log;
}

function told(action: string, type: string): readonly string[] {
  const rows = Object.fromEntries(stopped().map((event) => [logKey("d1", event.seq), event]));
  const stage = new Stage("store/discussion/d1", storeTables).set(logs, rows);
  const handler = handlers[action];
  return handler === undefined ? [] : lines(stage.play(handler, {} as never, { event: { type } }));
}

test("EN1 whoever thinks when the user stops it is cut (TS17)", () => {
  expect(told("wind", "close")).toContain("ask thinkers/crew/main: cut discussion=d1");
});

test("DI4 restarted between writing its closing and folding it, a discussion closes (TL7)", () => {
  expect(told("look", "restored")).toEqual(["raise close"]);
});

test("DI4 restarted with its answer ready it gives it, and does not wait for it for ever (TL7)", () => {
  const run = new Run<DiscussionEvent>(discussionMachine, { graceMs: 0 });
  for (const type of ["begin", "close", "over", "released", "restored"]) run.send({ type } as DiscussionEvent);
  expect(run.state).toBe("concluding");
  expect(run.asked("concludeAgain")).toHaveLength(1);
});
