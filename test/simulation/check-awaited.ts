/**
 * Jobs whose client waited on a connection that ended with its node.
 *
 *  K8 Such a job ends soon after the queen is there again: nobody comes back for it, and others wait for what it holds.
 *
 * @module
 */
import type { JobChecker } from "./check-jobs.ts";
import type { Verdict } from "./verdict.ts";

/** From the restart of the queen, who may stand still for eight seconds then. */
const OPEN_MS_MAX = 10_000;

export class AwaitedChecker {
  readonly #verdict: Verdict;
  readonly #jobs: JobChecker;
  /** Since when each is to end: the queen was there, and whoever waited was not. */
  readonly #since = new Map<string, number>();

  constructor(verdict: Verdict, jobs: JobChecker) {
    this.#verdict = verdict;
    this.#jobs = jobs;
  }

  /** Whoever waited for it is gone. */
  gone(job: string): void {
    this.#since.set(job, this.#verdict.nowMs());
  }

  /** The queen begins: until then she could end nothing. */
  opened(): void {
    for (const job of this.#since.keys()) this.gone(job);
  }

  /** From time to time, while she is there. */
  look(): void {
    for (const [job, sinceMs] of this.#since) {
      const state = this.#jobs.stateOf(job);
      if (state === "queued" || state === "running") {
        const openMs = this.#verdict.nowMs() - sinceMs;
        if (openMs > OPEN_MS_MAX) this.#verdict.fail("K8", `${job} is ${state}, and nobody waits for it any more`);
        continue;
      }
      this.#since.delete(job);
      if (state === "cancelled") this.#verdict.sometimes("job.ended.with.its.client");
    }
  }
}
