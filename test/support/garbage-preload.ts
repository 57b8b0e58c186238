/**
 * Loaded into a node under test with NODE_OPTIONS=--import: from now on its workers are processes that say garbage.
 *
 * Which garbage stands in a file, so that a test can change it from worker to worker. The program itself knows nothing
 * of this.
 *
 * @module
 */
import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import { fileURLToPath } from "node:url";

export const GARBAGE_VARIABLE = "GARBAGE_FILE";

const GARBAGE_PROGRAM = fileURLToPath(new URL("garbage-program.ts", import.meta.url));
const WORKER = /\/src\/hosts\/worker\/worker\.ts$/;

const { spawn } = childProcess;

childProcess.spawn = ((file: string, args: readonly string[], options: childProcess.SpawnOptions) => {
  const entry = args.findIndex((argument) => WORKER.test(argument));
  if (entry === -1) return spawn(file, args, options);
  const env = { ...options.env, [GARBAGE_VARIABLE]: process.env[GARBAGE_VARIABLE] };
  return spawn(file, args.with(entry, GARBAGE_PROGRAM), { ...options, env });
}) as typeof spawn;
syncBuiltinESMExports();
