/**
 * The wires between simulated hosts: one in each direction of a pair, with a connection that stands or does not.
 *
 * Owns: order, delay, and what is lost with a connection. Does not own: hosts, or what a frame means.
 *
 *  SW1 What is sent on one wire arrives in order, or not at all: it is lost with the connection it was sent on.
 *  SW2 What is held waits in order until released; what is cut stays without a connection until healed.
 *
 * @module
 */
import type { Prng } from "../support/prng.ts";
import type { SimClock } from "./sim-clock.ts";

interface Wire {
  up: boolean;
  cut: boolean;
  held: boolean;
  /** Rises with each connection: what was sent on an earlier one never arrives. */
  connection: number;
  lastArrivalMs: number;
  waiting: (() => void)[];
}

export class SimWires {
  readonly #clock: SimClock;
  readonly #rng: Prng;
  readonly #wires = new Map<string, Wire>();
  /** Frames take so long, at random. */
  delayMs: readonly [number, number] = [0, 3];

  constructor(clock: SimClock, rng: Prng) {
    this.#clock = clock;
    this.#rng = rng;
  }

  /** In order for each pair, whether there is a connection or not; lost only with what the pair shares. */
  later(from: string, to: string, arrive: () => void): void {
    const wire = this.#wire(from, to);
    const { connection } = wire;
    const nowMs = this.#clock.monotonicMs();
    wire.lastArrivalMs = Math.max(wire.lastArrivalMs, nowMs + this.#rng.int(...this.delayMs));
    this.#clock.after(wire.lastArrivalMs - nowMs, () => wire.connection === connection && arrive());
  }

  isUp(from: string, to: string): boolean {
    return this.#wire(from, to).up;
  }

  /** Lost if there is no connection, or if it is lost on the way. */
  send(from: string, to: string, deliver: () => void): void {
    const wire = this.#wire(from, to);
    if (!wire.up) return;
    const arrive = (): void => {
      if (wire.held) wire.waiting.push(arrive);
      else deliver();
    };
    this.later(from, to, arrive);
  }

  setCut(a: string, b: string, cut: boolean): void {
    this.#wire(a, b).cut = cut;
    this.#wire(b, a).cut = cut;
  }

  hold(from: string, to: string): void {
    this.#wire(from, to).held = true;
  }

  release(from: string, to: string): void {
    const wire = this.#wire(from, to);
    wire.held = false;
    const { waiting } = wire;
    wire.waiting = [];
    for (const arrive of waiting) arrive();
  }

  /** @returns whether there is a new connection now. */
  connect(a: string, b: string): boolean {
    const [there, back] = [this.#wire(a, b), this.#wire(b, a)];
    if (there.up || there.cut || back.cut) return false;
    there.up = true;
    back.up = true;
    return true;
  }

  /** @returns whether there was a connection. */
  disconnect(a: string, b: string): boolean {
    const wasUp = this.isUp(a, b);
    for (const wire of [this.#wire(a, b), this.#wire(b, a)]) {
      wire.up = false;
      wire.connection += 1;
      wire.waiting = [];
    }
    return wasUp;
  }

  /** An end of them is gone for good. */
  forget(host: string): void {
    for (const key of this.#wires.keys()) {
      if (key.startsWith(`${host}>`) || key.endsWith(`>${host}`)) this.#wires.delete(key);
    }
  }

  #wire(from: string, to: string): Wire {
    const key = `${from}>${to}`;
    let wire = this.#wires.get(key);
    if (wire === undefined) {
      wire = { up: false, cut: false, held: false, connection: 0, lastArrivalMs: 0, waiting: [] };
      this.#wires.set(key, wire);
    }
    return wire;
  }
}
