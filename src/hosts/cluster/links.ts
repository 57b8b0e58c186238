/**
 * A porter's links: which hosts are on which machine, and what is carried between them.
 *
 * Owns: telling hosts of each other over links, what a peer may say, the talk of porters. Does not own: connections
 * (src/net/link), which machine is given up (machines/member.ts), what anything means.
 *
 *  LN1 A host of another machine is known from the moment its machine says so until the link to that machine ends.
 *  LN2 What a peer may not say by its certificate ends its link (permitted.ts).
 *  LN3 The queen hears of a hive once it can be asked, and again in each life of either; a hive hears that the link to
 *      its queen is gone, also when it begins while there is none.
 *  LN5 What a machine has to offer is told when its link stands and from time to time; a queen who begins again is
 *      told what each said last.
 *  LN4 Where readers stand is told before a host that may go on is.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { HiveEvent } from "../../../machines/hive.ts";
import type { QueenEvent } from "../../../machines/queen.ts";
import { type Address, hostOf } from "../../../machines/words.ts";
import { helloOf } from "../../net/link/hello.ts";
import { Keeper } from "../../net/link/keeper.ts";
import type { Link } from "../../net/link/link.ts";
import { realLinkClock } from "../../net/link/over-ws.ts";
import type { LinkSocket } from "../../net/link/socket.ts";
import { ChunkRelay } from "../../net/relay.ts";
import type { LoadingNews } from "../../net/streams.ts";
import { type ErrorData, errorData, RbeeError } from "../../protocol/errors.ts";
import type { Chunk } from "../../protocol/worker.ts";
import type { Frame } from "../../runtime/envelope.ts";
import { event } from "../../runtime/reading.ts";
import { type Afar, hiveOf, type Porter, QUEEN } from "../porter.ts";
import { type Told, tellingOf } from "../machine/telling.ts";
import { mayBear, maySay } from "./permitted.ts";
import { type MachineFacts, readTalk, type Talk } from "./talk.ts";
import { Whereabouts } from "./whereabouts.ts";

const toQueen = event<QueenEvent>();
const toHive = event<HiveEvent>();
const FACTS_MS = 10_000;
/** Where a queen's door is upgraded to a link. */
export const LINK_PATH = "/v1/cluster/link";

export interface LinksOptions {
  readonly porter: Porter;
  /** Of this machine. */
  readonly name: string;
  readonly clusterId: string;
  readonly role: "queen" | "hive";
  /** Of a hive's machine: what it tells of itself, and the way to its queen. */
  readonly facts?: () => MachineFacts;
  readonly dial?: (address: string) => LinkSocket;
  /** Each time a link stands. */
  readonly linked?: (machine: string) => void;
  /** Takes a line for people. */
  readonly log: (line: string) => void;
}

interface Machine {
  readonly name: string;
  readonly link: Link;
  facts: MachineFacts | undefined;
  /** What it last said that it has. */
  told: Told | undefined;
}

const NOTHING_TOLD: Told = { devices: [], models: [] };

const noWay = (address: string): never => {
  throw new RbeeError("defect", `nobody dials ${address} from here`);
};

/** Behind the mail that was sent before it, to a machine that is there. */
const say = (machine: Machine | undefined, message: Talk): void => machine?.link.note("data", message);

export class Links implements Afar {
  readonly #options: LinksOptions;
  readonly #keeper: Keeper;
  readonly #machines = new Map<string, Machine>();
  /** Hosts of other machines. */
  readonly #where = new Whereabouts();
  /** Hosts of this machine that others hear of. */
  readonly #ours = new Map<string, number>();
  readonly #relay: ChunkRelay;
  readonly #ticker: NodeJS.Timeout;
  /** The last link of each machine, as the queen was told of it. */
  readonly #numbers = new Map<string, number>();
  /** The models that were told over the link that stands. */
  #modelsTold = "";

