/**
 * Goal: a node writes what happens to it into its log, line by line, and obeys whoever rotates it.
 * Method: the real program; its file is moved away, its stderr named as the journal's.
 *
 * @see src/hosts/watching/node-log.ts; src/cli/session/serving.ts, N3
 */
import { existsSync, fstatSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { waitUntil } from "../support/children.ts";
import { COLD, homeEnvironment, LAUNCHER } from "../support/keeper.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { obeying } from "../support/saboteur.ts";
import { temporaryFolder } from "../support/temporary.ts";

type Line = Readonly<Record<string, unknown>>;

const linesIn = (path: string): Line[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
const logOf = (node: TestNode): string => join(node.home, "logs", "node.log");
const eventsIn = (path: string): unknown[] => linesIn(path).map((line) => line["event.name"]);

describe("the log of a node", () => {
  test("tells of its start, a job and its worker from the asking to the end, and of its own end", async () => {
    const node = await startNode();
    const { job_id: job } = await node.submit({ prompt: "What is a hive?", max_tokens: 5 });
    await node.hear(job);
    const [worker] = await node.workers();
    await node.stop();
    const lines = linesIn(logOf(node));
    const named = (event: string): Line | undefined => lines.find((line) => line["event.name"] === event);
    expect(named("node.started")).toMatchObject({ "url.full": node.ready.url, "rbee.queen.epoch": 1, pid: node.pid });
    expect(named("worker.ready")).toMatchObject({ "rbee.worker.id": worker?.id, "gen_ai.request.model": "starter" });
    expect(named("attempt.begun")).toMatchObject({ "rbee.job.id": job, "rbee.job.attempt": 1 });
    expect(named("job.ended")).toMatchObject({
      "rbee.job.id": job,
      "rbee.job.state": "done",
      "gen_ai.usage.output_tokens": 5,
    });
    const order = ["node.started", "worker.asked", "worker.reserved", "worker.loading", "worker.ready", "job.ended"];
    expect(eventsIn(logOf(node)).filter((event) => order.includes(String(event)))).toEqual(order);
    expect(eventsIn(logOf(node)).slice(-2)).toEqual(["worker.ended", "node.stopped"]);
    expect(named("worker.ended")).toMatchObject({
      "error.type": "interrupted",
      "rbee.worker.ended_after": "request",
      "rbee.worker.exit_code": 0,
      level: 30,
    });
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("tells of a node that %s stops the exit code with which its process ends, %i", async (signal, code) => {
    const node = await startNode();
    node.signal(signal);
    expect((await node.ended).code).toBe(code);
    expect(linesIn(logOf(node)).at(-1)).toMatchObject({ "event.name": "node.stopped", "process.exit.code": code });
  });

  test("tells of a thread that was started again, with its reason", async () => {
    const file = join(temporaryFolder(), "command");
    const node = await startNode({ env: obeying(file) });
    writeFileSync(`${file}.new`, "queen throw");
    renameSync(`${file}.new`, file);
    await waitUntil(() => eventsIn(logOf(node)).includes("thread.restarted"), 5_000);
    const line = linesIn(logOf(node)).find((each) => each["event.name"] === "thread.restarted");
    expect(line).toMatchObject({ "rbee.thread": "queen", "error.type": "defect", level: 50 });
  });

  test("N3 goes on in a new file after a SIGHUP, which ends nothing that has no terminal", async () => {
    const node = await startNode();
    renameSync(logOf(node), `${logOf(node)}.1`);
    node.signal("SIGHUP");
    await waitUntil(() => existsSync(logOf(node)), 5_000);
    expect((await node.run({ prompt: "a", max_tokens: 2 })).at(-1)?.type).toBe("done");
    await node.stop();
    expect(eventsIn(`${logOf(node)}.1`)).toContain("node.started");
    expect(eventsIn(logOf(node))).toContain("job.ended");
  });

  test("NL3 goes to stderr, beside what is for people, where that is the journal of systemd", async () => {
    const folder = temporaryFolder();
    const stderr = openSync(join(folder, "stderr"), "a");
    const { dev, ino } = fstatSync(stderr);
    const home = join(folder, "home");
    const env = { ...homeEnvironment(home), ...COLD, JOURNAL_STREAM: `${dev}:${ino}` };
    const node = spawn(process.execPath, [LAUNCHER, "node", "--json", "--listen", "127.0.0.1:0"], {
      env,
      stdio: ["ignore", "pipe", stderr],
    });
    onTestFinished(() => void node.kill("SIGKILL"));
    if (node.stdout === null) throw new Error("its stdout is a pipe");
    await once(node.stdout, "data");
    node.kill("SIGTERM");
    await once(node, "exit");
    expect(eventsIn(join(folder, "stderr"))).toContain("node.started");
    expect(existsSync(join(home, "logs", "node.log"))).toBe(false);
  });
});
