/**
 * The environment of this machine's child processes: only what they need. Secrets stay here.
 *
 *  CE1 A child finds the modules that this process has compiled: a worker's start is a third shorter for it.
 *
 * @module
 */
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";

const PASSED = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "NODE_ENV"];

export function childEnvironment(): Readonly<Record<string, string>> {
  const passed = PASSED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  // Its last part names the version of Node, which a child adds for itself.
  const cache = getCompileCacheDir();
  return Object.fromEntries(cache === undefined ? passed : [...passed, ["NODE_COMPILE_CACHE", dirname(cache)]]);
}
