/**
 * Goal: `rbee doctor` says what works and what does not, with and without a node (DO1, DO3 of commands/doctor.ts).
 * Method: the program as a child process in homes that are in the states it is asked about.
 */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { homeMark, markEnvironment } from "../../src/hosts/real/process-marks.ts";
import { waitUntil } from "../support/children.ts";
import { COLD, keeper, type Keeper } from "../support/keeper.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";

interface Told {
  readonly healthy: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly level: string;
    readonly text: string;
    readonly remedy?: string;
  }[];
}

class Patient {
  readonly home = join(temporaryFolder(), "home");

  begin(...args: readonly string[]): Keeper {
    return keeper(args, { home: this.home, env: COLD });
  }

  /** The findings by name, and the exit code. */
  async examined(env: Readonly<Record<string, string>> = {}) {
    const child = keeper(["doctor", "--json"], { home: this.home, env });
    const code = await child.exitCode;
    const told = JSON.parse(child.stdout) as Told;
    expect(told.healthy).toBe(code === 0);
    for (const { level, remedy } of told.checks) expect(remedy !== undefined).toBe(level !== "ok");
    return { code, of: (name: string) => told.checks.find((check) => check.name === name) };
  }

  async node(): Promise<Keeper> {
    const node = this.begin("node", "--json", "--listen", "127.0.0.1:0");
    await node.shows('"ready":true');
    return node;
  }
}

describe("rbee doctor", () => {
  test("DO1 a machine that is well is exit 0, and DO3 nothing was made for it", async () => {
    const me = new Patient();
    const { code, of } = await me.examined();
    expect([code, of("nodejs")?.level, of("engine")?.level]).toEqual([0, "ok", "ok"]);
    expect(of("home")?.text).toContain("does not exist yet");
    expect(existsSync(me.home)).toBe(false);
  });

  test("for a person it is a line each, with the sum at the end", async () => {
    const child = new Patient().begin("doctor");
    expect([await child.exitCode, child.stderr]).toEqual([0, ""]);
    const lines = child.stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^ok +nodejs +Node \d+\./);
    expect(lines.at(-1)).toMatch(/^\d+ ok, \d+ to know about, 0 that do not work$/);
  });

  test("DO3 beside a node it says which, and the node goes on", async () => {
    const me = new Patient();
    const node = await me.node();
    const { code, of } = await me.examined();
    expect([code, of("node")?.level]).toEqual([0, "ok"]);
    expect(of("node")?.text).toContain(`process ${node.process.pid} serves at http://127.0.0.1:`);
    expect([of("orphans")?.level, of("leftovers")]).toEqual(["ok", undefined]);
    expect(node.process.exitCode).toBeNull();
  });

  test("a node that stands still is a failure, found in time", async () => {
    const me = new Patient();
    const node = await me.node();
    node.process.kill("SIGSTOP");
    const { code, of } = await me.examined();
    expect([code, of("node")]).toMatchObject([1, { level: "fail", text: expect.stringContaining("does not answer") }]);
  });

  test("DO1 a configuration that is wrong is exit 1, with its line, and the rest is examined all the same", async () => {
    const me = new Patient();
    mkdirSync(me.home, { mode: 0o700 });
    writeFileSync(join(me.home, "config.yaml"), "worker:\n  slotz: 1\n", { mode: 0o600 });
    const { code, of } = await me.examined();
    expect(code).toBe(1);
    expect(of("config")).toMatchObject({ level: "fail", text: expect.stringContaining("config.yaml:2") });
    expect(of("disk")?.level).toBe("ok");
  });

  test("what others can read is told, with the command that closes it", async () => {
    const me = new Patient();
    mkdirSync(me.home, { mode: 0o700 });
    writeFileSync(join(me.home, "config.yaml"), "name: x\n");
    chmodSync(join(me.home, "config.yaml"), 0o644);
    chmodSync(me.home, 0o755);
    const { code, of } = await me.examined();
    expect([code, of("home")?.remedy, of("config")?.remedy]).toEqual([
      0,
      `Run: chmod 700 ${me.home}`,
      `Run: chmod 600 ${join(me.home, "config.yaml")}`,
    ]);
  });

  test("a port that is taken fails where it was asked for, and a strange hub is told and not asked", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void blocker.close());
    await waitUntil(() => blocker.listening, 5_000);
    const { port } = blocker.address() as AddressInfo;
    const me = new Patient();
    const hub = "http://127.0.0.1:1";
    const { code, of } = await me.examined({ RBEE_LISTEN: `127.0.0.1:${port}`, HF_ENDPOINT: `${hub}/x` });
    expect(code).toBe(1);
    expect(of("port")).toMatchObject({ level: "fail", text: `127.0.0.1:${port} is taken by another program` });
    expect(of("hub")).toMatchObject({ level: "ok", text: expect.stringContaining(hub) });
    expect((await me.examined({ HF_ENDPOINT: "nowhere" })).of("hub")?.level).toBe("fail");
  });

  test(
    "processes without their node and what a killed one left are told; the next node clears both",
    needs("sleep"),
    async () => {
      const me = new Patient();
      const node = await me.node();
      node.process.kill("SIGKILL");
      await node.exitCode;
      const marks = markEnvironment(homeMark(me.home), "orphan");
      const orphan = spawn("sleep", ["60"], { env: { ...process.env, ...marks }, stdio: "ignore" });
      onTestFinished(() => void orphan.kill("SIGKILL"));
      const { code, of } = await me.examined();
      expect(code).toBe(0);
      expect(of("orphans")).toMatchObject({ level: "warn", text: expect.stringContaining(String(orphan.pid)) });
      expect(of("leftovers")).toMatchObject({ level: "warn", text: expect.stringContaining("holder.json") });
      const next = await me.node();
      next.process.kill("SIGTERM");
      await next.exitCode;
      const after = await me.examined();
      expect(after.of("orphans")?.level).toBe("ok");
      expect(after.of("leftovers")).toMatchObject({ level: "ok", text: "the last node ended in order" });
      rmSync(me.home, { recursive: true });
    },
  );
});
