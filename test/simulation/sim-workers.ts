/**
 * The `processes` port of a simulated machine: worker processes on virtual time, each a host with a simulated engine.
 *
 * Owns: which processes there are, how they begin, hang and end. Does not own: why; the hive's cells decide that.
 *
 *  SW1 A process is a host that comes some time after its fork and is gone for good when it is killed.
 *  SW2 While it is frozen nothing of it runs: no step, no token; only SIGKILL reaches it.
 *  SW3 `reap` and `signal` wait for a fork that is under way.
 *
 * @module
 */
import type { ProcessExit } from "../../machines/process.ts";
import { address, hostOf } from "../../machines/words.ts";
import { workerBehaviour } from "../../src/actors/worker/behaviour.ts";
import { createEnginePort, type EnginePort } from "../../src/actors/worker/engine-port.ts";
import { workerTables } from "../../src/actors/worker/tables.ts";
import type { ErrorCode } from "../../src/protocol/errors.ts";
import type { ProcessesAsk } from "../../src/protocol/ports.ts";
import type { Chunk } from "../../src/protocol/worker.ts";
import type { Behaviour } from "../../src/runtime/behaviour.ts";
import type { AskResult, Message } from "../../src/runtime/envelope.ts";
import type { Port, PortCall } from "../../src/runtime/ports.ts";
import { SimEngine, type SimEngineFaults } from "./sim-engine.ts";
import type { SimWorld } from "./sim-world.ts";

const FORK_MS = 2;
const START_MS = 100;
/** A stalled engine is found while faults last. */
const WATCH = { probeEveryMs: 2000, probeTimeoutMs: 1500, stallMs: 8000 };
/** From the last word of a worker to the end of its process. */
const EXIT_MS = 20;

export interface WorkersOptions {
  readonly world: SimWorld;
  /** Hosts that workers talk to. */
  readonly peers: readonly string[];
  readonly slots: number;
  readonly bytesEach: number;
  readonly idleTimeoutMs: number;
  readonly loadTimeoutMs: number;
  readonly loadMs: number;
  readonly tokenMs: number;
  readonly wrap: (behaviour: Behaviour) => Behaviour;
  readonly chunk: (worker: string, chunk: Chunk) => void;
  /** By the host of the hive that asked. */
  readonly forked: (worker: string, hive: string) => void;
  /** Its host is there. */
  readonly began: (worker: string) => void;
  /** A fault that was laid for the next one has found it. */
  readonly struck: (fault: NextFault) => void;
}

export type NextFault = keyof SimWorkers["next"];

interface Life {
  readonly token: string;
  /** The host of its hive. */
  readonly hive: string;
  readonly model: string;
  state: "forking" | "alive" | "dead";
  frozen: boolean;
  deaf: boolean;
  how: string;
  /** The hardest signal that its hive sent. */
  sent: ProcessExit["after"];
  /** What speaks for want of memory. */
  starved: string;
  engine: EnginePort | undefined;
  sim: SimEngine | undefined;
  /** What it would have done while it was frozen. */
  held: (() => void)[];
  /** Whoever waits for its fork to be over; for its end; for its silence. */
  readonly forked: (() => void)[];
  readonly reaping: ((result: AskResult) => void)[];
  readonly listening: Map<string, { readonly silentMs: number; readonly done: (result: AskResult) => void }>;
}

