/**
 * What a model or another machine said, as text that is safe to show at a terminal.
 *
 *  PT1 No control character reaches the terminal but the line break, and none that turns the direction of writing: what
 *      is said can neither move the cursor nor name itself somebody else.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";

// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/gu;

/** Whole escape sequences go; of one that was cut in two only its letters stay. */
export const plain = (said: string): string =>
  stripVTControlCharacters(said.replaceAll("\r\n", "\n")).replaceAll("\t", "    ").replaceAll(CONTROLS, "");

/** The same in one line. */
export const plainLine = (said: string): string => plain(said).replaceAll(/\s+/gu, " ").trim();
