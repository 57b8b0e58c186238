/**
 * `rbee --help` beside a Node that starts and does nothing: the Node that a person's shell finds, as help uses no
 * other.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bench, bounded, median } from "./measure.ts";

const LAUNCHER = fileURLToPath(new URL("../../bin/rbee.mjs", import.meta.url));
const RUNS = 20;
const ADDED_MS_MAX = 150;

export const helpBench: Bench = {
  name: "help",
  async run(print) {
    const helps: number[] = [];
    const nothings: number[] = [];
    for (let i = -2; i < RUNS; i += 1) {
      const helpMs = await node(LAUNCHER, "--help");
      const nothingMs = await node("-e", "0");
      if (i < 0) continue;
      helps.push(helpMs);
      nothings.push(nothingMs);
    }
    const [value, baseline] = [median(helps), median(nothings)];
    const atMost = baseline + ADDED_MS_MAX;
    print(bounded({ bench: "help", case: "help", unit: "ms", values: helps, value, baseline, atMost }));
  },
};

/** npm puts the packages of this folder, and with them a Node, before the person's own path. */
const PATH = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.endsWith("node_modules/.bin"))
  .join(delimiter);

/** @returns how many ms it ran */
async function node(...args: readonly string[]): Promise<number> {
  const startedMs = performance.now();
  const child = spawn("node", args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, PATH } });
  child.stdout.resume();
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with ${code}`);
  return performance.now() - startedMs;
}
