/**
 * What becomes of the tokens of one stretch: stop tokens end it, the others are told as whole characters.
 *
 * Owns the counting and the waiting for a reader that wants no more; how tokens make characters is `token-text.ts`,
 * where a text ends `stop-reader.ts`.
 *
 * @module
 */
import type { Token } from "node-llama-cpp";
import type { OutputKind } from "../engine.ts";
import { StopReader } from "../stop-reader.ts";
import { CharacterReader, type Pieces } from "./token-text.ts";

/** What ends a stretch. */
export interface Ends {
  readonly stopTokens: ReadonlySet<Token>;
  readonly stopTexts: readonly string[];
}

/** All that one call of the engine has made, whatever became of it. */
export interface Tally {
  readonly made: Token[];
  /** Of those, how many the reader has been told of. */
  told: number;
}

export type TellPart = (text: string, tokens: number, kind: OutputKind) => void | Promise<void>;
export type TellText = (text: string) => void | Promise<void>;

/** The reader is told of it, and of the tokens it took together with those before it of which nothing was told. */
export function counted(tally: Tally, hear: (text: string, tokens: number) => void | Promise<void>): TellText {
  return (text) => {
    const tokens = tally.made.length - tally.told;
    tally.told = tally.made.length;
    return hear(text, tokens);
  };
}

/** From tokens to the caller's ear. */
export class Output {
  /** All of the text that was told. */
  text = "";
  isOver = false;
  readonly #tally: Tally;
  readonly #tell: TellText;
  readonly #signal: AbortSignal;
  readonly #characters: CharacterReader<Token>;
  readonly #stops: StopReader;
  readonly #stopTokens: ReadonlySet<Token>;

  constructor(pieces: Pieces<Token>, ends: Ends, tally: Tally, tell: TellText, signal: AbortSignal) {
    this.#tally = tally;
    this.#tell = tell;
    this.#signal = signal;
    this.#characters = new CharacterReader(pieces);
    this.#stops = new StopReader(ends.stopTexts);
    this.#stopTokens = ends.stopTokens;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  /** The stop text that ended it. */
  get found(): string | undefined {
    return this.#stops.found;
  }

  /** @returns a promise while the reader wants no more */
  push(token: Token): Promise<void> | undefined {
    if (this.#stopTokens.has(token)) {
      this.isOver = true;
      return undefined;
    }
    this.#tally.made.push(token);
    const text = this.#stops.push(this.#characters.push(token));
    if (this.#stops.found !== undefined) this.isOver = true;
    return this.#say(text);
  }

  /** Gives out what was held because it looked like the beginning of a stop text. */
  end(): Promise<void> | undefined {
    return this.#say(this.#stops.rest());
  }

  #say(text: string): Promise<void> | undefined {
    if (text === "") return undefined;
    this.text += text;
    const waiting = this.#tell(text);
    return waiting === undefined ? undefined : untilAborted(waiting, this.#signal);
  }
}

/** A reader that never comes back must not keep an aborted call. */
export function untilAborted(waiting: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve();
    const stop = (): void => resolve();
    signal.addEventListener("abort", stop, { once: true });
    waiting.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
