/**
 * Loaded into every thread of a node under test with NODE_OPTIONS=--import: writes down in which state each cell of it
 * is behind each event. The program itself knows nothing of this.
 *
 * Owns: what was seen, a file for each life of a host. Does not own: which ways there are (simulation/team/ways.ts).
 *
 * @module
 */
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isMainThread, threadId, workerData } from "node:worker_threads";
import { z } from "zod";
import { Host } from "../../src/runtime/host.ts";
import { type Seen, Wayfarers } from "../simulation/team/ways.ts";

const FOLDER_VARIABLE = "WAY_WATCH_FOLDER";

const folder = process.env[FOLDER_VARIABLE];
const start: unknown = workerData;
const isBee = !isMainThread && typeof start === "object" && start !== null && "role" in start;

if (isBee && folder !== undefined) watchHosts(join(folder, `${process.pid}-${threadId}`));

/** What a node is given so that it is watched, from now on. */
export function watched(into: string): Readonly<Record<string, string>> {
  mkdirSync(into, { recursive: true });
  return { NODE_OPTIONS: `--import=${pathToFileURL(import.meta.filename).href}`, [FOLDER_VARIABLE]: into };
}

function watchHosts(file: string): void {
  const observe = ({ cell, event: { type }, state }: Seen): void => {
    const seen: Seen = { cell, event: { type }, state };
    appendFileSync(file, `${JSON.stringify(seen)}\n`);
  };
  const { turn } = Host.prototype;
  // A host that nobody looks at has no observer, and asks for it each time.
  Host.prototype.turn = function watchedTurn(): boolean {
    Reflect.set(this.core.options, "observe", observe);
    return turn.call(this);
  };
}

const seenLine = z.object({ cell: z.string(), event: z.object({ type: z.string() }), state: z.unknown() });

/** Of each life of a host, from its first turn on; a life that was killed may have half a line at its end. */
export const waysIn = (from: string): readonly Wayfarers[] =>
  readdirSync(from).map((name) => {
    const ways = new Wayfarers();
    for (const line of readFileSync(join(from, name), "utf8").split("\n").slice(0, -1)) {
      const seen: Seen = seenLine.parse(JSON.parse(line));
      if (seen.event.type === "restored") ways.restored(seen);
      ways.saw(seen);
    }
    return ways;
  });
