/**
 * The surroundings as numbers: what each state of them offers, and how each reacts, computed once.
 *
 * @module
 */
import { Interned } from "./interned.ts";
import { type Choice, choices, type Occurrence, react, type Reaction, type Surroundings } from "./surroundings.ts";

/** With the state that it leads to as a number. */
export type Reacted = Reaction & { readonly env: number };

const OCCURRENCES_MAX = 2 ** 20;

export class Around {
  readonly states = new Interned<Surroundings>();
  readonly occurrences = new Interned<Occurrence>();
  readonly #choices: (readonly (Choice & { readonly reaction: Reacted })[])[] = [];
  readonly #reactions = new Map<number, Reacted>();

  choices(env: number): readonly (Choice & { readonly reaction: Reacted })[] {
    return (this.#choices[env] ??= choices(this.states.at(env)).map((choice) => ({
      ...choice,
      reaction: this.#reacted(choice.reaction),
    })));
  }

  react(env: number, occurrence: number): Reacted {
    const key = env * OCCURRENCES_MAX + occurrence;
    let known = this.#reactions.get(key);
    if (known === undefined) {
      known = this.#reacted(react(this.states.at(env), this.occurrences.at(occurrence)));
      this.#reactions.set(key, known);
    }
    return known;
  }

  #reacted(reaction: Reaction): Reacted {
    return { ...reaction, env: this.states.id(reaction.after) };
  }
}
