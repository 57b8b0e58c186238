/**
 * Which job goes where: a pure rule over the queue and the fleet. It changes neither.
 *
 * A decision is for one model, since only what changed is looked at: a job came, a slot opened, a worker went.
 * Cost: O(log n) in jobs and workers, and linear in the machines that jobs of the model are pinned to.
 *
 *  X1 A placement names the next job in order and a worker that is ready, has the model and has a free slot (RJ4); of
 *     a job that is pinned to a machine, a worker of that one.
 *  X2 Every decision says why, in words a person can read (R2).
 *  X3 At most one load of a model is on its way where nobody serves it yet.
 *  X4 Of the least busy workers it is the one whose machine has the least to do, then the fastest (V2). At most
 *     {@link SHORTLIST} of them are looked at: choosing among a few by their load is exponentially better than choosing
 *     blindly, and more add little (Mitzenmacher, "The power of two choices in randomized load balancing", 2001).
 *  X5 Who has the beginning of the prompt in its cache comes before all of these, with at most {@link EXCESS_MAX} jobs
 *     more than the least busy: a cache never costs more waiting than that.
 *  X6 A load is told with all that it could be for: those that may run anywhere and those of each machine do not wait
 *     for each other (queue.ts Q6).
 *  X7 A machine that is kept for another model is given no job of this one, and is in the way of none: whoever is free
 *     elsewhere is taken.
 *
 * @module
 */
import type { Address } from "../words.ts";
import { type Fleet, isOffered, slowness, type WorkerRow } from "./fleet.ts";
import { type Holder, MARK_CHARS } from "./prefix.ts";
import type { Queue } from "./queue.ts";

export type Decision =
  | {
      readonly kind: "place";
      readonly job: string;
      readonly worker: string;
      readonly why: string;
      /** Those that were looked at, the chosen one among them. */
      readonly among: readonly Candidate[];
    }
  | {
      readonly kind: "load";
      readonly model: string;
      /** Where it is wanted, nothing for anywhere; those that come first, first. */
      readonly nodes: readonly (Address | undefined)[];
      readonly why: string;
    }
  | { readonly kind: "wait"; readonly why: string };

/** A worker with a free slot, and what spoke for it. */
export interface Candidate {
  readonly worker: string;
  /** Jobs that its whole machine has. */
  readonly hiveJobs: number;
  readonly tokensPerS: number;
  /** Characters of the prompt that it has in its cache. */
  readonly cachedChars: number;
}

/** Workers that are compared. */
export const SHORTLIST = 4;
export const EXCESS_MAX = 2;

export interface Facts {
  readonly worker: (id: string) => WorkerRow | undefined;
  /** Who has the beginning of this job's prompt, those with most of it first. */
  readonly holders: (job: string) => readonly Holder[];
  /** Its workers of this model make room for another one instead of taking a job. */
  readonly isKept: (hive: Address) => boolean;
  /** What the owner of a machine calls it. */
  readonly nameOf: (hive: Address) => string;
}

type FleetView = Pick<Fleet, "frees" | "freeCount" | "coming" | "here" | "busyOn">;

export function schedule(model: string, queue: Pick<Queue, "heads">, fleet: FleetView, facts: Facts): Decision {
  const nodes: (Address | undefined)[] = [];
  const heads = queue.heads(model);
  for (const { job, node } of heads) {
    const chosen = choose(model, job, node, fleet, facts);
    if (chosen !== undefined) return { kind: "place", job, ...chosen };
    if (comingTo(model, node, fleet, facts) === 0) nodes.push(node);
  }
  if (nodes.length > 0) {
    const where = nodes[0] === undefined ? "" : ` on ${facts.nameOf(nodes[0])}`;
    return { kind: "load", model, nodes, why: `no worker has ${model}${where}` };
  }
  if (heads.length === 0) return { kind: "wait", why: `no job waits for ${model}` };
  return { kind: "wait", why: `every slot for ${model} is taken or still loading` };
}

/** Workers that serve it there, or will. */
export function comingTo(
  model: string,
  node: Address | undefined,
  fleet: Pick<Fleet, "coming" | "here">,
  { worker }: Pick<Facts, "worker">,
): number {
  if (node === undefined) return fleet.coming(model);
  return rowsOf(fleet.here(node), worker).filter((row) => row.model === model && row.state !== "stopping").length;
}

