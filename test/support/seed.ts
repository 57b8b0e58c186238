/**
 * Gives every property of the run the same seed, which the reporter prints and RBEE_SEED fixes; one that fails leaves a
 * proof bundle, and with RBEE_PROOF=1 every one does.
 *
 * @module
 */
import { relative } from "node:path";
import { configureGlobal, defaultReportMessage, readConfigureGlobal, type RunDetails, stringify } from "fast-check";
import { expect } from "vitest";
import { everyRunProves, writeBundle } from "./bundle.ts";

function report(details: RunDetails<unknown>): void {
  if (details.failed || everyRunProves()) keep(details);
  if (details.failed) throw new Error(defaultReportMessage(details), { cause: details.errorInstance });
}

function keep(details: RunDetails<unknown>): void {
  const { seed, numRuns: runs, numShrinks: shrinks, counterexamplePath: path, counterexample, errorInstance } = details;
  const { currentTestName: test = "a property", testPath = "" } = expect.getState();
  const property = test.replace(/ \(with seed=-?\d+\)$/, "");
  const found = { path, shrinks, counterexample: stringify(counterexample) };
  const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const folder = writeBundle({
    type: "property",
    name: property,
    seed,
    transcript: [{ property, runs, ...(details.failed ? found : {}) }],
    metadata: { file: relative(process.cwd(), testPath), test, ...(details.failed ? { message } : {}) },
    result: details.failed ? `failed after ${runs} runs and ${shrinks} shrinks` : `held in ${runs} runs`,
  });
  console.log(`proof bundle of "${property}": ${folder}`);
}

configureGlobal({ ...readConfigureGlobal(), seed: Number(process.env["RBEE_SEED"]), reporter: report });
