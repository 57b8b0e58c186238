/**
 * Goal: what the starter learns of a discussion is what the program asks in one, and answers that the program can use.
 * Method: discussions played by the program's rules, with thinkers and a question of the test's own.
 *
 * @see tools/starter/corpus/played.ts, P1-P3
 */
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { type Lesson, play } from "../../../../tools/starter/corpus/played.ts";
import type { Subject } from "../../../../tools/starter/corpus/subject.ts";
import { discussionLessons, TEAM } from "../../../../tools/starter/corpus/team.ts";
import { seeded } from "../../../../tools/starter/seeded.ts";

const SUM: Subject = {
  question: "What is 7 plus 12?",
  topic: "",
  truth: "7 plus 12 is 19.",
  mistake: "7 plus 12 is 20.",
};

const played = (subject: Subject, seeds = 30): readonly Lesson[] =>
  Array.from({ length: seeds }, (_, seed) => play(seeded(seed), TEAM, subject, [])).flat();
const of = (lessons: readonly Lesson[], family: string): readonly Lesson[] =>
  lessons.filter((lesson) => lesson.family === family);
const chosen = ({ answer }: Lesson, key: string): unknown =>
  Object.entries(JSON.parse(answer)).find(([name]) => name === key)?.[1];

describe("a discussion that is played", () => {
  test("P1 asks its thinkers in the program's own words, the question first and who they are behind it", () => {
    for (const { system, question, family } of played(SUM, 5)) {
      expect(system).toBe(TEAM.frame);
      expect(question).toMatch(/^The question:\n<<<\nWhat is 7 plus 12\?\n>>>/);
      const who = family.endsWith("summaries") ? [TEAM.summarizer] : TEAM.roster;
      expect(who.some(({ name, body }) => question.includes(`\n\nYou are ${name}. ${body}\n\n`))).toBe(true);
    }
  });

  test("P2 teaches nobody to be wrong, though somebody in it is", () => {
    const lessons = played(SUM);
    expect(lessons.some(({ question }) => question.includes(SUM.mistake ?? ""))).toBe(true);
    for (const { answer } of of(lessons, "drafts")) expect(answer).toBe(SUM.truth);
    for (const { answer } of of(lessons, "final summaries")) expect(answer).toMatch(/ 7 plus 12 is 19\.$/);
    for (const { answer } of of(lessons, "objections")) expect(JSON.parse(answer)).toMatchObject({ error: SUM.truth });
    for (const lesson of of(lessons, "ballots")) {
      const who = String(chosen(lesson, "choice"));
      const last = lesson.question.split(new RegExp(`\\] ${who} (?:wrote|objects to c\\d+):\\n<<<\\n`)).at(-1);
      if (chosen(lesson, "sure") === 9) expect(last?.startsWith("7 plus 12 is 19.")).toBe(true);
    }
  });

  test("P3 teaches answers that fit the forms they are held to, whatever is asked", () => {
    const chance = seeded(11);
    const ajv = new Ajv();
    const lessons = Array.from({ length: 60 }, () => discussionLessons(chance, "train")).flat();
    const held = lessons.filter(({ form }) => form !== undefined);
    expect(new Set(held.map(({ family }) => family))).toEqual(new Set(["claims", "bids", "objections", "ballots"]));
    expect(held.filter(({ form, answer }) => !ajv.validate(form as object, JSON.parse(answer)))).toEqual([]);
  });
});
