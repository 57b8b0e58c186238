/**
 * Loaded into a node under measurement with NODE_OPTIONS=--import: each of its threads says from time to time how large
 * its heap is, in a file of its own in a folder that is named in {@link HEAP_FOLDER}.
 *
 * @module
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import { threadId } from "node:worker_threads";
import { HEAP_FOLDER } from "./heaps.ts";

/** Twelve files a second of all threads together would be a fiftieth of a core, and counted as hers. */
const EVERY_MS = 10_000;
const folder = process.env[HEAP_FOLDER];

function say(to: string): void {
  const file = join(to, `${process.pid}-${threadId}`);
  writeFileSync(`${file}.new`, String(getHeapStatistics().total_heap_size));
  renameSync(`${file}.new`, file);
}

if (folder !== undefined) setInterval(() => say(folder), EVERY_MS).unref();
