/**
 * Goal: the log of a node is whole JSON lines that only its owner reads, tells nothing private, and stops nobody.
 * Method: the real file in a folder of its own; a device that is always full.
 *
 * @see src/hosts/watching/node-log.ts, NL1 to NL6; src/hosts/real/log-file.ts, LF1 to LF4
 * @module
 */
import { existsSync, fstatSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ModelNames } from "../../../../src/hosts/watching/model-names.ts";
import type { News } from "../../../../src/hosts/watching/news.ts";
import { isJournal, openNodeLog, REFUSALS_A_SECOND } from "../../../../src/hosts/watching/node-log.ts";
import { LogFile } from "../../../../src/hosts/real/log-file.ts";
import type { ProcessExit } from "../../../../machines/process.ts";
import type { Label } from "../../../../machines/words.ts";
import { EXIT, KILLED } from "../../../support/machine-events.ts";
import { waitUntil } from "../../../support/children.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

type Line = Readonly<Record<string, unknown>>;

const linesIn = (path: string): Line[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);

const open = (folder: string, bytesMax?: number) =>
  openNodeLog({
    folder,
    env: {},
    models: new ModelNames(["starter"]),
    ...(bytesMax === undefined ? {} : { bytesMax }),
  });

const failed = (text: string, label: Label): News => ({
  event: "job.ended",
  job: "j1",
  model: "starter",
  operation: "chat",
  state: "failed",
  attempts: undefined,
  durationMs: 12.4,
  usage: undefined,
  failure: { code: "context.overflow", told: { text, label } },
});
const ended = (code: string, exit: ProcessExit, endingMs?: number, model = "starter"): News => ({
  event: "worker.ended",
  worker: "w1",
  model,
  code,
  exit,
  durationMs: 99.6,
  endingMs,
});
const refused = (text: string): News => ({
  event: "request.refused",
  code: "request.invalid",
  told: { text, label: "private" },
  method: "POST",
  route: "/v2/tasks",
  status: 400,
  caller: { requestId: "r-1", key: "k3" },
});

