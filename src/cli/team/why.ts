/**
 * Why a discussion went as it did, in sentences.
 *
 * @module
 */
import type { Hearing } from "./hearing.ts";
import { plainLine } from "./plain.ts";
import { asideText, MODE_TEXTS } from "./words.ts";

/** The way that was taken and why, and what was last said about it in the log. */
export function whyLines({ standing, reasons }: Hearing): readonly string[] {
  if (standing === undefined) return [];
  const { mode, why } = standing.opened;
  return [
    `${MODE_TEXTS[mode]}: ${plainLine(why)}`,
    ...reasons.map((event) => `  ${plainLine(asideText(standing, event) ?? event.type)}`),
  ];
}
