/**
 * The porter: every thread, pipe and socket of a node ends here, in its main thread. It carries and decides nothing.
 *
 * Owns: routing between hosts, which peer is up in which life, the ports of the node. Does not own: HTTP (node.ts puts
 * the doors on), any decision of a queen, hive or job.
 *
 *  P1 Frames of a pair of hosts stay in order: they have one way, through here or past it (ways.ts).
 *  P2 A wedged thread takes the process down; its children go with it (lifelines) and the next start recovers.
 *  P3 Numbered mail reaches the life of a thread that it was sent to, or none: it is sent again to the next one, where
 *     no later number may have come before it. Kernel rule 5.
 *
 * @module
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import type { Processes } from "../../actors/hive/processes.ts";
import type { Device } from "../../../machines/rules/reserve.ts";
import { type Address, hostOf } from "../../../machines/words.ts";
import type { ClusterDoor } from "../../net/cluster-door.ts";
import { type LoadingNews, type Resume, Streams } from "../../net/streams.ts";
import { type ErrorData, ERRORS } from "../../protocol/errors.ts";
import { PORTER } from "../../protocol/ports.ts";
import type { Chunk, Condition } from "../../protocol/worker.ts";
import { type Frame, isNumbered } from "../../runtime/envelope.ts";
import type { Port } from "../../runtime/ports.ts";
import type { Config } from "../../runtime/config/load.ts";
import type { Paths } from "../../runtime/config/paths.ts";
import type { Restored } from "../../runtime/restore.ts";
import type { BeeStart } from "../bees/bee-messages.ts";
import { beeStarts, type TeamStart } from "../bees/bee-start.ts";
import { Desk } from "./desk.ts";
import type { Devices } from "../machine/devices.ts";
import { lost } from "./door-asks.ts";
import { JobWitness } from "../watching/job-witness.ts";
import { machinePort } from "../machine/machine.ts";
import { type DownloadProgress, fractionOf, Models, viewOf } from "../models/models.ts";
import type { TakeNews } from "../watching/news.ts";
import { STOP_MS } from "./bounds.ts";
import { hiveOf, QUEEN } from "./residents.ts";
import { SpoolFiles } from "../real/spool-files.ts";
import { waitedMs } from "../real/kernel.ts";
import { oomKills } from "../machine/oom-kills.ts";
import { streamsPort } from "./streams-port.ts";
import { BeeThread } from "../bees/thread.ts";
import { introduce } from "../bees/ways.ts";
import { WATCH } from "../worker/start.ts";
import { WorkerWitness } from "../watching/worker-witness.ts";
import { programFor } from "../worker/program.ts";
import { type WorkerNews, Workers } from "../processes/workers.ts";

/** Machines behind links. Nothing of them is known here but which host is where. */
export interface Afar {
  /** Frames for a host that is there, in the life in which the sender knows it. */
  send(from: string, to: string, life: number, frames: readonly Frame[]): void;
  /** A worker of this machine says something whose readers are elsewhere. */
  chunk(worker: string, chunk: Chunk): void;
  loading(news: LoadingNews): void;
  /** Somebody has read what a worker of another machine said. */
  credit(worker: string, job: string, attempt: number, chunks: number): void;
  /** What a worker of another machine has said and nobody has taken is to be said again. */
  resume(standing: Resume): void;
  /** A host of this machine is there, or not any more. */
  hostUp(host: string, life: number): void;
  hostDown(host: string): void;
}

export interface PorterOptions {
  readonly config: Config;
  /** The name of this machine in a cluster whose queen is elsewhere. */
  readonly memberAs?: string;
  /** Through which other machines are asked for models. */
  readonly neighbours: ClusterDoor;
  readonly paths: Paths;
  readonly processes: Processes;
  readonly devices: Devices;
  /** Where models may go, and what is free there. */
  readonly room: () => readonly Device[];
  readonly log: (line: string) => void;
  readonly news: TakeNews;
  /** Who discusses here; nobody on a machine whose queen is elsewhere. */
  readonly team?: { readonly start: TeamStart; readonly ports: Readonly<Record<string, Port>> };
  /** A thread could not be kept running: the node must end. */
  readonly hopeless: (error: ErrorData) => void;
}

