/**
 * A hive for the bench of a fleet: it says to its queen over a real link what a hive says; behind it there is nothing.
 *
 * Owns: the words of a member, its hive and its workers. A job is answered at once, a load too. Does not own: any rule
 * of a hive: it obeys.
 *
 * @module
 */
import type { InventoryEntry, QueenEvent } from "../../machines/queen-events.ts";
import { type Address, hostOf } from "../../machines/words.ts";
import type { ModelFacts } from "../../machines/worker.ts";
import { Repeats } from "../../src/hosts/cluster/repeats.ts";
import type { MachineFacts, Talk } from "../../src/hosts/cluster/talk.ts";
import { linkAddress } from "../../src/hosts/cluster/link-address.ts";
import { hiveOf, QUEEN } from "../../src/hosts/porter/residents.ts";
import { clusterOf, type Identity } from "../../src/net/authority/identity.ts";
import { helloOf } from "../../src/net/link/hello.ts";
import { Keeper } from "../../src/net/link/keeper.ts";
import type { Link } from "../../src/net/link/link.ts";
import { dialWebSocket, realLinkClock, socketOver } from "../../src/net/link/over-ws.ts";
import type { Envelope, Frame, Message } from "../../src/runtime/envelope.ts";

/** What its queen calls her own machine. */
export const QUEEN_NAME = "queen";
/** A machine looks so often at what it has, and others on it take a little and give it back. */
const FACTS_MS = 10_000;
const OTHERS_BYTES = 500e6;
const WORKER_BYTES = 1e8;
const MACHINE_BYTES = 256e9;

export interface SimulatedWorker {
  readonly id: string;
  readonly model: string;
}

export interface SimulatedHive {
  readonly name: string;
  readonly identity: Identity;
  readonly workers: readonly SimulatedWorker[];
}

export interface HiveEvents {
  /** The queen has folded what this hive has, and her disk has it. */
  joined(): void;
  lost(why: string): void;
}

export const MODEL_FACTS: ModelFacts = {
  architecture: "llama",
  parameters: 1e9,
  contextTokens: 4096,
  slots: 4,
  embeddingDims: 0,
  chatTemplate: true,
  backend: "cpu",
  memoryBytes: WORKER_BYTES,
};

const entryOf = ({ id, model }: SimulatedWorker): InventoryEntry => ({
  worker: id,
  model,
  state: "ready",
  facts: MODEL_FACTS,
  pid: 1,
  port: 1,
  device: "cpu",
  reservedBytes: WORKER_BYTES,
});

export class FleetHive {
  readonly #hive: SimulatedHive;
  readonly #self: Address;
  readonly #events: HiveEvents;
  readonly #keeper: Keeper;
  readonly #life = Math.floor(performance.timeOrigin);
  #link: Link | undefined;
  #repeats = new Repeats();
  #ticker: NodeJS.Timeout | undefined;
  #queenLife = 0;
  /** The last number of what it told; as a journal's, it never goes back. */
  #told = Date.now() * 1000;
  #inventory = 0;
  /** By lane: the last number that it took of hers. */
  readonly #taken = { control: 0, data: 0 };

