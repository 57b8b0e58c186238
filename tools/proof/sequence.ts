/**
 * A transcript as a sequence of messages: who said what to whom, and what that made of them.
 *
 * @module
 */
import type { SimBundle } from "../../test/simulation/bundle.ts";
import { paint, printed, readLine } from "../sim/line.ts";

/** Lines before the end that are shown; what broke a rule lies there. */
const LINES_MAX = 400;

export function* sequenceOf({ transcript, metadata }: SimBundle): Generator<string> {
  const lines = transcript.trimEnd().split("\n").map(readLine);
  const plain = paint(process.stdout.isTTY && process.env["NO_COLOR"] === undefined);
  if (lines.length > LINES_MAX) yield `... ${lines.length - LINES_MAX} lines before ...`;
  for (const line of lines.slice(-LINES_MAX)) {
    if (line.cell === undefined) yield printed(line, plain);
    else yield arrow(line, plain("dim", `${(line.t / 1000).toFixed(3).padStart(9)} s`));
  }
  yield metadata.invariant === undefined
    ? "every invariant held"
    : plain("red", `${metadata.invariant} is broken: ${metadata.message ?? ""}`);
}

const short = (cell: string): string => cell.replace(/^([^/]+)\/\1\//, "$1/").replace(/\/main$/, "");

function arrow(
  { from, cell = "", event = "", state = "", outcome = "" }: ReturnType<typeof readLine>,
  time: string,
): string {
  const to = short(cell);
  const sender = from === undefined || from === cell ? "" : short(from);
  const said = sender === "" ? `${" ".repeat(22)}   ${to}: ${event}` : `${sender.padStart(22)} ─▶ ${to}: ${event}`;
  return `${time}  ${said}  [${state}]${outcome === "folded" ? "" : ` ${outcome}`}`;
}
