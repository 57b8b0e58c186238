/**
 * Goal: GT1 to GT3 of gate.ts, GF1 to GF3 of gate-features.ts, and how often the gate is right.
 * Method: labelled requests in test/support/gate/exam.jsonl, of which the gate has learned none. All were written for
 * this project: the figures say how it does on requests like these, and no more.
 */
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AnswerMode, gate, verdictOf } from "../../../../machines/rules/gate.ts";
import { MODES } from "../../../../tools/gate/learn.ts";
import { allRequests, type Labelled, requestsIn } from "../../../../tools/gate/requests.ts";

const EXAM = requestsIn(join(import.meta.dirname, "../../../support/gate/exam.jsonl"));

/** Rows: what it is. Columns: what the gate says. */
function confusion(rows: readonly Labelled[]): Record<AnswerMode, Record<AnswerMode, number>> {
  const judged = rows.map(({ mode, request }) => ({ mode, said: gate(request).mode }));
  const rowOf = (mode: AnswerMode): Record<AnswerMode, number> => {
    const among = judged.filter((each) => each.mode === mode);
    const count = (said: AnswerMode): number => among.filter((each) => each.said === said).length;
    return { alone: count("alone"), vote: count("vote"), discuss: count("discuss") };
  };
  return { alone: rowOf("alone"), vote: rowOf("vote"), discuss: rowOf("discuss") };
}

describe("the gate is right", () => {
  test("about requests that it did not learn from, at least seventeen times in twenty", () => {
    const table = confusion(EXAM);
    const right = MODES.reduce((sum, mode) => sum + table[mode][mode], 0);
    console.log(`exam: ${right} of ${EXAM.length} right`);
    console.table(table);
    expect(right / EXAM.length).toBeGreaterThanOrEqual(0.85);
    const seen = (mode: AnswerMode): number => table[mode][mode] / EXAM.filter((each) => each.mode === mode).length;
    for (const mode of ["vote", "discuss"] as const) expect(seen(mode), mode).toBeGreaterThanOrEqual(0.8);
  });

  test("GT2 about what is for one: of twenty such requests at most one is given to several", () => {
    const rows = EXAM.filter(({ mode }) => mode === "alone");
    const { alone } = confusion(rows);
    expect((alone.vote + alone.discuss) / rows.length).toBeLessThanOrEqual(0.05);
  });

  test("and none of what it is examined in is among what it learned", () => {
    const known = new Set(allRequests().map(({ request }) => request));
    expect(EXAM.filter(({ request }) => known.has(request))).toEqual([]);
  });
});

const modeOf = (request: string): AnswerMode => gate(request).mode;

