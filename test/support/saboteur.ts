/**
 * Loaded into every thread of a node under test with NODE_OPTIONS=--import: breaks the thread of one role on command.
 *
 * The command is a file whose text is `ROLE VERB`. `throw`, `hang` and `spin` are carried out once, and the file is
 * removed first; `throw-always` stays. `start kill` kills every node while it starts. `pipes cut N` closes one of the
 * pipes to the node's children, the Nth of all there are. The program itself knows nothing of this.
 *
 * @module
 */
import { ChildProcess } from "node:child_process";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isMainThread, workerData } from "node:worker_threads";

const LOOK_MS = 20;

const COMMAND_VARIABLE = "SABOTEUR_COMMAND";

const path = process.env[COMMAND_VARIABLE];
const start: unknown = workerData;
const role = typeof start === "object" && start !== null && "role" in start ? String(start.role) : undefined;

if (!isMainThread && role !== undefined && path !== undefined) setInterval(() => look(path), LOOK_MS).unref();

if (isMainThread && process.argv[2] === "node" && path !== undefined) {
  if (readCommand(path) === "start kill") process.kill(process.pid, "SIGKILL");
  setInterval(() => cutPipe(path), LOOK_MS).unref();
}

/** What a node is given so that it obeys the commands in this file. */
export const obeying = (commandPath: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${pathToFileURL(import.meta.filename).href}`,
  [COMMAND_VARIABLE]: commandPath,
});

/** Written whole, so that no half of it is read. */
export function sabotage(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function cutPipe(file: string): void {
  const [whom, , which] = readCommand(file).split(" ");
  if (whom !== "pipes") return;
  rmSync(file);
  const pipes = children().flatMap(({ stdio }) => stdio);
  pipes[Number(which) % pipes.length]?.destroy();
}

/** Node lists what keeps it alive, and shows the list to debuggers. */
function children(): readonly ChildProcess[] {
  const list: unknown = Reflect.get(process, "_getActiveHandles");
  const handles: unknown = typeof list === "function" ? Reflect.apply(list, process, []) : [];
  return Array.isArray(handles) ? handles.filter((handle) => handle instanceof ChildProcess) : [];
}

function look(file: string): void {
  const [whom, verb] = readCommand(file).split(" ");
  if (whom !== role) return;
  if (verb !== "throw-always") rmSync(file);
  if (verb === "hang") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (verb === "spin") for (;;);
  throw new Error(`the saboteur threw in the thread of the ${role}`);
}

function readCommand(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
