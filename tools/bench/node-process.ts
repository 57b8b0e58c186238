/**
 * A whole node as a process of its own, in a home that is gone afterwards: what the benches of the whole path ask.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Client, openClient } from "../../src/cli/client/client.ts";
import { readHolder } from "../../src/hosts/real/home-lock.ts";

const LAUNCHER = fileURLToPath(new URL("../../bin/rbee.mjs", import.meta.url));
const READY_MS = 30_000;
const POLL_MS = 10;

export interface NodeProcess {
  readonly pid: number;
  /** Of its HTTP door. */
  readonly url: string;
  readonly client: Client;
  /** Resolves when the process is reaped. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** A folder for the length of the work. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "rbee-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param settings environment variables of the node, such as RBEE_WORKER_SLOTS */
export async function startNodeProcess(
  home: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<NodeProcess> {
  const child = startProgram(home, ["node", "--json", "--listen", "127.0.0.1:0"], settings);
  const exited = once(child, "exit");
  const { pid, socketPath, url } = await serving(home, child);
  return {
    pid,
    url,
    client: openClient({ socketPath }),
    exited,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** The program as a child, in a home. */
export function startProgram(
  home: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): ChildProcess {
  // What is set for the person's own node must not change what is measured.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("RBEE_")));
  return spawn(process.execPath, [LAUNCHER, ...args], {
    cwd: tmpdir(),
    // The pipe that is never written to is its lifeline: a bench that is interrupted leaves no node behind.
    env: { ...env, ...settings, RBEE_HOME: home, RBEE_LIFELINE_FD: "3" },
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
}

async function serving(home: string, child: ChildProcess): Promise<NonNullable<ReturnType<typeof readHolder>>> {
  const giveUpMs = performance.now() + READY_MS;
  while (child.exitCode === null && performance.now() < giveUpMs) {
    const holder = readHolder(home);
    if (holder !== undefined) return holder;
    await pause(POLL_MS);
  }
  child.kill("SIGKILL");
  throw new Error("the node did not come up");
}
