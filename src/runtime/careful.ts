/**
 * After a crash: what may have killed the host is tried alone, and not for ever. Kernel rule 9.
 *
 * Owns: which items are counted, the `tries` rows, giving up. Does not own: turns (host.ts).
 *
 *  K1 That an item is tried is on disk before it is tried; that it went well, with its own commit.
 *  K2 What has killed the host once unseen and twice while it was counted is dead at the third try.
 *  K3 A life that ended because its journal took no commit counts against nothing that was tried in it.
 *
 * @module
 */
import { hostOf } from "../../machines/words.ts";
import type { Cell } from "./cell.ts";
import { commitTurn } from "./commit.ts";
import type { Core } from "./core.ts";
import { discard } from "./fold.ts";
import { KEY } from "./journal.ts";
import type { Item } from "./mailbox.ts";

const TRIES_MAX = 2;

/** What the same item is called in the next life of this host; undefined for what the kernel says itself. */
function identityOf(cell: Cell, item: Item): string | undefined {
  switch (item.kind) {
    case "mail": {
      const { from, n, re } = item.envelope;
      return n > 0 ? `${hostOf(from)}/${n}` : (item.row ?? re?.id);
    }
    case "timer":
      return `${cell.address}|${item.id}|${item.arming}`;
    case "answer":
      return item.id;
    default:
      return undefined;
  }
}

export const isCounted = (cell: Cell, item: Item): boolean => identityOf(cell, item) !== undefined;

/** @returns whether to fold it now. */
export function mayTry(core: Core, cell: Cell, item: Item): boolean {
  const identity = identityOf(cell, item);
  if (identity === undefined) return true;
  const tries = (core.tries.get(identity) ?? 0) + 1;
  if (tries > TRIES_MAX) {
    forget(core, identity);
    discard(core, cell, item);
    return false;
  }
  core.batch.put(KEY.tries(identity), tries);
  commitTurn(core);
  forget(core, identity);
  core.carefulLeft -= 1;
  if (core.carefulLeft === 0) for (const left of core.tries.keys()) forget(core, left);
  return core.crashed === undefined;
}

function forget(core: Core, identity: string): void {
  core.tries.delete(identity);
  core.batch.del(KEY.tries(identity));
}
