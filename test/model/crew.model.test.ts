/**
 * Goal: the crew, the library and the knowledge serve for ever: what they hear is handed to its handler, each to its
 * own.
 * Method: an exhaustive walk of each.
 *
 * @see machines/crew.ts, machines/library.ts, machines/knowledge.ts; what the handlers do is in test/unit/actors/team
 * @module
 */
import { describe, expect, test } from "vitest";
import { crewMachine } from "../../machines/crew.ts";
import { knowledgeMachine } from "../../machines/knowledge.ts";
import { libraryMachine } from "../../machines/library.ts";
import { eventsOf } from "../support/machine-events.ts";
import { stateOf } from "../support/run-machine.ts";
import { crewSamples, knowledgeSamples, librarySamples } from "../support/team-events.ts";
import { deadLetters, walk } from "../support/walk-machine.ts";

const crew = walk(crewMachine, { events: eventsOf(crewSamples), witness: null, look: () => null });
const library = walk(libraryMachine, { events: eventsOf(librarySamples), witness: null, look: () => null });

const knowledge = walk(knowledgeMachine, { events: eventsOf(knowledgeSamples), witness: null, look: () => null });

const handed = (walked: typeof crew | typeof library | typeof knowledge): readonly string[] =>
  walked.edges.map(({ event, actions }) => `${event.type}: ${actions.map(({ type }) => type).join(", ")}`);

describe("who serves for ever", () => {
  test("hears all that it is told, and stays", () => {
    for (const { edges } of [crew, library, knowledge]) {
      expect(deadLetters(edges)).toEqual({});
      expect(new Set(edges.map(({ to }) => stateOf(to)))).toEqual(new Set(["serving"]));
    }
  });

  test("CR1 CR2 CR3 the crew gives, gives up, gives the next, forgets, cuts and dismisses, each when it is told", () => {
    expect(handed(crew)).toEqual([
      "task: give",
      "ask.dropped: giveUp",
      "freed: giveNext",
      "left: forget",
      "cut: cutAll",
      "release: dismiss",
      "restored: ",
    ]);
  });

  test("LY1 LY2 the library begins a discussion only when it is asked to", () => {
    expect(handed(library)).toEqual([
      "open: open",
      "begun: noteBegun",
      "remember: remember",
      "departed: noteDeparted",
      "list: list",
      "restored: ",
    ]);
  });

  test("KN1 the knowledge learns, tells and forgets when it is told, and by itself nothing", () => {
    expect(handed(knowledge)).toEqual([
      "learn: learn",
      "teach: teach",
      "list: list",
      "search: search",
      "lacking: tellLacking",
      "embedded: keepVector",
      "forget: forget",
      "forget.session: forgetSession",
      "restored: ",
    ]);
  });
});
