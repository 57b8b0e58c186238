/**
 * Several hosts in one thread on virtual time, from one seed: the kernel's second world.
 *
 * Owns: lives of hosts, their turns, faults, the trace. Does not own: what the hosts do; order and loss between them
 * (sim-wires.ts); rows (sim-journal.ts).
 *
 *  W1 The same seed and the same calls give the same trace hash.
 *  W2 A connection is lost with everything on its way; the next begins empty. Frames are copied: nothing is shared.
 *  W3 kill loses memory, powerLoss also what was not flushed; nothing else loses a committed row.
 *  W4 What a host that was killed had sent to an endpoint arrives, unless what the two share is lost too.
 *
 * Fault names: start, stop, kill, powerLoss, freeze, thaw, cut, heal, hold, release, lose a connection, slow wires,
 * duplicates, slow and full disks, clock jumps.
 *
 * @module
 */
import type { Address } from "../../machines/words.ts";
import type { HostOptions, Observation } from "../../src/runtime/core.ts";
import type { Frame } from "../../src/runtime/envelope.ts";
import { Host } from "../../src/runtime/host.ts";
import { isRefusedCommit } from "../../src/runtime/journal.ts";
import { RbeeError } from "../../src/protocol/errors.ts";
import { Prng } from "../support/prng.ts";
import { copyOf } from "./copy.ts";
import { SimClock } from "./sim-clock.ts";
import { SimDisk } from "./sim-journal.ts";
import type { Endpoint, HowDown, NodeOptions, Storage, WorldHooks } from "./sim-node.ts";
import { isForgetful, talks } from "./sim-node.ts";
import { SimTrace } from "./sim-trace.ts";
import { SimWires } from "./sim-wires.ts";

interface Node {
  readonly options: NodeOptions;
  readonly storage: Storage | undefined;
  host: Host | undefined;
  life: number;
  frozen: boolean;
  /** When it was last thawed; 0: never. */
  thawedAtMs: number;
  turning: boolean;
  dueAtMs: number | undefined;
  /** Its last life ended because its disk took no commit. */
  blameless: boolean;
  inbox: (() => void)[];
}

export class SimWorld {
  readonly clock = new SimClock();
  readonly rng: Prng;
  /** Lines, if they are kept. */
  readonly trace: string[] = [];
  readonly #trace = new SimTrace();
  readonly #nodes = new Map<string, Node>();
  readonly #wires: SimWires;
  readonly #endpoints = new Map<string, Endpoint>();
  /** A lost connection is noticed, and a possible one made, after so long. */
  connectMs = 5;
  keepTrace = false;
  /** What is sent as it arrives: another than what was sent, and the same. */
  carry: (frames: readonly Frame[]) => readonly Frame[] = copyOf;
  onLine: ((line: string) => void) | undefined;
  watch: ((host: string, seen: Observation) => void) | undefined;
  hooks: WorldHooks | undefined;
  /** Fault: so large a share of what hosts send each other arrives twice, as after a connection that came back. */
  duplicates = 0;
  wakeMs: readonly [number, number] = [0, 1]; // A turn begins so late, at random.
  stopped = false; // Set by a checker: time stands still.
  #promised = true; // Something may wait for a promise: see `runAsync`.

  constructor(seed: number) {
    this.rng = new Prng(seed);
    this.#wires = new SimWires(this.clock, this.rng);
  }

  /** A port that works with promises has begun or ended something: they settle before time goes on. */
  promised(): void {
    this.#promised = true;
  }

  /** Each frame takes so long, at random. */
  setDelay(range: readonly [number, number]): void {
    this.#wires.delayMs = range;
  }

