/**
 * A child of ours that dies with us, however we die, and reports its end: for the launcher and the guardian.
 *
 * Owns: the pipe between the two, on both sides, and what a child's end is as an exit code. Does not own: why a child
 * is started. Workers have a lifeline of their own (src/runtime/lifeline.ts). Plain JavaScript, without dependencies.
 *
 *  LL1 Our end of the pipe closes, by whatever death of ours: the child gets SIGKILL, also while its loop is blocked.
 *  LL2 Where the kernel helps it does so at once, and also ends a child that is stopped.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { Worker } from "node:worker_threads";

const LIFELINE_VARIABLE = "RBEE_LIFELINE_FD";
const LIFELINE_FD = 3;
const SETPRIV = ["setpriv", "--pdeathsig", "SIGKILL", "--"];

/** Starts `node ARGS` with these as its stdin, stdout and stderr. The program has to call `holdLifeline` first. */
export function spawnMortal(node, args, stdio) {
  const [file, ...rest] = [...(kernelHelps() ? SETPRIV : []), node, ...args];
  // The pipe is the lifeline: nothing is ever written to it, and the kernel closes our end whatever happens to us.
  const child = spawn(file, rest, {
    stdio: [...stdio, "pipe"],
    env: { ...process.env, [LIFELINE_VARIABLE]: String(LIFELINE_FD) },
  });
  // A pipe that breaks ends with its process, which is news enough.
  child.stdio[LIFELINE_FD]?.on("error", () => {});
  return child;
}

/** A signal that ended it counts as 128 + its number, as in a shell. */
export const exitCodeOf = (code, signal) => (signal === null ? code : 128 + constants.signals[signal]);

/** For the child's first statement: from a thread, as the main loop may be blocked. */
export function holdLifeline() {
  delete process.env[LIFELINE_VARIABLE];
  // An event loop and not a blocking read: Node joins its threads when it ends, and a blocked one would never let it.
  const watch = `
    const end = () => process.kill(process.pid, "SIGKILL");
    new (require("node:net").Socket)({ fd: ${LIFELINE_FD} }).on("error", end).on("close", end).resume();
  `;
  new Worker(watch, { eval: true, env: {}, execArgv: [] })
    .once("exit", () => process.kill(process.pid, "SIGKILL"))
    .unref();
}

let helps;

/** Tried, not looked for: some builds of setpriv lack the option, some containers forbid the call. */
function kernelHelps() {
  helps ??= process.platform === "linux" && spawnSync(SETPRIV[0], [...SETPRIV.slice(1), "true"]).status === 0;
  return helps;
}
