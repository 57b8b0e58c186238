/**
 * Goal: only what a discussion agreed on is learnt, with what one has to know of it.
 *
 * @see machines/rules/learn.ts, LU1 to LU3
 * @module
 */
import { describe, expect, test } from "vitest";
import { isSameLesson, lessonOf, wholeOf, withoutKnown } from "../../../../machines/rules/learn.ts";
import type { LogEvent, Logged, Mode, Reason } from "../../../../machines/rules/log.ts";
import { logOf, openedBody, said } from "../../../support/team-rows.ts";

const PLACE = { session: "s1", discussion: "d1" };
const ended = (reason: Reason, mode: Mode = "discuss", text = " Left. "): readonly LogEvent[] =>
  logOf(
    openedBody({ mode, request: " Which way? ", label: "secret" }),
    said("a", 1, "Left."),
    { type: "closing", reason },
    { type: "closed" },
    {
      type: "final",
      upTo: 1,
      text,
      by: "model",
      minority: [],
      worth: { tokens: 5, ms: 1, contributions: 1, agreement: 0.8, flips: 0 },
    },
  );

describe("a discussion", () => {
  test("LU2 that agreed teaches what it came to, how many did, whence it is, and how private it is", () => {
    expect(lessonOf(ended("consensus"), PLACE)).toEqual({
      about: "Which way?",
      text: "Left.",
      origin: { by: "discussion", ...PLACE, seq: 4 },
      confidence: 0.8,
      label: "secret",
    });
  });

  test.each(["cancelled", "budget", "timeout", "all_failed", "max_rounds", "exhausted", "all_idle"] as const)(
    "LU1 that ended with %s teaches nothing",
    (reason) => expect(lessonOf(ended(reason), PLACE)).toBeUndefined(),
  );

  test("LU1 is what teaches: an answer alone, a vote, and one that has no last word do not", () => {
    expect(lessonOf(ended("consensus", "alone"), PLACE)).toBeUndefined();
    expect(lessonOf(ended("consensus", "vote"), PLACE)).toBeUndefined();
    expect(lessonOf(ended("consensus").slice(0, -1), PLACE)).toBeUndefined();
    expect(lessonOf([], PLACE)).toBeUndefined();
  });

  test("LU3 that was asked for with an API key teaches nothing", () => {
    expect(lessonOf(ended("consensus"), { ...PLACE, key: "k1" })).toBeUndefined();
  });

  test("is learnt within bounds", () => {
    const lesson = lessonOf(ended("consensus", "discuss", "x".repeat(9_000)), PLACE);
    expect(lesson?.text).toHaveLength(2_000);
  });
});

describe("a lesson", () => {
  const lesson = {
    about: "Which way?",
    text: "Left.",
    origin: { by: "user" },
    confidence: 1,
    label: "private",
  } as const;

  test("is one with another that answers the same question, and none with one under another label", () => {
    expect(isSameLesson(lesson, { ...lesson, about: " which  WAY?", text: "Right." })).toBe(true);
    expect(isSameLesson(lesson, { ...lesson, label: "secret" })).toBe(false);
    expect(isSameLesson({ ...lesson, about: "" }, { ...lesson, about: "", text: "left." })).toBe(true);
  });

  test("is read with its question, where it has one", () => {
    expect([wholeOf(lesson), wholeOf({ about: "", text: "Left." })]).toEqual(["Which way?\nLeft.", "Left."]);
  });

  test("KN2 that is forgotten leaves its place in a log, and no word", () => {
    const knowledge = [
      { id: "k1", text: "Left." },
      { id: "k2", text: "Right." },
    ];
    const opened = logOf(openedBody({ knowledge }))[0] as Logged<"opened">;
    expect(withoutKnown(opened, "k1")).toEqual({ ...opened, knowledge: [{ id: "k1", text: "" }, knowledge[1]] });
  });
});