export class SimWorkers implements Port {
  readonly #options: WorkersOptions;
  readonly #lives = new Map<string, Life>();
  /** Faults: so many forks answer nothing, fail, or take three seconds; so many loads hang, or find no memory. */
  readonly next = { "fork.lost": 0, "fork.fails": 0, "fork.late": 0, "load.hang": 0, "load.memory": 0 };
  /** Fault: engines are this much slower. */
  slowness = 1;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  get alive(): readonly string[] {
    return [...this.#lives.values()].filter(({ state }) => state === "alive").map(({ token }) => token);
  }

  isAlive(token: string): boolean {
    return (this.#lives.get(token)?.state ?? "dead") !== "dead";
  }

  /** Of a process that lives: then it holds its memory. */
  modelOf(token: string): string | undefined {
    const life = this.#lives.get(token);
    return life?.state === "alive" ? life.model : undefined;
  }

  credit(token: string, job: string, attempt: number, chunks: number): void {
    this.#options.world.promised();
    this.#lives.get(token)?.engine?.credit(job, attempt, chunks);
  }

  /** Fault: from now on its engine does this. */
  breakEngine(token: string, faults: SimEngineFaults): void {
    const sim = this.#lives.get(token)?.sim;
    if (sim !== undefined) sim.faults = faults;
  }

  freeze(token: string): void {
    const life = this.#lives.get(token);
    if (life?.state !== "alive" || life.frozen) return;
    life.frozen = true;
    if (this.#options.world.has(token)) this.#options.world.freeze(token);
    for (const id of life.listening.keys()) this.#hush(life, id);
  }

  thaw(token: string): void {
    const life = this.#lives.get(token);
    if (life?.state !== "alive" || !life.frozen) return;
    life.frozen = false;
    if (this.#options.world.has(token)) this.#options.world.thaw(token);
    const { held } = life;
    life.held = [];
    for (const run of held) run();
  }

  /** Fault: it does not end when it is told to, nor at SIGTERM; only SIGKILL ends it. */
  deafen(token: string): void {
    const life = this.#lives.get(token);
    if (life !== undefined) life.deaf = true;
  }

  /** The kernel ends it; nobody asked. */
  kill(token: string, how = "signal SIGKILL", starved = ""): void {
    const life = this.#lives.get(token);
    if (life === undefined || life.state === "dead") return;
    const { world } = this.#options;
    life.state = "dead";
    life.how = how;
    life.starved = starved;
    life.held = [];
    life.engine = undefined;
    life.sim = undefined;
    if (world.has(token)) {
      world.kill(token);
      world.remove(token);
    }
    world.note({ process: token, ended: how });
    for (const done of life.reaping) done(this.#reaped(life));
    for (const { done } of life.listening.values()) done(failed("worker.lost", `${token} is gone`));
    life.listening.clear();
  }

  /** Those that this hive has had made. */
  aliveOf(hive: string): readonly string[] {
    return this.alive.filter((token) => this.hiveOf(token) === hive);
  }

  hiveOf(token: string): string | undefined {
    return this.#lives.get(token)?.hive;
  }

  /** With its parent everything goes, and nobody is told. */
  vanish(hive: string): void {
    for (const life of this.#lives.values()) {
      if (life.hive !== hive) continue;
      life.reaping.length = 0;
      life.forked.length = 0;
      life.listening.clear();
      this.kill(life.token, "the node was lost");
      this.#lives.delete(life.token);
    }
  }

  ask({ id, from, event }: PortCall, done: (result: AskResult) => void): void {
    const asked = event as ProcessesAsk;
    const life = this.#lives.get(asked.token);
    switch (asked.type) {
      case "fork":
        return this.#fork(asked.token, asked.model, hostOf(from), done);
      case "reap":
        return this.#whenForked(life, () => this.#reap(asked.token, done));
      case "signal":
        return this.#whenForked(life, () => this.#signal(asked.token, asked.signal, done));
      case "listen":
        if (life === undefined || life.state === "dead") return;
        life.listening.set(id, { silentMs: asked.silentMs, done });
        if (life.frozen) this.#hush(life, id);
    }
  }

  drop(id: string): void {
    for (const life of this.#lives.values()) life.listening.delete(id);
  }

  #fork(token: string, model: string, hive: string, done: (result: AskResult) => void): void {
    const { clock } = this.#options.world;
    const life = newLife(token, model, hive);
    this.#options.forked(token, hive);
    this.#lives.set(token, life);
    const late = this.#take("fork.late");
    const lost = this.#take("fork.lost");
    const fails = this.#take("fork.fails");
    clock.after(late ? 3000 : FORK_MS, () => {
      if (life.state !== "forking") return;
      life.state = fails ? "dead" : "alive";
      life.how = fails ? "it was never there" : "";
      for (const run of life.forked.splice(0)) run();
      if (fails) return done(failed("process.fork", "the machine refused a new process"));
      if (life.state !== "alive") return;
      clock.after(START_MS, () => this.#asAlive(life, () => this.#start(life)));
      if (!lost) done(ok({ type: "forked", pid: 1000 } as Message));
    });
  }

  #start(life: Life): void {
    const { world, slots, bytesEach, idleTimeoutMs, loadTimeoutMs, loadMs, tokenMs, wrap } = this.#options;
    const { token } = life;
    const clock = {
      wallMs: () => world.clock.wallMs(),
      monotonicMs: () => world.clock.monotonicMs(),
      after: (delayMs: number, run: () => void) =>
        world.clock.after(delayMs * this.slowness, () => {
          world.promised();
          this.#asAlive(life, run);
        }),
    };
    const path = `/models/${token}.gguf`;
    const lacksMemory = this.#take("load.memory");
    const file = { weightBytes: bytesEach, ...(lacksMemory ? { error: "engine.out.of.memory" as const } : {}) };
    const sim = new SimEngine({ clock, files: new Map([[path, file]]), loadMs, tokenMs });
    if (this.#take("load.hang")) sim.faults = { loadHangs: true };
    const engine = createEnginePort(
      sim,
      { modelPath: path, contextTokens: 512, slots, threads: 1, gpu: "none" },
      {
        chunk: (chunk) => life.state === "alive" && this.#options.chunk(token, chunk),
        progress: () => {},
        nowMs: () => clock.monotonicMs(),
        after: (delayMs, run) => clock.after(delayMs, run),
        watch: WATCH,
        temperature: 0,
      },
    );
    life.engine = engine;
    life.sim = sim;
    const settings = { idleTimeoutMs, loadTimeoutMs, drainTimeoutMs: 1000, port: () => 8001 };
    world.add({
      id: token,
      behaviours: [wrap(workerBehaviour({ ...settings, engine: address(token, "port", "engine") }))],
      tables: workerTables,
      ports: { engine: promising(world, engine) },
      roots: [["worker", "main", {}]],
      machine: life.hive,
      peers: this.#options.peers,
      storage: "none",
    });
    this.#options.began(token);
  }

  /** Its cell has come to its end: the process follows. */
  stopped(token: string): void {
    const life = this.#lives.get(token);
    if (life === undefined || life.deaf) return;
    this.#options.world.clock.after(EXIT_MS, () => this.#asAlive(life, () => this.kill(token, "exit code 0")));
  }

  #signal(token: string, signal: "SIGTERM" | "SIGKILL", done: (result: AskResult) => void): void {
    const life = this.#lives.get(token);
    this.#options.world.clock.after(1, () => {
      if (life?.state === "alive") {
        life.sent = signal;
        if (signal === "SIGKILL") this.kill(token);
        else if (!life.deaf) this.#asAlive(life, () => this.kill(token, "signal SIGTERM"));
      }
      done(ok({ type: "signalled" }));
    });
  }

  #reap(token: string, done: (result: AskResult) => void): void {
    const life = this.#lives.get(token);
    if (life?.state === "alive") life.reaping.push(done);
    else this.#options.world.clock.after(1, () => done(this.#reaped(life, token)));
  }

  #reaped(life: Life | undefined, token = life?.token ?? ""): AskResult {
    const { how, sent, starved } = life ?? { how: "it was gone when the node came back", sent: "nothing", starved: "" };
    const exit: ProcessExit = { exitCode: undefined, signal: undefined, after: sent };
    return ok({ type: "reaped", token, known: life !== undefined, how, exit, lastLines: [], starved } as Message);
  }

  #whenForked(life: Life | undefined, run: () => void): void {
    if (life?.state === "forking") life.forked.push(run);
    else run();
  }

