/**
 * L1 to L5 of src/runtime/lifeline.ts, each on its own: the watchdog without the kernel, the kernel without the
 * watchdog, and the moment before either is in place.
 *
 * @module
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { lifelineCommand } from "../../src/runtime/lifeline.ts";
import { isAlive, processesWith, waitUntil, waitUntilGone } from "../support/children.ts";

const program = resolve(import.meta.dirname, "../support/lifeline-program.ts");
const GONE_MS = 500;
const hasSetpriv = existsSync("/usr/bin/setpriv");

const started: ChildProcess[] = [];
const grandchildren: number[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  for (const pid of grandchildren.splice(0)) if (isAlive(pid)) process.kill(pid, "SIGKILL");
});

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** Without the kernel's help the watchdog stands alone. */
  readonly kernelHelp?: boolean;
}

function start(behaviour: string, { env = {}, kernelHelp = true }: Options = {}): ChildProcess {
  const command = lifelineCommand(program, [behaviour], 0);
  const [file, args] = kernelHelp
    ? [command.file, command.args]
    : [process.execPath, command.args.slice(command.args.indexOf("--import"))];
  const child = spawn(file, args, {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: process.env["PATH"], ...command.env, ...env },
  });
  started.push(child);
  return child;
}

async function startReady(behaviour: string, options?: Options): Promise<ChildProcess & { readonly pid: number }> {
  const child = start(behaviour, options);
  if (child.stdout === null || child.pid === undefined) throw new Error("the child did not start");
  await once(child.stdout, "data");
  return Object.assign(child, { pid: child.pid });
}

/** A parent of its own, which forks one child as `start` does, says its pid, and can then be killed. */
async function startFamily(
  behaviour: string,
  path = process.env["PATH"],
): Promise<{ parent: ChildProcess; childPid: number }> {
  const code = `
    import { spawn } from "node:child_process";
    import { lifelineCommand } from "${new URL("../../src/runtime/lifeline.ts", import.meta.url).href}";
    const { file, args, env } = lifelineCommand(${JSON.stringify(program)}, ["${behaviour}"], 0);
    const stdio = ["pipe", "ignore", "ignore"];
    const child = spawn(file, args, { detached: true, stdio, env: { ...process.env, ...env } });
    process.stdout.write(String(child.pid));
    setInterval(() => {}, 1000);
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: path },
  });
  started.push(parent);
  const [chunk]: unknown[] = await once(parent.stdout, "data");
  const childPid = Number(String(chunk));
  grandchildren.push(childPid);
  return { parent, childPid };
}

describe("lifeline", () => {
  for (const behaviour of ["stay", "block"]) {
    test(`L1 a child (${behaviour}) dies when the other end closes, without help from the kernel`, async () => {
      const child = await startReady(behaviour, { kernelHelp: false });
      child.stdin?.destroy();
      await waitUntil(() => child.signalCode === "SIGKILL", GONE_MS);
    });
  }

  test("L1 its helpers die with it", async () => {
    const mark = `${process.pid}-${performance.now()}`;
    const child = await startReady("helper", { kernelHelp: false, env: { RBEE_TEST_HELPER: mark } });
    await waitUntil(() => processesWith("RBEE_TEST_HELPER", mark).length === 2, 5_000);
    child.stdin?.destroy();
    await waitUntilGone(() => processesWith("RBEE_TEST_HELPER", mark), GONE_MS);
  });

  test("L2 a child that has nothing left to do ends by itself", async () => {
    expect(await once(start("end"), "exit")).toEqual([0, null]);
  });

  test("L2 a child that exits keeps its exit code", async () => {
    expect(await once(start("exit"), "exit")).toEqual([7, null]);
  });

  test("L3 a child whose parent is another than it was told ends at once", async () => {
    const child = start("stay", { kernelHelp: false, env: { RBEE_LIFELINE: "0:1" } });
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
  });

  test("L4 a child whose lifeline cannot be watched ends at once", async () => {
    const child = start("stay", { kernelHelp: false, env: { RBEE_LIFELINE: `99:${process.pid}` } });
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
  });

  test.runIf(hasSetpriv)("L5 a stopped child dies with its parent", async () => {
    const { parent, childPid } = await startFamily("stay");
    await waitUntil(() => readFileSync(`/proc/${childPid}/cmdline`, "utf8").startsWith(process.execPath), 5_000);
    process.kill(childPid, "SIGSTOP");
    parent.kill("SIGKILL");
    await waitUntilGone(() => [childPid].filter(isAlive), GONE_MS);
  });

  test.runIf(hasSetpriv)("L5 a helper that has left the group dies with the child that started it", async () => {
    const mark = `${process.pid}-${performance.now()}`;
    const child = await startReady("mortal", { env: { RBEE_TEST_HELPER: mark } });
    await waitUntil(() => processesWith("RBEE_TEST_HELPER", mark).some(isSleep), 5_000);
    process.kill(child.pid, "SIGKILL");
    await waitUntilGone(() => processesWith("RBEE_TEST_HELPER", mark), GONE_MS);
  });

  for (const [help, path] of [
    ["with", process.env["PATH"]],
    ["without", "/nowhere"],
  ]) {
    test(`a child that has only just been forked dies with its parent, ${help} help from the kernel`, async () => {
      const { parent, childPid } = await startFamily("block", path);
      parent.kill("SIGKILL");
      await waitUntilGone(() => [childPid].filter(isAlive), GONE_MS);
    });
  }

  test("the announcement is not passed on to the child's own children", async () => {
    expect(await readAll(start("announced"))).toBe("ready\nundefined");
  });
});

/** One that starts it may be gone by now. */
function isSleep(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8") === "sleep\n";
  } catch {
    return false;
  }
}

async function readAll(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout ?? []) text += String(chunk);
  return text;
}
