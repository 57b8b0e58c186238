/**
 * Goal: sentences fit the screen and lose no word.
 *
 * @see src/cli/terminal/wrap.ts, WR1
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { wrapped } from "../../../../src/cli/terminal/wrap.ts";

const word = fc.stringMatching(/^[a-z,.()]{1,20}$/);

test.prop([fc.nat(4), fc.array(word, { minLength: 1, maxLength: 60, size: "max" })])(
  "WR1 every line fits, all words are there in order, and what goes on stands further in",
  (indent, words) => {
    const lines = wrapped([`${" ".repeat(indent)}${words.join(" ")}`]).split("\n");
    for (const [at, line] of lines.entries()) {
      expect(line.length).toBeLessThanOrEqual(79);
      expect(line.length - line.trimStart().length).toBe(at === 0 ? indent : indent + 2);
    }
    expect(lines.map((line) => line.trim()).join(" ")).toBe(words.join(" "));
    // No line could have taken the first word of the next one.
    for (const [at, line] of lines.slice(0, -1).entries()) {
      expect(line.length + 1 + (lines[at + 1]?.trim().split(" ")[0]?.length ?? 0)).toBeGreaterThan(79);
    }
  },
);
