/**
 * Goal: where no systemd of the user can be asked, `rbee service` says what it wrote and what is left to run, or
 *       that there is none (SV3 of commands/service.ts); what the unit runs serves and stops as systemd expects.
 * Method: the program as a person runs it, with a HOME of its own; the start line of the unit in its environment.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readHolder } from "../../src/hosts/real/home-lock.ts";
import { waitUntil } from "../support/children.ts";
import { keeper } from "../support/keeper.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { unescaped, wordsOf } from "../support/unit-words.ts";

class Person {
  readonly folder = temporaryFolder();
  readonly home = join(this.folder, "rbee home");
  readonly unit = join(this.folder, ".config", "systemd", "user", "rbee.service");
  readonly env: Readonly<Record<string, string>> = {
    HOME: this.folder,
    XDG_CONFIG_HOME: "",
    XDG_RUNTIME_DIR: join(this.folder, "nobody"),
    DBUS_SESSION_BUS_ADDRESS: "",
  };

  async run(line: string, env: Readonly<Record<string, string>> = {}) {
    const child = keeper(line.split(" "), { home: this.home, env: { ...this.env, ...env } });
    return { code: await child.exitCode, stdout: child.stdout, stderr: child.stderr };
  }
}

describe("without a manager that can be asked", needs("systemctl"), () => {
  test("SV3 install says what it wrote and what to run, status that it cannot tell, remove leaves nothing", async () => {
    const me = new Person();
    const { code, stdout } = await me.run("service install");
    expect(code).toBe(0);
    for (const said of [`wrote ${me.unit}`, "systemctl --user enable --now rbee.service", "enable-linger"])
      expect(stdout).toContain(said);
    expect(statSync(me.unit).mode & 0o777).toBe(0o600);
    expect(JSON.parse((await me.run("service install --json")).stdout)).toMatchObject({
      schemaVersion: 1,
      changed: false,
    });
    expect((await me.run("logs")).stderr).toContain("journalctl --user -u rbee");
    const status = await me.run("service status --json");
    expect(status.code).toBe(3);
    expect(JSON.parse(status.stdout)).toMatchObject({ installed: true, enabled: false, current: true, active: null });
    const wants = join(me.unit, "..", "default.target.wants");
    mkdirSync(wants);
    symlinkSync(me.unit, join(wants, "rbee.service"));
    expect((await me.run("service status")).stdout).toContain("; enabled;");
    expect((await me.run("service remove")).code).toBe(0);
    expect([existsSync(me.unit), existsSync(join(wants, "rbee.service"))]).toEqual([false, false]);
    expect((await me.run("service remove")).stdout).toBe("no service is installed\n");
  });

  test("a configuration that is wrong is exit 78 before anything is written", async () => {
    const me = new Person();
    mkdirSync(me.home);
    writeFileSync(join(me.home, "config.yaml"), "worker:\n  slotz: 3\n");
    expect((await me.run("service install")).code).toBe(78);
    expect(existsSync(me.unit)).toBe(false);
    expect((await me.run("service status")).code).toBe(3);
  });
});

test("service.unsupported: without systemd it is exit 5, and another way is named", async () => {
  const me = new Person();
  const { code, stderr } = await me.run("service install", { PATH: temporaryFolder() });
  expect(code).toBe(5);
  expect(stderr).toMatch(/service\.unsupported: .*\n.*rbee daemon start/);
  expect(existsSync(me.unit)).toBe(false);
});

test(
  "SU1 what the unit runs serves in the unit's environment alone, and ends as the unit expects",
  needs("systemctl"),
  async () => {
    const me = new Person();
    await me.run("config set listen 127.0.0.1:0");
    await me.run("service install");
    const text = readFileSync(me.unit, "utf8");
    const values = (name: string): readonly string[] =>
      [...text.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);
    const variables = values("Environment")
      .flatMap(wordsOf)
      .map((word) => unescaped(word, "text").split(/=(.*)/s).slice(0, 2));
    const [file = "", ...args] = wordsOf(values("ExecStart")[0] ?? "").map((word, at) =>
      unescaped(word, at === 0 ? "text" : "argument"),
    );
    // What a manager of systemd gives by itself.
    const env = { HOME: me.folder, PATH: "/usr/local/bin:/usr/bin:/bin", ...Object.fromEntries(variables) };
    const service = spawn(file, args, { cwd: me.folder, env, stdio: "ignore" });
    onTestFinished(() => void service.kill("SIGKILL"));
    await waitUntil(() => readHolder(me.home)?.pid === service.pid, 20_000);
    expect((await me.run("status")).code).toBe(0);
    const ended = new Promise<number | null>((resolve) => void service.once("exit", (code) => resolve(code)));
    const startedMs = performance.now();
    service.kill("SIGTERM");
    expect(values("SuccessExitStatus").join(" ").split(" ")).toContain(String(await ended));
    expect(performance.now() - startedMs).toBeLessThan(Number(values("TimeoutStopSec")[0]) * 1_000);
  },
);