  #hush(life: Life, id: string): void {
    const listening = life.listening.get(id);
    if (listening === undefined) return;
    this.#options.world.clock.after(listening.silentMs, () => {
      if (!life.frozen || life.state !== "alive" || !life.listening.delete(id)) return;
      listening.done(ok({ type: "silent", silentMs: listening.silentMs } as Message));
    });
  }

  #asAlive(life: Life, run: () => void): void {
    if (life.state !== "alive") return;
    if (life.frozen) life.held.push(() => this.#asAlive(life, run));
    else run();
  }

  #take(fault: NextFault): boolean {
    if (this.next[fault] === 0) return false;
    this.next[fault] -= 1;
    this.#options.struck(fault);
    return true;
  }
}

const newLife = (token: string, model: string, hive: string): Life => ({
  token,
  hive,
  model,
  state: "forking",
  frozen: false,
  deaf: false,
  how: "",
  sent: "nothing",
  starved: "",
  engine: undefined,
  sim: undefined,
  held: [],
  forked: [],
  reaping: [],
  listening: new Map(),
});

/** The engine's port works with promises: the world lets them settle. */
const promising = (world: SimWorld, port: Port): Port => ({
  ask: (call, done) => {
    world.promised();
    port.ask(call, done);
  },
  drop: (id) => {
    world.promised();
    port.drop(id);
  },
});

const ok = (event: Message): AskResult => ({ ok: true, event });
const failed = (code: ErrorCode, message: string): AskResult => ({ ok: false, error: { code, message } });
