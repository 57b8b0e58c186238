/**
 * Real LMDB under simulated hosts: one environment in a temporary folder, a journal of it for each life of a host.
 *
 * A commit of the real journal is on disk when it returns (test/integration/journal-flush.test.ts holds that), so here
 * `flushed` calls back at once and the hosts can stay on virtual time.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RbeeError } from "../../src/protocol/errors.ts";
import type { Journal } from "../../src/runtime/journal.ts";
import { openLmdbJournal } from "../../src/runtime/real/lmdb-journal.ts";
import type { Storage } from "../simulation/sim-world.ts";

export class LmdbStorage implements Storage {
  readonly #folder = mkdtempSync(join(tmpdir(), "rbee-journal-"));
  readonly #journal = openLmdbJournal(join(this.#folder, "host.mdb"));

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
