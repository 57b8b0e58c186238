/**
 * How large the heaps of another process are: all of its threads together, as V8 holds them.
 *
 * @module
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const HEAP_FOLDER = "BENCH_HEAP_FOLDER";
const PRELOAD = new URL("./heap-preload.ts", import.meta.url).href;

/** @returns what has to stand in its environment for it to say so */
export function tellingHeaps(folder: string): Readonly<Record<string, string>> {
  mkdirSync(folder, { recursive: true });
  return { [HEAP_FOLDER]: folder, NODE_OPTIONS: `--import=${PRELOAD}` };
}

/** As they were said last, at most ten seconds or so ago. */
export const heapBytes = (folder: string, pid: number): number =>
  readdirSync(folder)
    .filter((name) => name.startsWith(`${pid}-`) && !name.endsWith(".new"))
    .reduce((sum, name) => sum + Number(readFileSync(join(folder, name), "utf8")), 0);