const rowsOf = (ids: Iterable<string>, worker: Facts["worker"]): readonly WorkerRow[] =>
  [...ids].flatMap((id) => worker(id) ?? []);

type Chosen = Pick<Extract<Decision, { kind: "place" }>, "worker" | "why" | "among">;

function choose(
  model: string,
  job: string,
  node: Address | undefined,
  fleet: FleetView,
  facts: Facts,
): Chosen | undefined {
  const fits = (row: WorkerRow): boolean =>
    isOffered(row) && row.model === model && (node === undefined || row.hive === node) && !facts.isKept(row.hive);
  const { rows, free } = node === undefined ? anywhere(model, fits, fleet, facts) : there(node, fits, fleet, facts);
  const least = Math.min(...rows.map(({ jobs }) => jobs.length));
  const holders = facts.holders(job);
  const cached = holders
    .map(({ worker }) => facts.worker(worker))
    .find((row) => row !== undefined && fits(row) && row.jobs.length <= least + EXCESS_MAX);
  const idlest = rows.filter(({ jobs }) => jobs.length === least).toSorted(byMachine(fleet));
  const row = cached ?? idlest[0];
  if (row === undefined) return undefined;
  const others = rows.filter(({ id }) => id !== row.id);
  const among = [row, ...others].map((each) => candidateOf(each, holders, fleet));
  const where = node === undefined ? "" : ` on ${facts.nameOf(node)}, where it is to run`;
  const decided = cached === undefined ? reasonOf(idlest, free, where, fleet) : cacheReason(row, among, least);
  const busy = `${row.jobs.length} of ${row.slots} slots busy`;
  return { worker: row.id, why: `${row.id} has ${row.model} loaded, ${busy}, ${decided}`, among };
}

/** Those that are compared, of so many that are free. */
interface Shortlist {
  readonly rows: readonly WorkerRow[];
  readonly free: number;
}

function there(node: Address, fits: (row: WorkerRow) => boolean, fleet: FleetView, { worker }: Facts): Shortlist {
  const rows = rowsOf(fleet.here(node), worker).filter(fits);
  return { rows, free: rows.length };
}

/** X4. All are looked at only where those that come first are kept for others: X7. */
function anywhere(model: string, fits: (row: WorkerRow) => boolean, fleet: FleetView, { worker }: Facts): Shortlist {
  const all = fleet.freeCount(model);
  const among = (atMost: number): Shortlist => {
    const ids = fleet.frees(model, atMost);
    const rows = rowsOf(ids, worker).filter(fits);
    return { rows: rows.slice(0, SHORTLIST), free: all - ids.length + rows.length };
  };
  const first = among(SHORTLIST);
  return first.rows.length === 0 && all > SHORTLIST ? among(all) : first;
}

/** X4. */
const byMachine =
  (fleet: FleetView) =>
  (a: WorkerRow, b: WorkerRow): number =>
    fleet.busyOn(a.hive) - fleet.busyOn(b.hive) || slowness(a) - slowness(b) || (a.id < b.id ? -1 : 1);

const candidateOf = (row: WorkerRow, holders: readonly Holder[], fleet: FleetView): Candidate => ({
  worker: row.id,
  hiveJobs: fleet.busyOn(row.hive),
  tokensPerS: row.tokensPerS,
  cachedChars: MARK_CHARS[(holders.find(({ worker }) => worker === row.id)?.marks ?? 0) - 1] ?? 0,
});

/** What set the first of them apart from the second. */
function reasonOf(idlest: readonly WorkerRow[], free: number, where: string, fleet: FleetView): string {
  const [first, second] = idlest;
  if (free === 1) return `the only one free${where}`;
  const plain = `the least busy of ${free} free${where}`;
  if (first === undefined || second === undefined) return plain;
  const [jobs, more] = [fleet.busyOn(first.hive), fleet.busyOn(second.hive)];
  if (jobs !== more) return `${plain}; its machine has ${jobs} of them to do, the next one's ${more}`;
  if (slowness(first) === slowness(second)) return plain;
  return first.tokensPerS === 0 ? `${plain}; how fast it is is not known yet` : `${plain}, and the fastest of them`;
}

function cacheReason(row: WorkerRow, [first]: readonly Candidate[], least: number): string {
  const kept = `the first ${(first?.cachedChars ?? 0) / 1024} Ki characters of the prompt are in its cache`;
  const excess = row.jobs.length - least;
  return excess === 0 ? kept : `${kept}, which is worth ${excess} more than the least busy has`;
}
