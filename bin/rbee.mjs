#!/usr/bin/env node
/**
 * The launcher: finds a Node that runs the sources, installs what a checkout lacks, and hands over to the CLI.
 *
 * Owns: help and version (on any Node, without starting anything), the choice of Node, the child it then needs.
 * Does not own: commands (src/cli/main.ts), installing (install.mjs). Plain JavaScript, without dependencies, because
 * it has to run where nothing is installed yet.
 *
 *  R1 Help never starts a second Node and never installs.
 *  R2 The child of a second Node dies with the launcher, however the launcher dies.
 *  R3 The exit code is the child's; a signal that ended it gives 128 + its number.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const LIFELINE_VARIABLE = "RBEE_LIFELINE_FD";
const LIFELINE_FD = 3;

const self = fileURLToPath(import.meta.url);
const root = dirname(dirname(self));
/** In a checkout the sources run as they are; a published package has them compiled. */
const isSource = existsSync(join(root, "src", "cli"));
const cli = (name) => pathToFileURL(join(root, isSource ? "src" : "dist/src", "cli", name)).href;

async function launch(argv) {
  await holdLifeline();
  const { helpFor } = await import(cli("commands.mjs"));
  const help = helpFor(argv, () => JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version);
  if (help !== undefined) return print(help);

  const { install } = await import("./install.mjs");
  const node = await install(root);
  if (node !== process.execPath) return runUnder(node, argv);

  const { default: module } = await import("node:module");
  module.enableCompileCache();
  const { main } = await import(cli(isSource ? "main.ts" : "main.js"));
  return main(argv);
}

function print(text) {
  process.stdout.write(text);
  return 0;
}

// The parent of a second Node.

async function runUnder(node, argv) {
  const { spawn, spawnSync } = await import("node:child_process");
  const { constants } = await import("node:os");
  const { isatty } = await import("node:tty");
  const setpriv = ["setpriv", "--pdeathsig", "SIGKILL", "--"];
  // Tried, not looked for: some builds of setpriv lack the option, some containers forbid the call.
  const kernelHelps = process.platform === "linux" && spawnSync(setpriv[0], [...setpriv.slice(1), "true"]).status === 0;
  const [file, ...args] = [...(kernelHelps ? setpriv : []), node, self, ...argv];
  // The pipe is the lifeline: nothing is ever written to it, and the kernel closes our end whatever happens to us.
  const stdio = ["inherit", "inherit", "inherit", "pipe"];
  const child = spawn(file, args, { stdio, env: { ...process.env, [LIFELINE_VARIABLE]: String(LIFELINE_FD) } });

  // A terminal sends Ctrl-C to the child too. Without a terminal it came for us alone, and is passed on.
  const hasTerminal = [0, 1, 2].some((fd) => isatty(fd));
  process.on("SIGINT", () => hasTerminal || child.kill("SIGINT"));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));

  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal === null ? code : 128 + constants.signals[signal]));
  });
}

// The child of the launcher.

/** Kills this process when the launcher's end of the pipe closes; from a thread, as the main loop may be blocked. */
async function holdLifeline() {
  if (process.env[LIFELINE_VARIABLE] === undefined) return;
  delete process.env[LIFELINE_VARIABLE];
  const { Worker } = await import("node:worker_threads");
  // An event loop and not a blocking read: Node joins its threads when it ends, and a blocked one would never let it.
  const watch = `
    const end = () => process.kill(process.pid, "SIGKILL");
    new (require("node:net").Socket)({ fd: ${LIFELINE_FD} }).on("error", end).on("close", end).resume();
  `;
  new Worker(watch, { eval: true, env: {}, execArgv: [] })
    .once("exit", () => process.kill(process.pid, "SIGKILL"))
    .unref();
}

launch(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error) => {
    process.stderr.write(`${error.exitCode === undefined ? error.stack : error.message}\n`);
    process.exitCode = error.exitCode || 1;
  },
);
