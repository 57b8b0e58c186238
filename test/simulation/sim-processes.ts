/**
 * Simulated processes: the port of a hive on virtual time, with delays from one seed and faults on request.
 *
 * Owns: which there are. Does not own: the life of one (sim-process.ts), or what a program does, which a test gives by
 * its entry. Held to test/support/processes-contract.ts.
 *
 *  SP1 The same seed and the same calls give the same history.
 *  SP2 When the parent dies all processes die with it, also those whose fork was not answered yet.
 *
 * @module
 */
import type {
  Exit,
  Forked,
  ProcessEvents,
  ProcessSignal,
  ProcessSpec,
  Processes,
} from "../../src/actors/hive/processes.ts";
import { PROCESS_TOKEN } from "../../src/actors/hive/processes.ts";
import { RbeeError } from "../../src/protocol/errors.ts";
import { SimProcess } from "./sim-process.ts";
import type { SimDelays, SimProgram, SimTime } from "./sim-process.ts";

export interface SimProcessesOptions extends Partial<SimDelays> {
  readonly clock: SimTime;
  /** From 0 to below 1, seeded. */
  readonly random: () => number;
  /** By the entry of a spec. */
  readonly programs: Readonly<Record<string, SimProgram>>;
}

export class SimProcesses implements Processes {
  readonly #options: Required<SimProcessesOptions>;
  readonly #lives = new Map<string, SimProcess>();
  #nextPid = 1_000;
  #refusals = 0;

  constructor(options: SimProcessesOptions) {
    this.#options = { forkMs: 5, startMs: 100, pipeMs: 2, ...options };
  }

  /** Fault: the machine refuses the next so many forks. */
  refuseForks(count: number): void {
    this.#refusals = count;
  }

  /** Fault: the parent is killed. Nobody is left to be told; whoever restarts it makes a new SimProcesses. */
  parentDies(): void {
    for (const life of this.#lives.values()) life.vanish();
    this.#lives.clear();
  }

  fork(spec: ProcessSpec, events: ProcessEvents): Promise<Forked> {
    const { token } = spec;
    if (!PROCESS_TOKEN.test(token)) return Promise.reject(new RbeeError("defect", `no token of a process: ${token}`));
    if (this.#lives.has(token)) return Promise.reject(new RbeeError("defect", `the token ${token} was used before`));
    if (this.#refusals > 0) {
      this.#refusals -= 1;
      return Promise.reject(new RbeeError("process.fork", "no process could be started: refused by the simulation"));
    }
    const { clock, random, forkMs, programs } = this.#options;
    const answeredInMs = random() * forkMs;
    this.#nextPid += 1;
    const forked = { pid: this.#nextPid, startTicks: String(this.#nextPid) };
    const program = programs[spec.entry] ?? unknownProgram(spec.entry);
    const life = new SimProcess({ ...this.#options, program, args: spec.args, events, forked, answeredInMs });
    this.#lives.set(token, life);
    return new Promise((resolve) => clock.after(answeredInMs, () => life.state !== "vanished" && resolve(forked)));
  }

  write(token: string, bytes: Uint8Array): "sent" | "full" | "gone" {
    return this.#lives.get(token)?.write(bytes) ?? "gone";
  }

  exited(token: string): Promise<Exit> | undefined {
    return this.#lives.get(token)?.exited;
  }

  signal(token: string, signal: ProcessSignal): boolean {
    return this.#lives.get(token)?.signal(signal) ?? false;
  }

  list(): readonly (Forked & { readonly token: string })[] {
    return [...this.#lives]
      .filter(([, life]) => life.state === "alive")
      .map(([token, life]) => ({ token, ...life.forked }));
  }
}

/** As Node does with a file that is not there. */
const unknownProgram = (entry: string): SimProgram => ({
  start(io) {
    io.stderr(`Cannot find module '${entry}'`);
    io.exit(1);
  },
});
