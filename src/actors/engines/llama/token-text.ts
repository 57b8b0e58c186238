/**
 * From tokens to text that a reader may see: whole characters.
 *
 * Owns the holding back: a token of a byte-level vocabulary may be a part of a character. Where a text ends is
 * `stop-reader.ts`.
 *
 *  T1 The texts given out, joined, are the text of the tokens; no character is given out in halves.
 *  T2 At most three tokens are held for an unfinished character.
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