  constructor(options: LinksOptions) {
    this.#options = options;
    const { porter, name, clusterId, role, dial = noWay } = options;
    this.#relay = new ChunkRelay({
      send: (worker, chunk) => say(this.#queens, { kind: "chunk", worker, chunk }),
      credit: (worker, job, attempt, chunks) => porter.credit(worker, job, attempt, chunks),
    });
    const self = helloOf({
      cluster: clusterId,
      node: name,
      life: Math.floor(performance.timeOrigin),
      instance: randomBytes(8).toString("hex"),
      roles: [role],
    });
    this.#keeper = new Keeper({ self, clock: realLinkClock, chance: Math.random, dial, events: this.#events() });
    this.#ticker = setInterval(() => this.#tellFacts(), FACTS_MS);
    this.#ticker.unref();
  }

  /** The queen's machine is dialled until this ends. */
  want(machine: string, address: string): void {
    this.#keeper.want(machine, address);
  }

  /** A machine has come, with a certificate of this name. */
  accept(socket: LinkSocket, machine: string): void {
    this.#keeper.accept(socket, { node: machine, roles: ["hive"] });
  }

  factsOf(machine: string): MachineFacts | undefined {
    return this.#machines.get(machine)?.facts;
  }

  close(): void {
    clearInterval(this.#ticker);
    this.#keeper.close();
  }

  send(from: string, to: string, toLife: number, frames: readonly Frame[]): void {
    const going = this.#where.outgoing(to, toLife, frames);
    if (going === undefined) return;
    this.#machines.get(going.machine)?.link.send({ from, to, toLife: going.toLife, frames: going.frames });
  }

  chunk(worker: string, chunk: Chunk): void {
    this.#relay.chunk(worker, chunk);
  }

  loading(news: LoadingNews): void {
    say(this.#queens, { kind: "loading", ...news });
  }

  credit(worker: string, job: string, attempt: number, chunks: number): void {
    say(this.#machines.get(this.#where.machineOf(worker) ?? ""), { kind: "credit", worker, job, attempt, chunks });
  }

  /** LN3. */
  hostUp(host: string, life: number): void {
    if (!this.#isTold(host)) return;
    this.#ours.set(host, life);
    for (const { link } of this.#machines.values()) link.hostUp(host, life);
    if (host === hostOf(QUEEN)) {
      for (const name of this.#machines.keys()) this.#tellLinked(name);
      for (const { name, told } of this.#machines.values()) if (told !== undefined) this.#tellQueen(hiveOf(name), told);
      void this.#tellTold();
    }
    if (host === hostOf(this.#options.porter.hive) && this.#queens === undefined) this.#tellUnlinked();
  }

  hostDown(host: string): void {
    if (!this.#ours.delete(host)) return;
    this.#relay.forget(host);
    for (const { link } of this.#machines.values()) link.hostDown(host);
  }

  /** On a hive's machine: the queen's, while there is a link. */
  get #queens(): Machine | undefined {
    return this.#options.role === "hive" ? this.#machines.values().next().value : undefined;
  }

  /** The queen's own hive and workers are nobody else's business. */
  #isTold(host: string): boolean {
    return this.#options.role === "hive" || host === hostOf(QUEEN);
  }

  #events(): ConstructorParameters<typeof Keeper>[0]["events"] {
    const { porter } = this.#options;
    return {
      onUp: (peer, link) => this.#up(peer.node, link),
      onDown: (name, reason) => this.#down(name, reason),
      onFailed: (name, reason) => this.#options.log(`the link to ${name}: ${reason.code}: ${reason.message}`),
      onHostUp: (name, host, life) => this.#hostUp(name, host, life),
      onHostDown: (name, host) => {
        if (this.#where.go(host, name)) porter.remoteDown(host);
      },
      onFrames: (name, from, to, frames) => this.#frames(name, from, to, frames),
      onNote: (name, note) => this.#hearNote(name, note),
    };
  }

  #up(name: string, link: Link): void {
    const { porter, log, linked } = this.#options;
    const machine: Machine = { name, link, facts: undefined, told: undefined };
    this.#modelsTold = "";
    this.#machines.set(name, machine);
    log(`linked with ${name}`);
    linked?.(name);
    if (this.#options.role === "queen") {
      // LN4.
      const standings = porter.streams.resuming((worker) => !porter.has(worker));
      say(machine, { kind: "resume", standings: [...standings] });
    }
    for (const [host, life] of this.#ours) link.hostUp(host, life);
    this.#tellFacts();
  }

  #down(name: string, reason: ErrorData): void {
    this.#machines.delete(name);
    this.#options.log(`the link to ${name} is gone: ${reason.code}: ${reason.message}`);
    if (this.#options.role === "hive") {
      this.#relay.unlinked();
      return this.#tellUnlinked();
    }
    const made = toQueen({
      type: "hive.unlinked",
      hive: hiveOf(name),
      link: this.#numbers.get(name) ?? 0,
      message: reason.message,
      isGoodbye: reason.code === "link.closed",
    });
    this.#options.porter.desk.doors.tell(QUEEN, made);
  }

  /** LN1, LN2. */
  #hostUp(name: string, host: string, life: number): void {
    const { porter, role } = this.#options;
    const isOthers = (this.#where.machineOf(host) ?? name) !== name;
    const may = role === "hive" ? host === hostOf(QUEEN) : mayBear(name, host) && !porter.has(host);
    if (isOthers || !may) return this.#refuse(name, `it has no host ${host}`);
    porter.remoteUp(host, this.#where.come(host, name, life));
    if (host === hostOf(hiveOf(name))) this.#tellLinked(name);
  }

  #frames(name: string, from: string, to: string, frames: readonly Frame[]): void {
    const { porter, role } = this.#options;
    const isFine = role === "hive" || frames.every((frame) => maySay(name, from, frame));
    if (!isFine) return this.#refuse(name, `${from} says what is not its to say`);
    porter.deliver(from, to, frames);
  }

  #refuse(name: string, why: string): void {
    this.#machines.get(name)?.link.close({ code: "link.role", message: `${name}: ${why}` });
  }

  #hearNote(name: string, note: unknown): void {
    try {
      this.#hear(name, readTalk(note));
    } catch (thrown) {
      this.#machines.get(name)?.link.close(errorData(thrown));
    }
  }

  #hear(name: string, message: Talk): void {
    const { porter, role } = this.#options;
    switch (message.kind) {
      case "chunk":
        if (this.#where.machineOf(message.worker) === name) porter.streams.chunk(message.chunk);
        return;
      case "loading":
        if (role === "queen") porter.streams.loading(message);
        return;
      case "facts": {
        const machine = this.#machines.get(name);
        if (machine !== undefined) machine.facts = message.facts;
        return;
      }
      case "advice": {
        const machine = this.#machines.get(name);
        if (machine === undefined || role !== "queen") return;
        machine.told = { ...NOTHING_TOLD, ...machine.told, ...message };
        return this.#tellQueen(hiveOf(name), message);
      }
      case "credit":
        if (role === "hive") this.#relay.credit(message.worker, message.job, message.attempt, message.chunks);
        return;
      case "resume":
        if (role === "hive") this.#relay.resume(message.standings);
    }
  }

  #tellFacts(): void {
    const { facts } = this.#options;
    if (facts !== undefined) say(this.#queens, { kind: "facts", facts: facts() });
    void this.#tellTold();
  }

  /** LN5. Its models are many words, and seldom others. */
  async #tellTold(): Promise<void> {
    const { room, headroomBytes, models: own, hive } = this.#options.porter;
    const { devices, models } = await tellingOf({ room, headroomBytes, catalog: own.catalog });
    if (this.#options.role === "queen") return this.#tellQueen(hive, { devices, models });
    const names = JSON.stringify(models);
    const queens = this.#queens;
    if (queens === undefined) return;
    say(queens, {
      kind: "advice",
      devices: [...devices],
      ...(names === this.#modelsTold ? {} : { models: [...models] }),
    });
    this.#modelsTold = names;
  }

  #tellQueen(hive: Address, { devices, models }: Pick<Told, "devices"> & Partial<Told>): void {
    const made = toQueen({ type: "hive.told", hive, devices, ...(models === undefined ? {} : { models }) });
    this.#options.porter.desk.doors.tell(QUEEN, made, "data");
  }

  #tellLinked(name: string): void {
    if (this.#where.machineOf(hostOf(hiveOf(name))) !== name) return;
    const number = (this.#numbers.get(name) ?? 0) + 1;
    this.#numbers.set(name, number);
    const made = toQueen({ type: "hive.linked", hive: hiveOf(name), name, link: number });
    this.#options.porter.desk.doors.tell(QUEEN, made);
  }

  #tellUnlinked(): void {
    const { porter } = this.#options;
    porter.desk.doors.tell(porter.hive, toHive({ type: "unlinked" }));
  }
}
