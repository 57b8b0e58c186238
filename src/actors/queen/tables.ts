/**
 * The queen's tables: jobs and their requests, workers, idempotency keys, API keys, join tokens, machines that have
 * joined, and who waits for her to stop.
 *
 * @module
 */
import type { JobRequest } from "../../../machines/request.ts";
import { type Advice, Stocks } from "../../../machines/rules/advice.ts";
import type { Shortage } from "../../../machines/rules/evict.ts";
import { Fleet, type WorkerRow } from "../../../machines/rules/fleet.ts";
import type { JobHistory, LoadRow, LostLoad } from "../../../machines/rules/history.ts";
import type { JoinTokenRow } from "../../../machines/rules/join-token.ts";
import { type PairRow, Pairs } from "../../../machines/rules/pair.ts";
import { Prefixes, type PrefixRow } from "../../../machines/rules/prefix.ts";
import { type JobRow, Queue } from "../../../machines/rules/queue.ts";
import type { KeyRow } from "../../../machines/rules/quota.ts";
import type { Address, Attempt } from "../../../machines/words.ts";
import type { AskRef } from "../../runtime/envelope.ts";
import { table } from "../../runtime/tables.ts";

export const jobs = table<JobRow, Queue>({ name: "jobs", owner: "queen", version: 2, index: () => new Queue() });

/** What was asked, by job; gone when the job has ended. */
export const requests = table<JobRequest>({ name: "requests", owner: "queen" });

export const workers = table<WorkerRow, Fleet>({
  name: "workers",
  owner: "queen",
  version: 4,
  index: () => new Fleet(),
});

/** Idempotency key -> job id, for as long as the job's row is kept. */
export const keys = table<string>({ name: "keys", owner: "queen" });

/** By id. */
export const apiKeys = table<KeyRow>({ name: "apiKeys", owner: "queen" });

/** By id. */
export const joinTokens = table<JoinTokenRow>({ name: "joinTokens", owner: "queen" });

/** A machine that has joined. */
export interface MachineRow {
  /** SHA-256 of its public key, in hex. */
  readonly key: string;
  readonly name: string;
  readonly joinedAt: number;
  /** From then on it is let in no more. */
  readonly removedAt?: number | undefined;
}

/** By key. */
export const machines = table<MachineRow>({ name: "machines", owner: "queen" });

/** A hive she commands. */
export interface HiveRow {
  readonly address: Address;
  /** What its owner calls its machine. */
  readonly name: string;
  /** It lives and ends with her; any other has a seat (machines/member.ts). */
  readonly isLocal: boolean;
  /** It can be asked. */
  readonly isPresent: boolean;
  /** Its link is gone, and it is not given up yet: it is given nothing. */
  readonly isDoubted: boolean;
  /** Its owner wants nothing new there. */
  readonly isDraining: boolean;
  /** It said that it is about to go; forgotten when it comes again. */
  readonly isLeaving: boolean;
  /** It has said in this term what it has. */
  readonly known: boolean;
  /** While she stops. */
  readonly stopped: boolean;
}

export const hives = table<HiveRow>({ name: "hives", owner: "queen", version: 4 });

/** A worker of a machine that was given up, and what it ran. */
export interface LostRuns {
  readonly hive: Address;
  readonly runs: readonly { readonly job: string; readonly attempt: Attempt }[];
  /** It was to take nothing more. */
  readonly isStopping: boolean;
}

/** By worker, until its machine has come back. */
export const lostRuns = table<LostRuns>({ name: "lostRuns", owner: "queen", volatile: true });

/** By hive: what each last said of itself. */
export const advice = table<Advice, Stocks>({
  name: "advice",
  owner: "queen",
  volatile: true,
  index: () => new Stocks(),
});

/** By hive and model: how it went there. */
export const pairs = table<PairRow, Pairs>({ name: "pairs", owner: "queen", volatile: true, index: () => new Pairs() });

/** By worker: the beginnings of prompts that it was given. */
export const prefixes = table<PrefixRow, Prefixes>({
  name: "prefixes",
  owner: "queen",
  volatile: true,
  index: () => new Prefixes(),
});

/** Models that somebody wanted warm before she served. */
export const wanted = table<true>({ name: "wanted", owner: "queen", volatile: true });

/** Workers lost in a row while loading, the last so many, by model. */
export const loadFailures = table<readonly LostLoad[]>({ name: "loadFailures", owner: "queen", volatile: true });

/** What became of each job, for as long as its row is kept, and of each load, for as long as its worker's. */
export const histories = table<JobHistory>({ name: "histories", owner: "queen", version: 2 });
export const loads = table<LoadRow>({ name: "loads", owner: "queen", version: 2 });

/** Models that do not fit beside what runs, by lane: what they lack, and where. */
export interface CrowdedRow extends Shortage {
  readonly hive: Address;
  /** Those who wait for it are pinned to this machine. */
  readonly isPinned: boolean;
  /** Who is in the way, in words. */
  readonly why: string;
  /** Memory came free since: what is lacking now only the hive knows. */
  readonly isStale: boolean;
  /** Its hive was asked to say when other programs have left enough. */
  readonly isAwaited: boolean;
}

export const crowded = table<CrowdedRow>({ name: "crowded", owner: "queen", volatile: true });

/** Who asked her to stop and waits for it: as long as this life of her host. */
export const drains = table<AskRef>({ name: "drains", owner: "queen", volatile: true });

const known = [jobs, requests, workers, keys, apiKeys, joinTokens, machines, hives];
const passing = [wanted, loadFailures, crowded, drains, lostRuns];
const hints = [advice, pairs, prefixes];

export const queenTables = [...known, histories, loads, ...passing, ...hints];
