/**
 * Goal: a node that does not end when it is asked to is not waited for without end, and one that ends because a thread
 *       of it hangs comes back (G1, G4 of bin/guardian.mjs).
 * Method: a real daemon whose node, or a thread of it, stands still; it takes the time that each is given.
 */
import { expect, test } from "vitest";
import { longTask, TestDaemon } from "../support/daemon-harness.ts";

test("G4 the guardian kills a node that has not ended in time, and `daemon stop` says so", async () => {
  const env = { RBEE_SHUTDOWN_FINISH: "0s", RBEE_SHUTDOWN_STOP_WORKERS: "100ms" };
  const daemon = await (await new TestDaemon({ env, warm: true }).started()).untilWorking();
  process.kill(daemon.nodePid, "SIGSTOP");
  const { code, stdout } = await daemon.run("daemon", "stop");
  expect(code).toBe(0);
  expect(stdout).toContain("stopped (killed");
  expect(daemon.living()).toEqual([]);
});

test("G1 a thread that hangs takes the node down, and it comes back with what was accepted", async () => {
  const daemon = await new TestDaemon({ sabotaged: true }).started();
  const { nodePid } = daemon;
  const { job_id } = await daemon.client().submit(longTask(600));
  daemon.sabotage("queen hang");
  await daemon.backAfter(nodePid);
  expect((await daemon.hear(job_id)).at(-1)).toMatchObject({ type: "done", total_tokens: 600 });
  expect(await daemon.status()).toMatchObject({
    restarts: 1,
    last: { reason: expect.stringContaining("host.wedged") },
  });
});
