/**
 * One machine of a simulated cluster: its hive, its memory, its models on disk, and its porter's desk.
 *
 * Owns: the ports that the hosts of this machine ask. Does not own: processes (sim-workers.ts, which knows whose each
 * is), the link to the other machine.
 *
 * @module
 */
import { Desk } from "../../src/hosts/porter/desk.ts";
import type { Frame } from "../../src/runtime/envelope.ts";
import type { Port } from "../../src/runtime/ports.ts";
import { SimMachine } from "./sim-machine.ts";
import { SimModels } from "./sim-models.ts";
import type { SimWorkers } from "./sim-workers.ts";
import type { SimWorld } from "./sim-world.ts";

export interface SiteOptions {
  readonly world: SimWorld;
  readonly workers: SimWorkers;
  /** Hosts that end with this machine: its hive last. */
  readonly bees: readonly string[];
  readonly totalBytes: number;
  /** Where the queen lives. */
  readonly streams: (() => Port) | undefined;
  readonly send: (to: string, frames: readonly Frame[]) => void;
}

export class SimSite {
  readonly hive: string;
  readonly bees: readonly string[];
  readonly machine: SimMachine;
  readonly models: SimModels;
  readonly #options: SiteOptions;
  #desk: Desk;

  constructor(options: SiteOptions) {
    const { world, workers, bees, totalBytes } = options;
    this.#options = options;
    this.bees = bees;
    this.hive = bees.at(-1) ?? "";
    this.models = new SimModels(world);
    this.machine = new SimMachine(world, workers, this.models, this.hive, totalBytes);
    this.#desk = this.#open();
  }

  receive(frame: Frame): void {
    this.#desk.receive([frame]);
  }

  /** Its main process was lost, with what ran in it and its children. */
  forget(): void {
    this.#options.workers.vanish(this.hive);
    this.#desk = this.#open();
  }

  #open(): Desk {
    const { workers, streams, send } = this.#options;
    const local = { processes: workers, machine: this.machine, models: this.models };
    const desk: Desk = new Desk(streams === undefined ? local : { ...local, streams: streams() }, (to, frames) => {
      if (desk === this.#desk) send(to, frames);
    });
    return desk;
  }
}
