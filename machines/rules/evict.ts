/**
 * Who makes room for a model that does not fit: the workers that were used the longest time ago.
 *
 * A pure rule over the workers of one hive. It changes none of them.
 *
 *  E1 A worker with a job is never chosen, and neither is one that is not ready: whoever waits for it needs it.
 *  E2 A worker whose model somebody waits for stays, unless whoever is crowded out has waited longer than its bound and
 *     longer than everybody who waits for that model (`claims`). So no model waits for ever behind another.
 *  E3 Enough is freed, or nothing is: nobody goes for a model that still does not fit then.
 *  E4 The least recently used go first, among equals the smaller id; nobody goes who need not.
 *
 * @module
 */
import type { WorkerRow } from "./fleet.ts";
import { sizeText } from "./sizes.ts";

/** Who waits for a model: since when the first of them, in the order of admission. */
export interface Waiting {
  readonly sinceMs: number;
  readonly seq: number;
}

/** What is short, and where. */
export interface Shortage {
  readonly model: string;
  readonly device: string;
  readonly missingBytes: number;
}

export type Eviction =
  | { readonly kind: "evict"; readonly workers: readonly string[]; readonly why: string }
  | { readonly kind: "wait"; readonly why: string };

/** Whether whoever waits for the crowded-out model goes before everybody who waits for the other one. */
export const claims = (
  crowded: Waiting | undefined,
  other: Waiting | undefined,
  { nowMs, boundMs }: { readonly nowMs: number; readonly boundMs: number },
): boolean =>
  crowded !== undefined && nowMs - crowded.sinceMs >= boundMs && (other === undefined || crowded.seq < other.seq);

/** @param isWanted whether the room of this model's workers is not to be taken now: E2 */
export function evict(
  { model, device, missingBytes }: Shortage,
  workers: Iterable<WorkerRow>,
  isWanted: (model: string) => boolean,
): Eviction {
  const here = [...workers].filter((row) => row.device === device);
  const idle = here.filter((row) => row.state === "ready" && row.jobs.length === 0 && !isWanted(row.model));
  const chosen = enough(idle.toSorted(byUse), missingBytes);
  if (chosen.length === 0) {
    const busy = here.filter((row) => !idle.includes(row)).map((row) => `${row.id} (${row.model})`);
    return { kind: "wait", why: `${model} lacks ${sizeText(missingBytes)}, and in use are ${busy.join(", ")}` };
  }
  const names = chosen.map((row) => `${row.id} (${row.model})`).join(", ");
  return {
    kind: "evict",
    workers: chosen.map(({ id }) => id),
    why: `${names} used longest ago, and gone ${sizeText(missingBytes)} more are there for ${model}`,
  };
}

const byUse = (a: WorkerRow, b: WorkerRow): number => a.usedAt - b.usedAt || (a.id < b.id ? -1 : 1);

/** The first of them that free enough; of those again nobody who need not, the most recently used stays first. */
function enough(inOrder: readonly WorkerRow[], missingBytes: number): readonly WorkerRow[] {
  let freed = 0;
  const chosen = inOrder.filter((row) => {
    const isNeeded = freed < missingBytes;
    if (isNeeded) freed += row.reservedBytes;
    return isNeeded;
  });
  if (freed < missingBytes) return [];
  return chosen
    .toReversed()
    .filter((row) => {
      const isNeeded = freed - row.reservedBytes < missingBytes;
      if (!isNeeded) freed -= row.reservedBytes;
      return isNeeded;
    })
    .toReversed();
}
