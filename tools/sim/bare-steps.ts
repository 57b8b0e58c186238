/**
 * How many bare steps of a machine this computer does in a second, at this moment: what a rate is to be read beside.
 *
 * @module
 */
import { address } from "../../machines/words.ts";
import { jobMachine } from "../../machines/job.ts";
import { start, step } from "../../src/runtime/step.ts";

const FOR_MS = 300;

/** No mailbox, no handler, no journal, no wire, no checker. */
export function bareStepsPerSecond(): number {
  const [first] = start(jobMachine, { deadlineMs: 1000, attemptsMax: 5 });
  const worker = address("w1", "worker", "main");
  const startedMs = performance.now();
  let steps = 0;
  while (performance.now() - startedMs < FOR_MS) {
    for (let n = 0; n < 100; n += 1) {
      const [running] = step(jobMachine, first, { type: "assigned", attempt: 1, worker, why: "" } as { type: string });
      step(jobMachine, running, { type: "cancel" });
      steps += 2;
    }
  }
  return (steps * 1000) / (performance.now() - startedMs);
}
