/**
 * Goal: whatever goes wrong while rbee is put on a machine, what is in use there stays whole, the cause is told, and
 *       the next try goes through; what runs there is found and ended whatever became of its files.
 * Method: a real sshd; the far side's disk is too small, its sshd dies in the middle, its Node cannot run; processes
 *         that only the kernel there still knows.
 *
 * @see src/cli/setup/install.ts, IN1 IN2 IN3; src/cli/setup/remains.ts, RM1 RM2; src/cli/setup/far-hive.ts, HV1
 */
import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { stopHive } from "../../src/cli/setup/far-hive.ts";
import { type FarMachine, probe } from "../../src/cli/setup/far-machine.ts";
import { farRbee } from "../../src/cli/setup/far-program.ts";
import { putThere } from "../../src/cli/setup/install.ts";
import type { Parcel } from "../../src/cli/setup/parcel.ts";
import { deleteAll, remainsOf } from "../../src/cli/setup/remains.ts";
import { markOfPath } from "../../src/hosts/real/process-marks.ts";
import { openSsh, type SshConnection } from "../../src/net/ssh/connection.ts";
import { errorData } from "../../src/protocol/errors.ts";
import { killIfThere, waitUntil } from "../support/children.ts";
import { needs } from "../support/needs.ts";
import { SshServer } from "../support/ssh-server.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { needsDisk, smallDisk } from "../support/tmpfs.ts";

const SSH = needs("sshd", "ssh");
const MIB = 2 ** 20;
const GIB = 2 ** 30;

const codeOf = (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => "done",
    (thrown: unknown) => errorData(thrown).code,
  );

async function reach(server: SshServer): Promise<{ far: SshConnection; machine: FarMachine }> {
  const env = { ...process.env, HOME: server.clientHome };
  const far = await openSsh({ host: "far" }, { env, attended: false, signal: new AbortController().signal });
  onTestFinished(() => far.close());
  return { far, machine: await probe(far) };
}

