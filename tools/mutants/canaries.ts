/**
 * The two edits that hold the runner to the truth, tried before every run.
 *
 *  C1 The canary changes nothing that matters. When a test "kills" it, tests fail for reasons of their own.
 *  C2 The control breaks everything. When it survives, edits do not reach the tests.
 *
 * @module
 */
import { ADMISSION, DELIVERY, JOB_MODEL, QUEUE, STREAMS } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

export const canary: Mutant = {
  name: "canary",
  rule: "none",
  breaks: "nothing: steps are counted in another order",
  file: "src/runtime/fold.ts",
  find: `  core.serial += 1;
  core.counts.steps += 1;
  const due`,
  replace: `  core.counts.steps += 1;
  core.serial += 1;
  const due`,
  killers: [DELIVERY, ADMISSION, JOB_MODEL, QUEUE, STREAMS],
};

export const control: Mutant = {
  name: "control",
  rule: "all",
  breaks: "everything: no cell ever folds anything",
  file: "src/runtime/fold.ts",
  find: `  else foldDue(core, cell, item, due, at);`,
  replace: ``,
  killers: [DELIVERY],
};
