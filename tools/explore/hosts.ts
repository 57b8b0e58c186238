/**
 * All hosts of a configuration: what each does with an input, and what is known of each of its states.
 *
 * @module
 */
import { type Facts, factsOf } from "./facts.ts";
import type { HostSpec } from "./host-image.ts";
import { HostSteps, type Input, type Outcome, type TurnRule } from "./host-steps.ts";
import { Interned } from "./interned.ts";

/** With the inputs of its own moves as numbers. */
export type HostFacts = Facts & { readonly inputs: readonly number[] };

export class Hosts {
  readonly specs: readonly HostSpec[];
  readonly inputs = new Interned<readonly Input[]>();
  readonly #steps: readonly HostSteps[];
  readonly #facts: HostFacts[][];
  readonly #index: ReadonlyMap<string, number>;

  constructor(specs: readonly HostSpec[], rules: readonly TurnRule[]) {
    this.specs = specs;
    this.#steps = specs.map((spec) => new HostSteps(spec, this.inputs, rules));
    this.#facts = specs.map(() => []);
    this.#index = new Map(specs.map(({ id }, h) => [id, h]));
  }

  indexOf(host: string): number | undefined {
    return this.#index.get(host);
  }

  step(h: number, image: number, input: number): Outcome {
    return (this.#steps[h] as HostSteps).step(image, input);
  }

  facts(h: number, image: number): HostFacts {
    const known = this.#facts[h] as HostFacts[];
    return (known[image] ??= this.#look(h, image));
  }

  #look(h: number, image: number): HostFacts {
    const facts = factsOf((this.#steps[h] as HostSteps).images.at(image));
    return { ...facts, inputs: facts.moves.map(({ input }) => this.inputs.id([input])) };
  }
}
