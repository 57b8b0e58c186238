/**
 * Text up to the first of some strings that end it.
 *
 *  ST1 What comes out is the text before the stop that is whole first, and not a character of that, however the text
 *      comes in pieces.
 *  ST2 Held back is only what may still become a stop: everything else comes out at once.
 *
 * @module
 */
export class StopReader {
  readonly #stops: readonly string[];
  #held = "";
  /** The stop that ended the text: nothing comes out any more. */
  found: string | undefined;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  /** @returns what is certain by now. */
  push(text: string): string {
    if (this.found !== undefined) return "";
    const all = this.#held + text;
    const first = this.#first(all);
    this.found = first?.stop;
    const certain = first?.at ?? all.length - this.#beginning(all);
    this.#held = this.found === undefined ? all.slice(certain) : "";
    return all.slice(0, certain);
  }

  /** @returns what was held back and has not become a stop. */
  rest(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  /** The stop that ends first; of those that end together the longest. */
  #first(text: string): { readonly at: number; readonly end: number; readonly stop: string } | undefined {
    let best: { readonly at: number; readonly end: number; readonly stop: string } | undefined;
    for (const stop of this.#stops) {
      const at = text.indexOf(stop);
      const end = at + stop.length;
      if (at < 0 || (best !== undefined && (end > best.end || (end === best.end && at > best.at)))) continue;
      best = { at, end, stop };
    }
    return best;
  }

  /** How many characters at the end of the text may be the beginning of a stop. */
  #beginning(text: string): number {
    let longest = 0;
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, text.length); length > longest; length -= 1) {
        if (text.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}
