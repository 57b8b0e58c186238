/**
 * Goal: under a real systemd the service serves when `install` returns, comes back when it is killed, survives the
 *       death of a worker, ends in order when it is stopped, and is gone without a trace when it is
 *       removed (SV1, SV2, SV4 of commands/service.ts, SU1, SU2 of service/unit.ts, SN1 of service/notify.ts).
 * Method: a manager of systemd in namespaces of its own, and the program as a person runs it there.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { waitUntil } from "../support/children.ts";
import { LAUNCHER } from "../support/keeper.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { needsUserSystemd, UserSystemd, type Ended } from "../support/user-systemd.ts";

const BACK_WITHIN_MS = 20_000;

interface Fixture {
  readonly systemd: UserSystemd;
  readonly home: string;
  readonly unit: string;
  rbee(line: string): Ended;
  facts(): Record<string, unknown>;
}

async function machine({ warm = false } = {}): Promise<Fixture> {
  // What a path can hold, and systemd, shells and YAML read in ways of their own.
  const home = join(temporaryFolder(), `a "home" with 50% of $HOME \\ 'here'`);
  const systemd = await new UserSystemd(home).started();
  const rbee = (line: string): Ended => systemd.run(process.execPath, LAUNCHER, ...line.split(" "));
  mkdirSync(home, { mode: 0o700 });
  const preload = warm ? "default" : "none";
  writeFileSync(join(home, "config.yaml"), `listen: 127.0.0.1:0\nmodel:\n  preload: ${preload}\n`, { mode: 0o600 });
  const unit = join(systemd.home, ".config", "systemd", "user", "rbee.service");
  const facts = (): Record<string, unknown> =>
    JSON.parse(rbee("service status --json").stdout) as Record<string, unknown>;
  return { systemd, home, unit, rbee, facts };
}

describe("rbee service under systemd", needsUserSystemd(), () => {
  test("SV1 SV4 it serves when install returns, a second one changes nothing, and remove leaves nothing", async () => {
    const { systemd, home, unit, rbee, facts } = await machine();
    expect(rbee("service status")).toMatchObject({ code: 3, stdout: "not installed; not enabled; inactive\n" });
    const installed = rbee("service install");
    expect(installed).toMatchObject({ code: 0, stderr: "" });
    expect(installed.stdout).toContain("loginctl enable-linger");
    expect(rbee("status")).toMatchObject({ code: 0, stdout: expect.stringContaining("serving") });
    const { pid } = facts();
    expect(facts()).toMatchObject({ installed: true, enabled: true, current: true, active: "active", restarts: 0 });
    expect(JSON.parse(rbee("service install --json").stdout)).toMatchObject({ changed: false, pid, run: [] });
    expect(systemd.run("systemctl", "--user", "show", "rbee", "--property=StatusText").stdout).toContain(
      "serving at http",
    );
    expect(rbee("service remove")).toMatchObject({ code: 0, stdout: `removed ${unit}\n` });
    expect(rbee("service remove")).toMatchObject({ code: 0, stdout: "no service is installed\n" });
    expect(existsSync(join(home, "run", "holder.json"))).toBe(false);
    const left = readdirSync(join(systemd.home, ".config"), { recursive: true }).map(String);
    expect(left.filter((name) => name.includes("rbee"))).toEqual([]);
    expect(systemd.run("pgrep", "-f", LAUNCHER).code).toBe(1);
  });

  test("a killed node is started again, an orderly stop is no failure, and a changed setting is told", async () => {
    const { systemd, rbee, facts } = await machine();
    rbee("service install");
    const { pid } = facts();
    systemd.run("kill", "-KILL", String(pid));
    await waitUntil(() => facts()["active"] === "active" && facts()["pid"] !== pid, BACK_WITHIN_MS);
    expect(facts()).toMatchObject({ restarts: 1 });
    expect(systemd.run("systemctl", "--user", "stop", "rbee").code).toBe(0);
    expect(facts()).toMatchObject({ active: "inactive", result: "success", enabled: true });
    systemd.run("systemctl", "--user", "start", "rbee");
    rbee("config set shutdown.finish 2m");
    expect(facts()).toMatchObject({ current: false });
    const again = rbee("service install");
    expect(again.stdout).toContain("systemctl --user restart rbee.service");
    expect(facts()).toMatchObject({ current: true, active: "active" });
    expect(rbee("service remove").code).toBe(0);
  });

  test("SN1 a worker cannot speak for the service, and its death is the hive's matter: the service goes on", async () => {
    const { systemd, rbee, facts } = await machine({ warm: true });
    rbee("service install");
    const { pid } = facts();
    const workers = (): readonly { state: string; pid: number }[] =>
      (JSON.parse(rbee("worker list --json").stdout) as { workers: { state: string; pid: number }[] }).workers;
    await waitUntil(() => workers().some(({ state }) => state === "idle"), BACK_WITHIN_MS);
    const worker = workers().find(({ state }) => state === "idle");
    const environment = (of: unknown): string => systemd.run("cat", `/proc/${String(of)}/environ`).stdout;
    expect(environment(pid)).toContain("NOTIFY_SOCKET=");
    expect(environment(worker?.pid)).not.toContain("NOTIFY_SOCKET=");
    systemd.run("kill", "-KILL", String(worker?.pid));
    await waitUntil(() => workers().every((each) => each.pid !== worker?.pid), BACK_WITHIN_MS);
    expect(facts()).toMatchObject({ active: "active", pid, restarts: 0 });
    rbee("service remove");
  });

  test("SV2 a unit of other hands or of another home is left alone, with exit 4", async () => {
    const { systemd, unit, rbee } = await machine();
    systemd.folder(".config", "systemd", "user");
    writeFileSync(unit, "[Service]\nExecStart=/bin/true\n");
    for (const line of ["service install", "service remove"]) {
      expect(rbee(line)).toMatchObject({ code: 4, stderr: expect.stringContaining("service.foreign") });
    }
    expect(readFileSync(unit, "utf8")).toBe("[Service]\nExecStart=/bin/true\n");
    writeFileSync(unit, "# Written by `rbee service install`; `rbee service remove` takes it away.\n");
    expect(rbee("service remove").stderr).toContain("it runs the node of the default home");
    expect(existsSync(unit)).toBe(true);
  });

  test("service.failed: a node that cannot serve is said, with what systemd knows, and comes not back by itself", async () => {
    const { systemd, home, rbee, facts } = await machine();
    rbee("service install");
    systemd.run("systemctl", "--user", "stop", "rbee");
    writeFileSync(join(home, "config.yaml"), "worker:\n  slotz: 3\n");
    expect(systemd.run("systemctl", "--user", "start", "rbee").code).toBe(1);
    // The same again would be the same again.
    expect(facts()).toMatchObject({ active: "failed", result: "exit-code", restarts: 0, current: false });
    writeFileSync(join(home, "config.yaml"), "listen: 192.0.2.1:1\n");
    const { code, stderr } = rbee("service install");
    expect(code).toBe(1);
    expect(stderr).toContain("service.failed");
    expect(rbee("service remove").code).toBe(0);
  });

  test("beside a node that somebody runs it is enabled, and what is left to do is said", async () => {
    const { systemd, rbee, facts } = await machine();
    rbee("daemon start");
    const { code, stdout } = rbee("service install");
    expect(code).toBe(0);
    expect(stdout).toContain("systemctl --user start rbee.service");
    expect(facts()).toMatchObject({ enabled: true, active: "inactive" });
    rbee("daemon stop");
    expect(systemd.run("systemctl", "--user", "start", "rbee").code).toBe(0);
    rbee("service remove");
  });
});
