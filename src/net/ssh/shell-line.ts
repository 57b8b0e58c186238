/**
 * The one place where words become a line for the shell of another machine.
 *
 *  SL1 Each word arrives as it is, whatever it holds, in sh, bash, zsh and fish alike.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";

/** SL1. @throws RbeeError usage.invalid: a NUL ends a word, and nothing can be done about it */
export const shellLine = (words: readonly string[]): string => words.map(quoted).join(" ");

/**
 * Quotes and backslashes stand outside of quotes, each behind a backslash: inside of them fish reads backslashes where
 * sh does not.
 */
function quoted(word: string): string {
  if (word.includes("\0")) throw new RbeeError("usage.invalid", "a word for another machine holds a NUL");
  if (/^[\w./-]+$/.test(word)) return word;
  const parts = word.split(/(['\\])/).filter((part) => part !== "");
  return parts.map((part) => (part === "'" || part === "\\" ? `\\${part}` : `'${part}'`)).join("") || "''";
}
