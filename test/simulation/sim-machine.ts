/**
 * The `machine` port of a simulated machine: models of several sizes, and what their workers really take.
 *
 * Owns: how large models are, what is measured. Does not own: which processes there are (sim-workers.ts).
 *
 *  SM1 What a model really takes is not what its header says: one takes less, another more.
 *
 * @module
 */
import type { Held } from "../../machines/hive.ts";
import { type Device, promisedBytes } from "../../machines/rules/reserve.ts";
import type { MachineAsk } from "../../src/protocol/ports.ts";
import type { AskResult, Message } from "../../src/runtime/envelope.ts";
import type { Port, PortCall } from "../../src/runtime/ports.ts";
import { cpu, needs } from "../support/memory.ts";
import type { SimModels } from "./sim-models.ts";
import type { SimWorkers } from "./sim-workers.ts";
import type { SimWorld } from "./sim-world.ts";

export const MODEL_BYTES = 1e9;

type Lookout = Extract<MachineAsk, { type: "lookout" }>;

/** How often memory is looked for that other programs hold. */
const BEAT_MS = 100;

/** Of each model: what its header says, and what it takes. */
const SIZES: Readonly<Record<string, { readonly says: number; readonly takes: number }>> = {
  sim: { says: MODEL_BYTES, takes: 0.75 * MODEL_BYTES },
  other: { says: MODEL_BYTES, takes: 1.1 * MODEL_BYTES },
  large: { says: 2 * MODEL_BYTES, takes: 1.9 * MODEL_BYTES },
};

/** Those that clients ask for. */
export const MODELS: readonly string[] = Object.keys(SIZES);

const sizeOf = (model: string) => SIZES[model] ?? { says: MODEL_BYTES, takes: MODEL_BYTES };

export const saidBytes = (model: string): number => sizeOf(model).says;

export class SimMachine implements Port {
  readonly totalBytes: number;
  readonly #world: SimWorld;
  readonly #workers: SimWorkers;
  readonly #models: SimModels;
  /** The host of the hive that has it. */
  readonly #hive: string;
  /** Fault: other programs hold so much of the memory. */
  othersBytes = 0;
  /** They leave so long after somebody has begun to wait for it, if they have not left before. */
  othersYieldMs = 0;
  readonly #lookouts = new Map<string, { readonly asked: Lookout; readonly done: (result: AskResult) => void }>();

  constructor(world: SimWorld, workers: SimWorkers, models: SimModels, hive: string, totalBytes: number) {
    this.#hive = hive;
    this.#models = models;
    this.#world = world;
    this.#workers = workers;
    this.totalBytes = totalBytes;
  }

  ask({ id, event }: PortCall, done: (result: AskResult) => void): void {
    const asked = event as MachineAsk;
    if (asked.type === "lookout") {
      if (this.#lookouts.size === 0) this.#world.clock.after(BEAT_MS, () => this.#lookOut());
      this.#world.clock.after(this.othersYieldMs, () => (this.othersBytes = 0));
      this.#lookouts.set(id, { asked, done });
      return;
    }
    if (asked.type === "measure" && !this.#models.isHere(asked.model)) {
      const error = { code: "model.absent", message: `${asked.model} is not here` } as const;
      this.#world.clock.after(1, () => done({ ok: false, error }));
      return;
    }
    const made = this.#made(asked);
    this.#world.clock.after(1, () => done({ ok: true, event: made }));
  }

  /** As far as workers go. */
  get freeBytes(): number {
    return this.totalBytes - this.#workers.aliveOf(this.#hive).reduce((sum, token) => sum + this.#takenBy(token), 0);
  }

  drop(id: string): void {
    this.#lookouts.delete(id);
  }

  #lookOut(): void {
    for (const [id, { asked, done }] of this.#lookouts) {
      if (!this.#isEnough(asked)) continue;
      this.#lookouts.delete(id);
      done({ ok: true, event: { type: "memory.came", key: asked.key } as Message });
    }
    if (this.#lookouts.size > 0) this.#world.clock.after(BEAT_MS, () => this.#lookOut());
  }

  #isEnough({ untilFreeBytes, booked }: Lookout): boolean {
    const [{ freeBytes }] = this.devices();
    const rows = booked.map(({ worker, reservedBytes }) => ({ reservedBytes, takenBytes: this.#takenBy(worker) }));
    return freeBytes - promisedBytes(rows) >= untilFreeBytes;
  }

  #made(asked: Exclude<MachineAsk, Lookout>) {
    switch (asked.type) {
      case "measure":
        return this.#measured(asked);
      case "weigh":
        return this.#weighed(asked);
      case "look":
        return { type: "looked", worker: asked.worker, devices: this.devices() };
    }
  }

  devices(): readonly [Device] {
    return [cpu(this.totalBytes, Math.max(0, this.freeBytes - this.othersBytes))];
  }

  #measured({ worker, model, running }: Extract<MachineAsk, { type: "measure" }>) {
    return {
      type: "measured",
      worker,
      path: `/models/${worker}.gguf`,
      profile: model,
      needs: needs(sizeOf(model).says),
      devices: this.devices(),
      cores: 4,
      held: running.map(({ worker: id }): Held => ({
        worker: id,
        takenBytes: this.#takenBy(id),
        peakBytes: this.#takenBy(id),
      })),
    };
  }

  #weighed({ worker, profile }: Extract<MachineAsk, { type: "weigh" }>) {
    return { type: "weighed", worker, profile, peakBytes: this.#takenBy(worker), devices: this.devices() };
  }

  #takenBy(token: string): number {
    const model = this.#workers.modelOf(token);
    return model === undefined ? 0 : sizeOf(model).takes;
  }
}