export class Porter {
  readonly streams: Streams;
  readonly desk: Desk;
  readonly devices: Devices;
  /** Where a model may go, and what is free there. */
  readonly room: () => readonly Device[];
  readonly models: Models;
  /** Of this machine's memory, for everything that is no worker. */
  readonly headroomBytes: number;
  readonly jobWitness: JobWitness;
  readonly #spool: SpoolFiles;
  readonly #workers: Workers;
  readonly #threads = new Map<string, BeeThread>();
  /** This machine's own. */
  readonly hive: Address;
  readonly #isHers: boolean;
  /** Hosts of other machines, by their lives. */
  readonly #remote = new Map<string, number>();
  #afar: Afar | undefined;
  /** Worker processes whose hosts have said hello. */
  readonly #workersUp = new Set<string>();
  readonly #log: (line: string) => void;
  readonly #news: TakeNews;
  readonly #workerWitness: WorkerWitness;

  constructor(options: PorterOptions) {
    const { config, paths, processes, devices, room, log, news, hopeless, memberAs, neighbours, team } = options;
    this.#log = log;
    this.hive = hiveOf(memberAs);
    this.#isHers = memberAs === undefined;
    this.devices = devices;
    this.room = room;
    this.headroomBytes = config.memory.headroomBytes;
    void devices.refresh();
    this.#news = news;
    const nowMs = (): number => performance.now();
    this.jobWitness = new JobWitness(news, nowMs);
    this.#workerWitness = new WorkerWitness(news, nowMs);
    this.#spool = new SpoolFiles({ folder: join(paths.state, "spool"), log });
    this.streams = new Streams({
      log: this.#spool,
      witness: this.jobWitness,
      credit: (worker, job, attempt, chunks) =>
        this.#remote.has(worker)
          ? this.#afar?.credit(worker, job, attempt, chunks)
          : this.credit(worker, job, attempt, chunks),
      resume: (standing) => this.#afar?.resume(standing),
    });
    this.streams.restore(this.#spool.earlier());
    const { endpoints } = config;
    const { slots, contextTokens, gpu, idleTimeoutMs, loadTimeoutMs, ports } = config.worker;
    this.#workers = new Workers({
      processes,
      logDir: join(paths.logs, "workers"),
      programFor: programFor(config),
      engine: { slots, contextTokens },
      gpuFor: (device) => (gpu === "none" ? "none" : devices.gpuFor(device)),
      idleTimeoutMs,
      loadTimeoutMs,
      drainTimeoutMs: STOP_MS / 2,
      portsFrom: ports.from,
      watch: WATCH,
      oomKills,
      waitedMs,
      heard: (worker, message) => this.#heard(worker, message),
      gone: (worker) => this.#gone(worker),
    });
    this.models = new Models({
      folder: paths.models,
      env: process.env,
      neighbours,
      bytesPerSecond: config.model.downloadBytesPerSecond,
      heard: (progress) => this.#heardDownload(progress),
    });
    this.desk = new Desk(
      {
        processes: this.#workers,
        machine: machinePort({
          ...config.worker,
          endpoints,
          room,
          catalog: this.models.catalog,
          isAlone: () => this.#isHers && this.#remote.size === 0,
        }),
        models: this.models,
        streams: streamsPort(this.streams, (ms, run) => void setTimeout(run, ms).unref()),
        ...team?.ports,
      },
      (to, frames, canWait) => this.#answered(to, frames, canWait),
    );
    for (const start of beeStarts({ config, paths, hive: hostOf(this.hive), team: team?.start })) {
      this.#threads.set(start.host, this.#thread(start, hopeless));
    }
  }

  /** From here on other machines are reached, and hear of the hosts of this one. */
  link(afar: Afar): void {
    this.#afar = afar;
    for (const [host, thread] of this.#threads) if (thread.isOpen) afar.hostUp(host, lifeAfar(thread.life));
    for (const worker of this.#workersUp) afar.hostUp(worker, 1);
  }

  /** Whether it is a host of this machine. */
  has(host: string): boolean {
    return this.#threads.has(host) || this.#workers.has(host) || host === PORTER;
  }

  /** A host of another machine is there. */
  remoteUp(host: string, life: number): void {
    this.#remote.set(host, life);
    this.#tellAll((thread) => {
      if (this.#talksAfar(thread.host)) thread.say({ kind: "peer.up", host, life, isForgetful: false });
    });
    if (this.#isHers) return;
    for (const worker of this.#workersUp) this.#workers.tell(worker, { kind: "peer", host, life });
  }

  remoteDown(host: string): void {
    if (!this.#remote.delete(host)) return;
    this.#tellAll((thread) => thread.say({ kind: "peer.down", host }));
  }

  /** Hosts elsewhere talk to a queen. Where she is, her hive and workers need not hear of a hundred thousand. */
  #talksAfar(host: string): boolean {
    return !this.#isHers || host === hostOf(QUEEN);
  }

  /** What these say to each other tells of workers, and goes through here. */
  #isSeen(host: string): boolean {
    return host === hostOf(QUEEN) || host === hostOf(this.hive);
  }

  /** Frames from another machine, for a host of this one. */
  deliver(from: string, to: string, frames: readonly Frame[]): void {
    this.#route(from, to, frames);
  }

  /** A worker of this machine may say so much more. */
  credit(worker: string, job: string, attempt: number, chunks: number): void {
    this.#workers.tell(worker, { kind: "credit", job, attempt, chunks });
  }

  /** Reading is advice: no cell is asked. @throws RbeeError request.not.found, worker.hung */
  examine(worker: string): Promise<Condition> {
    return this.#workers.examine(worker);
  }

  /** Resolves when every thread has closed its journal and no process is left. */
  async close(): Promise<void> {
    await Promise.all([...this.#threads.values()].map((thread) => thread.close()));
    // Nobody waits for the answer of a thread that has ended, and no timer of theirs keeps the process.
    const over = { code: "admission.closed", message: "the node has stopped" } as const;
    for (const host of this.#threads.keys()) this.desk.doors.hostLost(host, over);
    await this.models.close();
    await this.#workers.endAll();
    await this.#spool.close();
  }

  #thread(start: BeeStart, hopeless: (error: ErrorData) => void): BeeThread {
    return new BeeThread(start, {
      opened: (restored, life) => this.#opened(start.host, restored, life),
      frames: (to, life, frames) => this.#fromThread(start.host, to, life, frames),
      crashed: (error) => this.#crashed(start.host, error),
      wedged: () => wedged(start.host),
      hopeless: (error) => {
        this.desk.doors.hostLost(start.host, error);
        hopeless(error);
      },
    });
  }

  #opened(host: string, { cells, mail, asks, clean }: Restored, life: number): void {
    if (!clean) this.#log(`${host}: went on after an unclean end (${cells} cells, ${mail} letters, ${asks} open asks)`);
    this.desk.doors.hostUp(host);
    const opened = this.#threads.get(host);
    opened?.say({ kind: "peer.up", host: PORTER, life: 1, isForgetful: true });
    for (const [name, thread] of this.#threads) {
      if (name === host || !thread.isOpen) continue;
      if (opened !== undefined) introduce(thread, opened, !this.#isSeen(name) && !this.#isSeen(host));
    }
    for (const worker of this.#workersUp) {
      opened?.say({ kind: "peer.up", host: worker, life: 1, isForgetful: true });
      this.#workers.tell(worker, { kind: "peer", host, life });
    }
    for (const [other, theirs] of this.#talksAfar(host) ? this.#remote : [])
      opened?.say({ kind: "peer.up", host: other, life: theirs, isForgetful: false });
    this.#afar?.hostUp(host, lifeAfar(life));
  }

  #crashed(host: string, error: ErrorData): void {
    this.#log(`${host}: its thread ended (${error.code}: ${error.message}); it is started again`);
    this.#news({ event: "thread.restarted", thread: host, error });
    this.desk.doors.hostLost(host, error.code === "disk.full" ? error : lost(host));
    if (this.#threads.get(host)?.isForgetful === true) this.desk.forgotten(host);
    for (const [name, thread] of this.#threads) if (name !== host) thread.say({ kind: "peer.down", host });
    this.#afar?.hostDown(host);
  }

  /** P3: numbered mail that a thread sent before it heard of another's end is not for the next life of that. */
  #fromThread(from: string, to: string, life: number, frames: readonly Frame[]): void {
    if (from === hostOf(QUEEN) && to === hostOf(this.hive)) this.#workerWitness.toHive(frames);
    else if (from === hostOf(this.hive) && to === hostOf(QUEEN)) this.#workerWitness.toQueen(frames);
    if (this.#remote.has(to)) return this.#afar?.send(from, to, life, frames);
    const meant = this.#threads.get(to);
    if (meant === undefined || meant.life === life) return this.#route(from, to, frames);
    this.#route(
      from,
      to,
      frames.filter((frame) => !isNumbered(frame)),
    );
  }

  #answered(to: string, frames: readonly Frame[], canWait: boolean): void {
    const thread = canWait ? this.#threads.get(to) : undefined;
    if (thread === undefined) this.#route(PORTER, to, frames);
    else thread.sayWithNext({ kind: "frames", from: PORTER, frames });
  }

  #route(from: string, to: string, frames: readonly Frame[]): void {
    if (to === PORTER) return this.desk.receive(frames);
    const thread = this.#threads.get(to);
    if (thread !== undefined) return thread.say({ kind: "frames", from, frames });
    if (this.#workers.has(to))
      return this.#workers.carry(from, to, frames, (answer) => this.#route(to, from, [answer]));
    const life = this.#remote.get(to);
    if (life !== undefined) this.#afar?.send(from, to, life, frames);
  }

  #gone(worker: string): void {
    this.#workersUp.delete(worker);
    this.#tellAll((thread) => thread.say({ kind: "peer.down", host: worker }));
    this.#afar?.hostDown(worker);
  }

  #heard(worker: string, message: WorkerNews): void {
    switch (message.kind) {
      case "hello":
        this.#workersUp.add(worker);
        this.#tellAll((thread) => {
          thread.say({ kind: "peer.up", host: worker, life: 1, isForgetful: true });
          this.#workers.tell(worker, { kind: "peer", host: thread.host, life: thread.life });
        });
        for (const [host, life] of this.#talksAfar(worker) ? this.#remote : [])
          this.#workers.tell(worker, { kind: "peer", host, life });
        return this.#afar?.hostUp(worker, 1);
      case "frames":
        return this.#route(worker, message.to, message.frames);
      case "chunk":
        return this.#isHers ? this.streams.chunk(message.chunk) : this.#afar?.chunk(worker, message.chunk);
      case "progress":
        return this.#loading({
          model: this.#workers.modelOf(worker) ?? "",
          fraction: message.fraction,
          step: "load",
        });
      case "beat":
        return;
    }
  }

  #heardDownload(progress: DownloadProgress): void {
    const { model, ...download } = viewOf(progress);
    this.#loading({ model, fraction: fractionOf(download), step: "download", download });
  }

  #loading(news: LoadingNews): void {
    if (this.#isHers) this.streams.loading(news);
    else this.#afar?.loading(news);
  }

  #tellAll(say: (thread: BeeThread) => void): void {
    for (const thread of this.#threads.values()) if (thread.isOpen) say(thread);
  }
}

/** Lives of threads are counted in each process anew; on other machines no two of them may be the same. */
const PROCESS_LIFE = Math.floor(performance.timeOrigin) * 1000;
const lifeAfar = (life: number): number => PROCESS_LIFE + life;

/** T1 of thread.ts: terminating it could hang as well. Written past every buffer, then the kernel ends all threads. */
function wedged(host: string): void {
  writeSync(2, `rbee: host.wedged: the thread of ${host} does not turn any more. ${ERRORS["host.wedged"].advice}\n`);
  process.kill(process.pid, "SIGKILL");
}
