/**
 * Goal: what an evaluation asks can be asked again, and a file that is no set of questions is refused before the first.
 * Method: files and seeds.
 *
 * @see src/cli/eval/questions.ts, EQ1 EQ2
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { questionsIn, sums } from "../../../../src/cli/eval/questions.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

function file(...lines: readonly string[]): string {
  const path = join(temporaryFolder(), "questions.jsonl");
  writeFileSync(path, lines.join("\n"));
  return path;
}

describe("sums", () => {
  test("EQ1 are the same for the same seed, others for another, and no two alike", () => {
    expect(sums(30, 7)).toEqual(sums(30, 7));
    expect(sums(30, 7)).not.toEqual(sums(30, 8));
    expect(new Set(sums(300, 0).map(({ question }) => question)).size).toBe(300);
  });

  test("have the sum of their numbers as their answer", () => {
    for (const { question, answer } of sums(50, 3)) {
      const [a, b] = question.match(/\d+/g) ?? [];
      expect(Number(a) + Number(b)).toBe(Number(answer));
    }
  });
});

describe("a file", () => {
  test("is read to so many questions; empty lines and other fields are no matter, and a number is an answer", async () => {
    const path = file('{"question":"1 + 1?","answer":2,"level":1}', "", '{"question":"b","answer":"B"}', "{}");
    expect(await questionsIn(path, 2)).toEqual([
      { question: "1 + 1?", answer: "2" },
      { question: "b", answer: "B" },
    ]);
  });

  test.each([["no json"], ['{"question":"q"}'], ['{"question":" ","answer":"1"}']])(
    "EQ2 with the line %j is refused by the number of the line",
    async (line) => {
      const path = file('{"question":"q","answer":"a"}', line);
      await expect(questionsIn(path, 9)).rejects.toMatchObject({
        code: "usage.invalid",
        message: expect.stringContaining(`${path}:2`),
      });
    },
  );

  test("that is not there, or has no question, is refused", async () => {
    await expect(questionsIn(join(temporaryFolder(), "none"), 1)).rejects.toMatchObject({ code: "usage.invalid" });
    await expect(questionsIn(file(""), 1)).rejects.toMatchObject({ code: "usage.invalid" });
  });
});
