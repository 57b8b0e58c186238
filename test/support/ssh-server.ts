/**
 * A real sshd on loopback for a test: its own host key, its own user's key, and a home of its own on the far side.
 *
 * The far machine is this one, behind SSH: the same user, with another HOME. Nothing of it outlives its test.
 *
 * @module
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { freePort } from "../../tools/bench/free-port.ts";
import { allPids, processFacts } from "../../src/hosts/real/kernel.ts";
import { markOfPath } from "../../src/hosts/real/process-marks.ts";
import { killIfThere, processesWith, waitUntil } from "./children.ts";
import { temporaryFolder } from "./temporary.ts";

/** It starts itself anew for each connection, so it has to be named by its whole path. */
const SSHD = "/usr/sbin/sshd";
const UP_WITHIN_MS = 15_000;

export interface SshServerSetup {
  /** The far side's HOME; without it one of its own. */
  readonly home?: string;
  /** More lines of its configuration. */
  readonly lines?: readonly string[];
  /** More of the far side's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export class SshServer {
  readonly folder = temporaryFolder();
  readonly home: string;
  readonly port: number;
  /** HOME of whoever connects: its ~/.ssh has a Host `far`, and knows this server's key. */
  readonly clientHome = temporaryFolder();
  #sshd: ChildProcess | undefined;
  stderr = "";

  private constructor(port: number, { home, lines = [], env = {} }: SshServerSetup) {
    this.port = port;
    this.home = home ?? join(this.folder, "home");
    mkdirSync(this.home, { recursive: true, mode: 0o700 });
    this.makeKey("host");
    this.makeKey("user");
    writeFileSync(join(this.folder, "authorized"), readFileSync(join(this.folder, "user.pub")), { mode: 0o600 });
    const far = { HOME: this.home, RBEE_HIVE_LISTEN: "127.0.0.1:0", ...env };
    const config = [
      ...[`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${this.path("host")}`, "PidFile none"],
      ...[`AuthorizedKeysFile ${this.path("authorized")}`, "StrictModes no", "UsePAM no"],
      ...["PasswordAuthentication no", "KbdInteractiveAuthentication no", "PrintMotd no", "PrintLastLog no"],
      `SetEnv ${Object.entries(far)
        .map(([name, value]) => `"${name}=${value}"`)
        .join(" ")}`,
      ...lines,
    ];
    writeFileSync(this.path("sshd_config"), `${config.join("\n")}\n`);
    this.configure();
    onTestFinished(async () => {
      await this.stop();
      for (const pid of this.living()) killIfThere(pid);
    });
  }

  static async started(setup: SshServerSetup = {}): Promise<SshServer> {
    const server = new SshServer(await freePort(), setup);
    await server.start();
    return server;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** @returns the path of the private key */
  makeKey(name: string): string {
    rmSync(this.path(name), { force: true });
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", this.path(name)]);
    return this.path(name);
  }

  /** `SHA256:...` as ssh-keygen says it. */
  fingerprint(name = "host"): string {
    const told = execFileSync("ssh-keygen", ["-l", "-f", `${this.path(name)}.pub`], { encoding: "utf8" });
    return told.split(" ")[1] ?? "";
  }

  /** Lays the client's ~/.ssh: who `far` is, and the key that is known of it, if any. */
  configure({ known = true, lines = [] }: { known?: boolean; lines?: readonly string[] } = {}): void {
    const ssh = join(this.clientHome, ".ssh");
    mkdirSync(ssh, { recursive: true, mode: 0o700 });
    const host = ["Host far", "HostName 127.0.0.1", `Port ${this.port}`, `IdentityFile ${this.path("user")}`, ...lines];
    writeFileSync(join(ssh, "config"), `${host.join("\n  ")}\n`, { mode: 0o600 });
    const line = `[127.0.0.1]:${this.port} ${readFileSync(this.path("host.pub"), "utf8")}`;
    writeFileSync(join(ssh, "known_hosts"), known ? line : "", { mode: 0o600 });
  }

  async start(): Promise<void> {
    // It wants this folder when it is root's.
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
    const sshd = spawn(SSHD, ["-D", "-e", "-f", this.path("sshd_config")], { stdio: ["ignore", "ignore", "pipe"] });
    this.#sshd = sshd;
    sshd.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    await waitUntil(() => sshd.exitCode !== null || this.answers(), UP_WITHIN_MS);
    if (sshd.exitCode !== null) throw new Error(`sshd ended:\n${this.stderr}`);
  }

  answers(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const socket = connect(this.port, "127.0.0.1", () => resolve(true)).once("error", () => resolve(false));
    return promise.finally(() => socket.destroy());
  }

  async stop(): Promise<void> {
    const sshd = this.#sshd;
    this.#sshd = undefined;
    if (sshd === undefined || sshd.exitCode !== null) return;
    const gone = once(sshd, "exit");
    sshd.kill("SIGKILL");
    await gone;
  }

  /** The processes of sshd that serve a connection each. */
  sessions(): number[] {
    const mine = this.#sshd?.pid;
    const children = (of: number): number[] => allPids().filter((pid) => processFacts(pid)?.parentPid === of);
    const first = mine === undefined ? [] : children(mine);
    return [...first, ...first.flatMap(children)];
  }

  /** The processes of the far side's node, whoever their parent is. */
  living(): number[] {
    const home = join(this.root, "home");
    return [...processesWith("RBEE_HOME", home), ...processesWith("RBEE_PROCESS_HOME", markOfPath(home))];
  }

  /** All of rbee over there. */
  get root(): string {
    return join(this.home, ".local/share/rbee-hive");
  }
}
