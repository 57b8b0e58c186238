/**
 * Hears from the system that this machine is about to sleep, and holds that up until the time was used.
 *
 * Owns: the two programs of the system that hear it (dbus-monitor) and hold it up (systemd-inhibit). Does not own: what
 * is done with the time.
 *
 *  SL1 Sleep is held up before it is heard of, and let go when what was told has been done, in any case after a bound.
 *  SL2 A sleep is told once, and so is its end; one whose end is not heard is over when the machine was awake for a
 *      bound.
 *  SL3 Where the system has nobody who could be asked nothing is heard, held up or said.
 *  SL4 Neither program outlives this process.
 *
 * @see https://systemd.io/INHIBITOR_LOCKS/
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { mortalCommand } from "../../runtime/lifeline.ts";
import { childEnvironment } from "./child-environment.ts";

export interface SleepListener {
  /** The machine sleeps once this resolves. */
  readonly about: () => Promise<void>;
  readonly over: () => void;
}

/** logind waits five seconds for whoever holds it up. */
const ABOUT_MS = 3000;
/** Of being awake: no timer runs in a sleep. */
const AWAKE_MS = 15_000;

const BUS = "DBUS_SYSTEM_BUS_ADDRESS";
const SIGNAL = "PrepareForSleep";
const LOGIND = "org.freedesktop.login1";
const MATCH = `type='signal',sender='${LOGIND}',interface='${LOGIND}.Manager',member='${SIGNAL}'`;
const HOLD = ["--what=sleep", "--mode=delay", "--who=rbee", "--why=its work goes on elsewhere", "cat"];

export class SleepWatch {
  readonly #listener: SleepListener;
  readonly #monitor: ChildProcess;
  #hold: ChildProcess | undefined;
  /** While it sleeps, or is about to. */
  #awake: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(listener: SleepListener) {
    this.#listener = listener;
    this.#monitor = begin("dbus-monitor", ["--system", MATCH]);
    // Whoever hears nothing holds nothing up.
    this.#monitor.once("close", () => this.close());
    this.#holdUp();
    void this.#hear();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#awake);
    this.#awake = undefined;
    this.#monitor.kill();
    this.#letGo();
  }

  async #hear(): Promise<void> {
    const { stdout } = this.#monitor;
    if (stdout === null) return;
    let isNamed = false;
    for await (const line of createInterface({ input: stdout })) {
      const value = /^\s+boolean (true|false)$/.exec(line)?.[1];
      if (isNamed && value === "true") void this.#about();
      if (isNamed && value === "false") this.#over();
      isNamed = line.includes(`member=${SIGNAL}`);
    }
  }

  /** SL1, SL2. */
  async #about(): Promise<void> {
    if (this.#awake !== undefined || this.#isClosed) return;
    this.#awake = setTimeout(() => this.#over(), AWAKE_MS).unref();
    await Promise.race([this.#listener.about(), pause(ABOUT_MS, undefined, { ref: false })]);
    this.#letGo();
  }

  #over(): void {
    if (this.#awake === undefined || this.#isClosed) return;
    clearTimeout(this.#awake);
    this.#awake = undefined;
    this.#letGo();
    this.#holdUp();
    this.#listener.over();
  }

  #holdUp(): void {
    this.#hold = begin("systemd-inhibit", HOLD);
  }

  /** What it runs ends with what it reads. */
  #letGo(): void {
    this.#hold?.stdin?.end();
    this.#hold = undefined;
  }
}

/** SL3, SL4. */
function begin(program: string, args: readonly string[]): ChildProcess {
  const { file, args: all } = mortalCommand(program, args);
  const bus = process.env[BUS];
  const env = { ...childEnvironment(), ...(bus === undefined ? {} : { [BUS]: bus }) };
  const child = spawn(file, all, { env, stdio: ["pipe", "pipe", "ignore"] });
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  return child;
}
