/**
 * Goal: words arrive over there as they were meant, whatever shell a person has.
 * Method: a property, through the shells themselves.
 *
 * @see src/net/ssh/shell-line.ts, SL1
 */
import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shellLine } from "../../../../src/net/ssh/shell-line.ts";
import { errorData } from "../../../../src/protocol/errors.ts";
import { needs } from "../../../support/needs.ts";

const NASTY = [
  "",
  "'",
  "\\",
  "\\'",
  "a b",
  "$HOME",
  "`id`",
  "$(id)",
  "; id",
  "-n",
  "=ls",
  "*",
  "~",
  "\n",
  "!!",
  "%s",
  "\\n",
  '"',
];
// What is no letter at all stays out: a shell may be in a locale that knows none of them.
const word = fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 12 }));
const words = fc.array(word, { minLength: 1, maxLength: 12 });

/** The words that a shell makes of the line; each ends with a NUL. */
const heardBy = (shell: string, line: string): readonly string[] =>
  execFileSync(shell, ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);

describe.each(["sh", "bash", "zsh", "fish"])("a line for %s", (shell) => {
  test("SL1 each word arrives as it is", needs(shell), () => {
    fc.assert(
      fc.property(words, (said) => {
        expect(heardBy(shell, shellLine(said))).toEqual(said);
      }),
      { numRuns: 25 },
    );
    expect(heardBy(shell, shellLine(NASTY))).toEqual(NASTY);
  });
});

test("SL1 a word with a NUL is refused, because it would arrive as another", () => {
  let code = "";
  try {
    shellLine(["rm", "a\0b"]);
  } catch (thrown) {
    ({ code } = errorData(thrown));
  }
  expect(code).toBe("usage.invalid");
});
