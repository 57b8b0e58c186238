/**
 * Goal: what comes of a discussion: AS1 of answer-stream.ts, HR1 of hearing.ts.
 * Method: the words of an answer cut anywhere, some of them not heard; logs that end without an answer.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { AnswerStream } from "../../../../src/cli/team/answer-stream.ts";
import { Hearing } from "../../../../src/cli/team/hearing.ts";
import { errorData } from "../../../../src/protocol/errors.ts";
import { DISCUSSION, opened, recorded, type Recorded, source, usage, VOTE } from "../../../support/recorded-log.ts";

const turn = { agent: "queen", turn: 1, basis: 0 };
const worth = { tokens: 1, ms: 1, contributions: 1, flips: 0 };

const alone = (words: readonly Recorded[], text: string): readonly Recorded[] => [
  opened("alone"),
  { type: "granted", ...turn, kind: "answer", reservedTokens: 1 },
  ...words,
  { type: "contributed", ...turn, text, usage, source: source() },
  { type: "closing", reason: "exhausted" },
  { type: "closed" },
  { type: "final", upTo: 2, text, by: "contribution", minority: [], worth },
];

function given(events: readonly Recorded[]): string {
  const stream = new AnswerStream();
  return recorded(events)
    .map((step) => (step.type === "wait" || step.type === "until said" ? "" : stream.next(step)))
    .join("");
}

/** A text as words with their places. */
const wordsOf = (text: string): Recorded[] =>
  [...text.matchAll(/\s*\S+\s*?/g)].map((match) => ({
    type: "token",
    agent: "queen",
    turn: 1,
    offset: match.index,
    text: match[0],
  }));

describe("the answer as it comes", () => {
  test.prop([fc.lorem({ maxCount: 12 }), fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })])(
    "AS1 each word is given once and in order, whichever of them were not heard or were heard again",
    (text, heard) => {
      const words = wordsOf(`  ${text}\n`);
      const some = words.filter((_, index) => heard[index]);
      expect(given(alone(words, text))).toBe(text);
      expect(given(alone(some, text))).toBe(text);
      expect(given(alone([...words.slice(0, 2), ...words], text))).toBe(text);
    },
  );

  test("AS1 it is given as it is said, not at its end", () => {
    const stream = new AnswerStream();
    const steps = recorded(alone(wordsOf("one two"), "one two"));
    const pieces = steps.map((step) => (step.type === "wait" || step.type === "until said" ? "" : stream.next(step)));
    expect(pieces).toEqual(["", "", "one", " two", "", "", "", ""]);
  });

  test("AS1 what was said and is not the answer is told apart from it", () => {
    expect(given(alone(wordsOf("one three"), "one two"))).toBe("one three\none two");
    const again = { type: "token", agent: "queen", turn: 3, offset: 0, text: "anew" } as const;
    expect(given([opened("alone"), ...wordsOf("lost"), again])).toBe("lost\nanew");
    const granted = { type: "granted", agent: "queen", turn: 3, basis: 0, kind: "answer", reservedTokens: 1 } as const;
    expect(given([opened("alone"), ...wordsOf("lost"), granted, again])).toBe("lost\nanew");
  });

  test("of a vote and of a discussion it is given at the end, whole", () => {
    expect(given(VOTE)).toBe("4");
    expect(given(DISCUSSION)).toBe("Keep two small machines: one of them may be lost.");
  });

  test("PT1 it commands no terminal", () => {
    expect(given(alone(wordsOf("\u001B[2Jred"), "\u001B[2Jred"))).toBe("red");
  });
});

describe("what came of it", () => {
  const ended = (events: readonly Recorded[]): Hearing => {
    const hearing = new Hearing();
    for (const step of recorded(events)) if (step.type !== "wait" && step.type !== "until said") hearing.hear(step);
    return hearing;
  };
  const without = (
    reason: Extract<Recorded, { type: "closing" }>["reason"],
    ...more: readonly Recorded[]
  ): readonly Recorded[] => [
    opened("discuss"),
    ...more,
    { type: "closing", reason },
    { type: "closed" },
    {
      type: "final",
      upTo: 0,
      text: "There is no answer.",
      by: "extract",
      minority: [],
      worth: { ...worth, contributions: 0 },
    },
  ];
  const codeOf = (hearing: Hearing): string => {
    try {
      return `answered: ${hearing.outcome()}`;
    } catch (error) {
      return errorData(error).code;
    }
  };
  const failed: Recorded = {
    type: "failed",
    agent: "critical",
    turn: 1,
    kind: "memory.insufficient",
    message: "too large",
  };

  test("HR1 where nobody contributed there is no answer, and it says why", () => {
    expect(codeOf(ended(without("all_failed", failed)))).toBe("memory.insufficient");
    expect(codeOf(ended(without("timeout")))).toBe("job.deadline");
    expect(codeOf(ended(without("cancelled")))).toBe("job.cancelled");
    expect(codeOf(ended(without("exhausted")))).toBe("thinker.empty");
    expect(given(without("all_failed", failed))).toBe("");
  });

  test("a failure of one is no failure of all", () => {
    expect(codeOf(ended(DISCUSSION))).toBe("answered: Keep two small machines: one of them may be lost.");
  });

  test("what every turn has cost is counted", () => {
    expect(ended(DISCUSSION).usage).toEqual({ promptTokens: 60, completionTokens: 30 });
  });
});
