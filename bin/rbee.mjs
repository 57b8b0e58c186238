#!/usr/bin/env node
/**
 * The launcher: finds a Node that runs the sources, installs what a checkout lacks, and hands over to the CLI.
 *
 * Owns: help and version (on any Node, without starting anything), the choice of Node, the child it then needs.
 * Does not own: commands (src/cli/main.ts), installing (install.mjs), how that child is tied to it (lifeline.mjs).
 * Plain JavaScript, without dependencies, because it has to run where nothing is installed yet.
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

const self = fileURLToPath(import.meta.url);
const root = dirname(dirname(self));
/** In a checkout the sources run as they are; a published package has them compiled. */
const isSource = existsSync(join(root, "src", "cli"));
const cli = (name) => pathToFileURL(join(root, isSource ? "src" : "dist/src", "cli", name)).href;

async function launch(argv) {
  // Looked for here, so that help loads nothing: the name is LIFELINE_VARIABLE of lifeline.mjs.
  if (process.env.RBEE_LIFELINE_FD !== undefined) (await import("./lifeline.mjs")).holdLifeline();
  const { helpFor } = await import(cli("help.mjs"));
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

async function runUnder(node, argv) {
  const { exitCodeOf, spawnMortal } = await import("./lifeline.mjs");
  const { isatty } = await import("node:tty");
  const child = spawnMortal(node, [self, ...argv], ["inherit", "inherit", "inherit"]);

  // A terminal sends Ctrl-C to the child too. Without a terminal it came for us alone, and is passed on.
  const hasTerminal = [0, 1, 2].some((fd) => isatty(fd));
  process.on("SIGINT", () => hasTerminal || child.kill("SIGINT"));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));

  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(exitCodeOf(code, signal)));
  });
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
