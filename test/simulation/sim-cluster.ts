/**
 * A small cluster on virtual time from one seed: the real queen, hive, job, process and worker cells, the real desk and
 * streams, over simulated processes, engine, memory, disks and transport.
 *
 * Owns: putting the second world together, and what a client of it sees. Does not own: any decision.
 *
 *  SC1 The same seed and the same calls give the same trace hash (RX1).
 *  SC2 A worker is a host of its own that comes 100 ms after its fork and is gone for good when it is killed.
 *
 * @module
 */
import type { ProcessEnd } from "../../machines/process.ts";
import type { JobRequest } from "../../machines/queen.ts";
import { address, type Address } from "../../machines/words.ts";
import { hiveBehaviour } from "../../src/actors/hive/behaviour.ts";
import { processBehaviour } from "../../src/actors/hive/process.ts";
import { hiveTables } from "../../src/actors/hive/tables.ts";
import { jobBehaviour } from "../../src/actors/job/behaviour.ts";
import { jobTables } from "../../src/actors/job/tables.ts";
import { queenBehaviour } from "../../src/actors/queen/behaviour.ts";
import { queenTables } from "../../src/actors/queen/tables.ts";
import { workerBehaviour } from "../../src/actors/worker/behaviour.ts";
import { createEnginePort, type EnginePort } from "../../src/actors/worker/engine-port.ts";
import { workerTables } from "../../src/actors/worker/tables.ts";
import { Desk } from "../../src/hosts/desk.ts";
import { streamsPort } from "../../src/hosts/streams-port.ts";
import { Streams } from "../../src/net/streams.ts";
import type { MachineAsk, ProcessesAsk, StreamItem } from "../../src/protocol/ports.ts";
import type { AskResult, Message } from "../../src/runtime/envelope.ts";
import type { Port } from "../../src/runtime/ports.ts";
import { SimEngine } from "./sim-engine.ts";
import { SimWorld } from "./sim-world.ts";

export const QUEEN: Address = "queen/queen/main";
export const HIVE: Address = "hive/hive/main";
const MODEL_PATH = "/models/sim.gguf";
const START_MS = 100;

const answer = (event: Message & Readonly<Record<string, unknown>>): AskResult => ({ ok: true, event });

interface SimWorker {
  alive: boolean;
  readonly engine: EnginePort;
  /** Whoever waits for its reap. */
  readonly waiting: ((result: AskResult) => void)[];
  how: string;
}

export class SimCluster {
  readonly world: SimWorld;
  readonly streams: Streams;
  readonly desk: Desk;
  readonly #workers = new Map<string, SimWorker>();
  /** Fault: a fork answers nothing and makes a process all the same. */
  loseForkAnswers = 0;
  /** Fault: the engines of the next so many workers never finish loading. */
  hangLoads = 0;
  /** Why each worker that is gone is gone, as the queen was told. */
  readonly ends: string[] = [];

