/**
 * The stand-in for llama-server as an executable file, as an installed one is.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PROGRAM = new URL("./llama-server-program.ts", import.meta.url).pathname;

/** @returns its path, in that folder */
export function installLlamaServer(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "llama-server");
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`, { mode: 0o755 });
  return path;
}