describe("the gate", () => {
  test("GF1 looks at both ends of a long request, and at nothing in between", () => {
    const filler = "the bees are in the garden and the sun is out ".repeat(200);
    expect(modeOf(`Should we move the hives? ${filler}`)).toBe("discuss");
    expect(modeOf(`${filler} Should we move the hives?`)).toBe("discuss");
    expect(modeOf(`${filler} Should we move the hives? ${filler}`)).toBe("alone");
  });

  test("GT1 takes any text, and judges the same text the same, in whole numbers", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (request) => {
        const verdict = gate(request);
        expect(gate(request)).toEqual(verdict);
        expect(MODES).toContain(verdict.mode);
        expect(verdict.why).not.toBe("");
        expect(Object.values(verdict.score).every(Number.isSafeInteger)).toBe(true);
      }),
    );
  });

  test("GT2 leaves alone what says nothing of itself, whatever the language", () => {
    for (const request of ["", " ", "?", "ok", "Ndewo", "Hvad er klokken i Nuuk?", "🐝🐝"])
      expect(gate(request), request).toMatchObject({
        mode: "alone",
        why: "nothing in it asks for more than one answer",
      });
  });

  test("GF3 is not moved by words that stand in quotes, in code or in a text to be transformed", () => {
    for (const request of [
      'What did she mean by "we should compare both and then design a strategy for it"?',
      "What is wrong here?\n```\nconst plan = design(1234 * 5678);\n```",
      "Translate into Danish: should we compare the two plans?",
      "Summarize: how many of the 24 boxes are left if 17 are sold?",
      "Write a letter to the board: we should decide on a strategy, see the pros and cons.",
    ])
      expect(modeOf(request), request).toBe("alone");
    expect(modeOf("Should we translate our manual?")).toBe("discuss");
  });

  test.each([
    ["it gives options to choose from", "What burns?\nA) stone\nB) wood\nC) water"],
    ["it gives options to choose from", "哪个更重?A、铁 B、木 C、纸"],
    ["there is a sum to do", "1234 * 5678"],
    ["there is a sum to do", "71 + 52"],
    ['"how many"', "How many legs do 7 spiders and 3 ants have?"],
    ['"true or false"', "True or false: bees can count."],
    ['"extract"', "Extract the names from this: Ada met Grace."],
    ['"classify"', "Classify this message as spam or not spam."],
    ["vowels", "count the vowels in queueing"],
    ['"alphabetical"', "put in alphabetical order, 3 at a time: pear, apple, fig, 2 quinces"],
    ["it gives an order to reason about", "who finishes first if Tim beats Sam and Sam beats Lou"],
    ["there is a sequence of letters", "whats the next letter: o t t f f s s"],
    ["words such as", "No reptile has fur. My pet has fur. Can it be a reptile?"],
  ])("has what has one right answer voted on, and says why: %s", (why, request) => {
    expect(gate(request)).toMatchObject({ mode: "vote", why: expect.stringContaining(why) });
  });

  test.each([
    ['"should i"', "Should I keep bees in the city?"],
    ["design", "Design a garden for bees."],
    ['"compare"', "Compare honey and sugar."],
    ['"how can we"', "How can we get more people to come?"],
    ['"son"', "my son left school and I don't know what to do"],
    ['"convince"', "convince me that a second data centre is needed"],
    ['"get people"', "how would you get people to show up on time"],
    ["ideas", "the cafe is empty every winter. ideas?"],
    ["two ways are held against each other", "rent or buy near the sea"],
    ['"team"', "I want to quit but my team depends on me"],
    ['"landlord"', "my landlord wants to sell the flat"],
    ['"neighbours"', "the neighbours want a wall, the others prefer a hedge"],
  ])("has what has several sides discussed, and says why: %s", (why, request) => {
    expect(gate(request)).toMatchObject({ mode: "discuss", why: expect.stringContaining(why) });
  });

  test("takes no words alone for a request that only looks like another one", () => {
    for (const request of [
      "all my tabs are gone, history is empty, can they be restored",
      "All is well in the garden. No wasps. Can you tell me of the garden?",
      "my daughter wants to know why the sky is blue",
      "I want to print two pages on one sheet but it prints one",
      "I want to sell my bike, write an ad",
      "remind me what a mortgage is, my boss asks",
      "What is a roadmap?",
    ])
      expect(modeOf(request), request).toBe("alone");
  });

  test("does in the head what anybody does in the head, and takes no dates, ranges and shifts for sums", () => {
    for (const request of [
      "7 + 5",
      "What is 12 * 3?",
      "What happened on 2024-05-01?",
      "a room for 22-33 people",
      "we are open 24/7",
    ])
      expect(modeOf(request), request).toBe("alone");
    expect(modeOf("What is 7 + 5 * 3 + 9?")).toBe("vote");
  });

  test("GF2 judges the same in capitals, without accents, in wide letters and between spaces", () => {
    for (const { request } of allRequests().slice(0, 300)) {
      const { mode, score } = gate(request);
      expect(gate(`  ${request}\n`), request).toMatchObject({ mode, score });
      expect(gate(request.normalize("NFD")), request).toMatchObject({ mode, score });
    }
    expect(modeOf("DEVRIONS-NOUS DÉMÉNAGER ?")).toBe("discuss");
    expect(gate("Devrions-nous déménager ?").score).toEqual(gate("devrions-nous demenager ?").score);
    expect(modeOf("ＳＨＯＵＬＤ Ｉ ＳＥＬＬ？")).toBe("discuss");
  });
});

describe("what was learned", () => {
  const of = (features: readonly (readonly [string, string])[], weights: Record<string, readonly number[]>) =>
    verdictOf(new Map(features), { before: [0, 0], features: new Map(Object.entries(weights)) });

  test("GT3 where it speaks for a vote and a discussion alike, takes the vote", () => {
    expect(of([["a", "a"]], { a: [300, 300] }).mode).toBe("vote");
    expect(of([["a", "a"]], { a: [300, 301] }).mode).toBe("discuss");
  });

  test("GT2 has to speak clearly for more than one: a little is not enough", () => {
    expect(of([["a", "a"]], { a: [109, 0] }).mode).toBe("alone");
    expect(of([["a", "a"]], { a: [0, 109] }).mode).toBe("alone");
    expect(of([["a", "a"]], { a: [110, 0] }).mode).toBe("vote");
  });

  test("weighs all words of a request together, so that a long one is not the surer for its length", () => {
    const many = Array.from({ length: 4 }, (_, index) => [`w${index}`, "w"] as const);
    expect(of(many, { w0: [100, 0], w1: [100, 0], w2: [100, 0], w3: [100, 0] }).score.vote).toBe(200);
  });

  test("is told by the words that counted most, the loudest first, and by none that spoke against it", () => {
    const { why } = of(
      [
        ["little", "little"],
        ["much", "much"],
        ["no", "no"],
        ["faint", "faint"],
        ["?!", "?!"],
      ],
      { little: [0, 400], much: [0, 900], no: [0, -5], faint: [0, 200], "?!": [0, 800] },
    );
    expect(why).toBe('words such as "much" and "little"');
  });

  test("is told by no number, which counted as any number, and by no word that is in a louder one", () => {
    const { why } = of(
      [
        ["# %", "# %"],
        ["shall we", "shall we"],
        ["we", "we"],
        ["garden", "garden"],
      ],
      { "# %": [0, 900], "shall we": [0, 700], we: [0, 500], garden: [0, 400] },
    );
    expect(why).toBe('words such as "shall we" and "garden"');
  });

  test("says nothing about what was never learned", () => {
    expect(of([["never", "never"]], {}).score).toEqual({ vote: 0, discuss: 0 });
  });
});
