/**
 * From tokens to text that a reader may see: whole characters, and nothing behind a stop text.
 *
 * Owns the holding back. A token of a byte-level vocabulary may be a part of a character, and the beginning of a stop
 * text must not be shown before it is known to be something else.
 *
 *  T1 The texts given out, joined, are the text of the tokens; no character is given out in halves.
 *  T2 At most three tokens are held for an unfinished character, and no text longer than the longest stop text.
 *  T3 An unfinished character at the end is dropped: half a character is no text.
 *
 * @module
 */

/** Stands in a decoded text for bytes that are no character, or not yet. */
const REPLACEMENT = "\uFFFD";
/** A character has at most four bytes and a token at least one. */
const UNFINISHED_TOKENS_MAX = 3;

/** The text of tokens as they stand inside a text, each kept once it has been asked for. */
export class Pieces<Token extends number> {
  readonly #detokenize: (tokens: readonly Token[]) => string;
  readonly #known: (string | undefined)[] = [];

  /** @param detokenize must not treat the first token as the beginning of a text. */
  constructor(detokenize: (tokens: readonly Token[]) => string) {
    this.#detokenize = detokenize;
  }

  of(token: Token): string {
    return (this.#known[token] ??= this.#detokenize([token]));
  }

  join(tokens: readonly Token[]): string {
    return this.#detokenize(tokens);
  }
}

/** Tokens in, whole characters out. */
export class CharacterReader<Token extends number> {
  readonly #pieces: Pieces<Token>;
  #held: Token[] = [];
  /** How much of the held tokens' text was given out: all but a last character that is unfinished. */
  #given = 0;

  constructor(pieces: Pieces<Token>) {
    this.#pieces = pieces;
  }

  push(token: Token): string {
    if (this.#held.length === 0) {
      const piece = this.#pieces.of(token);
      if (!piece.endsWith(REPLACEMENT)) return piece;
    }
    this.#held.push(token);
    const text = this.#pieces.join(this.#held);
    const unfinished = text.endsWith(REPLACEMENT);
    const whole = text.slice(this.#given, unfinished ? -1 : text.length);
    this.#held = unfinished ? this.#held.slice(-UNFINISHED_TOKENS_MAX) : [];
    this.#given = unfinished ? this.#pieces.join(this.#held).length - 1 : 0;
    return whole;
  }
}

/** Ends a text before the first of some stop texts. */
export class StopReader {
  readonly #stops: readonly string[];
  readonly #longest: number;
  #held = "";
  /** A stop text was met; nothing more will be given out. */
  stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
    this.#longest = Math.max(0, ...stops.map((stop) => stop.length));
  }

  push(text: string): string {
    if (this.#longest === 0) return text;
    const seen = this.#held + text;
    const found = this.#stops.map((stop) => seen.indexOf(stop)).filter((at) => at >= 0);
    if (found.length > 0) {
      this.stopped = true;
      this.#held = "";
      return seen.slice(0, Math.min(...found));
    }
    const open = this.#openLength(seen);
    this.#held = seen.slice(seen.length - open);
    return seen.slice(0, seen.length - open);
  }

  end(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }

  /** How many characters at the end may be the beginning of a stop text. */
  #openLength(seen: string): number {
    for (let length = Math.min(seen.length, this.#longest - 1); length > 0; length--) {
      const tail = seen.slice(-length);
      if (this.#stops.some((stop) => stop.startsWith(tail))) return length;
    }
    return 0;
  }
}
