/**
 * What changes with each message, written with the next commit: snapshots of cells and their marks.
 *
 * Owns: which of them the next commit writes. Does not own: the commit (commit.ts).
 *
 *  UN1 Each is written once a commit, as it is by then: nobody ever reads what it was in the middle of a turn.
 *  UN2 What has ended by then is not written.
 *
 * @module
 */
import type { Cell, Mark } from "./cell.ts";
import { type Core, erase, isDurable } from "./core.ts";
import { store } from "./step.ts";

export function saveSnapshot(core: Core, cell: Cell): void {
  if (cell.isUnsaved || !isDurable(core)) return;
  cell.isUnsaved = true;
  core.unsavedCells.push(cell);
}

export function saveMark(core: Core, mark: Mark): void {
  if (mark.isUnsaved || !isDurable(core)) return;
  mark.isUnsaved = true;
  core.unsavedMarks.push(mark);
}

/** Its cell has ended. */
export function eraseMark(core: Core, mark: Mark): void {
  mark.isUnsaved = false;
  erase(core, mark.key);
}

/** Into the batch that is about to be committed. */
export function writeUnsaved(core: Core): void {
  for (const cell of core.unsavedCells) {
    cell.isUnsaved = false;
    if (cell.gone || cell.snapshot === undefined) continue;
    core.batch.put(cell.snapshotKey, { version: cell.behaviour.version, ...store(cell.snapshot) });
  }
  for (const mark of core.unsavedMarks) {
    if (mark.isUnsaved) core.batch.put(mark.key, mark.row);
    mark.isUnsaved = false;
  }
  core.unsavedCells = [];
  core.unsavedMarks = [];
}
