/**
 * Who makes room for whom, beside the queen's books.
 *
 *  E1 Whoever makes room has no job: not in the step that chooses it, nor afterwards.
 *  CR2 Once faults are over, no job waits for a model that would have room without those that have nothing to do; and
 *      those that may run anywhere and those of each machine are looked at by themselves.
 *
 * @module
 */
import type { WorkerRow } from "../../machines/rules/fleet.ts";
import { laneKey } from "../../machines/rules/queue.ts";
import { hostOf } from "../../machines/words.ts";
import { crowded, jobs, workers } from "../../src/actors/queen/tables.ts";
import type { Observation } from "../../src/runtime/core.ts";
import type { Host } from "../../src/runtime/host.ts";
import { HEADROOM_BYTES } from "./sim-cluster.ts";
import { saidBytes } from "./sim-machine.ts";
import type { SimSite } from "./sim-site.ts";
import type { Verdict } from "./verdict.ts";

/** A worker may take so long to stop, another to start; a hive to answer. */
const IDLE_WAIT_MS_MAX = 20_000;

export class RoomChecker {
  readonly #verdict: Verdict;
  /** Since when those of a lane have waited that would have room. */
  readonly #since = new Map<string, number>();

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  step(host: Host, { event, commands }: Observation): void {
    const rows = host.core.tables.rows(workers);
    for (const [id, row] of rows.entries()) {
      for (const other of row.instead) {
        const replaced = rows.get(other);
        if (replaced === undefined) continue;
        this.#verdict.sometimes("worker.evicted");
        if (replaced.jobs.length > 0)
          this.#verdict.fail("E1", `${other} makes room for ${id}, and has ${replaced.jobs.join(", ")}`);
      }
    }
    if (event.type === "hive.away") this.#verdict.sometimes("hive.given.up");
    if (event.type === "worker.weighed") this.#verdict.sometimes("worker.grown");
    if (host.core.tables.rows(crowded).size === 0) return;
    this.#verdict.sometimes("model.crowded");
    const { model } = event as { readonly model?: string };
    if (event.type !== "place" || model === undefined || rows.index.free(model) === undefined || commands > 1) return;
    const isAwaited = host.core.tables
      .rows(jobs)
      .index.heads(model)
      .some(({ node }) => node === undefined);
    if (isAwaited) this.#verdict.sometimes("model.held.back");
  }

  /** From time to time, when no fault is left. */
  look(queen: Host, sites: readonly Pick<SimSite, "hive" | "machine">[]): void {
    const { tables } = queen.core;
    const fleet = [...tables.rows(workers).entries()].map(([, row]) => row);
    const queue = tables.rows(jobs).index;
    const nowMs = this.#verdict.nowMs();
    const waiting = new Set(queue.models());
    const lanes = [...waiting].flatMap((model) => queue.heads(model).map(({ node }) => ({ model, node })));
    const known = new Set(lanes.map(laneKey));
    for (const lane of this.#since.keys()) if (!known.has(lane)) this.#since.delete(lane);
    const busy = fleet.filter((row) => !isIdle(row) || waiting.has(row.model));
    const hasRoomAt = (model: string, { hive, machine }: Pick<SimSite, "hive" | "machine">): boolean => {
      const here = busy.filter((row) => hostOf(row.hive) === hive);
      const taken = here.reduce((sum, row) => sum + row.reservedBytes, 0);
      return taken + saidBytes(model) <= machine.totalBytes - HEADROOM_BYTES;
    };
    for (const { model, node } of lanes) {
      const may = (hive: string): boolean => node === undefined || hive === hostOf(node);
      const isComing = fleet.some((row) => row.model === model && row.state !== "stopping" && may(hostOf(row.hive)));
      const hasRoom = !isComing && sites.some((site) => may(site.hive) && hasRoomAt(model, site));
      const lane = laneKey({ model, node });
      const since = hasRoom ? (this.#since.get(lane) ?? nowMs) : nowMs;
      this.#since.set(lane, since);
      if (nowMs - since > IDLE_WAIT_MS_MAX) this.#verdict.fail("CR2", `${lane} has room, and nobody loads it`);
    }
  }
}

const isIdle = ({ state, jobs: held }: WorkerRow): boolean => state === "ready" && held.length === 0;
