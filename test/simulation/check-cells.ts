/**
 * What every cell keeps to, step by step: timers, restarts, watches, the path of a worker's life.
 *
 *  RL1 A worker's state follows its path; nothing leaves `stopped`.
 *  RL2 RM7 A cell whose steps throw goes on, until it threw too often within the window; then it is gone, at once.
 *  RL3 One `terminated` for each cell that is watched. RM4 An address lives once.
 *  RL4 A timer fires for the arming that stood, not before it is due, once.
 *  RM11 What came too late changes nothing.
 *  RJ4 A worker runs no more than its slots.
 *
 * @module
 */
import type { WorkerContext } from "../../machines/worker.ts";
import { type Address, kindOf } from "../../machines/words.ts";
import type { Cell } from "../../src/runtime/cell.ts";
import type { Observation } from "../../src/runtime/core.ts";
import type { Message } from "../../src/runtime/envelope.ts";
import type { Host } from "../../src/runtime/host.ts";
import type { Ledger } from "./check-ledger.ts";
import { pathOf } from "./sometimes.ts";
import type { Verdict } from "./verdict.ts";

interface Armed {
  readonly arming: number;
  readonly dueMs: number;
}

/** What a cell was when its last step had ended. */
interface Mirror {
  snapshot: unknown;
  state: unknown;
  /** By the type of the event that the timer brings. */
  timers: Map<string, Armed>;
  threwAt: number[];
}

/** Kinds of cells that are watched by whoever spawned them. */
const WATCHED = new Set(["job", "process"]);

/** From each state of a worker, where it may be after one step. */
const WORKER_PATHS: Readonly<Record<string, readonly string[]>> = {
  loading: ["idle", "failed", "stopping"],
  failed: ["stopping"],
  idle: ["busy", "stopping"],
  busy: ["idle", "draining", "stopping"],
  draining: ["stopping"],
  stopping: ["stopped"],
  stopped: [],
};

export class CellChecker {
  readonly #verdict: Verdict;
  readonly #ledger: Ledger;
  readonly #hosts = new Map<string, Map<Address, Mirror>>();
  readonly #begun = new Set<Address>();
  readonly #terminated = new Set<string>();

  constructor(verdict: Verdict, ledger: Ledger) {
    this.#verdict = verdict;
    this.#ledger = ledger;
  }

  opened(host: Host): void {
    const mirrors = new Map<Address, Mirror>();
    this.#hosts.set(host.id, mirrors);
    const { clock } = host.core.options;
    for (const cell of host.core.cells.values()) {
      const mirror = newMirror(cell);
      for (const { arming, dueWallMs, event } of cell.timers.values()) {
        const dueMs = clock.monotonicMs() + Math.max(0, dueWallMs - clock.wallMs());
        mirror.timers.set(event.type, { arming, dueMs });
        this.#verdict.sometimes("restore.pending.timer");
      }
      mirrors.set(cell.address, mirror);
    }
  }

  down(host: Host): void {
    this.#hosts.delete(host.id);
  }

  step(host: Host, seen: Observation): void {
    const mirrors = this.#hosts.get(host.id);
    const cell = host.core.cells.get(seen.cell);
    if (mirrors === undefined) return;
    let mirror = mirrors.get(seen.cell);
    if (mirror === undefined) mirrors.set(seen.cell, (mirror = newMirror(undefined)));
    if (seen.event.type.startsWith("xstate.after")) this.#fired(mirror, seen);
    if (seen.outcome === "threw") this.#threw(host, cell, mirror, seen);
    if (seen.event.type === "terminated") this.#ended(host, seen);
    if (seen.event.type === "start")
      this.#once(this.#begun, host, seen.cell, "RM4", `${seen.cell} begins a second life`);
    if (seen.outcome === "late" && cell !== undefined && cell.snapshot !== mirror.snapshot) {
      this.#verdict.fail("RM11", `${seen.cell}: ${seen.event.type} came too late and changed it`);
    }
    if (kindOf(seen.cell) === "worker") this.#worker(cell, mirror, seen);
    if (cell === undefined) mirrors.delete(seen.cell);
    else this.#remember(host, cell, mirror);
  }

