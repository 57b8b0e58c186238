/**
 * `rbee doctor`: what of this machine and of what rbee keeps on it works, and what to do about what does not.
 *
 *  DO1 Exit code 0 when nothing fails, 1 otherwise; a warning is no failure.
 *  DO2 Every finding that is not ok comes with its remedy.
 *  DO3 It needs no node, disturbs none, and asks nobody beyond this machine but the queen of a cluster that it has
 *      joined or wants to join.
 *
 * @module
 */
import type { Level, Named } from "../doctor/check.ts";
import { examineAll } from "../doctor/examination.ts";
import { tellFacts } from "../facts.ts";
import type { RunCommand } from "../run.ts";

export const doctor: RunCommand = async (run) => {
  const checks = await examineAll(run.env, run.cwd);
  const count = (level: Level): number => checks.filter((check) => check.level === level).length;
  const counts = { ok: count("ok"), warn: count("warn"), fail: count("fail") };
  const sum = `${counts.ok} ok, ${counts.warn} to know about, ${counts.fail} that do not work\n`;
  await tellFacts(run, { healthy: counts.fail === 0, counts, checks }, `${checks.map(inWords).join("")}${sum}`);
  return counts.fail === 0 ? 0 : 1;
};

const NAME_LETTERS = 10;

function inWords({ level, name, text, remedy }: Named): string {
  const line = `${level.padEnd(4)}  ${name.padEnd(NAME_LETTERS)} ${text}\n`;
  return remedy === undefined ? line : `${line}${" ".repeat(NAME_LETTERS + 7)}${remedy}\n`;
}
