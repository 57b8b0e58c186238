/**
 * The log of the streams on a simulated disk: what was added is written a little later, and only that lasts.
 *
 * @module
 */
import type { SpoolLog, SpoolRecord } from "../../src/net/spool.ts";
import type { SimWorld } from "./sim-world.ts";

const WRITE_MS = 5;

export class SimSpoolLog implements SpoolLog {
  readonly #world: SimWorld;
  /** What lasts. */
  readonly written: SpoolRecord[] = [];
  #waiting: SpoolRecord[] = [];
  #flushes: (() => void)[] = [];
  #life = 0;
  #isDue = false;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  add(record: SpoolRecord): void {
    this.#waiting.push(record);
    this.#writeLater();
  }

  forget(): void {}

  flushed(): Promise<void> {
    return new Promise((resolve) => {
      this.#flushes.push(resolve);
      this.#writeLater();
    });
  }

  /** The node is gone: what was not written is lost, and nobody waits any more. */
  crash(): void {
    this.#life += 1;
    this.#waiting = [];
    this.#flushes = [];
    this.#isDue = false;
  }

  #writeLater(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const life = this.#life;
    this.#world.clock.after(WRITE_MS, () => {
      if (life !== this.#life) return;
      this.#isDue = false;
      for (const record of this.#waiting.splice(0)) this.written.push(record);
      this.#world.promised();
      for (const resolve of this.#flushes.splice(0)) resolve();
    });
  }
}
