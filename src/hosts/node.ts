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
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { QueenEvent } from "../../machines/queen.ts";
import { type NodeSeat, rbeeRoutes } from "../doors/rbee.ts";
import { createServer, type RunningServer } from "../net/serve.ts";
import type { StatusView } from "../protocol/api.ts";
import { type ErrorData, ERRORS, errorData, RbeeError } from "../protocol/errors.ts";
import { makeFolders } from "../runtime/config/paths.ts";
import { event } from "../runtime/reading.ts";
import type { NodeOptions, ReadyLine, RunningNode } from "./node-contract.ts";
import { HIVE, Porter, QUEEN } from "./porter.ts";
import { runDirOf, socketPathOf } from "./real/home-folder.ts";
import { STARTER } from "./machine.ts";
import { holdHome, type HomeLock } from "./real/home-lock.ts";
import { realProcesses } from "./real/processes.ts";
import { sweep, sweepLine } from "./real/sweep.ts";
import { nodeSeat, patiently } from "./seat.ts";

const toQueen = event<QueenEvent>();

const GRACE_MS = 1000;
/** A hive that does not say within this time what it has does not keep the door shut. */
const RECONCILED_MS = 5000;
const RECONCILE_POLL_MS = 10;

export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { paths, log } = options;
  const lock = holdHome(paths.home);
  if (lock.notice !== undefined) log(lock.notice);
  try {
    makeFolders(paths);
    mkdirSync(join(paths.logs, "workers"), { recursive: true, mode: 0o700 });
    const swept = sweepLine(await sweep(runDirOf(paths.home), paths.home));
    if (swept !== undefined) log(swept);
    return await new Node(options, lock).start();
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Only what a child needs: secrets of the environment stay here. */
function childEnvironment(): Readonly<Record<string, string>> {
  const passed = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "NODE_ENV"];
  return Object.fromEntries(
    passed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/** Everything can be asked of her from then on, also what she refuses while she waits to hear from her hive. */
async function queenAtWork(seat: NodeSeat): Promise<StatusView["queen"]> {
  const giveUpMs = performance.now() + RECONCILED_MS;
  for (;;) {
    const { queen } = await seat.status();
    if (queen.state === "serving" || performance.now() > giveUpMs) return queen;
    await pause(RECONCILE_POLL_MS);
  }
}

class Node {
  readonly #options: NodeOptions;
  readonly #lock: HomeLock;
  readonly #porter: Porter;
  #server: RunningServer | undefined;
  #stopping: Promise<void> | undefined;
  /** A thread could not be kept running. */
  readonly #fatal = Promise.withResolvers<never>();
  readonly #ended = Promise.withResolvers<{ readonly exitCode: number }>();

  constructor(options: NodeOptions, lock: HomeLock) {
    const { config, paths, log } = options;
    this.#options = options;
    this.#lock = lock;
    this.#porter = new Porter({
      config,
      paths,
      processes: realProcesses({ home: paths.home, runDir: runDirOf(paths.home), env: childEnvironment() }),
      log,
      hopeless: (error) => this.#giveUp(error),
    });
    // Without anybody who waits for it, it is said in the log.
    this.#fatal.promise.catch(() => {});
  }

  async start(): Promise<RunningNode> {
    const { config, paths } = this.#options;
    const socketPath = socketPathOf(paths.home);
    const { host, port, asked } = config.listen;
    const seat = nodeSeat(this.#porter, {
      name: config.name,
      url: () => this.#server?.url ?? "",
      defaultModel: config.model.default ?? STARTER,
      startedMs: performance.now(),
    });
    try {
      // A thread that cannot start fails the node's start with its reason, instead of a deadline.
      const queen = await Promise.race([queenAtWork(seat), this.#fatal.promise]);
      this.#server = await createServer({
        listen: [{ host, port, orNext: !asked }, { socketPath }],
        routes: rbeeRoutes(seat),
        hosts: [config.name, host],
        origins: [],
        bodyBytesMax: config.limits.bodyBytes,
      });
      this.#porter.desk.doors.tell(QUEEN, toQueen({ type: "warm", model: undefined }));
      const ready: ReadyLine = {
        ready: true,
        url: this.#server.url ?? "",
        name: config.name,
        roles: ["queen", "hive"],
        pid: process.pid,
        epoch: queen.epoch,
        hive: HIVE,
      };
      this.#lock.announce({ socketPath, url: ready.url });
      return {
        ready,
        socketPath,
        stop: () => this.stop(),
        stopNow: () => this.stopNow(),
        ended: this.#ended.promise,
        attachedClients: () => this.#server?.localConnections() ?? 0,
      };
    } catch (error) {
      await this.#porter.close();
      throw error;
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop(0);
    return this.#stopping;
  }

  /** Ends the phase at hand. */
  stopNow(): void {
    void this.stop();
    // Behind the question to drain: she hurries with nothing that she has not begun.
    this.#porter.desk.doors.tell(QUEEN, toQueen({ type: "hurry" }), "data");
  }

  async #stop(exitCode: number): Promise<void> {
    const { shutdown } = this.#options.config;
    const longestMs = shutdown.finishMs + shutdown.stopWorkersMs + 20_000;
    try {
      await patiently(() => this.#porter.desk.doors.ask(QUEEN, toQueen({ type: "drain" }), longestMs));
    } catch (thrown) {
      this.#options.log(`the queen did not stop in order (${errorData(thrown).message}); everything is ended`);
    }
    await this.#end(GRACE_MS, exitCode);
  }

  async #end(graceMs: number, exitCode: number): Promise<void> {
    await this.#server?.close(graceMs);
    await this.#porter.close();
    this.#lock.release();
    this.#ended.resolve({ exitCode });
  }

  /** A thread cannot be kept running: whatever it accepted stands in its journal, and the node ends. */
  #giveUp(error: ErrorData): void {
    this.#fatal.reject(new RbeeError(error.code, error.message, error.details));
    // Before it serves, whoever starts it tells the failure.
    if (this.#server === undefined) return;
    this.#options.log(`${error.code}: ${error.message}. ${ERRORS[error.code].advice}`);
    this.#stopping ??= this.#end(0, ERRORS[error.code].exitCode);
  }
}
