/**
 * The sentences that features are made of, each with what it does.
 *
 *  S1 A step of a feature means exactly one sentence: none, or two that fit, is a failure that says so.
 *
 * @module
 */
import type { Step } from "./parse.ts";

/** `{int}` in a sentence gives a number, `{string}` the text between double quotes, `{json}` that between braces. */
type Arguments<Sentence extends string> = Sentence extends `${string}{${infer Kind}}${infer Rest}`
  ? [Kind extends "int" ? number : string, ...Arguments<Rest>]
  : [];

type Table = readonly (readonly string[])[];

export class Sentences<World> {
  readonly #known: {
    readonly sentence: string;
    readonly pattern: RegExp;
    readonly act: (world: World, values: readonly (string | number)[], table: Table) => unknown;
  }[] = [];

  /** What a sentence does; the table under the step comes behind its values. */
  readonly step = <const Sentence extends string>(
    sentence: Sentence,
    act: (world: World, ...values: [...Arguments<Sentence>, Table]) => unknown,
  ): void => {
    this.#known.push({
      sentence,
      pattern: patternOf(sentence),
      // The pattern of the sentence finds as many values, of the same kinds, as its type says.
      act: (world, values, table) => act(world, ...([...values, table] as [...Arguments<Sentence>, Table])),
    });
  };

  get all(): readonly string[] {
    return this.#known.map(({ sentence }) => sentence);
  }

  /** @throws Error when the step means nothing, or more than one thing */
  meaningOf(step: Step): { readonly sentence: string; readonly act: (world: World) => unknown } {
    const fitting = this.#known.filter(({ pattern }) => pattern.test(step.text));
    const [found] = fitting;
    if (found === undefined) throw new Error(`no sentence says: ${step.text}`);
    if (fitting.length > 1) {
      throw new Error(`"${step.text}" may mean: ${fitting.map(({ sentence }) => sentence).join("; ")}`);
    }
    const values = (found.pattern.exec(step.text) ?? []).slice(1).map(valueOf);
    return { sentence: found.sentence, act: (world) => found.act(world, values, step.table) };
  }
}

function valueOf(written: string): string | number {
  if (written.startsWith("{")) return written;
  return written.startsWith('"') ? written.slice(1, -1) : Number(written);
}

function patternOf(sentence: string): RegExp {
  const escaped = sentence.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
  const filled = escaped
    .replaceAll("{int}", String.raw`(-?\d+)`)
    .replaceAll("{string}", '("[^"]*")')
    .replaceAll("{json}", String.raw`(\{.*\})`);
  return new RegExp(`^${filled}$`);
}
