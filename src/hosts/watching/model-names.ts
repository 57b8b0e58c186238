/**
 * How models are named where nothing of a request may show and names must be few.
 *
 *  MN1 A name is shown when a worker has been decided on for it, or when it has the form of a hub's: nobody's sentence
 *      is taken for a model.
 *  MN2 As a label there are at most {@link LABELS_MAX}; all others are `other`.
 *  MN3 A file is named by its own name alone.
 *
 * @module
 */
import { modelLabel } from "../../protocol/telemetry.ts";

export const LABELS_MAX = 32;
const OTHER = "other";
const LETTERS_MAX = 120;
const KNOWN_MAX = 1024;

const HUB_NAME = /^hf:[\w.-]{1,96}\/[\w.-]{1,96}(?:[/:][\w.-]{1,96}){1,4}$/;

export class ModelNames {
  readonly #known = new Set<string>();
  readonly #labels = new Set<string>();

  /** @param known what the node's owner has named */
  constructor(known: readonly string[] = []) {
    for (const model of known) this.learn(model);
  }

  learn(model: string): void {
    if (this.#known.size < KNOWN_MAX) this.#known.add(model);
  }

  inLog(model: string): string {
    return this.#known.has(model) || HUB_NAME.test(model) ? modelLabel(model).slice(0, LETTERS_MAX) : OTHER;
  }

  asLabel(model: string): string {
    if (!this.#known.has(model)) return OTHER;
    const label = this.inLog(model);
    if (this.#labels.size < LABELS_MAX) this.#labels.add(label);
    return this.#labels.has(label) ? label : OTHER;
  }
}
