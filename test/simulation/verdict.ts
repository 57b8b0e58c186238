/**
 * What checkers say: the first rule that was broken, and what interesting was seen.
 *
 * @module
 */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
  readonly atMs: number;
}

export class Verdict {
  readonly nowMs: () => number;
  readonly seen = new Set<string>();
  readonly #stop: () => void;
  violation: Violation | undefined;

  /** @param stop is called once: what comes after the first broken rule says little. */
  constructor(nowMs: () => number, stop: () => void) {
    this.nowMs = nowMs;
    this.#stop = stop;
  }

  fail(invariant: string, message: string): void {
    if (this.violation !== undefined) return;
    this.violation = { invariant, message, atMs: this.nowMs() };
    this.#stop();
  }

  /** Something worth reaching was reached. */
  sometimes(name: string): void {
    this.seen.add(name);
  }
}
