/**
 * The options of one call, read one by one as what they should be.
 *
 * Owns: turning the text after a flag into a value, or into `usage.invalid` that names the flag.
 * Does not own: which flags there are (commands.mjs) or finding them among the arguments (dispatch.ts).
 *
 * @module
 */
import { RbeeError } from "../protocol/errors.ts";
import { durationMs } from "../runtime/config/units.ts";

export class Options {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #switches: ReadonlySet<string>;

  constructor(texts: ReadonlyMap<string, string>, switches: ReadonlySet<string>) {
    this.#texts = texts;
    this.#switches = switches;
  }

  on(flag: string): boolean {
    return this.#switches.has(flag);
  }

  text(flag: string): string | undefined {
    return this.#texts.get(flag);
  }

  required(flag: string): string {
    return this.text(flag) ?? refuse(`${flag} is needed`);
  }

  number(flag: string): number | undefined {
    const text = this.text(flag);
    if (text === undefined) return undefined;
    const value = Number(text);
    return text.trim() !== "" && Number.isFinite(value)
      ? value
      : refuse(`${flag} takes a number, not ${JSON.stringify(text)}`);
  }

  durationMs(flag: string): number | undefined {
    const text = this.text(flag);
    if (text === undefined) return undefined;
    return durationMs(text) ?? refuse(`${flag} takes a duration such as 30s or 5m, not ${JSON.stringify(text)}`);
  }

  /** One of the words, the first of them when the flag is not given. */
  oneOf<Word extends string>(flag: string, words: readonly [Word, ...Word[]]): Word {
    const text = this.text(flag) ?? words[0];
    return (
      words.find((word) => word === text) ?? refuse(`${flag} takes ${words.join(", ")}, not ${JSON.stringify(text)}`)
    );
  }
}

export function refuse(message: string): never {
  throw new RbeeError("usage.invalid", message);
}
