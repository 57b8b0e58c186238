/**
 * The lifeline: a child process dies when its parent dies, however the parent dies.
 *
 * Owns: the watchdog thread of a child, and the command line with which a parent starts a child that has one.
 * Does not own: forking, or the pipe. Whoever spawns makes the pipe, alone holds its other end and never writes to it.
 *
 *  L1 The other end closes: the child and its process group get SIGKILL, also while the main loop is blocked.
 *  L2 A held lifeline neither keeps a process from ending by itself nor changes its exit code.
 *  L3 A child whose parent died before any of this was in place ends at its first statement.
 *  L4 A watchdog that breaks ends the child: nobody runs unwatched.
 *  L5 On Linux the kernel helps (`setpriv --pdeathsig`): at once, and the only way to end a child that is stopped.
 *
 * What is left open: a child that is stopped within the first millisecond or two, before the kernel was told (L5), and
 * whose parent then dies, stays stopped until the next start sweeps it (src/hosts/real/sweep.ts).
 *
 * The watchdog waits in an event loop of its own, not in a blocking read: Node joins its threads when a process ends,
 * and a thread inside read(2) cannot be joined, so `process.exit` would hang for as long as the parent lives.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, extname, join } from "node:path";
import { isMainThread, Worker } from "node:worker_threads";

/** `fd:parentPid`. Read once by the preload and removed, so that a child's own children do not take it for theirs. */
const VARIABLE = "RBEE_LIFELINE";

const WATCHDOG = `
  const { Socket } = require("node:net");
  const { workerData } = require("node:worker_threads");
  const end = () => {
    try { process.kill(-process.pid, "SIGKILL"); } catch { process.kill(process.pid, "SIGKILL"); }
  };
  process.on("uncaughtException", end);
  new Socket({ fd: workerData, readable: true, writable: false }).on("error", end).on("close", end).resume();
`;

/** Ties this process to the other end of `fd`. For the child's first statement, before anything can fail or block. */
export function holdLifeline(fd: number): void {
  const watchdog = new Worker(WATCHDOG, { eval: true, workerData: fd, execArgv: [], env: {}, name: "lifeline" });
  watchdog.once("exit", killSelf);
  watchdog.unref();
}

/** What the preload runs: takes the lifeline that {@link lifelineCommand} announced, if there is one. */
export function holdInheritedLifeline(): void {
  const announced = process.env[VARIABLE];
  if (announced === undefined) return;
  delete process.env[VARIABLE];
  const [fd, parentPid] = announced.split(":").map(Number);
  if (fd === undefined || process.ppid !== parentPid) killSelf();
  else holdLifeline(fd);
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * Runs `entry` under this Node with a lifeline on `fd`. Spawn it from the main thread, `detached` (its own process
 * group, so that helpers go with it), with the environment given here added to the child's.
 */
export function lifelineCommand(
  entry: string,
  args: readonly string[],
  fd: number,
): Command & { readonly env: Readonly<Record<string, string>> } {
  const preload = new URL(`./lifeline-preload${extname(import.meta.filename)}`, import.meta.url).href;
  const command = mortalCommand(process.execPath, ["--import", preload, entry, ...args]);
  return { ...command, env: { [VARIABLE]: `${fd}:${process.pid}` } };
}

/**
 * The same program, which the kernel kills when the thread that spawned it ends. For helpers that are no Node, such as
 * a decoder: a parent killed by L5 has no time left to kill its group. Unchanged where the kernel does not offer it.
 */
export function mortalCommand(file: string, args: readonly string[]): Command {
  const setpriv = isMainThread ? findSetpriv() : undefined;
  if (setpriv === undefined) return { file, args };
  return { file: setpriv, args: ["--pdeathsig", "SIGKILL", "--", file, ...args] };
}

let setprivPath: { readonly path: string | undefined } | undefined;

/** Looked for once, and tried once: some builds of setpriv lack the option, some containers forbid the call. */
function findSetpriv(): string | undefined {
  if (setprivPath !== undefined) return setprivPath.path;
  const path = process.platform === "linux" ? onPath("setpriv") : undefined;
  const works = path !== undefined && spawnSync(path, ["--pdeathsig", "SIGKILL", "--", path, "--version"]).status === 0;
  setprivPath = { path: works ? path : undefined };
  return setprivPath.path;
}

function onPath(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function killSelf(): void {
  process.kill(process.pid, "SIGKILL");
}
