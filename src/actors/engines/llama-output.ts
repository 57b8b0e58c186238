/**
 * What becomes of the tokens of one call: stop tokens end it, the others are told as whole characters.
 *
 * Owns the counting and the waiting for a reader that wants no more; how tokens make characters is `token-text.ts`.
 *
 * @module
 */
import type { Token } from "node-llama-cpp";
import type { Prompt } from "./llama-prompt.ts";
import { StopReader } from "./stop-reader.ts";
import { CharacterReader, type Pieces } from "./token-text.ts";

export type OnText = (text: string, tokens: number) => void | Promise<void>;

/** The grammar's converter ends every document with these, so that a model that will not stop is stopped. */
const DOCUMENT_END = "\n\n\n\n";

/** From tokens to the caller's ear. */
export class Output {
  /** All that were made, stop tokens not among them. */
  readonly made: Token[] = [];
  stopped = false;
  readonly #onText: OnText;
  readonly #signal: AbortSignal;
  readonly #characters: CharacterReader<Token>;
  readonly #stops: StopReader;
  readonly #stopTokens: ReadonlySet<Token>;
  readonly #asked: readonly string[];
  #tokensTold = 0;

  /**
   * @param document the text is a JSON document, held to a grammar
   * @param asked the stops of the request
   */
  constructor(
    pieces: Pieces<Token>,
    { stopTokens, stopTexts }: Prompt,
    document: boolean,
    asked: readonly string[],
    onText: OnText,
    signal: AbortSignal,
  ) {
    this.#onText = onText;
    this.#signal = signal;
    this.#characters = new CharacterReader(pieces);
    this.#asked = asked;
    this.#stops = new StopReader([...(document ? [DOCUMENT_END] : stopTexts), ...asked]);
    this.#stopTokens = stopTokens;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  get tokens(): number {
    return this.made.length;
  }

  /** Which stop of the request ended it. */
  get stop(): string | undefined {
    const { found } = this.#stops;
    return found !== undefined && this.#asked.includes(found) ? found : undefined;
  }

  /** @returns a promise while the reader wants no more */
  push(token: Token): Promise<void> | undefined {
    if (this.#stopTokens.has(token)) {
      this.stopped = true;
      return undefined;
    }
    this.made.push(token);
    const text = this.#stops.push(this.#characters.push(token));
    this.stopped = this.#stops.found !== undefined;
    return this.#tell(text);
  }

  /** Gives out what was held because it looked like the beginning of a stop text. */
  end(): Promise<void> | undefined {
    return this.#tell(this.#stops.rest());
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
