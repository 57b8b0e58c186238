/**
 * Goal: a proof bundle can be compared: the same run gives the same bytes, wall time and machine apart (bundle.ts).
 * Method: two bundles of one run, and of runs that differ, in a folder of their own.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { type Bundle, differenceOf, writeBundle } from "../support/bundle.ts";
import { temporaryFolder } from "../support/temporary.ts";

const COMPARED = ["seeds.json", "transcript.ndjson", "result.txt"];

function bundle(given: Partial<Bundle> = {}): Bundle {
  const logs = join(temporaryFolder(), "logs");
  mkdirSync(logs);
  writeFileSync(join(logs, "w1.log"), "a line\n");
  return {
    type: "feature",
    name: "EC6 - Queue full, with retry / again",
    seed: 7,
    transcript: [{ step: "Given a node", outcome: "passed" }],
    metadata: { scenario: "EC6" },
    result: "passed",
    parts: [{ name: "node-1", texts: { "stderr.txt": "said" }, folder: logs }],
    ...given,
  };
}

test("the same run gives the same folder and the same bytes, and another run takes neither", () => {
  vi.stubEnv("RBEE_PROOF_DIR", temporaryFolder());
  const first = writeBundle(bundle());
  const kept = join(temporaryFolder(), "kept");
  cpSync(first, kept, { recursive: true });
  expect(writeBundle(bundle())).toBe(first);
  expect(differenceOf(first, kept)).toBeUndefined();
  expect(writeBundle(bundle({ seed: 8 }))).not.toBe(first);
  expect(writeBundle(bundle({ name: "another" }))).not.toBe(first);
  expect(readdirSync(first).toSorted()).toEqual([...COMPARED, "metadata.json", "node-1"].toSorted());
  expect(readFileSync(join(first, "node-1", "logs", "w1.log"), "utf8")).toBe("a line\n");
});
