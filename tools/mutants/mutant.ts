/**
 * A mutant: one small named edit that breaks one rule, and the tests that must notice.
 *
 * Owns: the shape of a mutant and how its edit is made. Does not own: the mutants, in files beside this one.
 *
 *  M1 An edit is exact: its text occurs once in the file as it is now. One that does not is stale, and an error.
 *
 * @module
 */

export interface Mutant {
  /** kebab-case, unique. */
  readonly name: string;
  /** The rule or invariant that it breaks, as the file that owns it calls it: `rule 5`, `RL2`, `J4`. */
  readonly rule: string;
  /** What goes wrong then, in a sentence. */
  readonly breaks: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Test files that should notice, the likeliest first. They are run one after the other until one does. */
  readonly killers: readonly string[];
  /** A test that hangs on it has noticed. Without this, a trial that takes too long proves nothing. */
  readonly mayHang?: true;
}

/** The file with the edit made. @throws when the mutant is stale */
export function planted(text: string, { name, file, find, replace }: Omit<Mutant, "killers">): string {
  const count = text.split(find).length - 1;
  if (count !== 1) throw new Error(`${name} is stale: its text occurs ${count} times in ${file}`);
  return text.replace(find, () => replace);
}
