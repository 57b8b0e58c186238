/**
 * The machines of the cluster as the choice sees them, with what each last said of itself.
 *
 * Owns: those views, and noting what machines say and how models do there. Does not own: the choice
 * (machines/rules/choose-hive.ts), hives that come and go (members.ts).
 *
 *  MV1 What a machine says of itself is noted and moves no work: nothing is placed, stopped or asked for by it.
 *  MV2 How a model does on a machine is remembered of so many pairs, those that were used last.
 *  MV3 Where more machines are first (CH4 of choose-hive.ts) than are told of, nobody else is looked at: what is chosen
 *      and told is the same.
 *
 * @module
 */
import type { QueenEvent } from "../../../machines/queen-events.ts";
import { roomBytes } from "../../../machines/rules/advice.ts";
import { byChoice, type HiveView, isFirst, type LoadWanted, mayLoad } from "../../../machines/rules/choose-hive.ts";
import type { WorkerRow } from "../../../machines/rules/fleet.ts";
import { ALTERNATIVES_MAX, type HiveChoice, type HiveSeen } from "../../../machines/rules/history.ts";
import { isBarred, newPair, pairKey, type PairRow, PAIRS_MAX } from "../../../machines/rules/pair.ts";
import type { Address } from "../../../machines/words.ts";
import { remoteName } from "../../protocol/remote-name.ts";
import { type Command, del, put, type Scope } from "../../runtime/behaviour.ts";
import { reader } from "../../runtime/reading.ts";
import { advice, type HiveRow, hives, pairs, workers } from "./tables.ts";

const read = reader<QueenEvent>();

/** Ships with every machine. */
const EVERYWHERE = "starter";

/** Of every machine. */
export const allViews = (model: string, scope: Scope): readonly HiveView[] =>
  Array.from(scope.rows(hives).entries(), ([, row]) => viewOf(row, model, scope));

/**
 * Of those among whom the choice is, and that are told to whoever asks why. Made once for each load: there may be a
 * thousand machines, of which a few have the file. MV3
 */
export function viewsFor(model: string, wanted: LoadWanted, scope: Scope): readonly HiveView[] {
  if (wanted.node !== undefined) return allViews(model, scope);
  const first: HiveView[] = [];
  let mayBeChosen = 0;
  for (const hive of scope.rows(advice).index.holders(model)) {
    const row = scope.rows(hives).get(hive);
    if (row?.isPresent !== true || row.isDraining) continue;
    const view = viewOf(row, model, scope);
    if (!isFirst(view, wanted)) continue;
    first.push(view);
    if (mayLoad(view) && !wanted.tried.includes(view.address)) mayBeChosen += 1;
  }
  return mayBeChosen > ALTERNATIVES_MAX ? first : allViews(model, scope);
}

function viewOf(row: HiveRow, model: string, scope: Scope): HiveView {
  const fleet = scope.rows(workers).index;
  const told = scope.rows(advice);
  const pair = scope.rows(pairs).get(pairKey(row.address, model));
  return {
    ...row,
    isDraining: row.isDraining || row.isLeaving,
    isBarred: isBarred(pair, scope.at),
    workers: fleet.on(row.address),
    hasFile: hasFile(row, model, scope),
    roomBytes: roomBytes(told.get(row.address), (device) => fleet.bookingOn(row.address, device)),
    tokensPerS: pair?.tokensPerS ?? 0,
  };
}

/** A path is of the machine with the queen; a server's model needs no file. */
function hasFile({ address: hive, isLocal }: HiveRow, model: string, scope: Scope): boolean {
  if (model.startsWith("file:")) return isLocal;
  const isNowhere = model === EVERYWHERE || remoteName(model) !== undefined;
  return isNowhere || scope.rows(advice).index.has(hive, model);
}

/** About what it takes: as it was booked for one of its workers, or as its file says. */
export function needOf(model: string, scope: Scope): number | undefined {
  const rows = scope.rows(workers);
  for (const id of rows.index.ranked(model, 1)) {
    const booked = rows.get(id)?.reservedBytes ?? 0;
    if (booked > 0) return booked;
  }
  return scope.rows(advice).index.needBytes(model);
}

/** For whoever asks why: the chosen machine, and those that would have come next. Nothing where there is one only. */
export function choiceOf(
  { hive, isPinned }: Pick<WorkerRow, "hive" | "isPinned">,
  views: readonly HiveView[],
  needBytes: number | undefined,
  scope: Scope,
): HiveChoice | undefined {
  if (views.length < 2) return undefined;
  const rank = ({ address, isPresent, isDraining }: HiveView): number =>
    Number(address !== hive) + Number(!isPresent) + Number(isDraining);
  const first: HiveView[] = [];
  for (const view of views) {
    const isAfter = (other: HiveView): boolean =>
      (rank(view) - rank(other) || byChoice(view, other, { needBytes })) < 0;
    const at = first.findIndex(isAfter);
    first.splice(at === -1 ? first.length : at, 0, view);
    if (first.length > ALTERNATIVES_MAX + 1) first.pop();
  }
  return { needBytes, isPinned, seen: first.map(seenOf), more: scope.rows(hives).size - first.length };
}

const seenOf = (view: HiveView): HiveSeen => {
  const { address: hive, name, hasFile: has, roomBytes: room, tokensPerS } = view;
  return { hive, name, workers: view.workers, hasFile: has, roomBytes: room, tokensPerS, against: againstOf(view) };
};

function againstOf(view: HiveView): HiveSeen["against"] {
  if (!view.isPresent) return "away";
  if (view.isDraining) return "draining";
  if (view.isDoubted) return "doubted";
  return view.isBarred ? "failed" : undefined;
}

/** MV1. */
export function noteTold(_params: unknown, scope: Scope): readonly Command[] {
  const { hive, devices, models } = read(scope, "hive.told");
  const before = scope.rows(advice).get(hive);
  return [put(advice, hive, { devices, models: models ?? before?.models ?? [] })];
}

/** MV2. */
export function notePair(
  hive: Address,
  model: string,
  change: (row: PairRow) => PairRow,
  scope: Scope,
): readonly Command[] {
  const rows = scope.rows(pairs);
  const key = pairKey(hive, model);
  const before = rows.get(key);
  const after = change(before ?? newPair(hive, model));
  const oldest = before === undefined && rows.size >= PAIRS_MAX ? rows.index.oldest() : undefined;
  return [...(oldest === undefined ? [] : [del(pairs, oldest)]), put(pairs, key, after)];
}

export const paceOf = (hive: Address, model: string, scope: Scope): number =>
  scope.rows(pairs).get(pairKey(hive, model))?.tokensPerS ?? 0;
