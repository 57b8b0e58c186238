/**
 * Goal: a node under a guardian comes back when it dies and only then, and nothing outlives the guardian (G1, G2, G3,
 *       G5, G7, G8 of bin/guardian.mjs, A4 of attach.ts).
 * Method: a real daemon, hit from outside at its node, its threads, its guardian and its surroundings.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { attachOrEmbed } from "../../src/cli/session/attach.ts";
import { listenForSignals } from "../../src/cli/interruption.ts";
import { holdOrFind } from "../../src/hosts/real/home-lock.ts";
import { loadConfig } from "../../src/runtime/config/load.ts";
import { isAlive, waitUntil, waitUntilGone } from "../support/children.ts";
import { longTask, TestDaemon } from "../support/daemon-harness.ts";

const GONE_WITHIN_MS = 500;
const LOOK_MAX_MS = 10_000;

const logOf = (daemon: TestDaemon): string => readFileSync(join(daemon.home, "logs", "daemon.log"), "utf8");

describe("a node that dies", () => {
  test("G1 G7 is started again at the same place, finishes what it had accepted, and status says why", async () => {
    const daemon = await new TestDaemon().started();
    const { url, nodePid } = daemon;
    const { job_id } = await daemon.client().submit(longTask(600));
    await waitUntil(async () => (await daemon.client().status()).queen.queue.running === 1, 20_000);
    process.kill(nodePid, "SIGKILL");
    await daemon.backAfter(nodePid);
    expect(daemon.url).toBe(url);
    expect((await daemon.hear(job_id)).at(-1)).toMatchObject({ type: "done", total_tokens: 600, attempts: 2 });
    const last = { reason: expect.stringContaining("SIGKILL"), atMs: expect.any(Number) };
    expect(await daemon.status()).toMatchObject({ running: true, restarts: 1, last });
  });

  test("G1 G3 daemon.unstable: each start comes later than the one before; after too many in a minute it gives up", async () => {
    const daemon = await new TestDaemon({ sabotaged: true }).started();
    const { guardianPid, nodePid } = daemon;
    // Beside it one that dies before it ever served: somebody waits for that one.
    const early = new TestDaemon({ sabotaged: true });
    for (const each of [daemon, early]) each.sabotage("start kill");
    const starting = early.run("daemon", "start", "--listen", "127.0.0.1:0");
    process.kill(nodePid, "SIGKILL");
    await waitUntil(() => !isAlive(guardianPid), 40_000);
    expect(daemon.living()).toEqual([]);
    const why = /daemon\.unstable: the node ended 6 times in 60 s, the last time: it was ended by SIGKILL/;
    expect(logOf(daemon).trimEnd().split("\n").at(-1)).toMatch(why);
    const delays = [...logOf(daemon).matchAll(/the node is started again in (\d+) ms$/gm)].map(([, ms]) => Number(ms));
    expect(delays).toEqual([100, 300, 900, 2700, 8100]);
    const { code, stdout } = await daemon.run("daemon", "status");
    expect(code).toBe(3);
    expect(stdout).toMatch(why);
    // A person who has mended it waits for nothing.
    daemon.sabotage("none");
    await daemon.started();
    expect(await starting).toMatchObject({ code: 1, stderr: expect.stringContaining("daemon.unstable") });
    expect(early.living()).toEqual([]);
  });

  test("G3 a failure of its first start is told at once, with its code and the last lines of the log", async () => {
    const daemon = new TestDaemon({ sabotaged: true });
    daemon.sabotage("queen throw-always");
    const { code, stderr } = await daemon.run("daemon", "start", "--listen", "127.0.0.1:0");
    expect(code).toBe(1);
    expect(stderr).toMatch(/The last lines of .*daemon\.log:\n {2}queen: its thread ended/);
    expect(stderr).toContain("rbee: defect: the saboteur threw");
    expect(daemon.living()).toEqual([]);
    expect(logOf(daemon)).not.toContain("the node is started again");
  });

  test("A4 is waited for by whoever asks meanwhile, and another daemon is refused", async () => {
    const daemon = await new TestDaemon({ sabotaged: true }).started();
    const { nodePid } = daemon;
    daemon.sabotage("start kill");
    process.kill(nodePid, "SIGKILL");
    await waitUntilGone(() => [nodePid].filter(isAlive), GONE_WITHIN_MS);
    const interruption = listenForSignals();
    onTestFinished(() => interruption.close());
    const loaded = loadConfig({ flags: {}, env: { RBEE_HOME: daemon.home }, cwd: daemon.folder });
    const attaching = attachOrEmbed({ loaded, env: {}, interruption, say: () => {} });
    const { code, stderr } = await daemon.run("daemon", "start");
    expect(code).toBe(1);
    expect(stderr).toContain("held by the daemon that runs already");
    daemon.sabotage("none");
    expect((await attaching).kind).toBe("holder");
    await daemon.backAfter(nodePid);
  });

  test("waits while another process holds the home, and takes it when that one lets go", async () => {
    const daemon = await new TestDaemon({ sabotaged: true }).started();
    const { nodePid } = daemon;
    // The first starts die, so that there is time to take the home.
    daemon.sabotage("start kill");
    process.kill(nodePid, "SIGKILL");
    await waitUntilGone(() => [nodePid].filter(isAlive), GONE_WITHIN_MS);
    const found = await holdOrFind(daemon.home, LOOK_MAX_MS);
    daemon.sabotage("none");
    await waitUntil(async () => (await daemon.status())["state"] === "waiting", LOOK_MAX_MS);
    expect(await daemon.status()).toMatchObject({ last: { reason: expect.stringContaining("home.held") } });
    if ("lock" in found) found.lock.release();
    await daemon.backAfter(nodePid);
  });
});

describe("a node that is not started again", () => {
  test("G2 one that was asked to stop, by whomever", async () => {
    const daemon = await new TestDaemon().started();
    process.kill(daemon.nodePid, "SIGTERM");
    await waitUntil(() => daemon.living().length === 0, LOOK_MAX_MS);
    expect(logOf(daemon)).not.toContain("started again");
    expect(await daemon.run("daemon", "status")).toMatchObject({ code: 3, stdout: "no daemon runs\n" });
  });

  test("G2 G4 a guardian that is asked to stop takes its node down in order", async () => {
    const daemon = await new TestDaemon().started();
    process.kill(daemon.guardianPid, "SIGTERM");
    await waitUntil(() => daemon.living().length === 0, LOOK_MAX_MS);
    expect(logOf(daemon)).toContain("it ended with exit code 143");
  });

  test("G2 config.invalid: one whose configuration has become wrong, which is named by file and line", async () => {
    const daemon = await new TestDaemon().started();
    writeFileSync(join(daemon.folder, "rbee.yaml"), "wroker:\n  slots: 2\n");
    process.kill(daemon.nodePid, "SIGKILL");
    await waitUntil(() => daemon.living().length === 0, LOOK_MAX_MS);
    const { code, stdout } = await daemon.run("daemon", "status");
    expect(code).toBe(3);
    expect(stdout).toMatch(/gave up .* ago: config\.invalid: .*rbee\.yaml:1/);
    expect(logOf(daemon).match(/is started again/g)).toHaveLength(1);
  });
});

describe("a guardian that dies", () => {
  test("G5 by SIGKILL, also when it stands still, leaves neither node nor workers after 500 ms, and its note says nothing", async () => {
    const daemon = new TestDaemon({ warm: true });
    for (const signals of [["SIGKILL"], ["SIGSTOP", "SIGKILL"]] as const) {
      await (await daemon.started()).untilWorking();
      const { guardianPid } = daemon;
      for (const signal of signals) process.kill(guardianPid, signal);
      await waitUntilGone(() => daemon.living(), GONE_WITHIN_MS);
      const { code, stdout } = await daemon.run("daemon", "status");
      expect([signals, code]).toEqual([signals, 3]);
      expect(stdout).toContain(`its guardian (pid ${guardianPid}) was killed`);
    }
  });
});
