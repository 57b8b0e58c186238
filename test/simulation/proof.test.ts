/**
 * Goal: a planted defect is found, made small, written down, and found again from what was written.
 * Method: saboteurs in the simulated cluster; shrinking; bundles in a temporary folder, replayed byte for byte.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runAgain } from "../../tools/proof/again.ts";
import { copyTree } from "../../tools/mutants/tree.ts";
import { differenceOf } from "../support/bundle.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { proveRun, readSimBundle } from "./bundle.ts";
import { run } from "./run.ts";
import type { Saboteur } from "./saboteur.ts";
import { drawScenario, type Fault, type Scenario } from "./scenario.ts";
import { shrink } from "./shrink.ts";
import type { Violation } from "./verdict.ts";

const MINUTES = 0.5;
const SEEDS_MAX = 60;
/** Beside what is drawn, so that whatever is planted in the way of a second attempt has its chance. */
const ENGINE_FAILS: readonly Fault[] = [1, 2, 3, 4, 5, 6].map((n) => ({
  atMs: n * 4000,
  kind: "engine.fail",
  pick: n,
  forMs: 3000,
}));

/** The first seed whose run finds the saboteur. */
async function found(saboteur: Saboteur): Promise<{ readonly scenario: Scenario; readonly violation: Violation }> {
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    const drawn = drawScenario(seed, { minutes: MINUTES, saboteur });
    // On one machine: the less room there is, the sooner it is found who makes none.
    const config = { ...drawn.config, attemptsMax: 5, hives: 1 };
    const scenario: Scenario = { ...drawn, config, faults: [...drawn.faults, ...ENGINE_FAILS] };
    const { violation } = await run(scenario);
    if (violation !== undefined) return { scenario, violation };
  }
  throw new Error(`${SEEDS_MAX} seeds did not find ${saboteur}`);
}

const PLANTED: readonly (readonly [
  saboteur: Saboteur,
  rule: string,
  what: string,
  faultsMax: number,
  clientsMax: number,
])[] = [
  ["token.twice", "RJ2", "a worker that says a token twice", 0, 3],
  ["unbook.early", "RS6", "a hive that unbooks memory before the reap", 0, 3],
  ["requeue.lost", "RJ5", "a job that never tells that it waits again", 3, 3],
  ["slot.kept", "RJ5", "a slot that is never given back", 3, 3],
  ["room.unmarked", "E1", "a worker that makes room and is given jobs on its way out", 3, 6],
  ["use.uncounted", "N6", "a job that is not counted for the key it came with", 0, 1],
];

describe("a planted defect", () => {
  for (const [saboteur, rule, what, faultsMax, clientsMax] of PLANTED) {
    test(`${rule}: ${what} is found, and shrunk to at most ${faultsMax} faults and ${clientsMax} clients`, async () => {
      const { scenario, violation } = await found(saboteur);
      expect(violation.invariant).toBe(rule);
      const shrunk = await shrink(scenario, violation);
      expect(shrunk.violation.invariant).toBe(rule);
      expect(shrunk.scenario.faults.length).toBeLessThanOrEqual(faultsMax);
      expect(shrunk.scenario.clients.length).toBeLessThanOrEqual(clientsMax);
    });
  }
});

describe("a proof bundle", () => {
  beforeEach(() => {
    vi.stubEnv("RBEE_PROOF_DIR", temporaryFolder());
  });
  afterEach(() => vi.unstubAllEnvs());

  test("its replay gives the same run, byte for byte, and breaks the same rule", async () => {
    const { scenario, violation } = await found("requeue.lost");
    const { folder } = await proveRun(scenario);
    expect(readdirSync(folder).toSorted()).toEqual(["metadata.json", "result.txt", "seeds.json", "transcript.ndjson"]);
    expect(readSimBundle(folder).metadata.invariant).toBe(violation.invariant);
    const again = await runAgain(folder);
    expect(readFileSync(join(again ?? "", "result.txt"), "utf8")).toContain(`${violation.invariant} was broken`);
    expect(differenceOf(folder, again ?? "")).toBeUndefined();
  });

  test("PB1 a run that was changed by a byte is noticed, with its file and line", async () => {
    const { folder } = await proveRun(drawScenario(1, { minutes: 0.1 }));
    const transcript = join(folder, "transcript.ndjson");
    const lines = readFileSync(transcript, "utf8").split("\n");
    writeFileSync(transcript, lines.with(6, "{}").join("\n"));
    expect(differenceOf(folder, (await runAgain(folder)) ?? "")).toBe("transcript.ndjson:7");
  });

  test("a scenario that is none is refused before anything runs", async () => {
    const { folder } = await proveRun(drawScenario(1, { minutes: 0.1 }));
    writeFileSync(join(folder, "seeds.json"), '{"seed":1,"clients":[],"faults":[{"kind":"earthquake"}]}');
    await expect(runAgain(folder)).rejects.toThrow(/earthquake|Invalid/i);
  });

  test("a property that fails leaves one, and its replay fails the same way", () => {
    const tree = copyTree(process.cwd());
    const file = "test/property/broken.test.ts";
    const node = (...args: readonly string[]) => spawnSync(process.execPath, args, { cwd: tree, encoding: "utf8" });
    const prop = 'test.prop([fc.integer()])("no number is larger than 1000", (n) => n <= 1000);';
    writeFileSync(join(tree, file), `import { fc, test } from "@fast-check/vitest";\n${prop}\n`);
    const vitest = node("node_modules/vitest/vitest.mjs", "run", file);
    expect(vitest.status).toBe(1);
    const [, bundle = ""] = /proof bundle of "no number is larger than 1000": (.*)/.exec(vitest.stdout) ?? [];
    expect(readFileSync(join(bundle, "transcript.ndjson"), "utf8")).toContain('"counterexample":"[1001]"');
    expect(node("tools/proof/main.ts", "replay", bundle).stdout).toContain("the run is the same, byte for byte");
  });
});
