/**
 * Small checkouts in a temporary folder, for the tests of the launcher and the installer.
 *
 * Each has the real bin/ and the real command table, one local package so that npm needs no network, and
 * launched-program.ts in place of the CLI.
 *
 * @module
 */
import { execFileSync, spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

const PROJECT = resolve(import.meta.dirname, "../..");

/** The PATH of a person's shell, without the Node that this project brings for itself. */
export const shellPath = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .join(delimiter);

let template: string | undefined;

/** A checkout with nothing installed, gone when the test is over. */
export function makeCheckout(): string {
  template ??= makeTemplate();
  const root = mkdtempSync(join(tmpdir(), "rbee-checkout-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  cpSync(template, root, { recursive: true });
  return root;
}

function makeTemplate(): string {
  const root = mkdtempSync(join(tmpdir(), "rbee-template-"));
  process.once("exit", () => rmSync(root, { recursive: true, force: true }));
  cpSync(join(PROJECT, "bin"), join(root, "bin"), { recursive: true });
  mkdirSync(join(root, "src", "cli"), { recursive: true });
  for (const name of ["commands.mjs", "commands-cluster.mjs", "commands-team.mjs", "help.mjs"])
    cpSync(join(PROJECT, "src/cli", name), join(root, "src/cli", name));
  cpSync(join(import.meta.dirname, "launched-program.ts"), join(root, "src/cli/main.ts"));
  makePackage(root, "pollen", "1.0.0");
  writeManifest(root, { pollen: "file:pollen-1.0.0.tgz" });
  return root;
}

/** A tarball NAME-VERSION.tgz in the checkout, which npm installs without a network. */
export function makePackage(root: string, name: string, version: string): void {
  const folder = join(root, "packed", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version }));
  npm(root, "pack", folder);
}

/** package.json with these dependencies, and the lock that npm makes of it. */
export function writeManifest(root: string, dependencies: Readonly<Record<string, string>>): void {
  writeFileSync(
    join(root, "package.json"),
    JSON.stringify({ name: "rbee", version: "0.1.0", type: "module", dependencies }),
  );
  npm(root, "install", "--package-lock-only", "--offline");
}

export function npm(root: string, ...args: readonly string[]): void {
  execFileSync("npm", [...args], { cwd: root, env: { ...process.env, PATH: shellPath }, stdio: "ignore" });
}

/** Puts the Node that runs this test where the package `node` would unpack it. */
export function bringNode(root: string): void {
  const folder = join(root, "node_modules", "node");
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "node", version: process.versions.node }));
  symlinkSync(process.execPath, join(folder, "bin", "node"));
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end with `stdin` as its whole input. */
export async function run(root: string, file: string, args: readonly string[], stdin = ""): Promise<Ended> {
  const child = start(root, file, args);
  child.stdin.end(stdin);
  const code = new Promise<number | null>((done) => child.once("close", done));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

export function start(
  root: string,
  file: string,
  args: readonly string[],
  path = shellPath,
): ChildProcessWithoutNullStreams {
  const child = spawn(file, [...args], { cwd: root, env: { ...process.env, PATH: path } });
  child.stdin.on("error", () => {}); // a program may end without reading
  return child;
}

/** A Node of this machine that cannot run the sources; undefined where every one can. */
export function oldNode(): string | undefined {
  return shellPath
    .split(delimiter)
    .map((folder) => join(folder, "node"))
    .find((node) => {
      const { stdout } = spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" });
      return /^(\d|1\d|20|21)\.|^22\.(\d|1[0-7])\./.test(stdout ?? "");
    });
}
