/**
 * Goal: how a worker ended can be read: why, by what, and what had to be done, each once.
 * Method: the words of single ends.
 *
 * @see src/cli/terminal/worker-text.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import { endsText } from "../../../../src/cli/terminal/worker-text.ts";
import type { WorkerEnd } from "../../../../src/protocol/api.ts";

const ENDED: WorkerEnd = {
  worker: "w1",
  model: "starter",
  pid: 7,
  code: "interrupted",
  message: "it was stopped on request",
  how: "exit code 0",
  after: "request",
  lastLines: [],
  endedAt: "2026-01-01T00:00:00.000Z",
};
const reasonOf = (end: Partial<WorkerEnd>): string | undefined => endsText([{ ...ENDED, ...end }]).split("\n")[1];

describe("the end of a worker in words", () => {
  test("one that went when it was asked is told with its exit code", () => {
    expect(reasonOf({})).toBe("  interrupted: it was stopped on request (exit code 0)");
  });

  test.each(["SIGTERM", "SIGKILL"] as const)("one that had to be forced by %s is told as such", (after) => {
    const told = `  interrupted: it was stopped on request (signal ${after}; this node had sent ${after})`;
    expect(reasonOf({ how: `signal ${after}`, after })).toBe(told);
  });

  test("what its reason says already is not said again", () => {
    const lost = { code: "worker.lost", message: "the process ended unasked: signal SIGSEGV", how: "signal SIGSEGV" };
    expect(reasonOf({ ...lost, after: "nothing" })).toBe("  worker.lost: the process ended unasked: signal SIGSEGV");
  });
});
