/**
 * The process of one worker: a volatile host with the worker's cell and its engine, its own door, and whoever it talks
 * to.
 *
 * Owns: putting the process together. Does not own: its end (the hive asks for it, the lifeline forces it), who it
 * talks to (worker.ts gives the channel, or none when the worker runs alone).
 *
 *  P1 Its door binds loopback. Under a hive every endpoint but loading progress needs a token that nobody has: the
 *     queen's slots and labels cannot be bypassed.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { address } from "../../../machines/words.ts";
import type { WorkerContext } from "../../../machines/worker.ts";
import { workerBehaviour } from "../../actors/worker/behaviour.ts";
import type { FromWorker, ToWorker } from "../../actors/worker/channel.ts";
import { createEnginePort, type EnginePort } from "../../actors/worker/engine-port.ts";
import { workerTables } from "../../actors/worker/tables.ts";
import { documented } from "../../doors/openapi.ts";
import { workerRoutes, type WorkerSeat } from "../../doors/worker.ts";
import { oneKey } from "../../net/guard.ts";
import { createServer, type RunningServer } from "../../net/serve.ts";
import { errorData } from "../../protocol/errors.ts";
import type { Condition } from "../../protocol/worker.ts";
import type { LoadingLine } from "../../protocol/worker-api.ts";
import type { Frame } from "../../runtime/envelope.ts";
import { Host } from "../../runtime/host.ts";
import { realClock } from "../../runtime/real/clock.ts";
import { createDriver } from "../../runtime/real/driver.ts";
import { engineOf } from "./engine.ts";
import { DirectRuns, DOOR_HOST, Loading } from "./seat.ts";
import type { WorkerStart } from "./start.ts";

const BODY_BYTES_MAX = 8 * 2 ** 20;

export interface WorkerProcess {
  readonly port: number;
  /** Settles when the model is loaded, or with why it could not be. */
  readonly ready: () => Promise<void>;
  hear(message: ToWorker): void;
  /** The worker's cell has come to its end, or broke. */
  readonly over: Promise<void>;
  close(): Promise<void>;
}

/** @param say takes what goes to the porter; undefined when the worker runs alone. */
export async function startWorker(
  start: WorkerStart,
  say: ((message: FromWorker) => void) | undefined,
): Promise<WorkerProcess> {
  const driver = createDriver();
  const loading = new Loading();
  const over = Promise.withResolvers<void>();
  const engine = createEnginePort(engineOf(start.program), start.engine, {
    chunk: (chunk) => void (direct.chunk(chunk) || say?.({ kind: "chunk", chunk })),
    progress: (fraction) => {
      loading.at(fraction, "loading");
      say?.({ kind: "progress", fraction });
    },
    ...settingsOf(start),
  });
  let port = 0;
  const cellAddress = address(start.worker, "worker", "main");
  const host = workerHost(start, {
    engine,
    port: () => port,
    send: (to, frames) => (to === DOOR_HOST ? direct.receive(frames) : say?.({ kind: "frames", to, frames })),
    wake: driver.wake,
    observe: () => noteState(),
  });
  const direct = new DirectRuns(host, cellAddress, engine);
  const cell = () => host.core.cells.get(cellAddress);
  const stateOf = (): LoadingLine["state"] => shownState(String(cell()?.snapshot?.value ?? "stopped"));
  const noteState = (): void => {
    loading.at(stateOf() === "loading" ? loading.line.fraction : 1, stateOf());
    if (stateOf() === "stopped") over.resolve();
  };
  const server = await openDoor(start, say === undefined, {
    readiness: () => readinessOf(start, stateOf(), cell()?.snapshot?.context),
    loading: (signal) => loading.follow(signal),
    execute: direct.execute,
    cancel: (job) => direct.cancel(job),
    shutdown: () => direct.stop(),
  });
  port = server.port ?? 0;
  host.open();
  host.root("worker", "main", {});
  driver.drive(host, (error) => {
    console.error(error);
    over.resolve();
  });
  return {
    port,
    hear(message) {
      switch (message.kind) {
        case "frames":
          return host.receive(message.from, message.frames);
        case "peer":
          return host.peerUp(message.host, message.life);
        case "credit":
          return engine.credit(message.job, message.attempt, message.chunks);
        case "examine":
          void examined(stateOf, engine).then((condition) => say?.({ kind: "examined", n: message.n, condition }));
      }
    },
    ready: () => direct.ready(start.loadTimeoutMs),
    over: over.promise,
    close: () => server.close(0),
  };
}

const settingsOf = ({ watch, temperature }: WorkerStart) => ({
  nowMs: realClock.monotonicMs,
  after: (delayMs: number, run: () => void) => void setTimeout(run, delayMs).unref(),
  watch,
  temperature,
});

/** Never rejects: what an engine is sick with is part of its condition. */
async function examined(stateOf: () => Condition["state"], engine: EnginePort): Promise<Condition> {
  let proof: Condition["proof"];
  let sickness: Condition["sickness"];
  if (stateOf() === "idle" || stateOf() === "busy") {
    try {
      const { by, atMs, probe } = await engine.examine();
      proof = { by, agoMs: realClock.monotonicMs() - atMs, probe };
    } catch (thrown) {
      const { code, message } = errorData(thrown);
      sickness = { code, message };
    }
  }
  return {
    state: stateOf(),
    sickness,
    proof,
    rssBytes: process.memoryUsage.rss(),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    uptimeMs: Math.round(process.uptime() * 1000),
  };
}

interface HostParts {
  readonly engine: EnginePort;
  readonly port: () => number;
  readonly send: (to: string, frames: readonly Frame[]) => void;
  readonly wake: () => void;
  readonly observe: () => void;
}

function workerHost(start: WorkerStart, { engine, port, send, wake, observe }: HostParts): Host {
  const { worker, idleTimeoutMs, loadTimeoutMs, drainTimeoutMs } = start;
  const behaviour = workerBehaviour({
    engine: address(worker, "port", "engine"),
    idleTimeoutMs,
    loadTimeoutMs,
    drainTimeoutMs,
    port,
  });
  return new Host({
    id: worker,
    behaviours: [behaviour],
    tables: workerTables,
    journal: undefined,
    clock: realClock,
    transport: { send },
    ports: { engine },
    wake,
    observe,
  });
}

const openDoor = (start: WorkerStart, alone: boolean, seat: WorkerSeat): Promise<RunningServer> =>
  createServer({
    listen: [{ host: "127.0.0.1", port: start.portsFrom, orNext: start.portOrNext }],
    routes: documented(workerRoutes(seat)),
    hosts: [],
    origins: [],
    keys: alone ? undefined : oneKey(randomBytes(32).toString("hex")),
    bodyBytesMax: BODY_BYTES_MAX,
  });

/** A worker that failed waits to be asked why: until then it is on its way out, and its process stays. */
export const shownState = (state: string): LoadingLine["state"] => {
  switch (state) {
    case "loading":
    case "idle":
    case "busy":
    case "stopping":
      return state;
    case "draining":
    case "failed":
      return "stopping";
    default:
      return "stopped";
  }
};

function readinessOf(start: WorkerStart, state: LoadingLine["state"], context: unknown) {
  // The context of the worker's machine, read for show only.
  const { facts, running = [] } = (context ?? {}) as Partial<WorkerContext>;
  return {
    state,
    model: start.model,
    backend: facts?.backend ?? "",
    slots: facts?.slots ?? 0,
    busySlots: running.length,
    contextTokens: facts?.contextTokens ?? 0,
  };
}
