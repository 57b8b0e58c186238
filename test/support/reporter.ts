/**
 * Says the seed first and the counts last, beside vitest's own reporter.
 *
 * Owns: the closing line `N passed, N failed` (`, N skipped` only when there are any), alone at the very end, and the
 * loud lines before it for tests that were skipped because a program is missing. Does not own: anything in between.
 *
 *  C1 The closing line is the last thing on stdout, also after vitest's own farewell.
 *  C2 A run that failed never ends in "0 failed": what fails outside a test counts as one.
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
    const missing = missingPrograms(modules);
    process.once("exit", (code) => {
      const failed = code !== 0 ? Math.max(1, counts.failed) : counts.failed;
      writeSync(1, [...missing.map(loud), closingLine({ ...counts, failed }), ""].join("\n"));
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
