/**
 * A cluster on virtual time from one seed: the real queen, hive, job, process and worker cells, the real desk and
 * streams, over simulated processes, engines, memory, disks and transport.
 *
 * Owns: putting the second world together, and its hosts' lives. Does not own: any decision; which faults there are and
 * when (nemesis.ts); clients (sim-client.ts); what must hold (invariants.ts).
 *
 *  SC1 The same scenario gives the same trace hash (RX1).
 *  SC2 Queen, hives, porter and workers are one node: with it all of them go, and what its journals hold comes back.
 *
 * @module
 */
import { address, type Address, kindOf } from "../../machines/words.ts";
import { downloadBehaviour } from "../../src/actors/hive/download.ts";
import { hiveBehaviour } from "../../src/actors/hive/behaviour.ts";
import { processBehaviour } from "../../src/actors/hive/process.ts";
import { jobBehaviour } from "../../src/actors/job/behaviour.ts";
import { queenBehaviour } from "../../src/actors/queen/behaviour.ts";
import type { QueenSettings } from "../../src/actors/queen/settings.ts";
import { Desk } from "../../src/hosts/desk.ts";
import { streamsPort } from "../../src/hosts/streams-port.ts";
import { Streams } from "../../src/net/streams.ts";
import type { Chunk } from "../../src/protocol/worker.ts";
import type { Behaviour, Command, Scope } from "../../src/runtime/behaviour.ts";
import type { Frame, Message } from "../../src/runtime/envelope.ts";
import type { Port } from "../../src/runtime/ports.ts";
import { heardHiveTables, heardQueenTables, type RowEar } from "./row-watch.ts";
import { sabotage, sabotageChunk } from "./saboteur.ts";
import type { Scenario, SimConfig } from "./scenario.ts";
import { SimDoor } from "./sim-door.ts";
import { MODEL_BYTES, SimMachine } from "./sim-machine.ts";
import { SimKey } from "./sim-key.ts";
import type { WorldHooks } from "./sim-node.ts";
import { SimModels } from "./sim-models.ts";
import { SimSpoolLog } from "./sim-spool-log.ts";
import { type NextFault, SimWorkers } from "./sim-workers.ts";
import { SimWorld } from "./sim-world.ts";

export const QUEEN: Address = "queen/queen/main";
export const HEADROOM_BYTES = 5e8;
export const FINISH_MS = 3000;
export const STOP_MS = 10_000;
export const RESTART_MS = 200;

const LOAD_TIMEOUT_MS = 6000;
const CROWDED_MS = 4000;
const PATIENCE_MS = 60_000;
const MACHINE = "node";

/** What checkers hear. */
export interface ClusterEar extends RowEar, WorldHooks {
  /** A worker says something: before it reaches the streams. */
  said(worker: string, chunk: Chunk): void;
  /** A process is made for it. */
  forked(worker: string): void;
  /** A fault that was laid for the next worker has found it. */
  struck(fault: NextFault): void;
  /** A step of this cell commands to say this. */
  told(from: Address, event: Message): void;
}

export class SimCluster {
  readonly world: SimWorld;
  readonly config: SimConfig;
  readonly door: SimDoor;
  readonly key: SimKey;
  readonly workers: SimWorkers;
  readonly machine: SimMachine;
  readonly models: SimModels;
  readonly hives: readonly string[];
  /** Called when the node goes: its clients notice. */
  readonly connections = new Set<() => void>();
  streams: Streams;
  #desk: Desk;
  readonly #log: SimSpoolLog;
  readonly #ear: ClusterEar;
  /** Fault: workers say, beside the truth, what is of another attempt or place. */
  readonly liars = new Set<string>();
  /** Chunks of liars. */
  lies = 0;

