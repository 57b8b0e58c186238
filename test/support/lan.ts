/**
 * A local network of a test's own: machines, each a network of the kernel's with addresses of its own, at one switch.
 *
 * Owns: machines, their cables, and what is lost between two of them. Does not own: what runs there. Nothing outside
 * reaches in. Each machine ends with the last program in it; a pipe of this process holds the last of those, so nothing
 * is left behind, however the test ends. Needs root on Linux.
 *
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

/** Of the range that is kept for examples. */
const PREFIX = "192.0.2.";
const HOLD = "ip link set lo up && echo up && exec cat";

export class Lan {
  readonly #switch: number;
  #machines = 0;

  private constructor(pid: number) {
    this.#switch = pid;
  }

  static async open(): Promise<Lan> {
    const pid = await ownNetwork();
    inNetwork(pid, "ip", "link", "add", "switch", "type", "bridge");
    inNetwork(pid, "ip", "link", "set", "switch", "up");
    return new Lan(pid);
  }

  /** One more, plugged in. */
  async machine(): Promise<LanMachine> {
    const pid = await ownNetwork();
    const number = (this.#machines += 1);
    const port = `port${number}`;
    const peer = ["type", "veth", "peer", "name", "cable", "netns", String(pid)];
    inNetwork(this.#switch, "ip", "link", "add", port, ...peer);
    inNetwork(this.#switch, "ip", "link", "set", port, "master", "switch", "up");
    inNetwork(pid, "ip", "link", "set", "cable", "up");
    const machine = new LanMachine(pid, (state) => inNetwork(this.#switch, "ip", "link", "set", port, state));
    machine.move(`${PREFIX}${number}`);
    return machine;
  }
}

export class LanMachine {
  /** Of a process on it. */
  readonly pid: number;
  readonly #cable: (state: "up" | "down") => void;
  #address = "";

  constructor(pid: number, cable: (state: "up" | "down") => void) {
    this.pid = pid;
    this.#cable = cable;
  }

  get address(): string {
    return this.#address;
  }

  /** Runs what is behind it on this machine, and becomes that. */
  get within(): readonly string[] {
    return ["nsenter", "--net", "--target", String(this.pid)];
  }

  /** Both ways. At the switch: the machine itself sees its address as before. */
  unplug(): void {
    this.#cable("down");
  }

  plug(): void {
    this.#cable("up");
  }

  /** What this machine sends there is lost; what comes from there is not. */
  lose(to: LanMachine): void {
    inNetwork(this.pid, "ip", "route", "add", "blackhole", to.address);
  }

  keep(to: LanMachine): void {
    inNetwork(this.pid, "ip", "route", "delete", "blackhole", to.address);
  }

  /** From here on it has this address, and not the one before. */
  move(address: string): void {
    if (this.#address !== "") inNetwork(this.pid, "ip", "address", "delete", `${this.#address}/24`, "dev", "cable");
    inNetwork(this.pid, "ip", "address", "add", `${address}/24`, "dev", "cable");
    this.#address = address;
  }

  run(...command: readonly string[]): string {
    return inNetwork(this.pid, ...command);
  }
}

const inNetwork = (pid: number, ...command: readonly string[]): string =>
  execFileSync("nsenter", ["--net", "--target", String(pid), ...command], { encoding: "utf8" });

/** @returns the process that holds it */
async function ownNetwork(): Promise<number> {
  const holder: ChildProcess = spawn("unshare", ["--net", "sh", "-c", HOLD], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void holder.kill("SIGKILL"));
  if (holder.stdout === null || holder.pid === undefined) throw new Error("unshare could not be started");
  await once(holder.stdout, "data");
  return holder.pid;
}
