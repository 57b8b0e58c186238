/**
 * How workers of this hive ended: kept for whoever asks, and counted against a model that dies again and again.
 *
 *  B5 Why a worker ended is kept with it, for the last so many, and told to whoever asks.
 *  B6 A model whose workers die again and again is not loaded at full speed for ever (rules/intensity.ts).
 *
 * @module
 */
import type { ProcessExit } from "../../../machines/process.ts";
import { restartAt } from "../../../machines/rules/intensity.ts";
import { type Command, del, put, type Scope } from "../../runtime/behaviour.ts";
import { gone, GONE_KEPT, type GoneRow, type MemberRow } from "./tables.ts";

export type Ended = GoneRow & { readonly worker: string };
export type HowEnded = Pick<GoneRow, "end" | "how" | "lastLines"> & { readonly exit: ProcessExit };

const ENDS_TOLD = 50;
const LINES_KEPT = 20;
const LINE_CHARS_MAX = 200;

/** B5. */
export function rememberEnd(
  { worker, model, pid }: MemberRow,
  { end, how, exit, lastLines }: HowEnded,
  scope: Scope,
): readonly Command[] {
  const lines = lastLines.slice(-LINES_KEPT).map((line) => line.slice(0, LINE_CHARS_MAX));
  const oldest = scope.rows(gone).size < GONE_KEPT ? undefined : oldestOf(scope);
  return [
    put(gone, worker, { model, pid, end, how, exit, lastLines: lines, atMs: scope.at }),
    ...(oldest === undefined ? [] : [del(gone, oldest)]),
  ];
}

/** Rows that came back from the disk are in the order of their names. */
function oldestOf(scope: Scope): string | undefined {
  let oldest: readonly [string, GoneRow] | undefined;
  for (const entry of scope.rows(gone).entries())
    if (oldest === undefined || entry[1].atMs < oldest[1].atMs) oldest = entry;
  return oldest?.[0];
}

/** The last so many, oldest first. */
export function endsTold(scope: Scope): readonly Ended[] {
  const ends = [...scope.rows(gone).entries()].map(([worker, row]): Ended => ({ worker, ...row }));
  return ends.toSorted((a, b) => a.atMs - b.atMs).slice(-ENDS_TOLD);
}

/** B6. Ends that were wanted, and those that would come again for good, say nothing of it. */
export function instability(model: string, scope: Scope): string | undefined {
  const died = [...scope.rows(gone).entries()]
    .map(([, row]) => row)
    .filter((row) => row.model === model && row.end.class === "transient");
  const at = restartAt(
    died.map(({ atMs }) => atMs),
    scope.at,
  );
  if (at === undefined) return undefined;
  const seconds = Math.ceil((at - scope.at) / 1000);
  const last = died.reduce((latest, row) => (row.atMs >= latest.atMs ? row : latest));
  return `the workers of ${model} die again and again, the last: ${last.end.message}; it may start in ${seconds} s`;
}