  add(options: NodeOptions): this {
    const { storage = new SimDisk((delayMs, run) => this.clock.after(delayMs, run)) } = options;
    this.#nodes.set(options.id, {
      options,
      storage: storage === "none" ? undefined : storage,
      host: undefined,
      life: 0,
      frozen: false,
      thawedAtMs: 0,
      turning: false,
      dueAtMs: undefined,
      blameless: false,
      inbox: [],
    });
    this.start(options.id);
    return this;
  }

  /** Always up, and in one place with every host: frames to and from it are only delayed. */
  addEndpoint(id: string, endpoint: Endpoint): void {
    this.#endpoints.set(id, endpoint);
    for (const node of this.#nodes.values()) node.host?.peerUp(id, 1, true);
  }

  /** The process that a host shares with an endpoint has ended: what was on its way between them never arrives. */
  endpointLost(endpoint: string, host: string): void {
    this.#wires.disconnect(host, endpoint);
  }

  /** What an endpoint sends. */
  sendFrom(endpoint: string, to: string, frames: readonly Frame[]): void {
    const { life } = this.#node(to);
    const copies = this.carry(frames);
    this.#wires.later(endpoint, to, () => this.#nodes.get(to)?.life === life && this.#receive(to, endpoint, copies));
  }

  has(id: string): boolean {
    return this.#nodes.has(id);
  }

  /** A host that is down and never comes back leaves nothing here. */
  remove(id: string): void {
    if (this.#nodes.get(id)?.host !== undefined) throw new Error(`${id} is up`);
    this.#nodes.delete(id);
    this.#wires.forget(id);
  }

  host(id: string): Host {
    const { host } = this.#node(id);
    if (host === undefined) throw new Error(`${id} is down`);
    return host;
  }

  /** Until then it stood still, last. */
  thawedAtMs = (id: string): number => this.#node(id).thawedAtMs;

  isUp = (id: string): boolean => this.#node(id).host !== undefined;

  /** The simulated disk of a host. */
  disk(id: string): SimDisk {
    const { storage } = this.#node(id);
    if (!(storage instanceof SimDisk)) throw new Error(`${id} has no simulated disk`);
    return storage;
  }

  start(id: string): void {
    const node = this.#node(id);
    if (node.host !== undefined) return;
    node.life += 1;
    const life = node.life;
    const { behaviours, tables = [], ports, roots = [], headroomBytes } = node.options;
    const options: HostOptions = {
      id,
      behaviours,
      tables,
      journal: node.storage?.open(),
      clock: this.clock,
      blameless: node.blameless,
      transport: { send: (to, frames) => this.#send(id, life, to, frames) },
      wake: () => this.#wake(node, life),
      observe: (seen) => this.#observe(id, seen),
      ...(ports === undefined ? {} : { ports }),
      ...(node.storage === undefined || headroomBytes === undefined ? {} : { disk: node.storage, headroomBytes }),
    };
    node.host = new Host(options);
    node.host.open();
    this.hooks?.opened(node.host);
    for (const [kind, name, input] of roots) node.host.root(kind, name, input);
    this.#wake(node, life);
    for (const endpoint of this.#endpoints.keys()) node.host.peerUp(endpoint, 1, true);
    for (const [other, { options: theirs }] of this.#nodes) {
      if (other !== id && talks(node.options, other) && talks(theirs, id)) this.#connectLater(id, other);
    }
  }

  /** It ends by itself, in order. */
  stop(id: string): void {
    this.#node(id).host?.close();
    this.#down(id, "closed");
  }

  /** Memory is lost; committed rows stay. */
  kill(id: string): void {
    this.#down(id, "killed");
  }

  /** Every host of a machine dies, and what its disks had not flushed is lost. */
  powerLoss(machine: string): void {
    for (const [id, node] of this.#nodes) {
      if ((node.options.machine ?? id) !== machine) continue;
      this.#down(id, "power");
      node.storage?.loseUnflushed();
    }
  }

  freeze(id: string): void {
    this.#node(id).frozen = true;
  }

  thaw(id: string): void {
    const node = this.#node(id);
    node.frozen = false;
    node.thawedAtMs = this.clock.monotonicMs();
    const missed = node.inbox;
    node.inbox = [];
    for (const run of missed) run();
    this.#wake(node, node.life);
  }

  /** No connection between two hosts until `heal`; what is on its way is lost. */
  cut(a: string, b: string): void {
    this.#wires.setCut(a, b, true);
    this.#disconnect(a, b);
  }

  heal(a: string, b: string): void {
    this.#wires.setCut(a, b, false);
    this.#connectLater(a, b);
  }

  /** The connection is lost with what is on its way; the next one comes by itself. */
  loseConnection(a: string, b: string): void {
    this.#disconnect(a, b);
    this.#connectLater(a, b);
  }

  /** Frames from `a` to `b` wait until `release`; the connection stands. */
  hold(a: string, b: string): void {
    this.#wires.hold(a, b);
  }

  release(a: string, b: string): void {
    this.#wires.release(a, b);
  }

  /** Something from outside the world, to a cell of a host that is up: lost if that host is not. */
  tell(to: Address, event: { readonly type: string }, lane: "control" | "data" = "data"): void {
    const [host = ""] = to.split("/");
    const envelope = { to, from: "outside/person/p" as const, lane, n: 0, label: "private" as const, event };
    this.#node(host).host?.receive("outside", [copyOf<Frame>({ kind: "mail", envelope })]);
  }

  /** Time passes. */
  run(forMs: number): void {
    const untilMs = this.clock.monotonicMs() + forMs;
    while ((this.clock.nextMs ?? Number.POSITIVE_INFINITY) <= untilMs) this.clock.advance();
    this.clock.moveTo(untilMs);
  }

  /** Time passes, and promises settle between any two things that happen: for worlds with engines in them. */
  async runAsync(forMs: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + forMs;
    await this.#settle();
    while ((this.clock.nextMs ?? Number.POSITIVE_INFINITY) <= untilMs && !this.stopped) {
      this.clock.advance();
      if (this.#promised) await this.#settle();
    }
    this.clock.moveTo(untilMs);
  }

  /** Every microtask has run: the next tick comes only then, and costs no turn of the event loop. */
  async #settle(): Promise<void> {
    this.#promised = false;
    await new Promise<void>((resolve) => process.nextTick(resolve));
  }

  /** Of everything observed so far. */
  get hash(): string {
    return this.#trace.hash;
  }

  note(line: Readonly<Record<string, unknown>>): void {
    this.write(JSON.stringify(line).slice(1, -1));
  }

  /** A line of the trace, as the members of a JSON object. */
  write(members: string): void {
    const text = `{"t":${this.clock.monotonicMs()},${members}}`;
    this.#trace.add(text);
    if (this.keepTrace) this.trace.push(text);
    this.onLine?.(text);
  }

  #observe(id: string, seen: Observation): void {
    const { host } = this.#node(id);
    if (this.hooks !== undefined && host !== undefined) return this.hooks.step(host, seen);
    const { cell, event, outcome, state, commands } = seen;
    this.note({ host: id, cell, event: event.type, outcome, state, commands });
    this.watch?.(id, seen);
  }

  #node(id: string): Node {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`no host ${id}`);
    return node;
  }

  #down(id: string, how: HowDown): void {
    const node = this.#node(id);
    const { host } = node;
    if (host === undefined) return;
    host.core.options.journal?.close();
    node.host = undefined;
    node.frozen = false;
    node.turning = false;
    node.dueAtMs = undefined;
    node.inbox = [];
    node.blameless = false;
    if (this.hooks === undefined) this.note({ down: id });
    else this.hooks.down(host, how);
    for (const other of this.#nodes.keys()) if (other !== id) this.#disconnect(id, other);
  }

  #wake(node: Node, life: number): void {
    if (node.turning || node.host === undefined || node.life !== life) return;
    node.turning = true;
    this.clock.after(this.rng.int(...this.wakeMs), () => this.#turn(node, life));
  }

  #turn(node: Node, life: number): void {
    if (node.life !== life || node.host === undefined) return;
    node.turning = false;
    if (node.frozen) return;
    const more = node.host.turn();
    if (node.host.crashed !== undefined) return this.#crash(node);
    if (more) this.#wake(node, life);
    this.#scheduleDue(node, life);
  }

  #crash(node: Node): void {
    const { id, restartMs } = node.options;
    this.note({ crashed: id });
    const error = node.host?.crashed?.error;
    this.#down(id, "crashed");
    node.blameless = error instanceof RbeeError && isRefusedCommit(error.code);
    if (restartMs !== undefined) this.clock.after(restartMs, () => this.start(id));
  }

  #scheduleDue(node: Node, life: number): void {
    const atMs = node.host?.nextDueMs;
    if (atMs === undefined || (node.dueAtMs !== undefined && node.dueAtMs <= atMs)) return;
    node.dueAtMs = atMs;
    this.clock.after(atMs - this.clock.monotonicMs(), () => {
      if (node.life !== life) return;
      node.dueAtMs = undefined;
      this.#wake(node, life);
    });
  }

  /** Copied, so that nothing is shared between hosts. */
  #send(from: string, life: number, to: string, frames: readonly Frame[]): void {
    const node = this.#nodes.get(from);
    if (node?.host === undefined || node.life !== life) return;
    this.hooks?.sent(node.host, to, frames);
    const copies = this.carry(frames);
    const endpoint = this.#endpoints.get(to);
    if (endpoint !== undefined) return this.#wires.later(from, to, () => endpoint.receive(from, copies));
    if (!this.#nodes.has(to)) return;
    this.#wires.send(from, to, () => this.#receive(to, from, copies));
    if (this.duplicates === 0 || !this.rng.chance(this.duplicates)) return;
    // What shuts and opens gates belongs to one connection, and no connection says it twice.
    const again = this.carry(frames.filter(({ kind }) => kind !== "gate"));
    this.#wires.send(from, to, () => this.#receive(to, from, again));
  }

  #receive(to: string, from: string, frames: readonly Frame[]): void {
    this.#inside(to, (host) => {
      this.hooks?.arrived(host, from, frames);
      host.receive(from, frames);
    });
  }

  /** A frozen host hears of it when it thaws; one that is down never. */
  #inside(id: string, run: (host: Host) => void): void {
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    const { life } = node;
    if (node.frozen) node.inbox.push(() => node.life === life && node.host !== undefined && run(node.host));
    else if (node.host !== undefined) run(node.host);
  }

  #disconnect(a: string, b: string): void {
    if (!this.#wires.disconnect(a, b)) return;
    this.#inside(a, (host) => host.peerDown(b));
    this.#inside(b, (host) => host.peerDown(a));
  }

  #connectLater(a: string, b: string): void {
    this.clock.after(this.connectMs, () => {
      const [nodeA, nodeB] = [this.#nodes.get(a), this.#nodes.get(b)];
      if (nodeA?.host === undefined || nodeB?.host === undefined || !this.#wires.connect(a, b)) return;
      this.#inside(a, (host) => host.peerUp(b, nodeB.life, isForgetful(nodeB.options, nodeA.options)));
      this.#inside(b, (host) => host.peerUp(a, nodeA.life, isForgetful(nodeA.options, nodeB.options)));
    });
  }
}
