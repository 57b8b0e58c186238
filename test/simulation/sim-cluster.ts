/**
 * A cluster on virtual time from one seed: the real queen, hive, job, process and worker cells, the real desk and
 * streams, over simulated processes, engines, memory, disks and transport.
 *
 * Owns: putting the second world together, and its hosts' lives. Does not own: any decision; which faults there are and
 * when (nemesis.ts); clients (sim-client.ts); what must hold (invariants.ts).
 *
 *  SC1 The same scenario gives the same trace hash (RX1).
 *  SC2 Queen, hive, porter and workers are one node: with it all of them go, and what its journals hold comes back. A
 *      second hive is a machine of its own, behind a link.
 *
 * @module
 */
import { address, type Address, kindOf } from "../../machines/words.ts";
import { downloadBehaviour } from "../../src/actors/hive/download.ts";
import { hiveBehaviour } from "../../src/actors/hive/behaviour.ts";
import { processBehaviour } from "../../src/actors/hive/process.ts";
import { jobBehaviour } from "../../src/actors/job/behaviour.ts";
import { memberBehaviour } from "../../src/actors/member/behaviour.ts";
import { queenBehaviour } from "../../src/actors/queen/behaviour.ts";
import type { QueenSettings } from "../../src/actors/queen/settings.ts";
import { streamsPort } from "../../src/hosts/porter/streams-port.ts";
import { ChunkRelay } from "../../src/net/relay.ts";
import { Streams } from "../../src/net/streams.ts";
import type { Chunk } from "../../src/protocol/worker.ts";
import type { Behaviour } from "../../src/runtime/behaviour.ts";
import type { Frame, Message } from "../../src/runtime/envelope.ts";
import type { Port } from "../../src/runtime/ports.ts";
import { overheard } from "./overheard.ts";
import { heardHiveTables, heardQueenTables, type RowEar } from "./row-watch.ts";
import { sabotage, sabotageChunk } from "./saboteur.ts";
import type { Scenario, SimConfig } from "./scenario.ts";
import { SimDoor } from "./sim-door.ts";
import { SimLink } from "./sim-link.ts";
import { MODEL_BYTES } from "./sim-machine.ts";
import { SimKey } from "./sim-key.ts";
import type { WorldHooks } from "./sim-node.ts";
import { SimSite } from "./sim-site.ts";
import { tellFromTimeToTime } from "./sim-telling.ts";
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
export const LEASE_MS = 4000;
/** The second hive, on its own machine. */
const AWAY = "hive2";

/** What its owner calls a machine. */
export const nameOf = (hive: string): string => (hive === AWAY ? AWAY : "home");

/** What checkers hear. */
export interface ClusterEar extends RowEar, WorldHooks {
  /** A worker says something: before it reaches the streams. */
  said(worker: string, chunk: Chunk): void;
  /** A process is made for it. */
  forked(worker: string, hive: string): void;
  /** A fault that was laid for the next worker has found it. */
  struck(fault: NextFault): void;
  /** What was lost with the link is said again. */
  repeated(chunk: Chunk): void;
  /** A step of this cell commands to say this. */
  told(from: Address, event: Message): void;
}

