/**
 * A hive's books of memory beside the processes that there are.
 *
 *  RJ3 Nothing is booked that the machine has not, less the headroom; and no process lives that is not booked.
 *  RS6 Memory leaves the books at the reap, not before.
 *
 * @module
 */
import { type MemberRow, members } from "../../src/actors/hive/tables.ts";
import type { Host } from "../../src/runtime/host.ts";
import { HEADROOM_BYTES, type SimCluster } from "./sim-cluster.ts";
import type { SimMachine } from "./sim-machine.ts";
import type { Verdict } from "./verdict.ts";

export class MemoryChecker {
  readonly #verdict: Verdict;
  readonly #changed = new Set<string>();
  /** Booked already. */
  readonly #known = new Set<string>();

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  member(key: string): void {
    this.#changed.add(key);
  }

  opened(host: Host): void {
    this.#changed.clear();
    for (const [worker] of host.core.tables.rows(members).entries()) this.#known.add(worker);
  }

  step(host: Host, cluster: SimCluster): void {
    if (this.#changed.size === 0) return;
    const rows = host.core.tables.rows(members);
    let isBooking = false;
    for (const worker of this.#changed) {
      isBooking ||= rows.has(worker) && !this.#known.has(worker);
      if (rows.has(worker)) this.#known.add(worker);
      else this.#known.delete(worker);
      if (!rows.has(worker) && cluster.workers.isAlive(worker)) {
        this.#verdict.fail("RS6", `${worker} is out of the books, and its process lives`);
      }
    }
    this.#changed.clear();
    // What runs and took more than was thought is booked as it is; nothing is booked on top of it.
    if (isBooking) this.#sum(rows.entries(), cluster.siteOf(host.id).machine);
  }

  /** A process is forked on behalf of this hive. */
  forked(host: Host | undefined, worker: string): void {
    if (host?.core.tables.rows(members).has(worker) === false) {
      this.#verdict.fail("RJ3", `${worker} is forked, and nothing is booked for it`);
    }
  }

  #sum(rows: Iterable<readonly [string, MemberRow]>, { totalBytes }: SimMachine): void {
    let booked = 0;
    for (const [, row] of rows) booked += row.reservedBytes;
    if (booked > totalBytes - HEADROOM_BYTES) {
      this.#verdict.fail("RJ3", `${booked} bytes are booked, of ${totalBytes - HEADROOM_BYTES}`);
    }
  }
}
