/**
 * A proof bundle run once more: what it was made from gives a second bundle, in a folder that goes with this process.
 *
 * Owns: how each type of run is begun again. Does not own: what the bundles are compared by (test/support/bundle.ts).
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { proveRun, readSimBundle } from "../../test/simulation/bundle.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** What its metadata says of it. */
export const bundleType = z.discriminatedUnion("type", [
  z.object({ type: z.literal("simulation") }),
  z.object({ type: z.enum(["property", "feature"]), file: z.string(), test: z.string() }),
]);
const seedSchema = z.object({ seed: z.number() });

/** @returns the folder of the second bundle; undefined when the test was not there, or left none */
export async function runAgain(folder: string): Promise<string | undefined> {
  const metadata = bundleType.parse(JSON.parse(readFileSync(join(folder, "metadata.json"), "utf8")));
  const { seed } = seedSchema.parse(JSON.parse(readFileSync(join(folder, "seeds.json"), "utf8")));
  const out = mkdtempSync(join(tmpdir(), "rbee-proof-"));
  process.once("exit", () => rmSync(out, { recursive: true, force: true }));
  process.env["RBEE_PROOF_DIR"] = out;
  if (metadata.type === "simulation") return (await proveRun(readSimBundle(folder).scenario)).folder;
  const { type, file, test } = metadata;
  const env = { ...process.env, RBEE_SEED: String(seed), RBEE_PROOF: "1" };
  const name = `^${test.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`;
  const vitest = resolve(ROOT, "node_modules/vitest/vitest.mjs");
  spawnSync(process.execPath, [vitest, "run", file, "-t", name], { cwd: ROOT, env, stdio: ["ignore", 2, 2] });
  const [run] = readdirIfThere(join(out, type));
  return run === undefined ? undefined : join(out, type, run);
}

function readdirIfThere(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
