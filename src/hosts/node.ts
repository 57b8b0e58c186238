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
import { anthropicRoutes } from "../doors/anthropic/routes.ts";
import { clusterRoutes } from "../doors/cluster.ts";
import { copyRoutes, type CopiesSeat } from "../doors/copies.ts";
import { hiveRoutes } from "../doors/hive.ts";
import { hivesRoutes } from "../doors/hives.ts";
import { keyRoutes } from "../doors/keys.ts";
import { machineRoutes } from "../doors/machines.ts";
import { metricsRoute } from "../doors/metrics.ts";
import { modelRoutes } from "../doors/models.ts";
import { ollamaRoutes } from "../doors/ollama/routes.ts";
import { documented } from "../doors/openapi.ts";
import { openaiRoutes } from "../doors/openai/routes.ts";
import { rbeeRoutes } from "../doors/rbee.ts";
import { standingRoutes } from "../doors/standing.ts";
import { clusterOf } from "../net/authority/identity.ts";
import { sayTerm, type Term } from "../net/authority/term.ts";
import { acceptUpgrade, socketOver } from "../net/link/over-ws.ts";
import type { Upgrade } from "../net/upgrades.ts";
import { ownHosts, ownNames } from "../net/own-names.ts";
import type { TcpPlace } from "../net/listen.ts";
import { createServer, type Refused, type RunningServer } from "../net/serve.ts";
import { isLoopback } from "../protocol/loopback.ts";
import { type ErrorData, ERRORS, errorData, RbeeError } from "../protocol/errors.ts";
import type { Listen } from "../runtime/config/load.ts";
import { event } from "../runtime/reading.ts";
import type { NodeOptions, ReadyLine, RunningNode } from "./node-contract.ts";
import { NewsDesk } from "./watching/news.ts";
import { detect, Devices, likelyKinds } from "./machine/devices.ts";
import { hiveSeat } from "./seats/hive-door.ts";
import { KeyRing } from "./seats/keys.ts";
import { Authority } from "./cluster/authority.ts";
import { Cluster } from "./cluster/cluster.ts";
import { LINK_PATH } from "./cluster/link-address.ts";
import { LinkWords } from "./cluster/link-words.ts";
import { Links } from "./cluster/links.ts";
import { superseded, Terms } from "./cluster/terms.ts";
import { answersOf } from "./cluster/answers.ts";
import { answeredHere, away } from "./cluster/questions.ts";
import { type AskMachine, machinesSeat } from "./seats/machines-seat.ts";
import { beginInHome } from "./begun-home.ts";
import { Porter } from "./porter/porter.ts";
import { QUEEN } from "./porter/residents.ts";
import { connectionsMax, HIVE_CONNECTIONS_MAX } from "./seats/connections.ts";
import { childEnvironment } from "./real/child-environment.ts";
import { runDirOf, socketPathOf } from "./real/home-folder.ts";
import { STARTER } from "./machine/machine.ts";
import { copiesSeat } from "./models/copies-seat.ts";
import { type Having, type ModelsFacts, modelsSeat } from "./models/models-seat.ts";
import type { HomeLock } from "./real/home-lock.ts";
import { descriptorsMax } from "./real/kernel.ts";
import { realProcesses } from "./real/processes.ts";
import type { Swept } from "./real/sweep.ts";
import { patiently } from "./porter/patience.ts";
import { queenAtWork } from "./queen-at-work.ts";
import { nodeSeat } from "./seats/seat.ts";
import { Team } from "./team/team.ts";
import { watch, type Watching } from "./watching/watching.ts";

const toQueen = event<QueenEvent>();

const GRACE_MS = 1000;
/** Nobody waits longer for another machine's list of models. */
const LISTED_MS = 2000;

/** Throws `home.held` when another node holds the home, `port.taken` when a port that was asked for is not free. */
export const startNode = (options: NodeOptions): Promise<RunningNode> =>
  beginInHome(options, (lock, swept) => new Node(options, lock).start(swept));

/** No model is loaded before somebody asks for one. */
const isCold = ({ cold = false, config }: NodeOptions): boolean => cold || config.model.preload === "none";

const placeOf = ({ host, port, asked }: Listen): TcpPlace => ({ host, port, orNext: !asked });

/**
 * From here on the nursery of this thread stays as large as a start has made it. Left alone it grows until ten thousand
 * open streams hold half as much garbage again as they need.
 */
const keepYoungGeneration = (): void => setFlagsFromString("--semi-space-growth-factor=1");

interface ClusterParts {
  readonly authority: Authority;
  readonly cluster: Cluster;
}

