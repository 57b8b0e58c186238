/**
 * What becomes of the tokens of one call: stop tokens end it, the others are told as whole characters.
 *
 * Owns the counting and the waiting for a reader that wants no more; how tokens make characters is `token-text.ts`.
 *
 * @module
 */
import type { Token } from "node-llama-cpp";
import type { Prompt } from "./llama-prompt.ts";
import { CharacterReader, type Pieces, StopReader } from "./token-text.ts";

export type OnText = (text: string, tokens: number) => void | Promise<void>;

/** The grammar's converter ends every document with these, so that a model that will not stop is stopped. */
const DOCUMENT_END = "\n\n\n\n";

/** From tokens to the caller's ear. */
export class Output {
  tokens = 0;
  stopped = false;
  readonly #onText: OnText;
  readonly #signal: AbortSignal;
  readonly #characters: CharacterReader<Token>;
  readonly #stops: StopReader;
  readonly #stopTokens: ReadonlySet<Token>;
  #tokensTold = 0;

  /** @param document the text is a JSON document, held to a grammar */
  constructor(
    pieces: Pieces<Token>,
    { stopTokens, stopTexts }: Prompt,
    document: boolean,
    onText: OnText,
    signal: AbortSignal,
  ) {
    this.#onText = onText;
    this.#signal = signal;
    this.#characters = new CharacterReader(pieces);
    this.#stops = new StopReader(document ? [DOCUMENT_END] : stopTexts);
    this.#stopTokens = stopTokens;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  /** @returns a promise while the reader wants no more */
  push(token: Token): Promise<void> | undefined {
    if (this.#stopTokens.has(token)) {
      this.stopped = true;
      return undefined;
    }
    this.tokens++;
    const text = this.#stops.push(this.#characters.push(token));
    this.stopped = this.#stops.stopped;
    return this.#tell(text);
  }

  /** Gives out what was held because it looked like the beginning of a stop text. */
  end(): Promise<void> | undefined {
    return this.#tell(this.#stops.end());
  }

  #tell(text: string): Promise<void> | undefined {
    if (text === "") return undefined;
    const tokens = this.tokens - this.#tokensTold;
    this.#tokensTold = this.tokens;
    const waiting = this.#onText(text, tokens);
    return waiting === undefined ? undefined : untilAborted(waiting, this.#signal);
  }
}

/** A reader that never comes back must not keep an aborted call. */
function untilAborted(waiting: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve();
    const stop = (): void => resolve();
    signal.addEventListener("abort", stop, { once: true });
    waiting.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
