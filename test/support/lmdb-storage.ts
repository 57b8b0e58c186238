/**
 * The real journal under simulated hosts: one in a temporary folder, for every life of a host.
 *
 * Nothing loses power here, so `flushed` calls back at once and the hosts can stay on virtual time.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RbeeError } from "../../src/protocol/errors.ts";
import type { Journal } from "../../src/runtime/journal.ts";
import { openJournal } from "../../src/runtime/real/journal/journal.ts";
import type { Storage } from "../simulation/sim-node.ts";

export class LmdbStorage implements Storage {
  readonly #folder = mkdtempSync(join(tmpdir(), "rbee-journal-"));
  readonly #journal = openJournal(join(this.#folder, "host.mdb"));

  full = false;
  roomBytes = 1e12;

  freeBytes(): number {
    return this.full ? 0 : this.roomBytes;
  }

  /** Nothing is ever committed and not flushed. */
  loseUnflushed(): void {}

  open(): Journal {
    let open = true;
    return {
      rows: () => this.#journal.rows(),
      commit: (writes) => {
        if (!open) throw new RbeeError("defect", "the journal is closed");
        if (this.full) throw new RbeeError("disk.full", "no room is left", { freeBytes: 0 });
        this.#journal.commit(writes);
      },
      flushed: (then) => (open ? then() : undefined),
      close: () => {
        open = false;
      },
    };
  }

  dispose(): void {
    this.#journal.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