class Node {
  readonly #options: NodeOptions;
  readonly #lock: HomeLock;
  readonly #porter: Porter;
  readonly #team: Team;
  readonly #news = new NewsDesk();
  #watching: Watching | undefined;
  #server: RunningServer | undefined;
  #hiveServer: RunningServer | undefined;
  #links: Links | undefined;
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
    this.#team = new Team(config, paths, this.#news.tell);
    this.#porter = new Porter({
      team: this.#team,
      config,
      neighbours: { socketPath: socketPathOf(paths.home) },
      paths,
      processes: realProcesses({ home: paths.home, runDir: runDirOf(paths.home), env }),
      devices,
      room: room ?? (() => devices.list),
      log,
      news: this.#news.tell,
      hopeless: (error) => this.#giveUp(error),
    });
    // Without anybody who waits for it, it is said in the log.
    this.#fatal.promise.catch(() => {});
  }

  async start({ found, killed }: Swept): Promise<RunningNode> {
    const { config, paths } = this.#options;
    const { worker, memory } = config;
    const socketPath = socketPathOf(paths.home);
    const seat = nodeSeat(this.#porter, {
      name: config.name,
      url: () => this.#server?.url ?? "",
      hiveUrl: () => this.#hiveServer?.url ?? "",
      defaultModel: config.model.default ?? STARTER,
      startedMs: performance.now(),
      factsOf: (machine) => this.#links?.factsOf(machine),
      ask: this.#ask,
    });
    if (found.length > 0) this.#news.tell({ event: "orphans.swept", found: found.length, killed });
    const watching = watch(this.#news, this.#porter, this.#options);
    try {
      // A thread that cannot start fails the node's start with its reason, instead of a deadline.
      const queen = await Promise.race([queenAtWork(seat), this.#fatal.promise]);
      this.#term = { epoch: queen.epoch, startedMs: Math.floor(performance.timeOrigin) };
      // What models may run on is known before somebody asks for one.
      await this.#porter.devices.refresh();
      this.#watching = await watching;
      this.#porter.desk.doors.tell(QUEEN, toQueen({ type: "clients.gone" }));
      await this.#openDoors(seat, this.#models({ ...worker, headroomBytes: memory.headroomBytes }), this.#watching);
      if (!isCold(this.#options)) this.#porter.desk.doors.tell(QUEEN, toQueen({ type: "warm", model: undefined }));
      const ready: ReadyLine = {
        ready: true,
        url: this.#server?.url ?? "",
        name: config.name,
        roles: ["queen", "hive"],
        pid: process.pid,
        epoch: queen.epoch,
        hive: this.#hiveServer?.url ?? "",
      };
      keepYoungGeneration();
      this.#lock.announce({ socketPath, url: ready.url });
      this.#news.tell({ event: "node.started", name: ready.name, url: ready.url, epoch: ready.epoch });
      return {
        ready,
        socketPath,
        stop: (exitCode) => this.stop(exitCode),
        stopNow: () => this.stopNow(),
        reopenLog: () => this.#watching?.reopenLog(),
        ended: this.#ended.promise,
        attachedClients: () => this.#server?.localConnections() ?? 0,
      };
    } catch (error) {
      await this.#hiveServer?.close(0);
      await this.#porter.close();
      await (await watching).close();
      throw error;
    }
  }

  async #openDoors(
    seat: ReturnType<typeof nodeSeat>,
    models: ReturnType<typeof modelsSeat>,
    { metrics }: Watching,
  ): Promise<void> {
    const { config, paths } = this.#options;
    const keys = new KeyRing(this.#porter.desk.doors);
    await keys.refresh();
    const parts = await this.#openCluster();
    const { authority, cluster } = parts;
    const team = this.#team.open(seat, this.#porter.desk.doors);
    const routes = [
      ...rbeeRoutes(team.asModel),
      ...standingRoutes(seat),
      ...team.routes,
      ...hivesRoutes(seat),
      ...keyRoutes(keys),
      ...clusterRoutes(cluster),
      ...machineRoutes(machinesSeat({ name: config.name, status: () => seat.status(), cluster, ask: this.#ask })),
      ...openaiRoutes(team.asModel, Date.now),
      ...anthropicRoutes(team.asModel),
      ...ollamaRoutes(team.asModel, models, Date.now),
      ...modelRoutes(models),
      ...copyRoutes(this.#copies()),
      metricsRoute(metrics),
    ];
    const hive = hiveSeat(this.#porter, {
      name: config.name,
      statusNow: () => seat.statusNow(),
      shutdown: () => void this.stop(),
    });
    const shared = {
      keys,
      admits: cluster.admits,
      tls: { identity: () => authority.identity(), failed: (thrown: unknown) => this.#unshown(thrown) },
      refused: (refused: Refused): void => this.#refused(refused),
      origins: config.cors.origins,
      bodyBytesMax: config.limits.bodyBytes,
    };
    this.#hiveServer = await createServer({
      ...shared,
      listen: [placeOf(config.hive.listen)],
      routes: documented(hiveRoutes(hive, routes)),
      hosts: [],
      connectionsMax: HIVE_CONNECTIONS_MAX,
    });
    this.#server = await createServer({
      ...shared,
      upgrades: [{ path: LINK_PATH, roles: ["hive"], take: (...taken) => void this.#linkUp(parts, ...taken) }],
      listen: [placeOf(config.listen), { socketPath: socketPathOf(paths.home) }],
      routes: documented(routes),
      hosts: [config.name, ...ownNames(config.listen.host)],
      connectionsMax: connectionsMax(config.limits.connections, descriptorsMax()),
    });
  }

  /** Where others reach the door, it opens with a certificate or not at all. */
  async #openCluster(): Promise<ClusterParts> {
    const { config, paths, log } = this.#options;
    const { listen, name } = config;
    const hosts = (): readonly string[] => [...new Set([...ownHosts(listen.host), name])];
    const authority = new Authority({ home: paths.home, name, hosts, now: Date.now, log });
    if (!isLoopback(listen.host)) await authority.identity();
    const cluster = new Cluster({
      doors: this.#porter.desk.doors,
      authority,
      hosts,
      port: () => this.#server?.port ?? 0,
      certified: (machine, fingerprint) => this.#news.tell({ event: "machine.certified", name: machine, fingerprint }),
      removed: (machine) => this.#links?.remove(machine),
    });
    await cluster.refresh();
    return { authority, cluster };
  }

  /** A machine of this cluster has come. The first one finds the links made. */
  async #linkUp(
    { authority, cluster }: ClusterParts,
    ...[request, socket, head, peer]: Parameters<Upgrade["take"]>
  ): Promise<void> {
    this.#links ??= await this.#openLinks(authority);
    const links = this.#links;
    const removed: ErrorData = { code: "machine.removed", message: `${peer.name} was removed from the cluster` };
    acceptUpgrade(request, socket, head, (ws) => {
      if (cluster.admits(peer)) links.accept(socketOver(ws), peer.name);
      else links.turnAway(socketOver(ws), removed);
    });
  }

  #models(settings: ModelsFacts["settings"]): ReturnType<typeof modelsSeat> {
    const { name: own, endpoints } = this.#options.config;
    const has = async (machine: string): Promise<readonly Having[]> => {
      // One that does not say in time is not in the list.
      const told = await this.#ask(machine, { type: "models" }, LISTED_MS).catch(() => undefined);
      return told === undefined ? [] : [{ machine, models: told.models }];
    };
    const elsewhere = async (): Promise<readonly Having[]> =>
      (await Promise.all((this.#links?.linked ?? []).map(has))).flat();
    return modelsSeat(this.#porter, { settings, endpoints, machine: own, elsewhere });
  }

  #copies(): CopiesSeat {
    return copiesSeat({
      catalog: this.#porter.models.catalog,
      name: this.#options.config.name,
      linked: () => this.#links?.linked ?? [],
      ask: this.#ask,
      openAfar: async (asked, signal) => {
        if (this.#links === undefined) throw away(asked.machine);
        return this.#links.openFile(asked, signal);
      },
    });
  }

  /** A machine of the cluster, of itself. */
  readonly #ask: AskMachine = async (machine, asked, ms) => {
    const { config, paths } = this.#options;
    const own = { logs: paths.logs, headroomBytes: config.memory.headroomBytes };
    if (machine === config.name) return answeredHere(asked, answersOf(this.#porter, own));
    if (this.#links === undefined) throw away(machine);
    return this.#links.ask(machine, asked, ms);
  };

  async #openLinks(authority: Authority): Promise<Links> {
    const [{ certificate }, door] = await Promise.all([authority.authority(), authority.identity()]);
    // Two that come at once find one.
    if (this.#links !== undefined) return this.#links;
    const links = new Links({
      porter: this.#porter,
      name: this.#options.config.name,
      instance: this.#lock.instance,
      clusterId: clusterOf(certificate),
      role: "queen",
      terms: new Terms({
        authority: certificate,
        queen: this.#options.config.name,
        said: sayTerm(door, this.#term),
        later: (_, term) => this.#giveUp(superseded(this.#term, term)),
      }),
      words: new LinkWords(this.#options.log),
    });
    this.#porter.link(links);
    return links;
  }

  /** Somebody was turned away because this door could not show who it is. */
  #unshown(thrown: unknown): void {
    const { code, message } = errorData(thrown);
    this.#options.log(`${code}: the door could not show its certificate: ${message}. ${ERRORS[code].advice}`);
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
    this.#server?.closing();
    this.#hiveServer?.closing();
    const longestMs = shutdown.finishMs + shutdown.stopWorkersMs + 20_000;
    try {
      await patiently(() => this.#porter.desk.doors.ask(QUEEN, toQueen({ type: "drain" }), longestMs));
    } catch (thrown) {
      this.#options.log(`the queen did not stop in order (${errorData(thrown).message}); everything is ended`);
    }
    await this.#end(GRACE_MS, exitCode);
  }

  async #end(graceMs: number, exitCode: number | undefined): Promise<void> {
    await Promise.all([this.#server?.close(graceMs), this.#hiveServer?.close(graceMs)]);
    this.#links?.close();
    await this.#porter.close();
    this.#news.tell({ event: "node.stopped", exitCode });
    await this.#watching?.close();
    this.#lock.release();
    this.#ended.resolve({ exitCode: exitCode ?? 0 });
  }

  /** Whose request it was is not known here, so what is said of it is private. */
  #refused({ error: { code, message }, method, route, caller }: Refused): void {
    const { httpStatus: status } = ERRORS[code];
    const told = { text: message, label: "private" } as const;
    this.#news.tell({ event: "request.refused", code, told, method, route, status, caller });
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
