/**
 * What must be left when faults have stopped and clients are served: nothing that nobody needs.
 *
 *  RM8 Outboxes are empty; marks are of cells that live and of hosts that wrote to them.
 *  RM11 The only open questions are those that living processes are watched with.
 *  RL5 No row, timer, watch or letter belongs to a cell that has ended; RM12 no cell stands still with mail.
 *  RJ1 Every accepted job has ended; nobody waits or runs.
 *  RJ3 Memory is booked for living processes only.
 *
 * @module
 */
import { members } from "../../src/actors/hive/tables.ts";
import type { Core } from "../../src/runtime/core.ts";
import type { JobChecker } from "./check-jobs.ts";
import type { SimCluster } from "./sim-cluster.ts";

/** What a process is watched with, as long as it lives; and what its stop still asks. */
const PROCESS_ASKS = new Set(["reap", "listen", "report", "idle", "halt"]);

/** @returns what is not quiet yet, in words; nothing when all is. */
export function unquiet(cluster: SimCluster, books: JobChecker): string | undefined {
  const { world } = cluster;
  for (const host of cluster.bees) if (!world.isUp(host)) return `${host} is down`;
  const { queued, running } = books.count;
  if (queued + running > 0) return `${queued} jobs wait and ${running} run`;
  for (const host of cluster.bees) {
    const left = leftIn(world.host(host).core, cluster);
    if (left !== undefined) return `${host}: ${left}`;
  }
  return undefined;
}

function leftIn(core: Core, cluster: SimCluster): string | undefined {
  if (core.outbox.size > 0) return `${core.outbox.size} letters in the outbox`;
  for (const cell of core.cells.values()) {
    if (cell.mailbox.length > 0) return `${cell.address} has mail`;
    if (cell.address.includes("/job/")) return `${cell.address} lives`;
  }
  for (const { row } of core.asks.values()) {
    if (!PROCESS_ASKS.has(row.name)) return `${row.id} waits for an answer`;
  }
  const booked = core.options.id === "queen" ? [] : core.tables.rows(members).entries();
  for (const [worker, row] of booked) {
    if (!cluster.workers.isAlive(worker)) return `${row.reservedBytes} bytes are booked for ${worker}, which is gone`;
  }
  return rowsLeft(core, cluster);
}

/** Rows of the journal that belong to no cell. */
function rowsLeft(core: Core, { world }: SimCluster): string | undefined {
  for (const key of world.disk(core.options.id).rows.keys()) {
    const at = key.slice(2).split(/[|#]/)[0] ?? "";
    if ("cskt".includes(key.charAt(0)) && !core.cells.has(at as never))
      return `${key} is left of a cell that has ended`;
    if ("mo".includes(key.charAt(0))) return `${key} waits in the journal`;
  }
  return undefined;
}
