/**
 * Says the seed first and the counts last, beside vitest's own reporter.
 *
 * Owns: the closing line `N passed, N failed` (`, N skipped` only when there are any), alone at the very end, and what
 * stands just before it: a loud line for each program whose tests were skipped for want of it, one for each test that
 * passed only at its second try, and how many scenarios of the features passed. Does not own: anything in between.
 *
 *  C1 The closing line is the last thing on stdout, also after vitest's own farewell.
 *  C2 A run that failed never ends in "0 failed": what fails outside a test counts as one.
 *  C3 A test that passed only when it was tried again is named: it counts as passed, and is not forgotten.
 *
 * @module
 */
import { writeSync } from "node:fs";
import type { SerializedError } from "vitest";
import type { Reporter, TestModule } from "vitest/node";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export default class ClosingLine implements Reporter {
  onInit(): void {
    console.log(`seed ${process.env["RBEE_SEED"]} (RBEE_SEED=${process.env["RBEE_SEED"]} repeats this run)`);
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const counts = count(modules, errors.length);
    const before = [...featureLine(modules), ...missingPrograms(modules).map(loud), ...secondTries(modules)];
    process.once("exit", (code) => {
      const failed = code !== 0 ? Math.max(1, counts.failed) : counts.failed;
      writeSync(1, [...before, closingLine({ ...counts, failed }), ""].join("\n"));
    });
  }
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

const loud = (program: string): string => `SKIPPED FOR WANT OF ${program}: install it to run these tests`;

function count(modules: readonly TestModule[], unhandled: number): Counts {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (state: string): number => tests.filter((test) => test.result().state === state).length;
  // A file that cannot be read, or a hook of a file that throws, has no test to blame.
  const broken = modules.filter((module) => module.errors().length > 0).length;
  const failed = inState("failed") + broken + unhandled;
  return { passed: inState("passed"), failed, skipped: inState("skipped") };
}

function missingPrograms(modules: readonly TestModule[]): readonly string[] {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  return [...new Set(tests.flatMap((test) => test.meta().missing ?? []))].toSorted();
}

/** Each of these is a defect, of the test or of what it tests, that nobody has found yet. */
function secondTries(modules: readonly TestModule[]): readonly string[] {
  return modules
    .flatMap((module) => [...module.children.allTests()])
    .filter((test) => test.diagnostic()?.flaky === true)
    .map((test) => `PASSED ONLY AT ITS SECOND TRY: ${test.module.relativeModuleId}: ${test.fullName}`);
}

/** How the scenarios went that were played; nothing when none was. */
function featureLine(modules: readonly TestModule[]): readonly string[] {
  const scenarios = modules
    .filter(({ moduleId }) => moduleId.endsWith(".feature"))
    .flatMap((module) => [...module.children.allTests()])
    .map((test) => test.result().state);
  const [passed, failed] = ["passed", "failed"].map((wanted) => scenarios.filter((state) => state === wanted).length);
  const played = (passed ?? 0) + (failed ?? 0);
  if (played === 0) return [];
  return [`features: ${passed} of ${played} passed`];
}