  constructor({ seed, config }: Pick<Scenario, "seed" | "config">, ear: ClusterEar) {
    this.world = new SimWorld(seed);
    this.config = config;
    this.#ear = ear;
    this.hives = ["hive", "hive2"].slice(0, config.hives);
    this.door = new SimDoor(this.world.clock, (to, frames) => this.#fromPorter(to, frames));
    this.key = new SimKey(this.world.clock, this.door, QUEEN);
    this.#log = new SimSpoolLog(this.world);
    const { slots, idleTimeoutMs, tokenMs } = config;
    this.workers = new SimWorkers({
      world: this.world,
      peers: this.bees,
      slots,
      bytesEach: MODEL_BYTES / 2,
      idleTimeoutMs,
      loadTimeoutMs: LOAD_TIMEOUT_MS,
      loadMs: 50,
      tokenMs,
      wrap: (behaviour) => this.#wrap(behaviour),
      chunk: (worker, chunk) => this.#chunk(worker, chunk),
      forked: (worker) => ear.forked(worker),
      struck: (fault) => ear.struck(fault),
    });
    const totalBytes = HEADROOM_BYTES + config.workersMax * MODEL_BYTES;
    this.models = new SimModels(this.world);
    this.machine = new SimMachine(this.world, this.workers, this.models, totalBytes);
    this.streams = this.#openStreams();
    this.#desk = this.#openDesk();
    this.world.addEndpoint("porter", { receive: (_from, frames) => this.#receive(frames) });
  }

  start(): void {
    const { world } = this;
    world.hooks = this.#hooks();
    world.add({
      id: "queen",
      behaviours: [this.#queenBehaviour(), this.#wrap(jobBehaviour())],
      tables: heardQueenTables(this.#ear),
      roots: [["queen", "main", {}]],
      machine: MACHINE,
      headroomBytes: 1000,
      restartMs: RESTART_MS,
    });
    const timeouts = {
      loadTimeoutMs: LOAD_TIMEOUT_MS + 2000,
      stopTimeoutMs: 2000,
      killTimeoutMs: 1000,
      silentMs: 3000,
    };
    for (const hive of this.hives) {
      world.add({
        id: hive,
        behaviours: [
          this.#wrap(hiveBehaviour({ queen: QUEEN, headroomBytes: HEADROOM_BYTES, gpu: "none", threads: "auto" })),
          this.#wrap(downloadBehaviour({ diskReserveBytes: 0, patienceMs: PATIENCE_MS })),
          this.#wrap(processBehaviour(timeouts)),
        ],
        tables: heardHiveTables(this.#ear),
        roots: [["hive", "main", {}]],
        machine: MACHINE,
        headroomBytes: 1000,
        restartMs: RESTART_MS,
      });
    }
  }

  get bees(): readonly string[] {
    return ["queen", ...this.hives];
  }

  /** The thread of a queen or hive dies and is started again, as the porter does it. */
  crash(host: string): void {
    if (!this.world.isUp(host)) return;
    this.world.kill(host);
    this.#startLater(host);
  }

  /** Process and threads die, and with the power also what no disk had yet. */
  crashNode(power: boolean): void {
    if (power) this.world.powerLoss(MACHINE);
    else for (const host of this.bees) this.world.kill(host);
    this.#forgetAll();
    for (const host of this.bees) this.#startLater(host);
  }

  /** In order: told to stop, it stops, and is started again. `stopped` hears whether and when it said so. */
  stopNode(stopped: (said: "drained" | "not") => void): void {
    this.door.ask(QUEEN, { type: "drain" }, FINISH_MS + STOP_MS + 2000, (result) => {
      // Whoever stops a node insists.
      if (!result.ok && result.error.code === "mailbox.full") {
        this.world.clock.after(50, () => this.stopNode(stopped));
        return;
      }
      stopped(result.ok ? "drained" : "not");
      for (const host of this.bees) if (this.world.isUp(host)) this.world.stop(host);
      this.#forgetAll();
      for (const host of this.bees) this.#startLater(host);
    });
  }

  #hooks(): WorldHooks {
    const ear = this.#ear;
    return {
      step: (host, seen) => {
        ear.step(host, seen);
        if (seen.state === "stopped" && kindOf(seen.cell) === "worker") this.workers.stopped(host.id);
      },
      sent: (host, to, frames) => ear.sent(host, to, frames),
      arrived: (host, from, frames) => ear.arrived(host, from, frames),
      opened: (host) => {
        this.door.hostUp(host.id);
        ear.opened(host);
      },
      down: (host, how) => {
        ear.down(host, how);
        this.door.hostDown(host.id);
      },
    };
  }

  #startLater(host: string): void {
    this.world.clock.after(RESTART_MS, () => this.world.start(host));
  }

  /** What lived in the main process, and the children of it. */
  #forgetAll(): void {
    this.workers.vanish();
    this.#log.crash();
    this.world.promised();
    for (const lost of [...this.connections]) lost();
    this.streams = this.#openStreams();
    this.#desk = this.#openDesk();
    this.streams.restore(this.#log.written);
  }

  #openStreams(): Streams {
    return new Streams({
      log: this.#log,
      credit: (worker, job, attempt, chunks) => this.workers.credit(worker, job, attempt, chunks),
    });
  }

  #openDesk(): Desk {
    const streams = streamsPort(this.streams);
    const promising: Port = {
      ask: (call, done) => {
        this.world.promised();
        streams.ask(call, done);
      },
      drop: (id) => streams.drop(id),
    };
    const desk: Desk = new Desk(
      { processes: this.workers, machine: this.machine, models: this.models, streams: promising },
      (to, frames) => {
        if (desk === this.#desk) this.#fromPorter(to, frames);
      },
    );
    return desk;
  }

  #receive(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (frame.kind === "answer") this.door.answered(frame.id, frame.result);
      else this.#desk.receive([frame]);
    }
  }

  #fromPorter(to: string, frames: readonly Frame[]): void {
    if (this.world.has(to)) this.world.sendFrom("porter", to, frames);
  }

