/**
 * What a command is given, and what it gives back: an exit code.
 *
 * @module
 */
import type { Environment } from "../runtime/config/paths.ts";
import type { Interruption } from "./interruption.ts";
import type { Options } from "./options.ts";
import type { Output } from "./terminal/output.ts";

export interface Run {
  readonly args: readonly string[];
  readonly options: Options;
  readonly output: Output;
  readonly interruption: Interruption;
  readonly env: Environment;
  readonly cwd: string;
}

/** What it throws is told with its code and advice, and gives the exit code of the error table. */
export type RunCommand = (run: Run) => Promise<number>;
