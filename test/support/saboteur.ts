/**
 * Loaded into every thread of a node under test with NODE_OPTIONS=--import: breaks the thread of one role on command.
 *
 * The command is a file whose text is `ROLE VERB`. `throw` and `hang` are carried out once, and the file is removed
 * first; `throw-always` stays. `start kill` kills every node while it starts. The program itself knows nothing of this.
 *
 * @module
 */
import { readFileSync, rmSync } from "node:fs";
import { isMainThread, workerData } from "node:worker_threads";

const LOOK_MS = 20;

export const COMMAND_VARIABLE = "SABOTEUR_COMMAND";

const path = process.env[COMMAND_VARIABLE];
const start: unknown = workerData;
const role = typeof start === "object" && start !== null && "role" in start ? String(start.role) : undefined;

if (!isMainThread && role !== undefined && path !== undefined) setInterval(() => look(path), LOOK_MS).unref();

if (isMainThread && process.argv[2] === "node" && path !== undefined && readCommand(path) === "start kill") {
  process.kill(process.pid, "SIGKILL");
}

function look(file: string): void {
  const [whom, verb] = readCommand(file).split(" ");
  if (whom !== role) return;
  if (verb !== "throw-always") rmSync(file);
  if (verb === "hang") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error(`the saboteur threw in the thread of the ${role}`);
}

function readCommand(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
