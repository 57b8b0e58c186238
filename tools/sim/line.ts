/**
 * One event of a simulated cluster as one line that a person can read.
 *
 * @module
 */
import { styleText } from "node:util";

/** A line of the trace. Which members it has says what it tells of. */
interface TraceLine {
  readonly t: number;
  readonly host?: string;
  readonly cell?: string;
  readonly from?: string;
  readonly event?: string;
  readonly outcome?: string;
  readonly state?: string;
  readonly fault?: string;
  readonly whom?: string;
  readonly up?: string;
  readonly down?: string;
  readonly crashed?: string;
  readonly how?: string;
  readonly client?: string;
  readonly says?: string;
  readonly job?: string;
  readonly process?: string;
  readonly ended?: string;
  readonly phase?: string;
  readonly stopped?: string;
  readonly tookMs?: number;
}

type Style = Parameters<typeof styleText>[0];

export type Paint = (style: Style, text: string) => string;

export const paint =
  (colours: boolean): Paint =>
  (style, text) =>
    colours ? styleText(style, text, { validateStream: false }) : text;

export const readLine = (line: string): TraceLine => JSON.parse(line) as TraceLine;

export function printed(line: TraceLine, painted: Paint): string {
  const time = painted("dim", `${(line.t / 1000).toFixed(3).padStart(9)} s`);
  return `${time}  ${textOf(line, painted)}`;
}

function textOf(line: TraceLine, painted: Paint): string {
  if (line.cell !== undefined) return stepText(line, painted);
  if (line.fault !== undefined) return painted("red", `fault    ${line.fault}: ${line.whom ?? ""}`);
  if (line.up !== undefined) return painted("green", `host     ${line.up} is up`);
  if (line.crashed !== undefined) return painted("red", `host     ${line.crashed} crashed by itself`);
  if (line.down !== undefined) return painted("yellow", `host     ${line.down} is down: ${line.how ?? ""}`);
  if (line.client !== undefined) return painted("cyan", `client   ${line.client} ${line.says ?? ""} ${line.job ?? ""}`);
  if (line.process !== undefined) return painted("yellow", `process  ${line.process} ended: ${line.ended ?? ""}`);
  if (line.stopped !== undefined) return painted("yellow", `node     ${line.stopped}, after ${line.tookMs ?? 0} ms`);
  return painted("bold", `phase    ${line.phase ?? ""}`);
}

function stepText({ cell = "", event = "", state = "", outcome = "" }: TraceLine, painted: Paint): string {
  const odd = outcome === "folded" ? "" : painted("magenta", ` (${outcome})`);
  return `${cell.padEnd(28)} ${event} -> ${painted("bold", state)}${odd}`;
}