  #wrap(behaviour: Behaviour): Behaviour {
    return overheard(sabotage(this.config.saboteur, behaviour), this.#ear);
  }

  #queenBehaviour(): Behaviour {
    const { queueLengthMax, jobDeadlineMs, attemptsMax, queenMailMax } = this.config;
    const settings: QueenSettings = {
      queueLengthMax,
      jobDeadlineMs,
      attemptsMax,
      defaultModel: "sim",
      hives: this.hives.map((hive) => address(hive, "hive", "main")),
      finishMs: FINISH_MS,
      stopMs: STOP_MS,
      crowdedMs: CROWDED_MS,
      endpoints: {},
    };
    const behaviour = this.#wrap(queenBehaviour(settings));
    return { ...behaviour, limits: { ...behaviour.limits, mailMax: queenMailMax } };
  }

  #chunk(worker: string, chunk: Chunk): void {
    this.world.promised();
    if (this.liars.has(worker)) {
      this.lies += 2;
      this.streams.chunk({ ...chunk, attempt: chunk.attempt + 1, text: "a lie " });
      this.streams.chunk({ ...chunk, index: chunk.index + 1, text: "a lie " });
    }
    for (const said of sabotageChunk(this.config.saboteur, chunk)) {
      this.#ear.said(worker, said);
      this.streams.chunk(said);
    }
  }
}

/** The same behaviour; the ear learns who says what. */
function overheard(behaviour: Behaviour, ear: ClusterEar): Behaviour {
  const handlers = Object.fromEntries(
    Object.entries(behaviour.handlers).map(([action, handler]) => [
      action,
      (params: never, scope: Scope): readonly Command[] => {
        const commands = handler(params, scope);
        for (const command of commands) {
          if ("event" in command) ear.told(scope.self, command.event);
          else if (command.do === "reply" && command.result.ok) ear.told(scope.self, command.result.event);
        }
        return commands;
      },
    ]),
  );
  return { ...behaviour, handlers };
}
