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
 *  LN5 A hive's machine tells a queen of its hosts, so that one can be asked, once her term is the latest it knows of.
 *  LN4 Where readers stand is told before a host that may go on is.
 *  LN6 What a machine has to offer is told when its link stands and when it has changed (repeats.ts); a queen who
 *      begins again is told what each said last.
 *  LN7 Of a machine that is about to go its queen hears before it goes, and of each link of it anew.
 *  LN8 One that goes to sleep says goodbye, and stays away until it is wanted again: nothing waits for its return.
 *
 * @module
 */
import type { Readable } from "node:stream";
import { hostOf } from "../../../machines/words.ts";
import type { FileAsked } from "../../doors/copies.ts";
import { helloOf } from "../../net/link/hello.ts";
import { Keeper } from "../../net/link/keeper.ts";
import type { Link } from "../../net/link/link.ts";
import { realLinkClock } from "../../net/link/over-ws.ts";
import type { LinkSocket } from "../../net/link/socket.ts";
import { ChunkRelay } from "../../net/relay.ts";
import type { LoadingNews, Resume } from "../../net/streams.ts";
import { type ErrorData, errorData, RbeeError } from "../../protocol/errors.ts";
import type { Question } from "../../protocol/machine-api.ts";
import type { Chunk } from "../../protocol/worker.ts";
import type { Frame } from "../../runtime/envelope.ts";
import type { AskMachine } from "../seats/machines-seat.ts";
import type { Afar, Porter } from "../porter/porter.ts";
import { hiveOf, QUEEN } from "../porter/residents.ts";
import type { Told } from "../machine/telling.ts";
import type { LinkWords } from "./link-words.ts";
import { Offer } from "./offer.ts";
import { mayBear, maySay } from "./permitted.ts";
import { sendOver } from "./sending.ts";
import { type MachineFacts, readTalk, type Talk } from "./talk.ts";
import { FileReaders, FileSenders } from "./file-flow.ts";
import { checkKnown, Questions } from "./questions.ts";
import type { Terms } from "./terms.ts";
import { Tidings } from "./tidings.ts";
import { Whereabouts } from "./whereabouts.ts";

const FACTS_MS = 10_000;

export interface LinksOptions {
  readonly porter: Porter;
  /** Of this machine. */
  readonly name: string;
  /** Of this start. */
  readonly instance: string;
  readonly clusterId: string;
  readonly role: "queen" | "hive";
  /** Of a hive's machine: what it tells of itself, and the way to its queen. */
  readonly facts?: () => MachineFacts;
  readonly answer?: (asked: Question) => Promise<object>;
  readonly dial?: (address: string) => LinkSocket;
  readonly terms: Terms;
  /** Each time a link stands. */
  readonly linked?: (machine: string) => void;
  /** Each time one ended, or could not be made. */
  readonly unlinked?: (reason: ErrorData) => void;
  readonly words: LinkWords;
}

interface Machine {
  readonly name: string;
  readonly link: Link;
  /** Hosts of this machine are known there. */
  isHeard: boolean;
  facts: MachineFacts | undefined;
  isLeaving: boolean;
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
  readonly #tidings: Tidings;
  #isLeaving = false;
  readonly #questions = new Questions((machine, talk) => this.#sayTo(machine, talk));
  readonly #readers = new FileReaders();
  readonly #senders = new FileSenders();
  readonly #offer: Offer;

