/**
 * The doors of a node that has the queen: hers and her hive's, with all that is answered there.
 *
 * Owns: which routes there are and who answers them, with what certificate and to whom they open. Does not own: what a
 * route says (src/doors), the machines that come in by them (cluster/machines.ts), when they open (node.ts).
 *
 * @module
 */
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
import { openaiRoutes } from "../doors/openai/routes.ts";
import { documented } from "../doors/openapi.ts";
import { rbeeRoutes } from "../doors/rbee.ts";
import { standingRoutes } from "../doors/standing.ts";
import type { TcpPlace } from "../net/listen.ts";
import { ownHosts, ownNames } from "../net/own-names.ts";
import { createServer, type Refused, type RunningServer } from "../net/serve.ts";
import { ERRORS, errorData } from "../protocol/errors.ts";
import { isLoopback } from "../protocol/loopback.ts";
import type { Route } from "../protocol/route.ts";
import type { Listen } from "../runtime/config/load.ts";
import { Authority } from "./cluster/authority.ts";
import { Cluster } from "./cluster/cluster.ts";
import { LINK_PATH } from "./cluster/link-address.ts";
import type { ClusterParts, Machines } from "./cluster/machines.ts";
import { STARTER } from "./machine/machine.ts";
import { copiesSeat } from "./models/copies-seat.ts";
import { modelsSeat } from "./models/models-seat.ts";
import type { NodeOptions } from "./node-contract.ts";
import type { Porter } from "./porter/porter.ts";
import { socketPathOf } from "./real/home-folder.ts";
import { descriptorsMax } from "./real/kernel.ts";
import { connectionsMax, HIVE_CONNECTIONS_MAX } from "./seats/connections.ts";
import { hiveSeat } from "./seats/hive-door.ts";
import { KeyRing } from "./seats/keys.ts";
import { machineNamed, machinesSeat } from "./seats/machines-seat.ts";
import { nodeSeat } from "./seats/seat.ts";
import type { Team } from "./team/team.ts";
import type { NewsDesk } from "./watching/news.ts";
import type { Watching } from "./watching/watching.ts";

const placeOf = ({ host, port, asked }: Listen): TcpPlace => ({ host, port, orNext: !asked });

export interface DoorsFacts {
  readonly options: NodeOptions;
  readonly porter: Porter;
  readonly team: Team;
  readonly machines: Machines;
  readonly news: NewsDesk;
  /** Somebody asked at the hive's door that the node ends. */
  readonly stop: () => void;
}

export class NodeDoors {
  readonly #facts: DoorsFacts;
  #server: RunningServer | undefined;
  #hiveServer: RunningServer | undefined;
  /** What is asked of the node as a whole, with the doors open or not. */
  readonly seat: ReturnType<typeof nodeSeat>;

  constructor(facts: DoorsFacts) {
    this.#facts = facts;
    const { porter, machines, options } = facts;
    this.seat = nodeSeat(porter, {
      name: options.config.name,
      url: () => this.url,
      hiveUrl: () => this.hiveUrl,
      defaultModel: options.config.model.default ?? STARTER,
      startedMs: performance.now(),
      factsOf: (machine) => machines.factsOf(machine),
      ask: machines.ask,
    });
  }

  /** "" while it is shut. */
  get url(): string {
    return this.#server?.url ?? "";
  }

  get hiveUrl(): string {
    return this.#hiveServer?.url ?? "";
  }

  get isOpen(): boolean {
    return this.#server !== undefined;
  }

  localConnections(): number {
    return this.#server?.localConnections() ?? 0;
  }