describe("the log of a node", () => {
  test("the lines of a job tell the request that brought it and its trace, as other programs' logs do", async () => {
    const folder = temporaryFolder();
    const log = open(folder);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    log.take({ ...failed("no", "public"), caller: { requestId: "r-2", traceparent } } as News);
    await log.close();
    const [line] = linesIn(join(folder, "node.log"));
    expect(line).toMatchObject({
      "rbee.request.id": "r-2",
      trace_id: "0af7651916cd43dd8448eb211c80319c",
      span_id: "b7ad6b7169203331",
    });
    expect(line).not.toHaveProperty("rbee.key.id");
  });

  test("a line has the event's name, its particulars by their known names, and level, time and words", async () => {
    const folder = temporaryFolder();
    const log = open(folder);
    log.take(ended("worker.lost", { exitCode: undefined, signal: "SIGSEGV", after: "nothing" }));
    log.take(ended("worker.idle", EXIT, undefined, "made up"));
    await log.close();
    const [lost, idle] = linesIn(join(folder, "node.log"));
    expect(lost).toEqual({
      level: 40,
      time: expect.any(Number),
      pid: process.pid,
      "event.name": "worker.ended",
      "rbee.worker.id": "w1",
      "gen_ai.request.model": "starter",
      "error.type": "worker.lost",
      "rbee.worker.ended_after": "nothing",
      "rbee.worker.signal": "SIGSEGV",
      "rbee.duration_ms": 100,
      msg: "worker ended",
    });
    expect(idle).toMatchObject({ level: 30, "gen_ai.request.model": "other" });
  });

  test("NL5 the end of a worker tells what was done to end it, and one that had to be forced is a warning", async () => {
    const folder = temporaryFolder();
    const log = open(folder);
    const ends = [
      ended("interrupted", { exitCode: 0, signal: undefined, after: "request" }, 40.4),
      ended("interrupted", { exitCode: undefined, signal: "SIGTERM", after: "SIGTERM" }, 4000),
      ended("worker.idle", KILLED, 9000),
    ];
    for (const end of ends) log.take(end);
    await log.close();
    const name = "rbee.worker";
    expect(linesIn(join(folder, "node.log"))).toMatchObject([
      { level: 30, [`${name}.ended_after`]: "request", [`${name}.exit_code`]: 0, [`${name}.ending_ms`]: 40 },
      { level: 40, [`${name}.ended_after`]: "SIGTERM", [`${name}.signal`]: "SIGTERM", [`${name}.ending_ms`]: 4000 },
      { level: 40, [`${name}.ended_after`]: "SIGKILL", [`${name}.signal`]: "SIGKILL", [`${name}.ending_ms`]: 9000 },
    ]);
  });

  test("NL1 text of a private or secret request is a hash, that of a public one is told", async () => {
    const folder = temporaryFolder();
    const log = open(folder);
    for (const label of ["private", "secret", "public", "internal"] as const) log.take(failed(`of ${label}`, label));
    await log.close();
    const lines = linesIn(join(folder, "node.log"));
    expect(lines.map((line) => line["rbee.text"])).toEqual([undefined, undefined, "of public", "of internal"]);
    expect(lines.slice(0, 2).map((line) => line["rbee.text.sha256"])).toEqual([
      expect.stringMatching(/^[0-9a-f]{16}$/),
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ]);
    expect(lines[0]?.["rbee.text.sha256"]).not.toBe(lines[1]?.["rbee.text.sha256"]);
  });

  test("NL3 only its owner reads it, and one that is too large at the start gives way to a new one", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "node.log");
    writeFileSync(path, "x".repeat(101));
    const log = open(folder, 100);
    log.take({ event: "node.stopped", exitCode: 0 });
    await log.close();
    expect([statSync(`${path}.old`).size, linesIn(path).length]).toEqual([101, 1]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = open(folder, 10_000);
    again.take({ event: "node.stopped", exitCode: 0 });
    await again.close();
    expect(linesIn(path).length).toBe(2);
  });

  test("NL3 the journal of systemd is known by what stderr really is, not by the variable alone", () => {
    const descriptor = openSync(join(temporaryFolder(), "stderr"), "a");
    const { dev, ino } = fstatSync(descriptor);
    expect(isJournal({ JOURNAL_STREAM: `${dev}:${ino}` }, descriptor)).toBe(true);
    expect(isJournal({ JOURNAL_STREAM: `${dev}:${ino + 1}` }, descriptor)).toBe(false);
    expect(isJournal({}, descriptor)).toBe(false);
  });

  test("NL4 a refused request is a line with its route, its key and its own name, and no word of it", async () => {
    const folder = temporaryFolder();
    const log = open(folder);
    log.take(refused("what was asked"));
    await log.close();
    const [line] = linesIn(join(folder, "node.log"));
    expect(line).toEqual({
      level: 40,
      time: expect.any(Number),
      pid: process.pid,
      "event.name": "request.refused",
      "error.type": "request.invalid",
      "http.request.method": "POST",
      "http.route": "/v2/tasks",
      "http.response.status_code": 400,
      "rbee.request.id": "r-1",
      "rbee.key.id": "k3",
      "rbee.text.sha256": expect.stringMatching(/^[0-9a-f]{16}$/),
      msg: "request refused",
    });
  });

  test("NL6 a refused key is told by its fingerprint and the address it came from, as rights are that come and go", async () => {
    const folder = temporaryFolder();
    const log = open(folder);
    const stranger = { address: "192.0.2.7", fingerprint: "00ff" };
    log.take({ ...refused("no"), code: "request.unauthorized", stranger } as News);
    log.take({ event: "key.created", key: "k3", name: "phone", fingerprint: "00ff" });
    log.take({ event: "key.revoked", key: "k3", name: "phone", fingerprint: "00ff" });
    log.take({ event: "token.created", token: "t4" });
    log.take({ event: "token.revoked", token: "t4" });
    log.take({ event: "machine.removed", name: "attic" });
    await log.close();
    const key = { level: 30, "rbee.key.id": "k3", "rbee.key.name": "phone", "rbee.key.fingerprint": "00ff" };
    expect(linesIn(join(folder, "node.log"))).toMatchObject([
      { "error.type": "request.unauthorized", "client.address": "192.0.2.7", "rbee.key.fingerprint": "00ff" },
      { ...key, msg: "key created" },
      { ...key, msg: "key revoked" },
      { level: 30, "rbee.token.id": "t4", msg: "token created" },
      { level: 30, "rbee.token.id": "t4", msg: "token revoked" },
      { level: 30, "rbee.peer.name": "attic", msg: "machine removed" },
    ]);
  });

  test("NL4 a flood of refused requests is written up to a bound, and how many were not is said", async () => {
    const folder = temporaryFolder();
    const log = open(folder);
    const flood = REFUSALS_A_SECOND * 4;
    const startedMs = performance.now();
    let taken = 0;
    // Until a second has passed behind the flood, so that the next one is told again.
    for (; taken < flood || performance.now() - startedMs < 1000; taken += 1) {
      log.take(refused("no"));
      if (taken >= flood) await new Promise((resolve) => void setImmediate(resolve));
    }
    await log.close();
    const lines = linesIn(join(folder, "node.log"));
    const seconds = Math.ceil((performance.now() - startedMs) / 1000) + 1;
    expect(lines.length).toBeLessThanOrEqual(REFUSALS_A_SECOND * seconds);
    const untold = lines.reduce((sum, line) => sum + Number(line["rbee.lines.untold"] ?? 0), 0);
    expect(untold).toBeGreaterThan(0);
    expect(lines.length + untold).toBeLessThanOrEqual(taken);
  });
});

