/**
 * The ways of models to this disk, told as news: that one began, how much came, why it waits, that all is checked.
 *
 * Owns: how much of each was there when last heard. Does not own: any download (machines/download.ts).
 *
 *  DW1 What was on the disk already counts as nothing that came, and what came counts once.
 *  DW2 A reason to wait is told once, until it gets further.
 *
 * @module
 */
import type { DownloadProgress } from "../models/models.ts";
import type { TakeNews } from "./news.ts";

interface Seen {
  readonly step: DownloadProgress["step"];
  readonly presentBytes: number;
  readonly waitsFor: string | undefined;
  readonly isChecked: boolean;
}

const SEEN_MAX = 256;

export class DownloadWitness {
  readonly #tell: TakeNews;
  readonly #seen = new Map<string, Seen>();

  constructor(tell: TakeNews) {
    this.#tell = tell;
  }

  readonly heard = (progress: DownloadProgress): void => {
    const { model, step, presentBytes, totalBytes, trouble } = progress;
    const last = this.#seen.get(model);
    // What is asked for again after it was checked is another download.
    const before = last?.isChecked === true && step === "resolving" ? undefined : last;
    const isChecked = step === "checking" && presentBytes === totalBytes;
    const waitsFor = trouble?.code ?? (step === "fetching" ? undefined : before?.waitsFor);
    this.#keep(model, { step, presentBytes, waitsFor, isChecked });
    if (before === undefined) this.#tell({ event: "download.begun", model });
    if (step === "fetching" && before?.step === "fetching" && presentBytes > before.presentBytes) {
      this.#tell({ event: "download.came", model, bytes: presentBytes - before.presentBytes });
    }
    if (trouble !== undefined && trouble.code !== before?.waitsFor) {
      this.#tell({ event: "download.waits", model, code: trouble.code });
    }
    if (isChecked && before?.isChecked !== true) this.#tell({ event: "download.checked", model, bytes: totalBytes });
  };

  #keep(model: string, seen: Seen): void {
    this.#seen.delete(model);
    this.#seen.set(model, seen);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > SEEN_MAX && oldest !== undefined) this.#seen.delete(oldest);
  }
}