/** A program of one file and a package, and this Node unless another is given. */
function parcelOf(build: string, { script, bytes = 0 }: { script?: string; bytes?: number } = {}): Parcel {
  const root = temporaryFolder();
  mkdirSync(join(root, "node_modules"));
  writeFileSync(join(root, "program"), build);
  writeFileSync(join(root, "ballast"), "");
  // Of nothing, which tar reads as it would anything.
  truncateSync(join(root, "ballast"), bytes);
  const paths = ["program", "ballast", "node_modules"];
  if (script === undefined)
    return { build, bytes, node: { folder: dirname(process.execPath), name: "node" }, root, paths };
  writeFileSync(join(root, "thisnode"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { build, bytes, node: { folder: root, name: "thisnode" }, root, paths };
}
/** Says what a Node of this version says, and weighs nothing. */
const LIGHT = { script: `echo ${process.version}` };

const here = (server: SshServer): readonly string[] =>
  existsSync(server.root) ? readdirSync(server.root).toSorted() : [];
const silent = (): void => {};

describe("an installation", () => {
  test("IN1 takes the place of the one before in one step, and that one is gone", SSH, async () => {
    const server = await SshServer.started();
    const { far, machine } = await reach(server);
    expect([machine.root, machine.current, machine.hasTar]).toEqual([server.root, undefined, true]);
    await putThere(far, { machine, parcel: parcelOf("1-a", LIGHT), sent: silent });
    expect(here(server)).toEqual(["1-a", "current"]);
    mkdirSync(join(server.root, "home"));
    await putThere(far, { machine, parcel: parcelOf("1-b", LIGHT), sent: silent });
    expect(here(server)).toEqual(["1-b", "current", "home"]);
    expect(readdirSync(join(server.root, "current")).toSorted()).toEqual([
      "ballast",
      "node",
      "node_modules",
      "program",
    ]);
    expect((await probe(far)).current).toBe("1-b");
  });

  test("IN1 setup.platform: a Node that cannot run there replaces nothing", SSH, async () => {
    const server = await SshServer.started();
    const { far, machine } = await reach(server);
    await putThere(far, { machine, parcel: parcelOf("1-a", LIGHT), sent: silent });
    const broken = parcelOf("1-b", { script: "echo 'node: libstdc++.so.6: cannot open' >&2; exit 127" });
    await expect(putThere(far, { machine, parcel: broken, sent: silent })).rejects.toMatchObject({
      code: "setup.platform",
      message: expect.stringContaining("libstdc++.so.6"),
    });
    expect([here(server), readlinkSync(join(server.root, "current"))]).toEqual([["1-a", "current"], "1-a"]);
  });

  test("IN2 one whose connection broke leaves no current, and the next clears it away", SSH, async () => {
    const server = await SshServer.started();
    const { far, machine } = await reach(server);
    let cut = false;
    const sending = putThere(far, {
      machine,
      parcel: { ...parcelOf("1-a", { bytes: 64 * GIB }), bytes: MIB },
      sent() {
        if (!cut) for (const pid of server.sessions()) killIfThere(pid);
        cut = true;
      },
    });
    expect(await codeOf(sending)).toBe("ssh.lost");
    expect(here(server)).not.toContain("current");
    // As if the machine had gone too, with what lay there.
    mkdirSync(join(server.root, "incoming-dead"), { recursive: true });
    const again = await reach(server);
    await putThere(again.far, { machine: again.machine, parcel: parcelOf("1-a", LIGHT), sent: silent });
    expect(here(server)).toEqual(["1-a", "current"]);
  });

  test("IN2 setup.source: what cannot be packed here is no installation there", SSH, async () => {
    const server = await SshServer.started();
    const { far, machine } = await reach(server);
    const parcel = parcelOf("1-a", LIGHT);
    rmSync(join(parcel.root, "program"));
    expect(await codeOf(putThere(far, { machine, parcel, sent: silent }))).toBe("setup.source");
    expect(here(server)).not.toContain("current");
  });

  test(
    "IN3 setup.disk.full: what cannot fit is not begun; a disk that fills meanwhile is given back",
    needsDisk(),
    async () => {
      const disk = smallDisk(24 * MIB);
      const server = await SshServer.started({ home: join(disk.path, "home") });
      const { far, machine } = await reach(server);
      expect(machine.freeBytes).toBeLessThanOrEqual(24 * MIB);
      let sent = 0;
      const sending = { parcel: parcelOf("1-a", { bytes: 64 * MIB }), sent: (bytes: number) => void (sent = bytes) };
      expect(await codeOf(putThere(far, { machine, ...sending }))).toBe("setup.disk.full");
      expect([sent, here(server)]).toEqual([0, []]);
      expect(await codeOf(putThere(far, { machine: { ...machine, freeBytes: undefined }, ...sending }))).toBe(
        "setup.disk.full",
      );
      expect(here(server)).toEqual([]);
      const { bavail, bsize } = statfsSync(disk.path);
      expect(bavail * bsize).toBeGreaterThan(22 * MIB);
    },
  );

  test("setup.failed: a program that says nothing that can be understood is told as it is", SSH, async () => {
    const server = await SshServer.started();
    const { far, machine } = await reach(server);
    const asking = { root: machine.root, args: ["daemon", "status"], shape: z.object({ running: z.boolean() }) };
    expect(await codeOf(farRbee(far, asking))).toBe("setup.failed");
  });
});

describe("what is left of an installation", () => {
  /** What runs there, each by what it is recognised: its program, its home, the mark of its home. */
  async function runThere(server: SshServer): Promise<number[]> {
    const home = join(server.root, "home");
    const program = join(server.root, "1-a", "sleep");
    mkdirSync(dirname(program), { recursive: true });
    copyFileSync("/bin/sleep", program);
    chmodSync(program, 0o755);
    const start = (file: string, env: Readonly<Record<string, string>>): number => {
      const child = spawn(file, ["600"], { env: { PATH: "/usr/bin:/bin", ...env }, stdio: "ignore" });
      onTestFinished(() => void child.kill("SIGKILL"));
      return child.pid ?? 0;
    };
    const pids = [
      start(program, {}),
      start("/bin/sleep", { RBEE_HOME: home }),
      start("/bin/sleep", { RBEE_PROCESS_HOME: markOfPath(home) }),
    ];
    start("/bin/sleep", { RBEE_HOME: join(server.home, "other") });
    start("/bin/sleep", { RBEE_HOME: `${home}2` });
    return pids;
  }

  test(
    "RM1 is found by its program, its home or its mark, also without its files; another's is let alone",
    SSH,
    async () => {
      const server = await SshServer.started();
      const pids = await runThere(server);
      const { far, machine } = await reach(server);
      await waitUntil(async () => (await remainsOf(far, machine.root)).pids.length === 3, 10_000);
      expect(await remainsOf(far, machine.root)).toEqual({ pids: pids.toSorted((a, b) => a - b), files: true });
      rmSync(server.root, { recursive: true });
      expect(await remainsOf(far, machine.root)).toEqual({ pids: pids.toSorted((a, b) => a - b), files: false });
    },
  );

  test("RM2 setup.remains: that files are gone is not told while a process is there", SSH, async () => {
    const server = await SshServer.started();
    const [pid] = await runThere(server);
    const { far, machine } = await reach(server);
    await expect(deleteAll(far, machine.root)).rejects.toMatchObject({
      code: "setup.remains",
      message: expect.stringContaining(String(pid)),
    });
  });

  test(
    "HV1 is killed where it is not stopped in order, because nothing there could stop it; then nothing is found",
    SSH,
    async () => {
      const server = await SshServer.started();
      await runThere(server);
      const { far, machine } = await reach(server);
      expect(await stopHive(far, machine.root)).toBe("killed");
      expect((await remainsOf(far, machine.root)).pids).toEqual([]);
      await deleteAll(far, machine.root);
      expect([existsSync(server.root), await stopHive(far, machine.root)]).toEqual([false, "not running"]);
    },
  );
});
