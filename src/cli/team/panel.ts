/**
 * The answer of a discussion, and how it stands so far, as panels.
 *
 * A panel has a rule above and below and a bar at its left. It has none at its right: terminals do not agree on how
 * wide some letters are, and a bar that does not stand below the other is worse than none.
 *
 *  PN1 Who still holds something against the answer is heard with it.
 *
 * @module
 */
import type { Logged } from "../../../machines/rules/log.ts";
import type { Standing } from "../../../machines/rules/standing.ts";
import { headOf, widthOf, wrapTo } from "./columns.ts";
import { type Paint, palette, type Screen } from "./paint.ts";
import { plain, plainLine } from "./plain.ts";
import { worthText } from "./words.ts";

const BAR = "│ ";
/** A line that is read is not much longer than this. */
const COLUMNS_MAX = 100;

export function answerPanel(standing: Standing, final: Logged<"final">, screen: Screen): readonly string[] {
  const { answer, dim } = palette(screen);
  const minority = final.minority.map(({ agent, text }) => `${agent} objects: ${plainLine(text)}`);
  const made = final.by === "extract" ? ["This was put together without a model: the words are theirs."] : [];
  const paragraphs = [plain(final.text).trim(), ...minority, ...made].filter((text) => text !== "");
  return [
    ...panel("answer", paragraphs.join("\n\n"), screen, answer),
    ...wrapTo(worthText(standing, final), columnsOf(screen)).map(dim),
  ];
}

/** How it stands so far, in few lines: it is drawn anew, and must leave room for what stands above. */
export function summaryPanel({ text }: Logged<"summary">, screen: Screen, linesMax: number): readonly string[] {
  const columns = columnsOf(screen) - BAR.length;
  const lines = wrapTo(plainLine(text), columns);
  const shown =
    lines.length <= linesMax
      ? lines
      : [...lines.slice(0, linesMax - 1), headOf(lines.slice(linesMax - 1).join(" "), columns)];
  return panel("so far", shown.join("\n"), screen, palette(screen).dim);
}

const columnsOf = ({ columns }: Screen): number => Math.min(COLUMNS_MAX, columns) - 1;

function panel(title: string, text: string, screen: Screen, paint: Paint): readonly string[] {
  const columns = columnsOf(screen);
  const head = `╭─ ${title} `;
  const rule = (begin: string): string => paint(begin + "─".repeat(Math.max(0, columns - widthOf(begin))));
  const lines = wrapTo(text, columns - BAR.length).map((line) => paint(BAR) + paint(line));
  return [rule(head), ...lines, rule("╰")];
}
