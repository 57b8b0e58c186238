/**
 * Goal: whoever waits for an end is not fooled: waitUntilGone of test/support/children.ts, with real processes.
 */
import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { isAlive, waitUntilGone } from "../support/children.ts";

const DEADLINE_MS = 50;

function startChild(program: string): number {
  const child = spawn(process.execPath, ["-e", program], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child.pid ?? 0;
}

test.each([
  ["sleeps", "setInterval(() => {}, 1000)"],
  ["keeps a processor busy", "for (;;);"],
])("a process that %s is not taken for gone", async (_, program) => {
  const pid = startChild(program);
  await expect(waitUntilGone(() => [pid].filter(isAlive), DEADLINE_MS)).rejects.toThrow(`${pid}`);
});

test("one that was killed is gone", async () => {
  const pid = startChild("for (;;);");
  process.kill(pid, "SIGKILL");
  expect(await waitUntilGone(() => [pid].filter(isAlive), 10 * DEADLINE_MS)).toBeLessThan(10 * DEADLINE_MS);
});
