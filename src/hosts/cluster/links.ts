/**
 * A porter's links: which hosts are on which machine, and what is carried between them.
 *
 * Owns: telling hosts of each other over links, what a peer may say, the talk of porters. Does not own: connections
 * (src/net/link), what only the queen's machine does with them or only another (queen-side.ts, member-side.ts), which
 * machine is given up (machines/member.ts), what anything means.
 *
 *  LN1 A host of another machine is known from the moment its machine says so until the link to that machine ends.
 *  LN2 What a peer may not say by its certificate ends its link (permitted.ts).
 *  LN5 A hive's machine tells a queen of its hosts, so that one can be asked, once her term is the latest it knows of.
 *  LN8 One that goes to sleep says goodbye, and stays away until it is wanted again: nothing waits for its return.
 *
 * LN3, LN4, LN6 and LN7 are of the sides.
 *
 * @module
 */
import { helloOf } from "../../net/link/hello.ts";
import { Keeper } from "../../net/link/keeper.ts";
import type { Link } from "../../net/link/link.ts";
import { realLinkClock } from "../../net/link/over-ws.ts";
import type { LinkSocket } from "../../net/link/socket.ts";
import type { LoadingNews, Resume } from "../../net/streams.ts";
import { type ErrorData, errorData, RbeeError } from "../../protocol/errors.ts";
import type { Chunk } from "../../protocol/worker.ts";
import type { Frame } from "../../runtime/envelope.ts";
import type { Afar, Porter } from "../porter/porter.ts";
import type { Machine, Side, Ways } from "./link-side.ts";
import type { LinkWords } from "./link-words.ts";
import { sendOver } from "./sending.ts";
import { readTalk, type Talk } from "./talk.ts";
import type { Terms } from "./terms.ts";
import { Whereabouts } from "./whereabouts.ts";

const TELL_MS = 10_000;

export interface LinksOptions<Kind extends Side> {
  readonly porter: Porter;
  /** Of this machine. */
  readonly name: string;
  /** Of this start. */
  readonly instance: string;
  readonly clusterId: string;
  readonly side: (ways: Ways) => Kind;
  /** Of a hive's machine: the way to its queen. */
  readonly dial?: (address: string) => LinkSocket;
  readonly terms: Terms;
  /** Each time a link stands. */
  readonly linked?: (machine: string) => void;
  /** Each time one ended, or could not be made. */
  readonly unlinked?: (reason: ErrorData) => void;
  readonly words: LinkWords;
}

const noWay = (address: string): never => {
  throw new RbeeError("defect", `nobody dials ${address} from here`);
};

export class Links<Kind extends Side> implements Afar {
  readonly side: Kind;
  readonly #options: LinksOptions<Kind>;
  readonly #keeper: Keeper;
  readonly #machines = new Map<string, Machine>();
  /** Hosts of other machines. */
  readonly #where = new Whereabouts();
  /** Hosts of this machine that others hear of. */
  readonly #ours = new Map<string, number>();
  readonly #ticker: NodeJS.Timeout;

