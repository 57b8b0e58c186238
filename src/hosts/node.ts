/**
 * A node: the porter with its threads and processes, under one RBEE_HOME, with its doors open.
 *
 * Owns: the order in which a node comes up and goes down. Does not own: what it does in between.
 *
 *  N1 It holds the home's lock before it touches anything in it, and lets go last.
 *  N2 What a node before it left running is swept before anything new starts, and said.
 *  N3 `ready` is said when requests are answered.
 *  N4 Going down: admission closes, what runs may finish, workers end, journals close; a second request hurries.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import type { QueenEvent } from "../../machines/queen-events.ts";
import type { Term } from "../net/authority/term.ts";
import { type ErrorData, ERRORS, errorData, RbeeError } from "../protocol/errors.ts";
import { event } from "../runtime/reading.ts";
import { beginInHome } from "./begun-home.ts";
import { LinkWords } from "./cluster/link-words.ts";
import { Machines } from "./cluster/machines.ts";
import { detect, Devices, likelyKinds } from "./machine/devices.ts";
import type { NodeOptions, ReadyLine, RunningNode } from "./node-contract.ts";
import { NodeDoors } from "./node-doors.ts";
import { patiently } from "./porter/patience.ts";
import { Porter } from "./porter/porter.ts";
import { QUEEN } from "./porter/residents.ts";
import { queenAtWork } from "./queen-at-work.ts";
import { childEnvironment } from "./real/child-environment.ts";
import { runDirOf, socketPathOf } from "./real/home-folder.ts";
import type { HomeLock } from "./real/home-lock.ts";
import { realProcesses } from "./real/processes.ts";
import type { Swept } from "./real/sweep.ts";
import { Team } from "./team/team.ts";
import { NewsDesk } from "./watching/news.ts";
import { watch, type Watching } from "./watching/watching.ts";

const toQueen = event<QueenEvent>();

const GRACE_MS = 1000;

/** Throws `home.held` when another node holds the home, `port.taken` when a port that was asked for is not free. */
export const startNode = (options: NodeOptions): Promise<RunningNode> =>
  beginInHome(options, (lock, swept) => new Node(options, lock).start(swept));

/** No model is loaded before somebody asks for one. */
const isCold = ({ cold = false, config }: NodeOptions): boolean => cold || config.model.preload === "none";

/**
 * From here on the nursery of this thread stays as large as a start has made it. Left alone it grows until ten thousand
 * open streams hold half as much garbage again as they need.
 */
const keepYoungGeneration = (): void => setFlagsFromString("--semi-space-growth-factor=1");

class Node {
  readonly #options: NodeOptions;
  readonly #lock: HomeLock;
  readonly #porter: Porter;
  readonly #machines: Machines;
  readonly #doors: NodeDoors;
  readonly #news = new NewsDesk();
  #watching: Watching | undefined;
  #term: Term = { epoch: 0, startedMs: 0 };
  #stopping: Promise<void> | undefined;
  /** A thread could not be kept running. */
  readonly #fatal = Promise.withResolvers<never>();
  readonly #ended = Promise.withResolvers<{ readonly exitCode: number }>();

  constructor(options: NodeOptions, lock: HomeLock) {
    const { config, paths, log, room } = options;
    this.#options = options;
    this.#lock = lock;
    const env = childEnvironment();
    const devices = new Devices(() => detect(env, { kinds: config.worker.gpu === "none" ? [] : likelyKinds() }));
    const news = this.#news;
    const team = new Team(config, paths, news.tell);
    const porter = new Porter({
      team,
      config,
      neighbours: { socketPath: socketPathOf(paths.home) },
      paths,
      processes: realProcesses({ home: paths.home, runDir: runDirOf(paths.home), env }),
      devices,
      room: room ?? (() => devices.list),
      log,
      news: news.tell,
      hopeless: (error) => this.#giveUp(error),
    });
    const machines = new Machines({
      porter,
      name: config.name,
      instance: lock.instance,
      words: new LinkWords(log),
      term: () => this.#term,
      own: { logs: paths.logs, settings: { ...config.worker, headroomBytes: config.memory.headroomBytes } },
      superseded: (error) => this.#giveUp(error),
    });
    this.#porter = porter;
    this.#machines = machines;
    this.#doors = new NodeDoors({ options, porter, team, machines, news, stop: () => void this.stop() });
    // Without anybody who waits for it, it is said in the log.
    this.#fatal.promise.catch(() => {});
  }

