/**
 * How fast something goes, over the last few seconds.
 *
 * @module
 */

const WINDOW_MS = 5000;
const STEP_MS = 250;

export class Rate {
  #marks: { readonly atMs: number; readonly bytes: number }[] = [];
  bytesPerSecond = 0;

  begin(bytes: number, atMs: number): void {
    this.#marks = [{ atMs, bytes }];
    this.bytesPerSecond = 0;
  }

  at(bytes: number, atMs: number): void {
    const last = this.#marks.at(-1);
    // What was begun again from nothing tells no speed.
    if (last === undefined || bytes < last.bytes) return this.begin(bytes, atMs);
    if (atMs - last.atMs < STEP_MS) return;
    this.#marks.push({ atMs, bytes });
    while ((this.#marks[1]?.atMs ?? atMs) < atMs - WINDOW_MS) this.#marks.shift();
    const [first = last] = this.#marks;
    this.bytesPerSecond = Math.round(((bytes - first.bytes) * 1000) / Math.max(1, atMs - first.atMs));
  }
}