  constructor(options: LinksOptions<Kind>) {
    this.#options = options;
    const { name, instance, clusterId, dial = noWay } = options;
    this.side = options.side({
      say: (machine, talk) => this.#say(machine, talk),
      machineOf: (host) => this.#where.machineOf(host),
    });
    const self = helloOf({
      cluster: clusterId,
      node: name,
      life: Math.floor(performance.timeOrigin),
      instance,
      roles: [this.side.role],
    });
    this.#keeper = new Keeper({ self, clock: realLinkClock, chance: Math.random, dial, events: this.#events() });
    this.#ticker = setInterval(() => this.side.tell(), TELL_MS);
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

  get linked(): readonly string[] {
    return [...this.#machines.keys()];
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
    this.side.chunk?.(worker, chunk);
  }

  loading(news: LoadingNews): void {
    this.side.loading?.(news);
  }

  credit(worker: string, job: string, attempt: number, chunks: number): void {
    this.side.credit?.(worker, job, attempt, chunks);
  }

  resume(standing: Resume): void {
    this.side.resume?.(standing);
  }

  hostUp(host: string, life: number): void {
    if (!this.side.isTold(host)) return;
    this.#ours.set(host, life);
    for (const { link, isHeard } of this.#machines.values()) if (isHeard) link.hostUp(host, life);
    this.side.hostUp(host);
  }

  hostDown(host: string): void {
    if (!this.#ours.delete(host)) return;
    this.side.hostDown?.(host);
    for (const { link } of this.#machines.values()) link.hostDown(host);
  }

  #say(machine: string, talk: Talk): boolean {
    const linked = this.#machines.get(machine);
    linked?.link.note("data", talk);
    return linked !== undefined;
  }

  #events(): ConstructorParameters<typeof Keeper>[0]["events"] {
    return {
      onUp: (peer, link) => this.#up(peer.node, link),
      onDown: (name, reason) => this.#down(name, reason),
      onFailed: (name, reason) => {
        this.#options.words.failed(name, reason);
        this.#options.unlinked?.(reason);
      },
      onHostUp: (name, host, life) => this.#hostUp(name, host, life),
      onHostDown: (name, host) => {
        if (this.#where.go(host, name)) this.#options.porter.remoteDown(host);
      },
      onFrames: (name, from, to, frames) => this.#frames(name, from, to, frames),
      onNote: (name, note) => this.#hear(name, note),
      onPipe: (name, reader) => this.side.pipe?.(name, reader),
    };
  }

  #up(name: string, link: Link): void {
    const machine: Machine = { name, link, isHeard: false };
    this.#machines.set(name, machine);
    this.side.up(machine);
    const { said } = this.#options.terms;
    if (said !== undefined) this.#say(name, { kind: "term", said });
    if (!this.side.waitsForTerm) this.#letIn(machine);
  }

  /** LN5. From here on hosts hear of each other. */
  #letIn(machine: Machine): void {
    const { words, linked } = this.#options;
    machine.isHeard = true;
    words.stands(machine.name);
    linked?.(machine.name);
    this.side.letIn(machine, () => {
      for (const [host, life] of this.#ours) machine.link.hostUp(host, life);
    });
  }

  #down(name: string, reason: ErrorData): void {
    this.#machines.delete(name);
    this.#options.words.gone(name, reason);
    this.#options.unlinked?.(reason);
    this.side.down(name, reason);
  }

  /** LN1, LN2. */
  #hostUp(name: string, host: string, life: number): void {
    const isOthers = (this.#where.machineOf(host) ?? name) !== name;
    if (isOthers || !this.side.mayCome(name, host)) return this.#refuse(name, `it has no host ${host}`);
    this.#options.porter.remoteUp(host, this.#where.come(host, name, life));
    this.side.came?.(name, host);
  }

  #frames(name: string, from: string, to: string, frames: readonly Frame[]): void {
    if (!this.side.maySay(name, from, frames)) return this.#refuse(name, `${from} says what is not its to say`);
    this.#options.porter.deliver(from, to, frames);
  }

  #refuse(name: string, why: string): void {
    this.#machines.get(name)?.link.close({ code: "link.role", message: `${name}: ${why}` });
  }

  #hear(name: string, note: unknown): void {
    const machine = this.#machines.get(name);
    if (machine === undefined) return;
    try {
      const talk = readTalk(note);
      if (talk.kind === "term") this.#hearTerm(machine, talk.said);
      else this.side.hear(machine, talk);
    } catch (thrown) {
      machine.link.close(errorData(thrown));
    }
  }

  /** LN5. */
  #hearTerm(machine: Machine, said: string): void {
    const why = this.#options.terms.heard(said);
    if (why !== undefined && this.side.cuts(why)) machine.link.close(why);
    else if (!machine.isHeard) this.#letIn(machine);
  }
}