  constructor(hive: SimulatedHive, events: HiveEvents) {
    this.#hive = hive;
    this.#self = hiveOf(hive.name);
    this.#events = events;
    const { authority: ca, certificate: cert, key } = hive.identity;
    this.#keeper = new Keeper({
      self: helloOf({
        cluster: clusterOf(ca),
        node: hive.name,
        life: this.#life,
        instance: hive.name,
        roles: ["hive"],
      }),
      clock: realLinkClock,
      chance: Math.random,
      dial: (to) => socketOver(dialWebSocket(to, { ca, cert, key })),
      events: {
        onUp: (_, link) => (this.#link = link),
        onDown: (_, { code, message }) => events.lost(`${code}: ${message}`),
        onFailed: (_, { code, message }) => events.lost(`${code}: ${message}`),
        onHostUp: (_, host, life) => {
          if (host === hostOf(QUEEN)) this.#queenLife = life;
        },
        onHostDown() {},
        onFrames: (_, from, to, frames) => this.#take(from, to, frames),
        onNote: (_, note) => this.#hear(note as Talk),
      },
    });
  }

  join(url: string): void {
    this.#keeper.want(QUEEN_NAME, linkAddress(url));
  }

  /** From when her term is known on hosts hear of each other. */
  #hear(talk: Talk): void {
    if (talk.kind !== "term") return;
    this.#link?.hostUp(hostOf(this.#self), this.#life);
    for (const { id } of this.#hive.workers) this.#link?.hostUp(id, this.#life);
    this.#repeats = new Repeats();
    this.#tellFacts();
    this.#ticker = setInterval(() => this.#tellFacts(), FACTS_MS);
  }

  #tellFacts(): void {
    const room = { totalBytes: MACHINE_BYTES, freeBytes: Math.floor(MACHINE_BYTES / 2 - Math.random() * OTHERS_BYTES) };
    if (!this.#repeats.isDue([room], "", performance.now())) return;
    const { name } = this.#hive;
    const facts: MachineFacts = { name, host: name, pid: 1, version: "0", backends: ["cpu"], ram: room, gpus: [] };
    this.#say({ kind: "facts", facts });
    this.#say({ kind: "advice", devices: [{ id: "cpu", kind: "cpu", ...room }] });
  }

  #say(talk: Talk): void {
    this.#link?.note("data", talk);
  }

  #take(from: string, to: string, frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (frame.kind === "ack" && frame.ns.includes(this.#inventory)) this.#events.joined();
      if (frame.kind !== "mail") continue;
      const { envelope } = frame;
      const { n, lane } = envelope;
      if (n > 0) this.#send(to, from, [{ kind: "ack", ns: [n] }]);
      if (n > 0 && n <= this.#taken[lane]) continue;
      if (n > 0) this.#taken[lane] = n;
      if (to === hostOf(this.#self)) this.#obey(envelope);
      else this.#work(to, envelope);
    }
  }

  #obey(envelope: Envelope): void {
    switch (envelope.event.type) {
      case "inventory": {
        const workers = this.#hive.workers.map(entryOf);
        this.#inventory = this.#tell({ type: "hive.inventory", hive: this.#self, workers });
        return this.#answer(hostOf(this.#self), envelope, { type: "inventory.told" });
      }
      case "drain":
        return void this.#tell({ type: "hive.stopped", hive: this.#self });
      default:
    }
  }

  #work(worker: string, envelope: Envelope): void {
    if (envelope.event.type !== "execute") return;
    const { job, attempt } = envelope.event as Extract<Executable, { type: "execute" }>;
    this.#say({ kind: "chunk", worker, chunk: { job, attempt, index: 0, kind: "text", text: "bzz", tokens: 1 } });
    const usage = { promptTokens: 1, completionTokens: 1, firstTokenMs: 1, totalMs: 1 };
    const done = { type: "executed", attempt, finish: "stop", usage, chunks: 1 };
    this.#answer(worker, envelope, done);
  }

  /** @returns its number */
  #tell(event: QueenEvent): number {
    this.#told += 1;
    const n = this.#told;
    const envelope: Envelope = { to: QUEEN, from: this.#self, lane: "control", n, label: "internal", event };
    this.#send(hostOf(this.#self), hostOf(QUEEN), [{ kind: "mail", envelope }]);
    return n;
  }

  #answer(own: string, { re }: Envelope, event: Message): void {
    if (re === undefined) return;
    const { id, from } = re;
    this.#send(own, hostOf(from), [{ kind: "answer", to: from, id, result: { ok: true, event } }]);
  }

  #send(from: string, to: string, frames: readonly Frame[]): void {
    this.#link?.send({ from, to, toLife: this.#queenLife, frames });
  }

  close(): void {
    clearInterval(this.#ticker);
    this.#keeper.close();
  }
}

interface Executable extends Message {
  readonly type: "execute";
  readonly job: string;
  readonly attempt: number;
}