  /** When all is quiet: whoever was watched and is gone, its watcher has heard so. */
  quiet(lives: (cell: Address) => boolean): void {
    for (const cell of this.#begun) {
      if (!WATCHED.has(kindOf(cell)) || lives(cell) || this.#terminated.has(cell)) continue;
      this.#verdict.fail("RL3", `${cell} has ended, and nobody was told`);
    }
  }

  #remember(host: Host, cell: Cell, mirror: Mirror): void {
    mirror.snapshot = cell.snapshot;
    mirror.state = cell.snapshot?.value;
    if (cell.timers.size === 0) {
      if (mirror.timers.size > 0) mirror.timers.clear();
      return;
    }
    const timers = new Map<string, Armed>();
    for (const { arming, dueWallMs, event } of cell.timers.values()) {
      if (!isOfState(event.type, cell))
        this.#verdict.fail("RL4", `${cell.address}: ${event.type} is armed in another state`);
      const known = mirror.timers.get(event.type);
      const { clock } = host.core.options;
      const dueMs = clock.monotonicMs() + dueWallMs - clock.wallMs();
      timers.set(event.type, known?.arming === arming ? known : { arming, dueMs });
    }
    mirror.timers = timers;
  }

  #fired(mirror: Mirror, { cell, event, outcome }: Observation): void {
    if (outcome === "late") return;
    const armed = mirror.timers.get(event.type);
    if (armed === undefined) return this.#verdict.fail("RL4", `${cell}: ${event.type} fired and was not armed`);
    const earlyMs = armed.dueMs - this.#verdict.nowMs();
    if (earlyMs > 0) this.#verdict.fail("RL4", `${cell}: ${event.type} fired ${earlyMs} ms before it was due`);
  }

  #threw(host: Host, cell: Cell | undefined, mirror: Mirror, { cell: at }: Observation): void {
    const wallMs = host.core.options.clock.wallMs();
    this.#verdict.sometimes("step.threw");
    if (cell === undefined) return;
    const { max, windowMs } = cell.behaviour.limits.restarts;
    mirror.threwAt = [...mirror.threwAt.filter((time) => time > wallMs - windowMs), wallMs];
    if (mirror.threwAt.length > max) this.#verdict.sometimes("restart.limit");
    if (mirror.threwAt.length > max + 1) {
      this.#verdict.fail("RL2", `${at} threw ${mirror.threwAt.length} times within ${windowMs} ms and lives`);
    }
  }

  #ended(host: Host, { cell, event }: Observation): void {
    const { address } = event as Message & { readonly address?: Address };
    const what = `${cell} hears twice that ${address} has ended`;
    this.#once(this.#terminated, host, String(address), "RL3", what);
  }

  #once<T>(known: Set<T>, host: Host, key: T, invariant: string, twice: string): void {
    if (known.has(key)) this.#verdict.fail(invariant, twice);
    known.add(key);
    this.#ledger.believe(host.id, () => known.delete(key));
  }

  #worker(cell: Cell | undefined, mirror: Mirror, { cell: at, state }: Observation): void {
    const [before, now] = [mirror.state === undefined ? "loading" : pathOf(mirror.state), pathOf(state)];
    if (before !== now && WORKER_PATHS[before]?.includes(now) !== true) {
      this.#verdict.fail("RL1", `${at} went from ${before} to ${now}`);
    }
    const context = cell?.snapshot?.context as WorkerContext | undefined;
    if (context !== undefined && context.running.length > context.slots) {
      this.#verdict.fail("RJ4", `${at} runs ${context.running.length} jobs in ${context.slots} slots`);
    }
  }
}

/** A timer's event names the state that armed it: `xstate.after.DELAY.MACHINE.STATE`. */
function isOfState(type: string, cell: Cell): boolean {
  const state = type.slice(type.indexOf(".", "xstate.after.".length) + 1);
  const now = `${cell.behaviour.kind}.${pathOf(cell.snapshot?.value)}`;
  return now === state || now.startsWith(`${state}.`);
}

const newMirror = (cell: Cell | undefined): Mirror => ({
  snapshot: cell?.snapshot,
  state: cell?.snapshot?.value,
  timers: new Map(),
  threwAt: [],
});
