/**
 * What a rule of tidy sees and says.
 *
 * @module
 */

/** Every file that tidy looks at: path from the root, with `/`, to its text. */
export type Tree = ReadonlyMap<string, string>;

export interface Problem {
  readonly path: string;
  readonly line: number;
  /** The broken rule as a sentence, with what was found. */
  readonly text: string;
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

export const isCode = (path: string): boolean => /\.(ts|mts|mjs)$/.test(path);
export const isTest = (path: string): boolean => path.endsWith(".test.ts");