  constructor(seed: number) {
    this.world = new SimWorld(seed);
    this.streams = new Streams({
      credit: (worker, job, attempt, chunks) => this.#workers.get(worker)?.engine.credit(job, attempt, chunks),
    });
    this.desk = new Desk(
      { processes: this.#processes(), machine: this.#machine(), streams: streamsPort(this.streams) },
      (to, frames) => {
        if (this.world.has(to)) this.world.sendFrom("porter", to, frames);
      },
    );
    this.world.watch = (_host, { event }) => {
      if (event.type === "worker.gone") this.ends.push((event as Message & { end: ProcessEnd }).end.code);
    };
    this.world.addEndpoint("porter", { receive: (_from, frames) => this.desk.receive(frames) });
    const queen = {
      queueLengthMax: 100,
      jobDeadlineMs: 120_000,
      attemptsMax: 5,
      defaultModel: "sim",
      hives: [HIVE],
      finishMs: 5000,
      stopMs: 10_000,
      loadTimeoutMs: 20_000,
    };
    this.world
      .add({
        id: "queen",
        behaviours: [queenBehaviour(queen), jobBehaviour()],
        tables: [...queenTables, ...jobTables],
        roots: [["queen", "main", {}]],
        machine: "here",
      })
      .add({
        id: "hive",
        behaviours: [
          hiveBehaviour({ queen: QUEEN, headroomBytes: 0 }),
          processBehaviour({ loadTimeoutMs: 20_000, stopTimeoutMs: 2000, killTimeoutMs: 1000, silentMs: 5000 }),
        ],
        tables: hiveTables,
        roots: [["hive", "main", {}]],
        machine: "here",
      });
  }

  get workers(): readonly string[] {
    return [...this.#workers].filter(([, worker]) => worker.alive).map(([id]) => id);
  }

  async submit(prompt: string, seed: number): Promise<string> {
    const request: JobRequest = {
      capability: "text",
      model: undefined,
      prompt,
      messages: undefined,
      input: undefined,
      maxTokens: 20,
      temperature: 0,
      seed,
      jsonSchema: undefined,
      priority: seed % 10,
      deadlineMs: undefined,
      label: "private",
      node: undefined,
      idempotencyKey: undefined,
    };
    const asked: Message & { request: JobRequest } = { type: "submit", request };
    const accepted = await this.desk.doors.ask<Message & { job: string }>(QUEEN, asked, 60_000);
    return accepted.job;
  }

  /** Everything a reader that came late would be given. */
  async read(job: string): Promise<readonly StreamItem[]> {
    const items: StreamItem[] = [];
    const over = new AbortController();
    const source = this.streams.read(job, 0, over.signal);
    if (source === undefined) return items;
    for await (const item of source) {
      items.push(item);
      if (item.type === "end") break;
    }
    over.abort();
    return items;
  }

  /** The thread of a queen or hive dies and is started again, as the porter does it. */
  crash(host: "queen" | "hive"): void {
    this.world.kill(host);
    this.desk.doors.hostLost(host, { code: "host.restarted", message: "killed" });
    this.world.clock.after(200, () => {
      this.world.start(host);
      this.desk.doors.hostUp(host);
    });
  }

  /** The kernel ends it; nobody asked. */
  killWorker(id: string, how = "signal SIGKILL"): void {
    const worker = this.#workers.get(id);
    if (worker?.alive !== true) return;
    worker.alive = false;
    worker.how = how;
    if (this.world.has(id)) this.world.kill(id);
    for (const waiting of worker.waiting) waiting(reaped(id, how));
  }

  #machine(): Port {
    return {
      ask: ({ event }, done) => {
        const { worker } = event as MachineAsk;
        const facts = { needBytes: 1e9, totalBytes: 64e9, freeBytes: 60e9 };
        this.world.clock.after(1, () => done(answer({ type: "measured", worker, path: MODEL_PATH, ...facts })));
      },
      drop: () => {},
    };
  }

  #processes(): Port {
    return {
      ask: ({ event }, done) => {
        const asked = event as ProcessesAsk;
        switch (asked.type) {
          case "fork":
            return this.#fork(asked.token, done);
          case "reap":
            return this.#reap(asked.token, done);
          case "signal":
            this.world.clock.after(1, () => {
              if (asked.signal === "SIGKILL") this.killWorker(asked.token);
              done(answer({ type: "signalled" }));
            });
            return;
          case "listen":
            return;
        }
      },
      drop: () => {},
    };
  }

  #fork(token: string, done: (result: AskResult) => void): void {
    const { clock } = this.world;
    const sim = new SimEngine({ clock, files: new Map([[MODEL_PATH, {}]]), loadMs: 50, tokenMs: 10 });
    if (this.hangLoads > 0) {
      this.hangLoads -= 1;
      sim.faults = { loadHangs: true };
    }
    const engine = createEnginePort(
      sim,
      { modelPath: MODEL_PATH, contextTokens: 512, slots: 2, threads: 1, gpu: "none" },
      {
        chunk: (chunk) => {
          if (this.#workers.get(token)?.alive === true) this.streams.chunk(chunk);
        },
        progress: () => {},
        nowMs: () => clock.monotonicMs(),
        temperature: 0,
      },
    );
    this.#workers.set(token, { alive: true, engine, waiting: [], how: "" });
    clock.after(START_MS, () => this.#startWorker(token, engine));
    if (this.loseForkAnswers > 0) this.loseForkAnswers -= 1;
    else clock.after(2, () => done(answer({ type: "forked", pid: 1000 })));
  }

  #startWorker(token: string, engine: EnginePort): void {
    if (this.#workers.get(token)?.alive !== true) return;
    this.world.add({
      id: token,
      behaviours: [
        workerBehaviour({
          engine: address(token, "port", "engine"),
          idleTimeoutMs: 300_000,
          loadTimeoutMs: 20_000,
          drainTimeoutMs: 1000,
          port: () => 8001,
        }),
      ],
      tables: workerTables,
      ports: { engine },
      roots: [["worker", "main", {}]],
      machine: token,
      storage: "none",
    });
    this.world.whenGone(address(token, "worker", "main"), () => this.killWorker(token, "exit code 0"));
  }

  #reap(token: string, done: (result: AskResult) => void): void {
    const worker = this.#workers.get(token);
    if (worker?.alive === true) worker.waiting.push(done);
    else this.world.clock.after(1, () => done(reaped(token, worker?.how ?? "it was never there")));
  }
}

const reaped = (token: string, how: string): AskResult =>
  answer({ type: "reaped", token, known: true, how, lastLines: [] });
