/**
 * Goal: `rbee logs` and `rbee worker logs` show and follow what was written (LC1-LC2 of commands/logs.ts).
 * Method: the program as a child process, with files laid before it. How they are read: test/unit/cli/log-file.test.ts.
 */
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { homeEnvironment, keeper, type Keeper } from "../support/keeper.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { terminal } from "../support/tmux.ts";

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, n) => `line ${from + n}\n`).join("");

class Home {
  readonly home = join(temporaryFolder(), "home");
  readonly logs = join(this.home, "logs");
  readonly node = join(this.logs, "node.log");

  constructor() {
    mkdirSync(join(this.logs, "workers"), { recursive: true });
  }

  worker(id: string): string {
    return join(this.logs, "workers", `${id}.log`);
  }

  begin(...args: readonly string[]): Keeper {
    return keeper(args, { home: this.home });
  }

  async run(...args: readonly string[]) {
    const child = this.begin(...args);
    return { code: await child.exitCode, stdout: child.stdout, stderr: child.stderr };
  }
}

describe("the last lines", () => {
  test("LC1 of the node's log are shown without a node, as many as are asked for", async () => {
    const me = new Home();
    writeFileSync(me.node, numbered(1, 300));
    expect(await me.run("logs", "--lines", "2")).toEqual({ code: 0, stdout: "line 299\nline 300\n", stderr: "" });
    expect((await me.run("logs")).stdout).toBe(numbered(251, 300));
    expect((await me.run("logs", "-n", "0")).stdout).toBe("");
  });

  test("reach back over a rotation, and end with what is there of a last line", async () => {
    const me = new Home();
    writeFileSync(`${me.node}.old`, numbered(1, 3));
    writeFileSync(me.node, `${numbered(4, 5)}half`);
    expect((await me.run("logs", "--lines", "4")).stdout).toBe("line 3\nline 4\nline 5\nhalf\n");
  });

  test("are the daemon's where the node has none of its own", async () => {
    const me = new Home();
    writeFileSync(join(me.logs, "daemon.log"), "guardian\n");
    expect((await me.run("logs")).stdout).toBe("guardian\n");
  });

  test("LC1 of a worker that is gone are shown; one that never was is exit 1 with the nearest", async () => {
    const me = new Home();
    writeFileSync(me.worker("w-31"), "loading\nready\n");
    expect((await me.run("worker", "logs", "w-31")).stdout).toBe("loading\nready\n");
    const { code, stderr } = await me.run("worker", "logs", "w-32");
    expect(code).toBe(1);
    expect(stderr).toContain("request.not.found");
    expect(stderr).toContain("the nearest that is kept is w-31");
    expect((await new Home().run("logs")).stderr).toContain("there is no log yet");
  });

  test.each(["../node", "a/b", ".", "w 1", "w;1", "x".repeat(65)])("the id %j is exit 2", async (id) => {
    expect(await new Home().run("worker", "logs", id)).toMatchObject({ code: 2, stdout: "" });
  });

  test.each(["-1", "1.5", "many", "1000000"])("%s lines are exit 2", async (lines) => {
    expect((await new Home().run("logs", "--lines", lines)).code).toBe(2);
  });

  test("with --json each line is an object, whatever stood in it", async () => {
    const me = new Home();
    writeFileSync(me.node, 'plain "text"\n{"level":30,"time":0,"msg":"served","port":8080}\n');
    const { stdout } = await me.run("logs", "--json");
    const objects = stdout
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(objects).toEqual([
      { schemaVersion: 1, line: 'plain "text"' },
      { schemaVersion: 1, level: 30, time: 0, msg: "served", port: 8080 },
    ]);
  });
});

describe("what may be read", () => {
  test("LG1 no link leads out of the logs folder, whether it is the file or a folder", async () => {
    const me = new Home();
    const secret = join(temporaryFolder(), "secret.log");
    writeFileSync(secret, "secret\n");
    symlinkSync(secret, me.worker("w-1"));
    symlinkSync(secret, me.node);
    rmSync(join(me.logs, "workers"), { recursive: true });
    const elsewhere = temporaryFolder();
    writeFileSync(join(elsewhere, "w-2.log"), "secret\n");
    symlinkSync(elsewhere, join(me.logs, "workers"));
    for (const args of [["logs"], ["worker", "logs", "w-1"], ["worker", "logs", "w-2"]]) {
      expect(await me.run(...args)).toMatchObject({ code: 1, stdout: "" });
    }
  });
});

describe("following", () => {
  test("LC2 Ctrl-C is 130 without a word, and it goes on when the node has gone", async () => {
    const me = new Home();
    const waiting = me.begin("logs", "-f");
    await waiting.shows("There is no log yet");
    const node = me.begin("node", "--json", "--listen", "127.0.0.1:0");
    await node.shows('"ready":true');
    node.process.kill("SIGTERM");
    expect(await node.exitCode).toBe(143);
    appendFileSync(me.node, "after the node\n");
    await waiting.shows("after the node");
    waiting.process.kill("SIGINT");
    expect(await waiting.exitCode).toBe(130);
    expect(waiting.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("LC2 a reader that goes away ends it with 0", async () => {
    const me = new Home();
    writeFileSync(me.node, numbered(1, 5));
    const following = me.begin("logs", "--follow");
    await following.shows("line 5");
    following.process.stdout.destroy();
    const writing = setInterval(() => appendFileSync(me.node, "more\n"), 20);
    expect(await following.exitCode.finally(() => clearInterval(writing))).toBe(0);
  });

  test("LL1 at a terminal what a worker printed changes nothing but its line", needs("tmux"), async () => {
    const me = new Home();
    writeFileSync(me.worker("w-1"), "first\n\u001B[2J\u001B[31mred\n");
    const env = { ...homeEnvironment(me.home), TERM: "xterm-256color", LANG: "C.UTF-8" };
    const screen = await terminal(["worker", "logs", "w-1"], env).shows("exit 0");
    expect(screen).toContain("first\n?[2J?[31mred");
  });
});
