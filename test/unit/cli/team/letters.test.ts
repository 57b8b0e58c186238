/**
 * Goal: whatever letters somebody says, they fit the screen and command no terminal: CO1-CO2 of columns.ts, PT1 of
 * plain.ts.
 * Method: texts made of everything that is hard, measured by a second count of columns.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { headOf, tailOf, widthOf, wrapTo } from "../../../../src/cli/team/columns.ts";
import { plain, plainLine } from "../../../../src/cli/team/plain.ts";

const HARD = ["a", "word", " ", "  ", "蜂", "の巣", "벌", "🐝", "👩‍🚀", "🇫🇷", "é", "ｗ", "“", "—", "\u200B"];
const hard = fc.array(fc.oneof(fc.constantFrom(...HARD), fc.string({ unit: "grapheme", maxLength: 6 })), {
  maxLength: 60,
});
const text = hard.map((parts) => plain(parts.join("")));
const columns = fc.integer({ min: 2, max: 100 });

describe("letters and their columns", () => {
  test.each([
    ["rbee", 4],
    ["蜂の巣", 6],
    ["벌집", 4],
    ["🐝", 2],
    ["ｗ", 2],
    ["é", 1],
    ["…│╭─", 4],
  ])("%j takes %i columns", (letters, width) => {
    expect(widthOf(letters)).toBe(width);
  });

  test.prop([text, columns])("CO1 what is cut or wrapped is never wider than it may be", (letters, width) => {
    const [line = ""] = letters.split("\n");
    expect(widthOf(headOf(line, width))).toBeLessThanOrEqual(width);
    expect(widthOf(tailOf(line, width))).toBeLessThanOrEqual(width);
    const lettersWider = [...new Intl.Segmenter().segment(letters)].some(({ segment }) => widthOf(segment) > width);
    for (const wrapped of lettersWider ? [] : wrapTo(letters, width)) {
      expect(widthOf(wrapped)).toBeLessThanOrEqual(width);
    }
  });

  test.prop([text, columns])("CO2 wrapping keeps every letter but spaces", (letters, width) => {
    const solid = (all: string): string => all.replaceAll(/\s/g, "");
    expect(solid(wrapTo(letters, width).join("\n"))).toBe(solid(letters));
  });

  test("a cut is marked, at the side where something is left out", () => {
    expect(headOf("one two three", 8)).toBe("one two…");
    expect(tailOf("one two three", 8)).toBe("…o three");
    expect([headOf("one", 8), tailOf("one", 8)]).toEqual(["one", "one"]);
  });

  test("words are kept whole, and the spaces that a line begins with stay", () => {
    expect(wrapTo("one two three", 8)).toEqual(["one two", "three"]);
    expect(wrapTo("  const a = 1;\n\n  b", 8)).toEqual(["  const", "a = 1;", "", "  b"]);
  });
});

describe("untrusted text", () => {
  test.each([
    ["a\u001B[31mred\u001B[0m", "ared"],
    ["\u001B]0;title\u0007x", "x"],
    ["\u001B[2J\u001B[1;1Hx", "x"],
    ["a\rb\u0008\u007F", "ab"],
    ["\u009B31mx", "x"],
    ["a\u202Eb\u2066c", "abc"],
    ["a\r\nb\tc", "a\nb    c"],
  ])("PT1 %j is shown as %j", (said, shown) => {
    expect(plain(said)).toBe(shown);
  });

  test.prop([fc.string({ unit: "binary" })])(
    "PT1 nothing that commands a terminal is left, whatever was said",
    (said) => {
      // oxlint-disable-next-line no-control-regex
      expect(plain(said)).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/u);
      expect(plainLine(said)).not.toContain("\n");
    },
  );
});
