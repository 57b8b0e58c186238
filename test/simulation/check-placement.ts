/**
 * Where work goes, beside the queen's own words: what she begins is looked at in the step that begins it.
 *
 *  X1 A pinned job runs on its machine and nowhere else, also at its next attempts.
 *  CH1 DR1 ME3 Neither a job nor a worker is begun on a machine that is away, doubted or being drained.
 *  MV1 What a machine says of itself moves no work.
 *  AF2 Nothing is remembered of a worker that is gone.
 *
 * @module
 */
import { hostOf } from "../../machines/words.ts";
import { hives, jobs, prefixes, workers } from "../../src/actors/queen/tables.ts";
import type { Observation } from "../../src/runtime/core.ts";
import type { Host } from "../../src/runtime/host.ts";
import type { Verdict } from "./verdict.ts";

export class PlacementChecker {
  readonly #verdict: Verdict;
  /** Jobs and workers that changed in this step. */
  readonly #jobs = new Set<string>();
  readonly #workers = new Set<string>();
  /** Of each job its last attempt, of each worker its hive. */
  readonly #attempts = new Map<string, number>();
  readonly #hives = new Map<string, string>();

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  job(key: string): void {
    this.#jobs.add(key);
  }

  worker(key: string): void {
    this.#workers.add(key);
  }

  /** What is restored was begun before. */
  opened(host: Host): void {
    const { tables } = host.core;
    this.#attempts.clear();
    this.#hives.clear();
    for (const [id, { attempt }] of tables.rows(jobs).entries()) this.#attempts.set(id, attempt);
    for (const [id, { hive }] of tables.rows(workers).entries()) this.#hives.set(id, hive);
    this.#forget();
  }

  step(host: Host, { event, commands }: Observation): void {
    for (const id of this.#jobs) this.#lookAtJob(id, host);
    for (const id of this.#workers) this.#lookAtWorker(id, host, event.type === "hive.inventory");
    if (event.type === "hive.told" && commands > 0)
      this.#verdict.fail("MV1", `${commands} commands followed of what a machine said of itself`);
    this.#forget();
  }

  #forget(): void {
    this.#jobs.clear();
    this.#workers.clear();
  }

  #lookAtJob(id: string, { core: { tables } }: Host): void {
    const row = tables.rows(jobs).get(id);
    if (row === undefined || row.attempt === (this.#attempts.get(id) ?? 0)) return;
    this.#attempts.set(id, row.attempt);
    const hive = tables.rows(workers).get(hostOf(row.worker ?? "//"))?.hive;
    if (hive === undefined) return;
    if (row.node !== undefined) {
      this.#verdict.sometimes("job.pinned");
      if (row.node !== hive) this.#verdict.fail("X1", `${id} is to run on ${row.node}, and was placed on ${hive}`);
    }
    this.#mayBegin(id, hive, tables);
  }

  #lookAtWorker(id: string, { core: { tables } }: Host, isFound: boolean): void {
    const row = tables.rows(workers).get(id);
    if (row === undefined && tables.rows(prefixes).has(id)) this.#verdict.fail("AF2", `${id} is gone, and remembered`);
    if (tables.rows(prefixes).size > 0) this.#verdict.sometimes("prefix.remembered");
    if (row === undefined || row.hive === this.#hives.get(id)) return;
    this.#hives.set(id, row.hive);
    // What comes to light she has not begun.
    if (!isFound) this.#mayBegin(id, row.hive, tables);
  }

  #mayBegin(what: string, hive: string, tables: Host["core"]["tables"]): void {
    const row = tables.rows(hives).get(hive);
    if (row === undefined) return;
    if (!row.isPresent) this.#verdict.fail("CH1", `${what} was begun on ${hive}, which is away`);
    if (row.isDoubted) this.#verdict.fail("ME3", `${what} was begun on ${hive}, which is doubted`);
    if (row.isLeaving) this.#verdict.fail("DR4", `${what} was begun on ${hive}, which is about to go`);
    if (row.isDraining) this.#verdict.fail("DR1", `${what} was begun on ${hive}, which is being drained`);
  }
}