  constructor(options: LinksOptions) {
    this.#options = options;
    const { porter, name, instance, clusterId, role, dial = noWay } = options;
    this.#offer = new Offer(porter);
    this.#tidings = new Tidings(porter);
    this.#relay = new ChunkRelay({
      send: (worker, chunk) => say(this.#queens, { kind: "chunk", worker, chunk }),
      credit: (worker, job, attempt, chunks) => porter.credit(worker, job, attempt, chunks),
    });
    const self = helloOf({
      cluster: clusterId,
      node: name,
      life: Math.floor(performance.timeOrigin),
      instance,
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

  /** Somebody who is to be told why he is not let in. */
  turnAway(socket: LinkSocket, error: ErrorData): void {
    this.#keeper.turnAway(socket, error);
  }

  /** It is told why, and dialled no more until it is wanted again. LN8 */
  release(machine: string, reason: ErrorData): void {
    this.#keeper.release(machine, reason);
  }

  /** LN7. On a hive's machine. @returns whether its queen was told */
  leave(): boolean {
    this.#isLeaving = true;
    say(this.#queens, { kind: "leaving" });
    return this.#queens !== undefined;
  }

  get linked(): readonly string[] {
    return [...this.#machines.keys()];
  }

  /** A file of a model that another machine has. */
  openFile({ machine, ...wanted }: FileAsked, signal: AbortSignal): Promise<Readable> {
    return this.#readers.open(machine, wanted, (talk) => this.#sayTo(machine, talk), signal);
  }

  readonly ask: AskMachine = async (machine, asked, ms) => {
    checkKnown(machine, asked, this.#machines.get(machine)?.link.peer);
    return this.#questions.ask(machine, asked, ms);
  };
  factsOf(machine: string): MachineFacts | undefined {
    return this.#machines.get(machine)?.facts;
  }

  /** @returns whether it is linked */
  #sayTo(machine: string, talk: Talk): boolean {
    const linked = this.#machines.get(machine);
    say(linked, talk);
    return linked !== undefined;
  }

  close(): void {
    clearInterval(this.#ticker);
    this.#keeper.close();
  }

  send(from: string, to: string, toLife: number, frames: readonly Frame[]): void {
    const going = this.#where.outgoing(to, toLife, frames);
    const link = this.#machines.get(going?.machine ?? "")?.link;
    if (going === undefined || link === undefined) return;
    sendOver(link, { from, to, toLife: going.toLife, frames: going.frames }, (frame) =>
      this.#options.porter.deliver(to, from, [frame]),
    );
  }

  chunk(worker: string, chunk: Chunk): void {
    this.#relay.chunk(worker, chunk);
  }

  loading(news: LoadingNews): void {
    say(this.#queens, { kind: "loading", ...news });
  }

  credit(worker: string, job: string, attempt: number, chunks: number): void {
    say(this.#machineOf(worker), { kind: "credit", worker, job, attempt, chunks });
  }

  resume(standing: Resume): void {
    say(this.#machineOf(standing.worker), { kind: "resume", standings: [standing] });
  }

  /** LN3. */
  hostUp(host: string, life: number): void {
    if (!this.#isTold(host)) return;
    this.#ours.set(host, life);
    for (const { link, isHeard } of this.#machines.values()) if (isHeard) link.hostUp(host, life);
    if (host === hostOf(QUEEN)) {
      for (const name of this.#machines.keys()) this.#tellLinked(name);
      for (const { name, told } of this.#machines.values())
        if (told !== undefined) this.#offer.pass(hiveOf(name), told);
      void this.#tellOffer();
    }
    if (host === hostOf(this.#options.porter.hive) && this.#queens === undefined) this.#tidings.alone();
  }

  hostDown(host: string): void {
    if (!this.#ours.delete(host)) return;
    this.#relay.forget(host);
    for (const { link } of this.#machines.values()) link.hostDown(host);
  }

  #machineOf = (host: string): Machine | undefined => this.#machines.get(this.#where.machineOf(host) ?? "");

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
      onFailed: (name, reason) => {
        this.#options.words.failed(name, reason);
        this.#options.unlinked?.(reason);
      },
      onHostUp: (name, host, life) => this.#hostUp(name, host, life),
      onHostDown: (name, host) => {
        if (this.#where.go(host, name)) porter.remoteDown(host);
      },
      onFrames: (name, from, to, frames) => this.#frames(name, from, to, frames),
      onNote: (name, note) => this.#hearNote(name, note),
      onPipe: (name, reader) => this.#readers.pipe(name, reader),
    };
  }

  #up(name: string, link: Link): void {
    const { role, terms } = this.#options;
    const machine: Machine = { name, link, isHeard: false, isLeaving: false, facts: undefined, told: undefined };
    this.#offer.begin();
    this.#machines.set(name, machine);
    const { said } = terms;
    if (said !== undefined) say(machine, { kind: "term", said });
    if (role === "queen") this.#letIn(machine);
  }

  /** LN5. From here on hosts hear of each other. */
  #letIn(machine: Machine): void {
    const { porter, linked, role } = this.#options;
    machine.isHeard = true;
    this.#options.words.stands(machine.name);
    linked?.(machine.name);
    if (role === "queen") {
      // LN4.
      const standings = porter.streams.resuming((worker) => !porter.has(worker));
      say(machine, { kind: "resume", standings: [...standings] });
    }
    for (const [host, life] of this.#ours) machine.link.hostUp(host, life);
    // Of her own machine the queen is told already.
    if (role === "hive") this.#tellFacts();
    if (this.#isLeaving) say(machine, { kind: "leaving" });
  }

  #down(name: string, reason: ErrorData): void {
    this.#machines.delete(name);
    this.#questions.lost(name);
    this.#readers.lost(name);
    this.#options.words.gone(name, reason);
    this.#options.unlinked?.(reason);
    if (this.#options.role === "hive") {
      this.#relay.unlinked();
      return this.#tidings.alone();
    }
    this.#tidings.unlinked(name, reason);
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
    const { porter, role, answer } = this.#options;
    const machine = this.#machines.get(name);
    switch (message.kind) {
      case "chunk":
        if (this.#where.machineOf(message.worker) === name) porter.streams.chunk(message.chunk);
        return;
      case "loading":
        if (role === "queen") porter.streams.loading(message);
        return;
      case "facts":
        if (machine !== undefined) machine.facts = message.facts;
        return;
      case "question":
        if (answer !== undefined) void this.#questions.answer(name, message, answer);
        return;
      case "send":
        if (role === "hive" && machine !== undefined)
          void this.#senders.send(machine.link, message, (file) => porter.models.catalog.partOf(file.model, file.part));
        return;
      case "unsent":
        return this.#readers.unsent(name, message.id, message.message);
      case "answer":
        return this.#questions.answered(name, message);
      case "advice":
        if (machine === undefined || role !== "queen") return;
        machine.told = { ...NOTHING_TOLD, ...machine.told, ...message };
        return this.#offer.pass(hiveOf(name), message);
      case "credit":
        if (role === "hive") this.#relay.credit(message.worker, message.job, message.attempt, message.chunks);
        return;
      case "resume":
        if (role === "hive") this.#relay.resume(message.standings);
        return;
      case "leaving":
        if (machine === undefined || role !== "queen") return;
        machine.isLeaving = true;
        return this.#tidings.leaving(name);
      case "term":
        return this.#hearTerm(name, message.said);
    }
  }

  /** LN5. A member cuts an earlier queen; she knows by then, from what it has told her. */
  #hearTerm(name: string, said: string): void {
    const { role, terms } = this.#options;
    const machine = this.#machines.get(name);
    const why = terms.heard(said);
    if (why !== undefined && (role === "hive" || why.code === "link.role")) machine?.link.close(why);
    else if (machine?.isHeard === false) this.#letIn(machine);
  }

  #tellFacts(): void {
    const [queens, facts] = [this.#queens, this.#options.facts?.()];
    if (queens !== undefined && facts !== undefined) this.#offer.tellFacts(facts, (talk) => say(queens, talk));
    void this.#tellOffer();
  }

  /** LN6. */
  async #tellOffer(): Promise<void> {
    if (this.#options.role === "queen") return this.#offer.tell(undefined);
    const queens = this.#queens;
    if (queens !== undefined) await this.#offer.tell((talk) => say(queens, talk));
  }

  #tellLinked(name: string): void {
    if (this.#where.machineOf(hostOf(hiveOf(name))) !== name) return;
    this.#tidings.linked(name);
    if (this.#machines.get(name)?.isLeaving === true) this.#tidings.leaving(name);
  }
}