export class SimCluster {
  readonly world: SimWorld;
  readonly config: SimConfig;
  readonly door: SimDoor;
  readonly key: SimKey;
  readonly workers: SimWorkers;
  /** The queen's own first. */
  readonly sites: readonly SimSite[];
  readonly link: SimLink;
  readonly hives: readonly string[];
  /** Called when the node goes: its clients notice. */
  readonly connections = new Set<() => void>();
  streams: Streams;
  #relay: ChunkRelay;
  #isResuming = false;
  #isAnew = false;
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
    this.hives = ["hive", AWAY].slice(0, config.hives);
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
      forked: (worker, hive) => ear.forked(worker, hive),
      began: (worker) => {
        if (this.workers.hiveOf(worker) === AWAY) this.link.admit("queen", worker);
      },
      struck: (fault) => ear.struck(fault),
    });
    const totalBytes = HEADROOM_BYTES + config.workersMax * MODEL_BYTES;
    this.streams = this.#openStreams();
    this.#relay = this.#openRelay();
    this.sites = this.hives.map((hive) => {
      const isHers = hive !== AWAY;
      return new SimSite({
        world: this.world,
        workers: this.workers,
        bees: isHers ? ["queen", hive] : [hive],
        totalBytes,
        streams: isHers ? () => this.#streamsPort() : undefined,
        send: (to, frames) => this.#fromPorter(to, frames),
      });
    });
    this.link = new SimLink(this.world, {
      pairs: () => [["queen", AWAY], ...this.workers.aliveOf(AWAY).map((worker) => ["queen", worker] as const)],
      mayStand: () => this.hives.includes(AWAY) && this.#isThere(home(this)) && this.#isThere(away(this)),
      up: (link) => this.#linked(link),
      down: (link, isGoodbye) => this.#unlinked(link, isGoodbye),
    });
    this.world.addEndpoint("porter", { receive: (from, frames) => this.#receive(from, frames) });
  }

  start(): void {
    const { world } = this;
    world.hooks = this.#hooks();
    world.add({
      id: "queen",
      behaviours: [
        this.#queenBehaviour(),
        this.#wrap(memberBehaviour({ leaseMs: LEASE_MS })),
        this.#wrap(jobBehaviour()),
      ],
      tables: heardQueenTables(this.#ear),
      roots: [["queen", "main", {}]],
      machine: "hive",
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
          this.#wrap(
            hiveBehaviour({
              queen: QUEEN,
              headroomBytes: HEADROOM_BYTES,
              gpu: "none",
              threads: "auto",
            }),
          ),
          this.#wrap(downloadBehaviour({ diskReserveBytes: 0, patienceMs: PATIENCE_MS })),
          this.#wrap(processBehaviour(timeouts)),
        ],
        tables: heardHiveTables(this.#ear),
        roots: [["hive", "main", {}]],
        machine: hive,
        headroomBytes: 1000,
        restartMs: RESTART_MS,
      });
    }
    if (this.hives.includes(AWAY)) {
      this.link.admit("queen", AWAY);
      this.link.connectLater();
    }
    tellFromTimeToTime(this, QUEEN, HEADROOM_BYTES);
  }

  /** Where the link carries it, it is healed with that. */
  healWire(a: string, b: string): void {
    const isLinked = this.siteOf(a) === this.siteOf(b) || this.link.isUp;
    if (isLinked) this.world.heal(a, b);
  }

  siteOf(host: string): SimSite {
    const hive = this.workers.hiveOf(host) ?? host;
    return this.sites.find(({ bees }) => bees.includes(hive)) ?? home(this);
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

  /** Process and threads of a machine die, and with the power also what no disk had yet. */
  crashNode(site: SimSite, power: boolean): void {
    if (power) this.world.powerLoss(site.hive);
    else for (const host of site.bees) this.world.kill(host);
    this.#beginAnew(site);
  }

  /** The queen's machine in order: told to stop, it stops, and is started again. `stopped` hears whether it said so. */
  stopNode(stopped: (said: "drained" | "not") => void): void {
    this.door.ask(QUEEN, { type: "drain" }, FINISH_MS + STOP_MS + 2000, (result) => {
      // Whoever stops a node insists.
      if (!result.ok && result.error.code === "mailbox.full") {
        this.world.clock.after(50, () => this.stopNode(stopped));
        return;
      }
      stopped(result.ok ? "drained" : "not");
      const site = home(this);
      for (const host of site.bees) if (this.world.isUp(host)) this.world.stop(host);
      this.#beginAnew(site);
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
        this.#tellLink(host.id);
        if (host.id === "queen" && this.#isAnew) this.door.tell(QUEEN, { type: "clients.gone" });
        if (host.id === "queen") this.#isAnew = false;
      },
      down: (host, how) => {
        ear.down(host, how);
        this.door.hostDown(host.id);
      },
    };
  }

  #startLater = (host: string): void => this.world.clock.after(RESTART_MS, () => this.world.start(host));

  /** Without what lived in the main process of a machine, what was on its way there, and the children of it. */
  #beginAnew(site: SimSite): void {
    this.world.promised();
    for (const host of site.bees) this.world.endpointLost("porter", host);
    for (const host of site.bees) this.#startLater(host);
    if (site === home(this)) {
      this.#log.crash();
      for (const lost of [...this.connections]) lost();
      this.#isAnew = true;
      this.streams = this.#openStreams();
      this.streams.restore(this.#log.written);
    } else {
      this.#relay = this.#openRelay();
    }
    site.forget();
    this.link.drop();
  }

  #isThere = ({ bees }: SimSite): boolean => bees.some((host) => this.world.isUp(host));

  #openStreams(): Streams {
    return new Streams({
      log: this.#log,
      credit: (worker, job, attempt, chunks) => {
        if (this.workers.hiveOf(worker) !== AWAY) return this.workers.credit(worker, job, attempt, chunks);
        this.link.send(() => this.#relay.credit(worker, job, attempt, chunks));
      },
      resume: (standing) => this.link.send(() => this.#resume([standing])),
    });
  }

  #openRelay(): ChunkRelay {
    return new ChunkRelay({
      send: (_worker, chunk) => {
        if (this.#isResuming) this.#ear.repeated(chunk);
        this.link.send(() => this.streams.chunk(chunk));
      },
      credit: (worker, job, attempt, chunks) => this.workers.credit(worker, job, attempt, chunks),
    });
  }

  #streamsPort(): Port {
    const streams = streamsPort(this.streams, (ms, run) => this.world.clock.after(ms, run));
    return {
      ask: (call, done) => {
        this.world.promised();
        streams.ask(call, done);
      },
      drop: (id) => streams.drop(id),
    };
  }

  #linked(link: number): void {
    const resuming = this.streams.resuming((worker) => this.workers.hiveOf(worker) === AWAY);
    this.link.send(() => this.#resume(resuming));
    this.door.tell(QUEEN, { type: "hive.linked", hive: hiveAt(AWAY), name: AWAY, link } as { type: string });
  }

  #resume(standings: Parameters<ChunkRelay["resume"]>[0]): void {
    this.#isResuming = true;
    this.#relay.resume(standings);
    this.#isResuming = false;
  }

  #unlinked(link: number, isGoodbye: boolean): void {
    const message = "the link broke";
    this.#relay.unlinked();
    this.door.tell(QUEEN, { type: "hive.unlinked", hive: hiveAt(AWAY), link, message, isGoodbye } as {
      type: string;
    });
    this.door.tell(hiveAt(AWAY), { type: "unlinked" });
  }

  /** A porter tells each life of its hosts how the link stands. */
  #tellLink(host: string): void {
    if (!this.hives.includes(AWAY)) return;
    if (host === "queen" && this.link.isUp) this.#linked(this.link.number);
    if (host === AWAY && !this.link.isUp) this.door.tell(hiveAt(AWAY), { type: "unlinked" });
    this.link.connectLater();
  }

  #receive(from: string, frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (frame.kind === "answer") this.door.answered(frame.id, frame.result);
      else this.siteOf(from).receive(frame);
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
      hives: [hiveAt("hive")],
      name: "home",
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
    const isAway = this.workers.hiveOf(worker) === AWAY;
    const say = (said: Chunk): void => (isAway ? this.#relay.chunk(worker, said) : this.streams.chunk(said));
    if (this.liars.has(worker)) {
      this.lies += 2;
      this.streams.chunk({ ...chunk, attempt: chunk.attempt + 1, text: "a lie " });
      this.streams.chunk({ ...chunk, index: chunk.index + 1, text: "a lie " });
    }
    for (const said of sabotageChunk(this.config.saboteur, chunk)) {
      this.#ear.said(worker, said);
      say(said);
    }
  }
}

const hiveAt = (host: string): Address => address(host, "hive", "main");
const home = ({ sites }: SimCluster): SimSite => sites[0] as SimSite;
const away = ({ sites }: SimCluster): SimSite => sites[1] as SimSite;
