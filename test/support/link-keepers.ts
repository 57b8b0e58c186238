/**
 * Machines with keepers on a small network of virtual time: each dials the others by their names.
 *
 * @module
 */
import { Keeper, type KeeperEvents } from "../../src/net/link/keeper.ts";
import type { Hello } from "../../src/net/link/words.ts";
import { helloFrom, LinkNet, type SimMachine, type SimSocket } from "./link-net.ts";
import { Prng } from "./prng.ts";

export interface KeptMachine {
  readonly node: string;
  readonly keeper: Keeper;
  readonly machine: SimMachine;
  /** `up NODE`, `down NODE CODE`, `failed NODE CODE`, with the time of each. */
  readonly news: { readonly said: string; readonly atMs: number }[];
}

export class KeptNet {
  readonly net: LinkNet;
  readonly machines = new Map<string, KeptMachine>();
  /** Wires that stand or stood, by the pair of machines. */
  readonly #wires: { readonly pair: string; readonly ends: readonly [SimSocket, SimSocket] }[] = [];
  readonly #cut = new Set<string>();
  readonly #swallowed = new Set<string>();
  readonly #rng: Prng;

  constructor(seed: number) {
    this.#rng = new Prng(seed);
    this.net = new LinkNet(this.#rng);
  }

  /** @param events what is done beside noting the news */
  start(node: string, given: Partial<Hello> = {}, events: Partial<KeeperEvents> = {}): KeptMachine {
    const machine = this.net.machine();
    const news: KeptMachine["news"] = [];
    const note = (said: string): void => void news.push({ said, atMs: this.net.clock.monotonicMs() });
    const keeper = new Keeper({
      self: helloFrom(node, given),
      clock: machine,
      chance: () => this.#rng.next(),
      dial: (address) => this.#dial(node, machine, address),
      events: {
        onHostUp() {},
        onHostDown() {},
        onFrames() {},
        ...events,
        onUp(peer, link) {
          note(`up ${peer.node}`);
          events.onUp?.(peer, link);
        },
        onDown(peer, reason) {
          note(`down ${peer} ${reason.code}`);
          events.onDown?.(peer, reason);
        },
        onFailed: (peer, reason) => note(`failed ${peer} ${reason.code}`),
      },
    });
    const kept = { node, keeper, machine, news };
    this.machines.set(node, kept);
    return kept;
  }

  run(ms: number): void {
    this.net.run(ms);
  }

  /** Connections of the pair break, and no other comes about until it is healed. */
  cut(a: string, b: string): void {
    this.#cut.add(pairOf(a, b));
    this.#breakWires(pairOf(a, b));
  }

  heal(a: string, b: string): void {
    this.#cut.delete(pairOf(a, b));
    this.#swallowed.delete(pairOf(a, b));
  }

  /** Connections break; new ones may come about at once. */
  bounce(a: string, b: string): void {
    this.#breakWires(pairOf(a, b));
  }

  /** Nothing that is sent arrives until it is healed, and nobody is told. What was lost stays lost. */
  swallow(a: string, b: string): void {
    this.#swallowed.add(pairOf(a, b));
    for (const { pair, ends } of this.#wires) if (pair === pairOf(a, b)) for (const end of ends) end.isCut = true;
  }

  #breakWires(pair: string): void {
    for (const wire of this.#wires) if (wire.pair === pair) for (const end of wire.ends) end.broken("reset");
  }

  #dial(node: string, machine: SimMachine, address: string): SimSocket {
    const target = this.machines.get(address);
    const pair = pairOf(node, address);
    const ends = this.net.pair(machine, target?.machine ?? this.net.machine());
    this.#wires.push({ pair, ends });
    this.net.clock.after(this.net.delayMs(), () => {
      if (target === undefined || this.#cut.has(pair)) for (const end of ends) end.broken("refused");
      else if (!this.#swallowed.has(pair)) target.keeper.accept(ends[1]);
    });
    return ends[0];
  }
}

const pairOf = (a: string, b: string): string => [a, b].toSorted().join("-");
