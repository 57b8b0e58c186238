/**
 * Plays a feature: each scenario is a test, on the real program, and leaves a proof bundle when it fails.
 *
 * @module
 */
import { relative } from "node:path";
import { afterAll, describe, onTestFinished, test, type TestContext } from "vitest";
import { everyRunProves, writeBundle } from "../../support/bundle.ts";
import { Stage } from "../stage.ts";
import { sentences } from "../steps/all.ts";
import { World } from "../world.ts";
import { parseFeature, type Scenario } from "./parse.ts";

type Outcome = "passed" | "failed" | "not reached";

export function runFeature(text: string, file: string): void {
  const { name, scenarios } = parseFeature(text, file);
  describe.each([name])("%s", () => {
    const stage = new Stage();
    afterAll(() => stage.close());
    test.for(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", ([, scenario], context) =>
      expectToHold(scenario, stage, context),
    );
  });
}

async function expectToHold(scenario: Scenario, stage: Stage, { task, skip }: TestContext): Promise<void> {
  const world = new World(stage);
  const outcomes: Outcome[] = [];
  // Also where time was up, and the scenario hangs in a step still.
  onTestFinished(async () => {
    const failed = task.result?.state === "fail";
    if (failed) await stage.spoil();
    if (failed || everyRunProves()) {
      const why = task.result?.errors?.map(({ message }) => message).join("\n");
      report({ scenario, world, outcomes, task, why: failed ? why : undefined });
    }
  });
  // All are understood before the first is played.
  const meanings = scenario.steps.map((step) => sentences.meaningOf(step));
  for (const [index, { act }] of meanings.entries()) {
    outcomes[index] = "failed";
    await act(world);
    outcomes[index] = "passed";
    if (world.missing.length > 0) {
      task.meta.missing = world.missing;
      skip();
    }
  }
  await world.tidy();
}

interface Played {
  readonly scenario: Scenario;
  readonly world: World;
  /** Of the steps that were reached. */
  readonly outcomes: readonly Outcome[];
  readonly task: TestContext["task"];
  /** Undefined: it passed. */
  readonly why: string | undefined;
}

function report({ scenario: { name, steps }, world, outcomes, task, why }: Played): void {
  const parts = world.nodes.map((node, index) => ({
    name: `node-${index + 1}`,
    texts: { "stdout.txt": node.stdout, "stderr.txt": node.stderr },
    folder: `${node.home}/logs`,
  }));
  const path = writeBundle({
    type: "feature",
    name,
    seed: Number(process.env["RBEE_SEED"]),
    transcript: steps.map(({ keyword, text }, index) => ({
      step: `${keyword} ${text}`,
      outcome: outcomes[index] ?? "not reached",
    })),
    metadata: {
      file: relative(process.cwd(), task.file.filepath),
      test: task.fullTestName,
      nodes: world.nodes.length,
      ...(why === undefined ? {} : { why }),
    },
    result: why === undefined ? "passed" : "failed",
    parts,
  });
  console.log(`proof bundle of "${name}": ${path}`);
}
