/**
 * Goal: `rbee daemon start|stop|status` do what they say, end with the right code, and leave nothing behind
 *       (DM1, DM2 of commands/daemon.ts, DL1 of daemon/launch.ts, DS1 of daemon/stop.ts).
 * Method: the real program, as a person runs it.
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isAlive, waitUntil } from "../support/children.ts";
import { longTask, TestDaemon } from "../support/daemon-harness.ts";

const LISTEN = ["--listen", "127.0.0.1:0"];
const LEFT_WITHIN_MS = 5_000;
const LOG_BYTES_MAX = 4 * 1024 * 1024;

describe("daemon start", () => {
  test("DM1 ends when the node serves, with one line that says where, who and which log", async () => {
    const daemon = new TestDaemon();
    const { code, stdout, stderr } = await daemon.run("daemon", "start", ...LISTEN, "--name", "bench-2");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const log = join(daemon.home, "logs", "daemon.log");
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    for (const fact of ["bench-2", daemon.url, `pid ${daemon.nodePid}`, log]) expect(stdout).toContain(fact);
    expect(statSync(log).mode & 0o777).toBe(0o600);
    expect((await fetch(`${daemon.url}/health`)).status).toBe(200);
  });

  test("--json prints the ready line; beside it another is refused as `rbee node` is, and told who holds the home", async () => {
    const daemon = new TestDaemon();
    const { stdout } = await daemon.run("daemon", "start", "--json", ...LISTEN);
    const { url, nodePid: pid } = daemon;
    expect(JSON.parse(stdout)).toMatchObject({ ready: true, url, pid, roles: ["queen", "hive"], epoch: 1 });
    const again = [await daemon.run("daemon", "start"), await daemon.run("node")];
    for (const { code, stderr } of again) {
      expect(code).toBe(1);
      expect(stderr).toContain("home.held");
      expect(stderr).toContain(`process ${daemon.nodePid}`);
    }
  });

  test("of two started at once one wins, and of the other nothing is left", async () => {
    const daemon = new TestDaemon();
    const both = await Promise.all([1, 2].map(() => daemon.run("daemon", "start", ...LISTEN)));
    expect(both.map(({ code }) => code).toSorted()).toEqual([0, 1]);
    expect(both.find(({ code }) => code === 1)?.stderr).toContain("home.held");
    // A child that is just being forked looks like its parent for a moment.
    const isWinners = (pid: number): boolean => [daemon.guardianPid, daemon.nodePid, ...daemon.workers()].includes(pid);
    await waitUntil(() => daemon.living().every(isWinners), LEFT_WITHIN_MS);
    expect(daemon.living()).toEqual(expect.arrayContaining([daemon.guardianPid, daemon.nodePid]));
    expect((await daemon.run("daemon", "stop")).code).toBe(0);
  });

  test("DL1 a wrong configuration is exit 78 with file and line, and nothing was started", async () => {
    const daemon = new TestDaemon();
    writeFileSync(join(daemon.folder, "rbee.yaml"), "queue:\n  lengthMax: 5\nwroker:\n  slots: 2\n");
    const { code, stderr } = await daemon.run("daemon", "start", ...LISTEN);
    expect(code).toBe(78);
    expect(stderr).toContain("rbee.yaml:3");
    expect(daemon.living()).toEqual([]);
    expect(existsSync(join(daemon.home, "logs", "daemon.log"))).toBe(false);
  });

  test("DL1 what the node itself says is wrong is told at once with its exit code, and nothing is left", async () => {
    const blocker = createServer();
    const port = await new Promise<number>((resolve) => {
      blocker.listen(0, "127.0.0.1", () => {
        const address = blocker.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    const daemon = new TestDaemon();
    const { code, stdout, stderr } = await daemon.run("daemon", "start", "--listen", `127.0.0.1:${port}`);
    blocker.close();
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toContain("port.taken");
    expect(stderr).toContain("Choose another port with --listen");
    expect(daemon.living()).toEqual([]);
    expect(readFileSync(join(daemon.home, "logs", "daemon.log"), "utf8")).not.toContain("started again");
  });

  test("DL1 Ctrl-C while it starts is 130 and leaves nothing", async () => {
    const daemon = new TestDaemon();
    const starting = daemon.begin("daemon", "start", ...LISTEN);
    await waitUntil(() => daemon.living().length >= 3, 10_000);
    starting.process.kill("SIGINT");
    expect(await starting.exitCode).toBe(130);
    expect(daemon.living()).toEqual([]);
  });

  test("a log that has grown large makes room for a new one", async () => {
    const daemon = new TestDaemon();
    const log = join(daemon.home, "logs", "daemon.log");
    mkdirSync(join(daemon.home, "logs"), { recursive: true, mode: 0o700 });
    writeFileSync(log, "x".repeat(LOG_BYTES_MAX + 1), { mode: 0o644 });
    await daemon.started();
    expect(statSync(`${log}.old`).size).toBe(LOG_BYTES_MAX + 1);
    expect(statSync(log).size).toBeLessThan(1000);
    expect(statSync(log).mode & 0o777).toBe(0o600);
  });

  test("an unknown word after daemon is exit 2, and the nearest right one is named", async () => {
    const { code, stderr } = await new TestDaemon().run("daemon", "strat");
    expect(code).toBe(2);
    expect(stderr).toContain("the nearest is daemon start");
  });
});

describe("daemon status", () => {
  test("says where the daemon serves and since when; without one it is exit 3", async () => {
    const daemon = new TestDaemon();
    expect(await daemon.run("daemon", "status")).toMatchObject({ code: 3, stdout: "no daemon runs\n" });
    await daemon.started();
    expect(await daemon.status()).toMatchObject({
      schemaVersion: 1,
      running: true,
      state: "serving",
      pid: daemon.nodePid,
      guardianPid: daemon.guardianPid,
      url: daemon.url,
      uptimeMs: expect.any(Number),
      restarts: 0,
      last: null,
    });
    const { code, stdout } = await daemon.run("daemon", "status");
    expect(code).toBe(0);
    expect(stdout).toContain(`daemon serving at ${daemon.url}`);
    await daemon.run("daemon", "stop");
    expect(await daemon.run("daemon", "status")).toMatchObject({ code: 3, stdout: "no daemon runs\n" });
  });
});

describe("daemon stop", () => {
  test("DS1 leaves no process, and a second one says that nothing runs", async () => {
    const daemon = await (await new TestDaemon({ warm: true }).started()).untilWorking();
    const { code, stdout } = await daemon.run("daemon", "stop", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, stopped: true, how: "orderly" });
    expect(daemon.living()).toEqual([]);
    expect(await daemon.run("daemon", "stop")).toEqual({ code: 0, stdout: "no daemon runs\n", stderr: "" });
  });

  test("lets what runs finish, and says what it waits for", async () => {
    const daemon = await new TestDaemon({ env: { RBEE_SHUTDOWN_FINISH: "1m" } }).started();
    const { job_id } = await daemon.client().submit(longTask(600));
    const hearing = daemon.hear(job_id);
    await waitUntil(async () => (await daemon.client().status()).queen.queue.running === 1, 20_000);
    // It stands still until the stop has begun, however long the next command takes for that.
    const workers = daemon.workers();
    for (const pid of workers) process.kill(pid, "SIGSTOP");
    const stopping = daemon.begin("daemon", "stop");
    await stopping.shows("1 running may finish");
    for (const pid of workers) process.kill(pid, "SIGCONT");
    expect(await stopping.exitCode).toBe(0);
    expect(stopping.stdout).toContain("stopped (orderly");
    expect((await hearing).at(-1)).toMatchObject({ type: "done", total_tokens: 600, attempts: 1 });
  });

  test("Ctrl-C hurries, and what was cut short is finished by the next daemon", async () => {
    const daemon = await new TestDaemon({ env: { RBEE_SHUTDOWN_FINISH: "5m" } }).started();
    const { job_id } = await daemon.client().submit(longTask(1000));
    await waitUntil(async () => (await daemon.client().status()).queen.queue.running === 1, 20_000);
    // It cannot finish by itself, however long the next command takes to begin.
    for (const pid of daemon.workers()) process.kill(pid, "SIGSTOP");
    const stopping = daemon.begin("daemon", "stop");
    await stopping.shows("1 running may finish");
    const workers = daemon.workers();
    stopping.process.kill("SIGINT");
    await stopping.shows("Hurried");
    for (const pid of workers) process.kill(pid, "SIGCONT");
    expect(await stopping.exitCode).toBe(0);
    expect(stopping.stdout).toContain("stopped (hurried");
    expect(daemon.living()).toEqual([]);
    await daemon.started();
    expect((await daemon.hear(job_id)).at(-1)).toMatchObject({ type: "done", total_tokens: 1000, attempts: 2 });
  });

  test("DS1 a guardian and a node that stand still are killed when the person has asked three times", async () => {
    const daemon = await (await new TestDaemon({ warm: true }).started()).untilWorking();
    for (const pid of [daemon.guardianPid, daemon.nodePid]) process.kill(pid, "SIGSTOP");
    const stopping = daemon.begin("daemon", "stop");
    await stopping.shows("Stopping");
    stopping.process.kill("SIGINT");
    await stopping.shows("Hurried");
    stopping.process.kill("SIGINT");
    expect(await stopping.exitCode).toBe(0);
    expect(stopping.stdout).toContain("stopped (killed");
    expect(daemon.living()).toEqual([]);
  });

  test("DM2 a node that somebody runs in a terminal is named and goes on", async () => {
    const daemon = new TestDaemon();
    const node = daemon.begin("node", "--json", ...LISTEN);
    await node.shows('"ready":true');
    const pid = node.process.pid ?? 0;
    const { code, stderr } = await daemon.run("daemon", "stop");
    expect(code).toBe(1);
    expect(stderr).toContain(`process ${pid}`);
    expect(await daemon.run("daemon", "status")).toMatchObject({ code: 3, stdout: expect.stringContaining(`${pid}`) });
    expect(isAlive(pid)).toBe(true);
  });
});
