/**
 * Whether an engine is well: it proves so by what it does, and while it does nothing by a probe.
 *
 * Owns: when a probe is made, and what counts as a sign of life. Does not own: what a probe is (the engine), what
 * follows from a sick engine (machines/worker.ts).
 *
 *  V1 An engine that has done nothing in an interval makes a probe; one that works is left to its work.
 *  V2 A probe never delays a run: it takes a slot only when every slot is free, and is given up for a run that comes.
 *  V3 A probe that fails, or does not end in time, is an engine that is sick; one that was given up is nothing.
 *  V4 An engine that works and gets nothing done for the stall time is sick as well. Runs that wait for their readers
 *     accuse nobody.
 *  V5 It is told once, to whoever watches, and nothing is probed or watched afterwards.
 *
 * @module
 */
import { errorData, type ErrorData, RbeeError } from "../../protocol/errors.ts";
import type { Engine, ProbeEnd } from "../engines/engine.ts";

export interface WatchTimes {
  readonly probeEveryMs: number;
  readonly probeTimeoutMs: number;
  readonly stallMs: number;
}

export interface WatchSurroundings {
  nowMs(): number;
  after(delayMs: number, run: () => void): void;
  /** Every slot of the engine is free. */
  isFree(): boolean;
  /** Every run waits for its reader. */
  waitsForReaders(): boolean;
}

/** What the engine last proved itself by. */
export interface Proof {
  readonly by: "probe" | "work";
  readonly atMs: number;
  readonly probe: ProbeEnd | undefined;
}

export class EngineWatch {
  readonly #engine: Pick<Engine, "probe" | "steps">;
  readonly #times: WatchTimes;
  readonly #around: WatchSurroundings;
  #tell: ((sickness: ErrorData) => void) | undefined;
  /** Rises whenever a watch begins or ends: what an older one had set finds itself out of date. */
  #watch = 0;
  #probing: { readonly abort: AbortController; readonly ended: Promise<ProbeEnd> } | undefined;
  #steps = 0;
  #provedMs = 0;
  #probe: ProbeEnd | undefined;

  constructor(engine: Pick<Engine, "probe" | "steps">, times: WatchTimes, around: WatchSurroundings) {
    this.#engine = engine;
    this.#times = times;
    this.#around = around;
  }

  /** @param tell hears of the sickness, once */
  begin(tell: (sickness: ErrorData) => void): void {
    this.end();
    this.#tell = tell;
    this.#steps = this.#engine.steps;
    this.#provedMs = this.#around.nowMs();
    this.#tickLater(this.#watch);
  }

  end(): void {
    this.#watch += 1;
    this.#tell = undefined;
    this.giveWay();
  }

  /** A run comes. V2. */
  giveWay(): void {
    this.#probing?.abort.abort();
  }

  get lastProof(): Proof {
    this.#look();
    const by = this.#probe !== undefined ? "probe" : "work";
    return { by, atMs: this.#provedMs, probe: this.#probe };
  }

  /**
   * Has the engine prove itself now: by a probe, or by its work when it has some.
   *
   * @throws RbeeError with what it is sick with
   */
  async examine(): Promise<Proof> {
    if (this.#probing === undefined && !this.#around.isFree()) return this.#checkWork();
    try {
      await this.#probeNow();
    } catch (thrown) {
      const error = errorData(thrown);
      if (error.code !== "interrupted") throw thrown;
    }
    return this.lastProof;
  }

  #tickLater(watch: number): void {
    this.#around.after(this.#times.probeEveryMs, () => {
      if (watch !== this.#watch) return;
      this.#tick();
      this.#tickLater(watch);
    });
  }

  #tick(): void {
    if (this.#probing !== undefined) return;
    const hasWorked = this.#engine.steps !== this.#steps;
    this.#look();
    if (!this.#around.isFree()) {
      try {
        this.#checkWork();
      } catch (thrown) {
        this.#sicken(errorData(thrown));
      }
    } else if (!hasWorked) {
      this.#probeNow().catch(() => {});
    }
  }

  /** @returns when it last did anything */
  #look(): number {
    const { steps } = this.#engine;
    if (steps !== this.#steps || this.#around.waitsForReaders()) {
      this.#steps = steps;
      this.#provedMs = this.#around.nowMs();
      this.#probe = undefined;
    }
    return this.#provedMs;
  }

  /** V4. */
  #checkWork(): Proof {
    const silentMs = this.#around.nowMs() - this.#look();
    if (silentMs < this.#times.stallMs) return this.lastProof;
    throw new RbeeError("worker.hung", `its engine got nothing done for ${Math.round(silentMs)} ms`);
  }

  /** V3. One at a time: who asks meanwhile waits for the same. */
  #probeNow(): Promise<ProbeEnd> {
    if (this.#probing !== undefined) return this.#probing.ended;
    const abort = new AbortController();
    const ended = this.#probeInTime(abort).finally(() => (this.#probing = undefined));
    this.#probing = { abort, ended };
    return ended;
  }

  async #probeInTime(abort: AbortController): Promise<ProbeEnd> {
    const { probeTimeoutMs } = this.#times;
    const late = Promise.withResolvers<never>();
    const message = `a probe of two tokens did not end within ${probeTimeoutMs} ms`;
    this.#around.after(probeTimeoutMs, () => late.reject(new RbeeError("worker.hung", message)));
    // It may be late when nobody waits for it any more.
    late.promise.catch(() => {});
    try {
      const end = await Promise.race([this.#engine.probe(abort.signal), late.promise]);
      this.#steps = this.#engine.steps;
      this.#provedMs = this.#around.nowMs();
      this.#probe = end;
      return end;
    } catch (thrown) {
      const sickness = sicknessOf(thrown);
      if (abort.signal.aborted && sickness.code !== "worker.hung") throw new RbeeError("interrupted", "it gave way");
      this.#sicken(sickness);
      throw new RbeeError(sickness.code, sickness.message);
    }
  }

  /** V5. */
  #sicken(sickness: ErrorData): void {
    const tell = this.#tell;
    this.end();
    tell?.(sickness);
  }
}

function sicknessOf(thrown: unknown): ErrorData {
  const { code, message } = errorData(thrown);
  return code === "worker.hung" ? { code, message } : { code: "engine.failed", message: `a probe failed: ${message}` };
}
