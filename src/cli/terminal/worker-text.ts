/**
 * How workers are and how others ended, in words, for a screen of 80 columns.
 *
 * @module
 */
import type { WorkerEnd, WorkerHealth } from "../../protocol/api.ts";
import { durationText, sizeText } from "../../runtime/config/units.ts";
import { shortModel } from "./status-text.ts";
import { table } from "./table.ts";

const LINES_SHOWN = 3;

export function healthText(workers: readonly WorkerHealth[]): string {
  const rows = table([
    ["worker", "model", "state", "well", "proved", "first", "memory", "peak", "pid", "up", "died"],
    ...workers.map(healthRow),
  ]);
  const ill = workers.flatMap(({ worker, error }) =>
    error === undefined ? [] : [`${worker}: ${error.code}: ${error.message}\n`],
  );
  return `${rows}${ill.join("")}`;
}

function healthRow(health: WorkerHealth): readonly string[] {
  const { worker, model, state, well, proof, memory, pid, uptimeMs, restarts } = health;
  return [
    worker,
    shortModel(model),
    state,
    well ? "yes" : "no",
    proof === undefined ? "-" : provedBy(proof),
    proof?.probe === undefined ? "-" : milliseconds(proof.probe.firstTokenMs),
    memory === undefined ? "-" : sizeText(memory.rssBytes),
    memory === undefined ? "-" : sizeText(memory.peakRssBytes),
    String(pid),
    uptimeMs === undefined ? "-" : durationText(uptimeMs),
    String(restarts),
  ];
}

function provedBy({ by, agoMs, probe }: NonNullable<WorkerHealth["proof"]>): string {
  const took = probe === undefined ? "" : ` in ${milliseconds(probe.totalMs)}`;
  return `${by}${took}, ${milliseconds(agoMs)} ago`;
}

const milliseconds = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)}ms` : durationText(ms));

/** The newest first: that is the one somebody asks about. */
export function endsText(ends: readonly WorkerEnd[]): string {
  if (ends.length === 0) return "none has ended\n";
  return ends.toReversed().map(endText).join("");
}

function endText({ worker, model, code, message, how, after, lastLines, endedAt }: WorkerEnd): string {
  const said = lastLines.slice(-LINES_SHOWN).map((line) => `    ${line}\n`);
  const forced = after === "SIGTERM" || after === "SIGKILL" ? [`this node had sent ${after}`] : [];
  const exact = [...(message.includes(how) ? [] : [how]), ...forced];
  const beside = exact.length === 0 ? "" : ` (${exact.join("; ")})`;
  return `${worker}  ${shortModel(model)}  ended ${endedAt}\n  ${code}: ${message}${beside}\n${said.join("")}`;
}
