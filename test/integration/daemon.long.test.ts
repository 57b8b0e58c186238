/**
 * Goal: a node that does not end when it is asked to is not waited for without end (G4 of bin/guardian.mjs).
 * Method: a real daemon whose node stands still; it takes the time that a node has for its way down.
 */
import { expect, test } from "vitest";
import { TestDaemon } from "../support/daemon-harness.ts";

test("G4 the guardian kills a node that has not ended in time, and `daemon stop` says so", async () => {
  const env = { RBEE_SHUTDOWN_FINISH: "0s", RBEE_SHUTDOWN_STOP_WORKERS: "100ms" };
  const daemon = await (await new TestDaemon({ env, warm: true }).started()).untilWorking();
  process.kill(daemon.nodePid, "SIGSTOP");
  const { code, stdout } = await daemon.run("daemon", "stop");
  expect(code).toBe(0);
  expect(stdout).toContain("stopped (killed");
  expect(daemon.living()).toEqual([]);
});
