/**
 * Names of models, as a person types them here and as another process can read them.
 *
 * @module
 */
import path from "node:path";

const FILE = "file:";

/** A relative `file:` path means the folder the person is in, which the queen does not know. Other names pass. */
export const modelName = (typed: string, cwd: string): string =>
  typed.startsWith(FILE) ? FILE + path.resolve(cwd, typed.slice(FILE.length)) : typed;
