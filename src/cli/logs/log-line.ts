/**
 * A line of a log as it is shown: structured ones in words, others as they came.
 *
 *  LL1 At a terminal nothing that a line holds moves the cursor or changes the screen.
 *  LL2 A structured line is one line, whoever reads it: what would break it stands in quotes, escaped.
 *
 * @module
 */
import { z } from "zod";
import { jsonOf } from "../../protocol/json.ts";

/** What every structured line has; the rest are its particulars. */
const structured = z.looseObject({
  time: z.union([z.number(), z.string()]),
  level: z.union([z.number(), z.string()]),
  msg: z.string(),
});

/** As pino counts them. */
const LEVELS = new Map<number | string, string>([
  [10, "trace"],
  [20, "debug"],
  [30, "info"],
  [40, "warn"],
  [50, "error"],
  [60, "fatal"],
]);
/** The same in every line of a log, or of use to programs alone. */
const SILENT = new Set(["pid", "hostname", "v", "event.name", "service.name"]);

export function lineInWords(line: string): string {
  const parsed = structured.safeParse(jsonOf(line));
  if (!parsed.success) return line;
  const { time, level, msg, ...more } = parsed.data;
  const at = new Date(time);
  const when = Number.isNaN(at.getTime()) ? String(time) : at.toISOString();
  const particulars = Object.entries(more)
    .filter(([name]) => !SILENT.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? onOneLine(value) : JSON.stringify(value)}`);
  return [when, LEVELS.get(level) ?? level, onOneLine(msg), ...particulars].join(" ");
}

/** LL2 */
const onOneLine = (text: string): string => (/\p{Cc}/u.test(text) ? JSON.stringify(text) : text);

export function lineAsJson(line: string): string {
  const parsed = structured.safeParse(jsonOf(line));
  return JSON.stringify(parsed.success ? { schemaVersion: 1, ...parsed.data } : { schemaVersion: 1, line });
}

/** LL1: what a terminal would obey is shown as a question mark. */
export const harmless = (line: string): string => line.replaceAll(/[^\P{Cc}\t]/gu, "?");
