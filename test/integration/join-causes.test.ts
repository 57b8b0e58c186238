/**
 * Goal: a machine that cannot join is told which of the many causes it is, and so is whoever asks the doctor about it.
 * Method: real machines on a network of a test's own; the address, the interface, the firewall, the key and the version
 *       are wrong one after the other.
 *
 * @see src/net/authority/unreached.ts, UR1; src/net/link/keeper.ts, KE7; src/net/link/greeting.ts, GR1;
 *      src/hosts/cluster/membership.ts, MB4; src/cli/commands/doctor.ts, DO3; DESIGN.md of src/runtime for RC5
 */
import { cpSync, lstatSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readToken, writeToken } from "../../src/net/authority/join-token.ts";
import { type ErrorCode, type ErrorData, ERRORS } from "../../src/protocol/errors.ts";
import type { Named } from "../../src/cli/doctor/check.ts";
import { waitUntil } from "../support/children.ts";
import { LanCluster } from "../support/lan-cluster.ts";
import { homeEnvironment, LAUNCHER } from "../support/keeper.ts";
import { TestNode } from "../support/node-harness.ts";
import { needsNetwork, runBeside } from "../support/network.ts";
import { temporaryFolder } from "../support/temporary.ts";

const options = { ...needsNetwork(), timeout: 180_000 };

describe("a machine that cannot join", options, () => {
  test("UR1 MB4 is told whether nothing listens, nothing comes back, no way leads there, or another answers", async () => {
    const cluster = await LanCluster.begin();
    const machine = await cluster.lan.machine();
    const rbee = (home: string, ...args: readonly string[]) =>
      runBeside(machine.pid, [process.execPath, LAUNCHER, ...args, "--json"], homeEnvironment(home));
    const good = readToken(await cluster.token());
    const refused = async (token: string, home = join(temporaryFolder(), "home")) => {
      const { code: exit, stdout } = await rbee(home, "join", token);
      const { error } = JSON.parse(stdout) as { error: ErrorData };
      return { ...error, exit };
    };
    const doctored = async (home: string, code: ErrorCode) => {
      const { checks } = JSON.parse((await rbee(home, "doctor")).stdout) as { checks: readonly Named[] };
      const remedy = ERRORS[code].advice;
      const text = expect.stringContaining(code) as string;
      expect(checks.find(({ name }) => name === "member")).toMatchObject({ level: "fail", text, remedy });
    };
    const to = (place: string): string => writeToken({ ...good, url: `https://${place}` });
    const home = join(temporaryFolder(), "home");
    const { address } = cluster.machine;
    expect(await refused(to(`${address}:8081`), home)).toMatchObject({ code: "queen.not.listening", exit: 3 });
    await doctored(home, "queen.not.listening");
    const foreign = writeToken({ ...good, fingerprint: "ab".repeat(32) });
    // The first is on the interface that her own machine alone hears.
    expect(
      await Promise.all([to("127.0.0.1:8099"), to("198.51.100.1:8080"), foreign].map((bad) => refused(bad))),
    ).toMatchObject([
      { code: "queen.not.listening", exit: 3 },
      { code: "queen.no.route", exit: 3 },
      { code: "queen.untrusted", exit: 4 },
    ]);
    // Her firewall takes what comes, and lets nothing out.
    cluster.machine.lose(machine);
    expect(await refused(writeToken(good), home)).toMatchObject({ code: "queen.no.answer", exit: 3 });
    await doctored(home, "queen.no.answer");
    cluster.machine.keep(machine);

    const spent = await cluster.token();
    await cluster.join("beta", spent);
    const message = expect.stringContaining("used already, by beta") as string;
    expect(await refused(spent)).toMatchObject({ code: "token.refused", message, exit: 4 });
  });

  test("KE7 machine.copied: has a copy of another's home: that one stays, and the doctor says what to do", async () => {
    const cluster = await LanCluster.begin();
    const beta = await cluster.join("beta");
    const home = join(temporaryFolder(), "home");
    cpSync(beta.home, home, { recursive: true, filter: (path) => !lstatSync(path).isSocket() });
    const machine = await cluster.lan.machine();
    const env = homeEnvironment(home);
    const copy = new TestNode({ home, within: machine.within, program: [LAUNCHER, "join", "--json"], args: [] });
    await waitUntil(() => copy.stderr.includes("machine.copied"), 60_000);
    const doctor = async () =>
      (await runBeside(machine.pid, [process.execPath, LAUNCHER, "doctor", "--json"], env)).stdout;
    const found = async () =>
      (JSON.parse(await doctor()) as { checks: readonly Named[] }).checks.find(({ name }) => name === "member");
    const remedy = ERRORS["machine.copied"].advice;
    const text = expect.stringContaining("machine.copied") as string;
    expect(await found()).toMatchObject({ level: "fail", text, remedy });
    await copy.kill();
    expect(await found()).toMatchObject({ level: "fail", text, remedy });
    expect(cluster.queen.stderr).not.toContain("the link to beta is gone");
    const own = await runBeside(
      beta.machine.pid,
      [process.execPath, LAUNCHER, "doctor", "--json"],
      homeEnvironment(beta.home),
    );
    expect(own.stdout).not.toContain("machine.copied");

    rmSync(join(home, "cluster"), { recursive: true });
    await cluster.come({ name: "gamma", home, machine }, await cluster.token());
    await cluster.untilState("gamma", "serving");
    expect((await cluster.hive("beta"))?.state).toBe("serving");
  });
});