describe("a file of lines", () => {
  test("LF1 lines are whole and in order, however many are written at once", async () => {
    const path = join(temporaryFolder(), "log");
    const file = new LogFile(path);
    const lines = Array.from({ length: 5000 }, (_, n) => `line ${n}\n`);
    for (const [n, line] of lines.entries()) {
      file.write(line);
      if (n % 500 === 0) await new Promise((resolve) => void setImmediate(resolve));
    }
    await file.close();
    expect(readFileSync(path, "utf8")).toBe(lines.join(""));
  });

  test("LF1 NL2 where nothing can be written the lines are lost, and nobody waits or fails", async () => {
    for (const path of ["/dev/full", join(temporaryFolder(), "no", "such", "folder")]) {
      const file = new LogFile(path);
      for (let n = 0; n < 100; n += 1) file.write(`line ${n}\n`);
      await file.close();
      file.write("after its end\n");
      await expect(file.close()).resolves.toBeUndefined();
    }
  });

  test("LF2 what waits for a slow disk is bounded", async () => {
    const path = join(temporaryFolder(), "log");
    const file = new LogFile(path);
    const line = `${"x".repeat(1023)}\n`;
    for (let n = 0; n < 4096; n += 1) file.write(line);
    await file.close();
    expect(statSync(path).size).toBe(1024 * 1024);
    const again = new LogFile(path);
    again.write(line);
    await again.close();
    expect(statSync(path).size).toBe(1024 * 1025);
  });

  test("LF4 closed in the moment in which lines are gathered, a file has them", async () => {
    const path = join(temporaryFolder(), "log");
    const file = new LogFile(path);
    file.write("first\n");
    await waitUntil(() => readFileSync(path, "utf8") !== "", 5_000);
    file.write("second\n");
    await file.close();
    expect(readFileSync(path, "utf8")).toBe("first\nsecond\n");
  });

  test("LF3 reopened, what came before is in the old file and what comes after in the new one", async () => {
    const path = join(temporaryFolder(), "log");
    const file = new LogFile(path);
    file.write("before\n");
    renameSync(path, `${path}.1`);
    await file.reopen();
    file.write("after\n");
    await file.close();
    expect([readFileSync(`${path}.1`, "utf8"), readFileSync(path, "utf8")]).toEqual(["before\n", "after\n"]);
    expect(existsSync(`${path}.2`)).toBe(false);
  });
});