  async start({ found, killed }: Swept): Promise<RunningNode> {
    if (found.length > 0) this.#news.tell({ event: "orphans.swept", found: found.length, killed });
    const watching = watch(this.#news, this.#porter, this.#options);
    try {
      // A thread that cannot start fails the node's start with its reason, instead of a deadline.
      const { epoch } = await Promise.race([queenAtWork(this.#doors.seat), this.#fatal.promise]);
      this.#term = { epoch, startedMs: Math.floor(performance.timeOrigin) };
      // What models may run on is known before somebody asks for one.
      await this.#porter.devices.refresh();
      this.#watching = await watching;
      this.#tellQueen({ type: "clients.gone" });
      await this.#doors.open(this.#watching);
      if (!isCold(this.#options)) this.#tellQueen({ type: "warm", model: undefined });
      return this.#ready(epoch);
    } catch (error) {
      await this.#doors.close(0);
      await this.#porter.close();
      await (await watching).close();
      throw error;
    }
  }

  #ready(epoch: number): RunningNode {
    const { config, paths } = this.#options;
    const { url, hiveUrl: hive } = this.#doors;
    const ready: ReadyLine = {
      ready: true,
      url,
      name: config.name,
      roles: ["queen", "hive"],
      pid: process.pid,
      epoch,
      hive,
    };
    const socketPath = socketPathOf(paths.home);
    keepYoungGeneration();
    this.#lock.announce({ socketPath, url });
    this.#news.tell({ event: "node.started", name: config.name, url, epoch });
    return {
      ready,
      socketPath,
      stop: (exitCode) => this.stop(exitCode),
      stopNow: () => this.stopNow(),
      reopenLog: () => this.#watching?.reopenLog(),
      ended: this.#ended.promise,
      attachedClients: () => this.#doors.localConnections(),
    };
  }

  #tellQueen(told: QueenEvent): void {
    this.#porter.desk.doors.tell(QUEEN, toQueen(told));
  }

  stop(exitCode?: number): Promise<void> {
    this.#stopping ??= this.#stop(exitCode);
    return this.#stopping;
  }

  /** Ends the phase at hand. */
  stopNow(): void {
    void this.stop();
    // Behind the question to drain: she hurries with nothing that she has not begun.
    this.#porter.desk.doors.tell(QUEEN, toQueen({ type: "hurry" }), "data");
  }

  async #stop(exitCode: number | undefined): Promise<void> {
    const { shutdown } = this.#options.config;
    this.#doors.closing();
    const longestMs = shutdown.finishMs + shutdown.stopWorkersMs + 20_000;
    try {
      await patiently(() => this.#porter.desk.doors.ask(QUEEN, toQueen({ type: "drain" }), longestMs));
    } catch (thrown) {
      this.#options.log(`the queen did not stop in order (${errorData(thrown).message}); everything is ended`);
    }
    await this.#end(GRACE_MS, exitCode);
  }

  async #end(graceMs: number, exitCode: number | undefined): Promise<void> {
    await this.#doors.close(graceMs);
    this.#machines.close();
    await this.#porter.close();
    this.#news.tell({ event: "node.stopped", exitCode });
    await this.#watching?.close();
    this.#lock.release();
    this.#ended.resolve({ exitCode: exitCode ?? 0 });
  }

  /** A thread cannot be kept running: whatever it accepted stands in its journal, and the node ends. */
  #giveUp(error: ErrorData): void {
    this.#fatal.reject(new RbeeError(error.code, error.message, error.details));
    // Before it serves, whoever starts it tells the failure.
    if (!this.#doors.isOpen) return;
    this.#options.log(`${error.code}: ${error.message}. ${ERRORS[error.code].advice}`);
    this.#stopping ??= this.#end(0, ERRORS[error.code].exitCode);
  }
}
