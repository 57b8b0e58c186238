/**
 * The trace of a run as a hash of every line.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** Hashing many short lines one by one costs more than the steps they tell of. */
const CHARS_PER_UPDATE = 65_536;

export class SimTrace {
  readonly #hash = createHash("sha256");
  #waiting = "";

  add(line: string): void {
    this.#waiting += `${line}\n`;
    if (this.#waiting.length >= CHARS_PER_UPDATE) this.#update();
  }

  get hash(): string {
    this.#update();
    return this.#hash.copy().digest("hex");
  }

  #update(): void {
    // What is written is all but ASCII; of the rest a byte each is enough to tell two runs apart, and quicker.
    this.#hash.update(this.#waiting, "latin1");
    this.#waiting = "";
  }
}
