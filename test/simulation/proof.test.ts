/**
 * Goal: a planted defect is found, made small, written down, and found again from what was written.
 * Method: saboteurs in the simulated cluster; shrinking; bundles in a temporary folder, replayed byte for byte.
 */
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary.ts";
import { readBundle, replay, writeBundle } from "./bundle.ts";
import { run } from "./run.ts";
import type { Saboteur } from "./saboteur.ts";
import { drawScenario, type Fault, type Scenario } from "./scenario.ts";
import { shrink } from "./shrink.ts";
import type { Violation } from "./verdict.ts";

const MINUTES = 0.5;
const SEEDS_MAX = 20;
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
    const config = { ...drawn.config, attemptsMax: 5 };
    const scenario: Scenario = { ...drawn, config, faults: [...drawn.faults, ...ENGINE_FAILS] };
    const { violation } = await run(scenario);
    if (violation !== undefined) return { scenario, violation };
  }
  throw new Error(`${SEEDS_MAX} seeds did not find ${saboteur}`);
}

const PLANTED: readonly (readonly [saboteur: Saboteur, rule: string, what: string, faultsMax: number])[] = [
  ["token.twice", "RJ2", "a worker that says a token twice", 0],
  ["unbook.early", "RS6", "a hive that unbooks memory before the reap", 0],
  ["requeue.lost", "RJ5", "a job that never tells that it waits again", 3],
  ["slot.kept", "RJ5", "a slot that is never given back", 3],
];

describe("a planted defect", () => {
  for (const [saboteur, rule, what, faultsMax] of PLANTED) {
    test(`${rule}: ${what} is found, and shrunk to at most ${faultsMax} faults and three clients`, async () => {
      const { scenario, violation } = await found(saboteur);
      expect(violation.invariant).toBe(rule);
      const shrunk = await shrink(scenario, violation);
      expect(shrunk.violation.invariant).toBe(rule);
      expect(shrunk.scenario.faults.length).toBeLessThanOrEqual(faultsMax);
      expect(shrunk.scenario.clients.length).toBeLessThanOrEqual(3);
    });
  }
});

describe("a proof bundle", () => {
  test("its replay gives the same transcript, byte for byte, and breaks the same rule", async () => {
    const folder = join(temporaryFolder(), "proof");
    const { scenario } = await found("requeue.lost");
    await writeBundle(folder, scenario);
    expect(readdirSync(folder).toSorted()).toEqual(
      ["faults.json", "metadata.json", "result.txt", "seeds.json", "transcript.ndjson"].toSorted(),
    );
    const bundle = readBundle(folder);
    const { outcome, differsAt } = await replay(bundle);
    expect(differsAt).toBeUndefined();
    expect(outcome.violation?.invariant).toBe(bundle.metadata.invariant);
    expect(readFileSync(join(folder, "result.txt"), "utf8")).toContain(`${bundle.metadata.invariant} was broken`);
  });

  test("a transcript that was changed by a byte is noticed, with its line", async () => {
    const folder = join(temporaryFolder(), "proof");
    await writeBundle(folder, drawScenario(1, { minutes: 0.1 }));
    appendFileSync(join(folder, "transcript.ndjson"), "{}\n");
    expect((await replay(readBundle(folder))).differsAt).toBeGreaterThan(1);
  });

  test("a scenario that is none is refused before anything runs", async () => {
    const folder = join(temporaryFolder(), "proof");
    await writeBundle(folder, drawScenario(1, { minutes: 0.1 }));
    writeFileSync(join(folder, "faults.json"), '{"clients":[],"faults":[{"kind":"earthquake"}]}');
    expect(() => readBundle(folder)).toThrow(/earthquake|Invalid/i);
  });
});
