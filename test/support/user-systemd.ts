/**
 * A systemd of a user's own, for one test: a real manager, in a mount and process namespace that ends with the test.
 *
 * Programs are run inside by `nsenter`; what they start there ends with the manager. Needs root on Linux.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { waitUntil } from "./children.ts";
import { homeEnvironment } from "./keeper.ts";
import { needs } from "./needs.ts";
import { temporaryFolder } from "./temporary.ts";

const MANAGER = "/usr/lib/systemd/systemd";
const RUNTIME_DIR = "/run/user-of-test";
const UP_WITHIN_MS = 15_000;

/** Options that skip a test where no such manager can be run. */
export function needsUserSystemd(): ReturnType<typeof needs> {
  const tools = needs("systemctl", "unshare", "nsenter", "mount");
  if (tools.skip) return tools;
  const may = spawnSync("unshare", ["--mount", "--pid", "--fork", "--mount-proc", "test", "-x", MANAGER]).status === 0;
  return may ? tools : { skip: true, meta: { missing: ["root, to run a systemd of its own"] } };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class UserSystemd {
  /** HOME of the user, where units lie below `.config`. */
  readonly home = temporaryFolder();
  readonly env: Record<string, string>;
  #pid = 0;

  constructor(rbeeHome: string) {
    this.env = { ...homeEnvironment(rbeeHome), HOME: this.home, XDG_RUNTIME_DIR: RUNTIME_DIR };
    delete this.env["XDG_CONFIG_HOME"];
    delete this.env["DBUS_SESSION_BUS_ADDRESS"];
  }

  async started(): Promise<this> {
    // As process 1 it would take itself for the system's manager.
    const prepared = `mount -t tmpfs tmpfs /run && mkdir -p -m 700 /run/systemd/system ${RUNTIME_DIR}`;
    const script = `${prepared} && ${MANAGER} --user; :`;
    const { PATH = "" } = this.env;
    // Of the environment of the tests a service gets nothing.
    const env = { PATH, HOME: this.home, XDG_RUNTIME_DIR: RUNTIME_DIR, SYSTEMD_LOG_TARGET: "console" };
    const args = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", script];
    const child = spawn("unshare", args, { env, stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    await waitUntil(() => {
      this.#pid = childOf(child.pid ?? 0);
      return this.#pid !== 0 && this.run("systemctl", "--user", "show", "--property=Version").code === 0;
    }, UP_WITHIN_MS);
    return this;
  }

  /** A program inside, to its end. */
  run(file: string, ...args: readonly string[]): Ended {
    const into = ["--target", String(this.#pid), "--mount", "--pid", "--wd=/", file, ...args];
    const { status, stdout, stderr } = spawnSync("nsenter", into, { env: this.env, encoding: "utf8", timeout: 60_000 });
    return { code: status, stdout, stderr };
  }

  /** Makes a folder below HOME. */
  folder(...names: readonly string[]): string {
    const path = join(this.home, ...names);
    mkdirSync(path, { recursive: true });
    return path;
  }
}

function childOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
  } catch {
    return 0;
  }
}
