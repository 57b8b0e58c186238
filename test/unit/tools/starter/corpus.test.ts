/**
 * Goal: the corpus is the same on every machine, and the wall between what is trained on and what is asked in the
 * examination holds. Method: make a few thousand chats and compare texts.
 */
import { describe, expect, test } from "vitest";
import { choice } from "../../../../tools/starter/corpus/choices.ts";
import { heldOutExamples, trainingGroups } from "../../../../tools/starter/corpus/corpus.ts";
import { capital, normalised } from "../../../../tools/starter/corpus/phrase.ts";
import { parseSections } from "../../../../tools/starter/corpus/text.ts";
import { TERMS } from "../../../../tools/starter/corpus/words.ts";
import { seeded } from "../../../../tools/starter/seeded.ts";

const GROUPS = 4_000;
const trainingChats = (seed: number, count: number) => [...trainingGroups(seed, count)].flat();
/** Of a discussion what its user asked; of any other chat all of it. */
const questionIn = (content: string): string => /The question:\n<<<\n([^]*?)\n>>>/.exec(content)?.[1] ?? content;

describe("the corpus of the starter", () => {
  test("C1 one seed gives one corpus, and another seed another", () => {
    const corpus = (seed: number): string => JSON.stringify(trainingChats(seed, 300));
    expect(corpus(7)).toBe(corpus(7));
    expect(corpus(8)).not.toBe(corpus(7));
  });

  test("C2 no question of the examination is trained on, whatever its capitals and marks", () => {
    const asked = new Set(heldOutExamples().map(({ question }) => normalised(questionIn(question))));
    const trained = trainingChats(1, GROUPS).flatMap((chat) => chat.filter(({ role }) => role === "user"));
    expect(trained.filter(({ content }) => asked.has(normalised(questionIn(content))))).toEqual([]);
  });

  test("T1 a template on both sides of the wall is refused, also inside a choice", () => {
    expect(() => parseSections("# greeting\n[Hello|Hi] there.\n! Hi there!\n")).toThrow(/Hi there.*greeting/);
    expect(parseSections("# greeting\n= Hello!\nHi.\n! Good day.\n")).toEqual([
      { name: "greeting", answer: "Hello!", train: ["Hi."], heldOut: ["Good day."] },
    ]);
  });

  test("every question of the examination accepts its own answer and not just anything", () => {
    const examples = heldOutExamples(5);
    expect(examples.filter(({ answer, accepts }) => !accepts(answer))).toEqual([]);
    expect(examples.filter(({ accepts }) => accepts("The weather is fine."))).toEqual([]);
  });

  test("of a decision the ways stand in its question, but for a capital at its head: what is learnt is to copy", () => {
    const chance = seeded(3);
    for (let n = 0; n < 500; n += 1) {
      const { question, ways, first } = choice(chance, n % 2 === 0 ? "train" : "heldOut");
      expect(ways.startsWith(first)).toBe(true);
      const asked = [ways, ways.replace(/^take /, "")];
      const heads = [...asked, ...asked.map(capital)];
      expect(
        heads.some((head) => question.includes(head)),
        question,
      ).toBe(true);
    }
  });

  test("every chat ends with an answer that is neither empty nor cut by a mark of the chat format", () => {
    for (const chat of trainingChats(2, GROUPS)) {
      const last = chat.at(-1);
      expect(last?.role).toBe("assistant");
      expect(last?.content).not.toBe("");
      expect(chat.map(({ content }) => content).join("")).not.toMatch(/<\|im_(start|end)\|>|\{\w+\}/);
    }
  });

  test("each word of rbee is explained once, in a sentence that says its name", () => {
    expect(new Set(TERMS.map(({ name }) => name)).size).toBe(TERMS.length);
    expect(TERMS.length).toBeGreaterThanOrEqual(50);
    for (const { name, meaning } of TERMS) {
      expect(meaning.toLowerCase()).toContain(name.toLowerCase());
      expect(meaning).toMatch(/\.$/);
    }
  });
});
