/**
 * A restart brings back what the crash found: state, rows, timers, asks and outbox.
 *
 *  RM3 What a host that was killed between two turns had in memory is what its next life begins with.
 *  RM11 A question that must not be put twice has failed after a restart.
 *
 * @module
 */
import type { Core } from "../../src/runtime/core.ts";
import type { Host } from "../../src/runtime/host.ts";
import type { HowDown } from "./sim-node.ts";
import type { Verdict } from "./verdict.ts";

export class RestoreChecker {
  readonly #verdict: Verdict;
  /** Memory of hosts that are down, where it was what their journals hold. */
  readonly #left = new Map<string, Core>();

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  down({ id, core }: Host, how: HowDown): void {
    const isWritten = core.batch.size === 0 && core.fresh.length === 0;
    if (how !== "power" && how !== "crashed" && isWritten && core.options.journal !== undefined)
      this.#left.set(id, core);
    else this.#left.delete(id);
  }

  forget(host: string): void {
    this.#left.delete(host);
  }

  opened({ id, core }: Host): void {
    for (const { row, answered } of core.asks.values()) {
      if (row.onRestart === "once" && !answered) this.#verdict.fail("RM11", `${row.id} waits after a restart`);
      if (row.onRestart === "once") this.#verdict.sometimes("ask.once.failed");
    }
    const before = this.#left.get(id);
    this.#left.delete(id);
    if (before === undefined) return;
    this.#verdict.sometimes("restore.compared");
    const [then, now] = [picture(before), picture(core)];
    for (const key of new Set([...then.keys(), ...now.keys()])) {
      const [was, is] = [then.get(key) ?? "nothing", now.get(key) ?? "nothing"];
      if (was !== is) return this.#verdict.fail("RM3", `${id}, ${key}: it was ${was} and came back as ${is}`);
    }
  }
}

/** All that must last, as lines that can be compared. */
function picture(core: Core): ReadonlyMap<string, string> {
  const lines = new Map<string, string>([["outbox", `${core.outbox.size}, next ${core.outbox.next}`]]);
  for (const [at, cell] of core.cells) {
    const { value, context } = cell.snapshot ?? {};
    lines.set(at, JSON.stringify([cell.incarnation, value, context]));
    for (const [id, { arming, dueWallMs }] of cell.timers) lines.set(`${at} ${id}`, `${arming} ${dueWallMs}`);
  }
  for (const id of core.asks.keys()) lines.set(`ask ${id}`, "open");
  for (const table of core.options.tables) {
    if (table.volatile) continue;
    for (const [key, row] of core.tables.rows(table).entries()) lines.set(`${table.name} ${key}`, JSON.stringify(row));
  }
  return lines;
}
