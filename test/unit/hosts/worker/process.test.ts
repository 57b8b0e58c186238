/**
 * Goal: the process of a worker ends with its machine, and not before: one that could not load is still to say why (W6
 *       of machines/worker.ts).
 *
 * @see src/hosts/worker/process.ts
 */
import { expect, test } from "vitest";
import { workerMachine } from "../../../../machines/worker.ts";
import { shownState } from "../../../../src/hosts/worker/process.ts";
import { declaredStates } from "../../../support/walk-machine.ts";

test("W6 of all states of a worker only its last is the end of its process", () => {
  const ending = declaredStates(workerMachine).filter((state) => shownState(state) === "stopped");
  expect(ending).toEqual(["stopped"]);
});