  async open({ metrics }: Watching): Promise<void> {
    const { options, porter, machines, news, stop } = this.#facts;
    const { config, paths } = options;
    const keys = new KeyRing(porter.desk.doors, news.tell);
    await keys.refresh();
    const parts = await this.#openCluster();
    const { authority, cluster } = parts;
    const routes = this.#routes(keys, cluster, metrics);
    const hive = hiveSeat(porter, { name: config.name, statusNow: () => this.seat.statusNow(), shutdown: stop });
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
      upgrades: [
        {
          path: LINK_PATH,
          roles: ["hive"],
          take: (...taken) => void machines.take(parts, ...taken),
          leave: () => machines.close(),
        },
      ],
      listen: [placeOf(config.listen), { socketPath: socketPathOf(paths.home) }],
      routes: documented(routes),
      hosts: [config.name, ...ownNames(config.listen.host)],
      connectionsMax: connectionsMax(config.limits.connections, descriptorsMax()),
    });
  }

  /** Nothing new is taken. */
  closing(): void {
    this.#server?.closing();
    this.#hiveServer?.closing();
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all([this.#server?.close(graceMs), this.#hiveServer?.close(graceMs)]);
  }

  #routes(keys: KeyRing, cluster: Cluster, metrics: Watching["metrics"]): readonly Route[] {
    const { options, porter, machines } = this.#facts;
    const { seat } = this;
    const { asModel, routes } = this.#facts.team.open(seat, porter.desk.doors);
    const { name } = options.config;
    const models = this.#models();
    return [
      ...rbeeRoutes(asModel),
      ...standingRoutes(seat),
      ...routes,
      ...hivesRoutes(seat),
      ...keyRoutes(keys),
      ...clusterRoutes(cluster),
      ...machineRoutes(machinesSeat({ name, status: () => seat.status(), cluster, ask: machines.ask })),
      ...openaiRoutes(asModel, Date.now),
      ...anthropicRoutes(asModel),
      ...ollamaRoutes(asModel, models, Date.now),
      ...modelRoutes(models),
      ...copyRoutes(this.#copies()),
      metricsRoute(metrics),
    ];
  }

  /** Where others reach the door, it opens with a certificate or not at all. */
  async #openCluster(): Promise<ClusterParts> {
    const { options, porter, machines, news } = this.#facts;
    const { config, paths, log } = options;
    const { listen, name } = config;
    const hosts = (): readonly string[] => [...new Set([...ownHosts(listen.host), name])];
    const authority = new Authority({ home: paths.home, name, hosts, now: Date.now, log });
    if (!isLoopback(listen.host)) await authority.identity();
    const cluster = new Cluster({
      doors: porter.desk.doors,
      authority,
      hosts,
      port: () => this.#server?.port ?? 0,
      tell: news.tell,
      removed: (machine) => machines.remove(machine),
    });
    await cluster.refresh();
    return { authority, cluster };
  }

  #models(): ReturnType<typeof modelsSeat> {
    const { options, porter, machines } = this.#facts;
    const { name, endpoints } = options.config;
    return modelsSeat(porter, {
      endpoints,
      named: (node) => machineNamed({ name, status: () => this.seat.status() }, node),
      machine: name,
      linked: () => machines.linked,
      ask: machines.ask,
    });
  }

  #copies(): CopiesSeat {
    const { options, porter, machines } = this.#facts;
    return copiesSeat({
      catalog: porter.models.catalog,
      name: options.config.name,
      linked: () => machines.linked,
      ask: machines.ask,
      openAfar: (asked, signal) => machines.openFile(asked, signal),
    });
  }

  /** Somebody was turned away because this door could not show who it is. */
  #unshown(thrown: unknown): void {
    const { code, message } = errorData(thrown);
    this.#facts.options.log(`${code}: the door could not show its certificate: ${message}. ${ERRORS[code].advice}`);
  }

  /** Whose request it was is not known here, so what is said of it is private. */
  #refused({ error: { code, message }, ...refused }: Refused): void {
    const { httpStatus: status } = ERRORS[code];
    const told = { text: message, label: "private" } as const;
    this.#facts.news.tell({ event: "request.refused", code, told, status, ...refused });
  }
}
