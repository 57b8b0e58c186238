/**
 * Goal: the keeper's side of the contract: streams, exit codes, `--json`, interruption.
 * Method: the program as a child process, against a queen on loopback that follows a script.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stopwatch } from "../support/children.ts";
import { keeper, type Surroundings } from "../support/keeper.ts";
import { scriptedQueen } from "../support/scripted-queen.ts";
import { temporaryFolder } from "../support/temporary.ts";

const run = async (args: readonly string[], surroundings?: Surroundings) => {
  const child = keeper(args, surroundings);
  const exitCode = await child.exitCode;
  return { exitCode, stdout: child.stdout, stderr: child.stderr };
};
const infer = (prompt: string, url: string, ...more: readonly string[]) =>
  run(["infer", "--prompt", prompt, ...more], { env: { RBEE_QUEEN: url } });

describe("rbee infer", () => {
  test("IN1 stdout is the answer, ended by one newline, and stderr is silent", async () => {
    const { url } = await scriptedQueen();
    expect(await infer("say Hello, say _there", url)).toEqual({ exitCode: 0, stdout: "Hello there\n", stderr: "" });
    expect((await infer("say Hello|", url)).stdout).toBe("Hello\n");
  });

  test("IN1 with --json each line is an event and the last is done, with the whole text", async () => {
    const { url } = await scriptedQueen();
    const { exitCode, stdout } = await infer("say a, say _b", url, "--json");
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line): { type: string } => JSON.parse(line) as { type: string });
    expect(exitCode).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(["queued", "assigned", "token", "token", "done"]);
    expect(events.at(-1)).toMatchObject({ text: "a b", worker: "w-1", usage: { completion_tokens: 2 }, timings: {} });
  });

  test("the options reach the queen as the fields of a task", async () => {
    const queen = await scriptedQueen();
    const folder = temporaryFolder();
    writeFileSync(join(folder, "schema.json"), '{"type":"object"}');
    const flags = [
      "--model",
      "file:m.gguf",
      "--node",
      "n",
      "--max-tokens",
      "7",
      "--temperature",
      "0",
      "--seed",
      "3",
      "--schema",
      "schema.json",
    ];
    await run(["infer", "--prompt", "say a", ...flags], { env: { RBEE_QUEEN: queen.url }, cwd: folder });
    expect(queen.bodies).toEqual([
      {
        prompt: "say a",
        model: `file:${join(folder, "m.gguf")}`,
        node: "n",
        max_tokens: 7,
        temperature: 0,
        seed: 3,
        json_schema: { type: "object" },
      },
    ]);
  });

  test.each([
    ["refuse queue.full 429", 4],
    ["refuse memory.insufficient 503", 5],
    ["say a, fail job.deadline", 6],
    ["say a, fail worker.lost", 1],
    ["refuse request.invalid 400", 2],
  ])("%j ends with exit code %i, and code and advice on stderr", async (prompt, code) => {
    const { url } = await scriptedQueen();
    const { exitCode, stderr } = await infer(prompt, url);
    expect(exitCode).toBe(code);
    expect(stderr).toMatch(/^rbee: [a-z.]+: .+\n {2}.+\n$/);
  });

  test("with --json a failure is the last line of stdout, and stderr is silent", async () => {
    const { url } = await scriptedQueen();
    const { exitCode, stdout, stderr } = await infer("say a, fail job.deadline", url, "--json");
    expect([exitCode, stderr]).toEqual([6, ""]);
    expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      type: "error",
      code: "job.deadline",
      advice: expect.any(String),
    });
  });

  test("a queen that was named and is not there is exit 3, and nothing is started instead", async () => {
    const { exitCode, stderr } = await infer("say a", "http://127.0.0.1:1");
    expect(exitCode).toBe(3);
    expect(stderr).toContain("queen.unreachable");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("IN2 %s cancels the job, keeps what was said, and is exit %i", async (signal, code) => {
    const queen = await scriptedQueen();
    const child = keeper(["infer", "--prompt", "say said, forever"], { env: { RBEE_QUEEN: queen.url } });
    await child.shows("said");
    const sinceKillMs = stopwatch();
    child.process.kill(signal);
    expect(await child.exitCode).toBe(code);
    expect(sinceKillMs()).toBeLessThan(1_000);
    expect(child.stdout).toBe("said\n");
    expect(queen.cancelled).toEqual(["j1"]);
  });

  test("IN2 a reader that goes away cancels the job, quietly", async () => {
    const queen = await scriptedQueen();
    const words = Array.from({ length: 200 }, () => "say word|, wait 10").join(", ");
    const child = keeper(["infer", "--prompt", words], { env: { RBEE_QUEEN: queen.url } });
    await child.shows("word");
    child.process.stdout.destroy();
    expect(await child.exitCode).toBe(0);
    expect([queen.cancelled, child.stderr]).toEqual([["j1"], ""]);
  });
});

describe("requests from a pipe", () => {
  test("RP1 the whole input is one request, and stdout its answer alone", async () => {
    const queen = await scriptedQueen();
    const env = { RBEE_QUEEN: queen.url };
    expect(await run([], { env, input: "say a, \nsay _b\n" })).toEqual({ exitCode: 0, stdout: "a\n", stderr: "" });
    expect(queen.bodies).toEqual([{ request: "say a, \nsay _b" }]);
  });

  test("with --lines each line is a request; one that fails does not stop the others", async () => {
    const queen = await scriptedQueen();
    const input = "say one\n\nfail worker.lost\nsay three\n";
    const { exitCode, stdout, stderr } = await run(["--lines"], { env: { RBEE_QUEEN: queen.url }, input });
    expect([exitCode, stdout]).toEqual([1, "one\nthree\n"]);
    expect(stderr).toContain("worker.lost");
  });

  test("an empty input asks nothing", async () => {
    const queen = await scriptedQueen();
    expect(await run([], { env: { RBEE_QUEEN: queen.url } })).toMatchObject({ exitCode: 0, stdout: "" });
    expect(queen.calls).toEqual([]);
  });
});

describe("usage", () => {
  test.each([
    [["frobnicate"], "the nearest is"],
    [["statsu"], "the nearest is status"],
    [["infer", "--promt", "x"], "the nearest is --prompt"],
    [["infer"], "--prompt is needed"],
    [["node", "--role", "king"], "--role takes queen,hive"],
    [["node", "--listen", "nowhere"], "HOST:PORT"],
  ])("%j is exit 2 and says what is right", async (args, says) => {
    const { exitCode, stdout, stderr } = await run(args);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(says);
  });

  test("with --json the refusal is an object", async () => {
    const { exitCode, stdout } = await run(["status", "--jsom", "--json"]);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      error: { code: "usage.invalid", advice: expect.any(String) },
    });
  });
});

describe("status and workers", () => {
  test("status is one readable screen of 80 columns", async () => {
    const { url } = await scriptedQueen();
    const { exitCode, stdout } = await run(["status"], { env: { RBEE_QUEEN: url } });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("queen q serving at http://127.0.0.1:8080");
    expect(stdout).toMatch(/w-1 +starter +idle +1\/4 +5 MiB +cpu +12 +8001/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("--queen wins over RBEE_QUEEN, and --json is the object of the contract", async () => {
    const { url } = await scriptedQueen();
    const { stdout } = await run(["status", "--json", "--queen", url], { env: { RBEE_QUEEN: "http://127.0.0.1:1" } });
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      queen: { epoch: 3 },
      hives: [{ workers: [{ id: "w-1" }] }],
    });
  });

  test("workers are listed, started and stopped", async () => {
    const queen = await scriptedQueen();
    const env = { RBEE_QUEEN: queen.url };
    expect((await run(["worker", "list"], { env })).stdout).toContain("w-1");
    expect((await run(["worker", "start", "--model", "starter"], { env })).stdout).toBe("w-2 loading\n");
    expect(JSON.parse((await run(["worker", "stop", "w-1", "--json"], { env })).stdout)).toEqual({
      schemaVersion: 1,
      worker: "w-1",
      state: "stopping",
    });
    expect(queen.calls).toContain("POST /v1/workers/stop");
  });

  test.each([["status"], ["worker", "list"]])("%s without any queen is exit 3", async (...args) => {
    const { exitCode, stderr } = await run(args);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("rbee node");
  });
});

describe("rbee config", () => {
  test("show prints what a file could hold, list a line a key, both with origins where asked", async () => {
    const env = { RBEE_WORKER_SLOTS: "9" };
    expect((await run(["config", "show"], { env })).stdout).toContain("  slots: 9\n");
    expect((await run(["config", "list"], { env })).stdout).toMatch(/^worker\.slots = 9$/m);
    expect((await run(["config", "show", "--show-origin"], { env })).stdout).toMatch(
      /worker\.slots = 9 +RBEE_WORKER_SLOTS\n/,
    );
    const { settings } = JSON.parse((await run(["config", "show", "--json"], { env })).stdout) as {
      settings: unknown[];
    };
    expect(settings).toContainEqual({ key: "worker.slots", value: 9, origin: "RBEE_WORKER_SLOTS" });
  });

  test("path names the user's file", async () => {
    expect((await run(["config", "path"], { env: { RBEE_HOME: "/nowhere" } })).stdout).toBe("/nowhere/config.yaml\n");
  });

  test("validate names file, line and nearest key, and is exit 78", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "mine.yaml"), "worker:\n  slotz: 3\n");
    writeFileSync(join(cwd, "rbee.yaml"), "listen: 0.0.0.0:1\n");
    const { exitCode, stderr } = await run(["config", "validate", join(cwd, "mine.yaml")]);
    expect([exitCode, stderr]).toEqual([
      78,
      expect.stringContaining("mine.yaml:2: unknown key worker.slotz; the nearest is worker.slots"),
    ]);
    expect((await run(["config", "validate", join(cwd, "rbee.yaml")])).stderr).toContain("rbee.yaml:1: listen");
  });
});
