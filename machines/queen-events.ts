/**
 * What the queen hears: of jobs and keys from her doors, of workers from hives, of herself.
 *
 * Types alone; what follows is said by machines/queen.ts, and what she hears of other machines by cluster-events.ts.
 *
 * @module
 */
import type { ClusterEvent } from "./cluster-events.ts";
import type { JobFailure, JobUsage, Left } from "./job.ts";
import type { ProcessEnd, ProcessExit } from "./process.ts";
import type { JobAsked, JobRequest } from "./request.ts";
import type { Joiner } from "./rules/join-token.ts";
import type { KeyLimit } from "./rules/quota.ts";
import type { Address, Attempt, Caller, RetryClass } from "./words.ts";
import type { ModelFacts } from "./worker.ts";

interface Failed {
  readonly key: string;
  readonly code: string;
  readonly class: RetryClass;
  readonly message: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** A worker, as its hive tells of it. */
export interface InventoryEntry {
  readonly worker: string;
  readonly model: string;
  readonly state: "loading" | "ready" | "stopping";
  readonly facts: ModelFacts | undefined;
  readonly pid: number;
  readonly port: number;
  /** Where its memory is booked, and how much. */
  readonly device: string;
  readonly reservedBytes: number;
}

export type QueenEvent =
  | ClusterEvent
  | { readonly type: "submit"; readonly request: JobRequest; readonly caller?: Caller }
  | ({ readonly type: "cancel" } & JobAsked)
  /** The node has begun anew: whoever waited on a connection to the one before it is gone. */
  | { readonly type: "clients.gone" }
  | ({ readonly type: "lookup" } & JobAsked)
  /** All that became of a job, and what it waits for. */
  | ({ readonly type: "explain" } & JobAsked)
  | { readonly type: "status" }
  /** All API keys, with what was used by each. */
  | { readonly type: "keys" }
  | {
      readonly type: "create.key";
      readonly name: string;
      /** Of the key, which she never sees. */
      readonly hash: string;
      readonly limits: readonly KeyLimit[];
    }
  | { readonly type: "revoke.key"; readonly name: string }
  /** All join tokens that are not forgotten. */
  | { readonly type: "tokens" }
  /** Of the token's secret, which she never sees. */
  | { readonly type: "create.token"; readonly hash: string }
  | { readonly type: "revoke.token"; readonly token: string }
  | { readonly type: "spend.token"; readonly hash: string; readonly joiner: Joiner }
  /** All machines that have joined, also those that were removed. */
  | { readonly type: "machines" }
  | { readonly type: "remove.machine"; readonly name: string }
  /** On that machine, or on whichever is best. */
  | { readonly type: "spawn.worker"; readonly model: string | undefined; readonly node?: string | undefined }
  | { readonly type: "stop.worker"; readonly worker: string }
  /** Somebody will want this model soon. */
  | { readonly type: "warm"; readonly model: string | undefined }
  /** To herself: something changed for this model. */
  | { readonly type: "place"; readonly model: string }
  | {
      readonly type: "job.ended";
      readonly job: string;
      readonly state: "done" | "failed" | "cancelled";
      readonly usage: JobUsage | undefined;
      readonly failure: JobFailure | undefined;
    }
  | {
      readonly type: "job.vacated";
      readonly job: string;
      readonly attempt: Attempt;
      /** Nothing where the attempt said all it had to say. */
      readonly left: Left | undefined;
    }
  | { readonly type: "job.requeued"; readonly job: string; readonly saidTokens: number }
  /** What a job that ended before its end had said. */
  | { readonly type: "job.spent"; readonly job: string; readonly saidTokens: number }
  | { readonly type: "terminated"; readonly kind: string; readonly id: string; readonly reason: string }
  /** The hive's decisions and news. */
  | {
      readonly type: "worker.reserved";
      readonly worker: string;
      readonly reservedBytes: number;
      readonly device: string;
      readonly why: string;
    }
  | ({ readonly type: "load.failed" } & Failed)
  /** A model was refused for what other programs held, and they left enough of it; or its hive looks no longer. */
  | { readonly type: "memory.came"; readonly model: string }
  | ({ readonly type: "memory.failed" } & Failed)
  /** What is booked for it has grown to what it was measured to take. */
  | { readonly type: "worker.weighed"; readonly worker: string; readonly reservedBytes: number }
  | { readonly type: "worker.loading"; readonly worker: string; readonly pid: number }
  | { readonly type: "worker.ready"; readonly worker: string; readonly facts: ModelFacts; readonly port: number }
  | { readonly type: "worker.stopping"; readonly worker: string; readonly end: ProcessEnd }
  | {
      readonly type: "worker.gone";
      readonly worker: string;
      readonly end: ProcessEnd;
      readonly exit: ProcessExit;
      /** What its reason does not say yet: as what the kernel saw it end, its last words. */
      readonly how: string;
    }
  | { readonly type: "hive.inventory"; readonly hive: Address; readonly workers: readonly InventoryEntry[] }
  /** The inventory that was asked for is under way, in order with the hive's other news. */
  | { readonly type: "inventory.told" }
  /** The stream of a job whose own cell is gone was ended in its place. */
  | { readonly type: "stream.closed"; readonly saidTokens: number }
  | ({ readonly type: "close.failed" } & Failed)
  | ({ readonly type: "inventory.failed" } & Failed)
  | { readonly type: "hive.restored"; readonly hive: Address }
  | { readonly type: "hive.stopped"; readonly hive: Address }
  | { readonly type: "reconciled" }
  /** The node is to stop; the answer comes when it may. */
  | { readonly type: "drain" }
  | { readonly type: "hurry" }
  | { readonly type: "jobs.idle" }
  | { readonly type: "hives.stopped" }
  | { readonly type: "restored" };
