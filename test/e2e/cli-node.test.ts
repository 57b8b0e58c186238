/**
 * Goal: the keeper and a real node: starting, finding, sharing and ending it (A1-A3 of attach.ts, N1-N2 of
 * serving.ts).
 * Method: the program as child processes and in tmux, with the starter model, each test in a home of its own.
 */
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readHolder } from "../../src/hosts/real/home-lock.ts";
import { COLD, homeEnvironment, keeper, type Keeper } from "../support/keeper.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { terminal } from "../support/tmux.ts";

/** Short, so that what it takes is the keeper's own time. */
const QUESTION = ["infer", "--prompt", "What is a hive?", "--max-tokens", "8", "--temperature", "0"];

async function node(home: string, ...more: readonly string[]): Promise<Keeper> {
  const child = keeper(["node", "--json", "--listen", "127.0.0.1:0", ...more], { home, env: COLD });
  await child.shows('"ready":true');
  return child;
}

describe("rbee node", () => {
  test("N1 --json prints one ready line and nothing after it, through to a graceful end", async () => {
    const home = temporaryFolder();
    const child = await node(home, "--name", "bench-2");
    const asked = keeper(QUESTION, { home });
    expect([await asked.exitCode, asked.stderr]).toEqual([0, ""]);
    child.process.kill("SIGTERM");
    expect(await child.exitCode).toBe(143);
    expect(child.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(child.stdout)).toMatchObject({
      ready: true,
      name: "bench-2",
      pid: child.process.pid,
      roles: ["queen", "hive"],
    });
    expect(readHolder(home)).toBeUndefined();
  });

  test("without --json it says where it serves, and Ctrl-C ends it with 130", async () => {
    const child = keeper(["node", "--listen", "127.0.0.1:0"], { env: COLD });
    await child.shows("serves at http://127.0.0.1:");
    child.process.kill("SIGINT");
    expect(await child.exitCode).toBe(130);
  });

  test("N2 a second signal hurries a stop that waits for running work", async () => {
    const home = temporaryFolder();
    const child = await node(home);
    const asked = keeper(["infer", "--prompt", "What is a hive?", "--max-tokens", "2000", "--json"], { home });
    await asked.shows('"token"');
    child.process.kill("SIGINT");
    await child.shows("Stopping");
    const hurriedMs = performance.now();
    child.process.kill("SIGINT");
    expect(await child.exitCode).toBe(130);
    expect(performance.now() - hurriedMs).toBeLessThan(8_000);
  });

  test("beside another node of the same home it is refused, and says which process holds it", async () => {
    const home = temporaryFolder();
    const first = await node(home);
    const second = keeper(["node"], { home });
    expect(await second.exitCode).toBe(1);
    expect(second.stderr).toContain(`process ${first.process.pid}`);
  });

  test("a port that was asked for and is taken is exit 5", async () => {
    const blocker = createServer();
    const port = await new Promise<number>((resolve) => {
      blocker.listen(0, "127.0.0.1", () => {
        const address = blocker.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    const child = keeper(["node", "--listen", `127.0.0.1:${port}`]);
    const exitCode = await child.exitCode;
    blocker.close();
    expect([exitCode, child.stderr]).toEqual([5, expect.stringContaining("port.taken")]);
  });
});

describe("a node of one's own", () => {
  test("A3 infer without any node starts one, answers, and leaves none behind", async () => {
    const home = temporaryFolder();
    const child = keeper(QUESTION, { home });
    expect([await child.exitCode, child.stderr]).toEqual([0, ""]);
    expect(child.stdout.length).toBeGreaterThan(2);
    expect(readHolder(home)).toBeUndefined();
  });

  test("A2 of several that start at once one holds the home, and all are answered", async () => {
    const home = temporaryFolder();
    const children = [1, 2, 3].map(() => keeper(QUESTION, { home }));
    for (const child of children)
      expect([await child.exitCode, child.stderr]).toEqual([0, expect.not.stringContaining("home.held")]);
    expect(readHolder(home)).toBeUndefined();
  });

  test("SE1 a node that is just ending is no failure to whoever asks next", async () => {
    const home = temporaryFolder();
    const first = keeper(QUESTION, { home });
    await first.shows("\n");
    const second = keeper(QUESTION, { home });
    expect([await first.exitCode, await second.exitCode, second.stderr]).toEqual([0, 0, ""]);
    expect(second.stdout).toBe(first.stdout);
  });

  test("SIGINT ends an answer and the node that was started for it", async () => {
    const home = temporaryFolder();
    const child = keeper(["infer", "--prompt", "What is a hive?", "--max-tokens", "2000", "--json"], { home });
    await child.shows('"queued"');
    child.process.kill("SIGINT");
    expect(await child.exitCode).toBe(130);
    expect(readHolder(home)).toBeUndefined();
  });
});

describe("conversations and their node", needs("tmux"), () => {
  test("A3 the node of the first stays until the second has left, and both are told", async () => {
    const env = { ...homeEnvironment(temporaryFolder()), TERM: "xterm-256color", LANG: "C.UTF-8" };
    const first = terminal([], env);
    await first.shows("a node of its own runs here");
    await first.shows(/^> ?$/m);
    const second = terminal([], env);
    await second.shows("runs on this machine already");
    await second.shows(/^> ?$/m);
    first.press("C-d");
    await first.shows("Others still use this node");
    second.type("What is a hive?");
    second.press("Enter");
    await second.shows(/hive.*\n(.*\n)*> ?$/);
    second.press("C-d");
    await second.shows("exit 0");
    expect(await first.shows("exit 0")).toContain("The node of this session ends with it.");
  });

  test("a window that is closed ends the conversation and its node", async () => {
    const home = temporaryFolder();
    const window = terminal([], { ...homeEnvironment(home), TERM: "xterm-256color", LANG: "C.UTF-8" });
    await window.shows(/^> ?$/m);
    const pid = readHolder(home)?.pid ?? 0;
    window.close();
    await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
    expect(existsSync(join(home, "run", "holder.json"))).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
