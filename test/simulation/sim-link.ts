/**
 * The link between the two machines of a simulated cluster: it stands or it does not, and each that does has a number.
 *
 * Owns: order, delay, and what is lost with it; the wires of all hosts that talk over it go and come with it. Does not
 * own: who hears that it is up or down.
 *
 * @module
 */
import type { SimWorld } from "./sim-world.ts";

const CONNECT_MS = 20;
const DELAY_MS = 2;

export interface LinkEvents {
  up(number: number): void;
  down(number: number, isGoodbye: boolean): void;
  /** Pairs of hosts that talk over it. */
  pairs(): readonly (readonly [string, string])[];
  /** Both ends are there. */
  mayStand(): boolean;
}

export class SimLink {
  readonly #world: SimWorld;
  readonly #events: LinkEvents;
  #number = 0;
  #isUp = false;
  #isCut = false;

  constructor(world: SimWorld, events: LinkEvents) {
    this.#world = world;
    this.#events = events;
  }

  get number(): number {
    return this.#number;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** In order, or lost with the link. */
  send(deliver: () => void): void {
    const number = this.#number;
    if (!this.#isUp) return;
    this.#world.clock.after(DELAY_MS, () => {
      if (this.#isUp && this.#number === number) deliver();
    });
  }

  /** The other machine says goodbye, and is back soon. */
  leave(): void {
    this.#down(true);
    this.connectLater();
  }

  /** It comes back by itself. */
  drop(): void {
    this.#down();
    this.connectLater();
  }

  cut(): void {
    this.#isCut = true;
    this.#down();
  }

  heal(): void {
    this.#isCut = false;
    this.connectLater();
  }

  connectLater(): void {
    this.#world.clock.after(CONNECT_MS, () => {
      if (this.#isUp || this.#isCut || !this.#events.mayStand()) return;
      this.#isUp = true;
      this.#number += 1;
      for (const [a, b] of this.#events.pairs()) this.#world.heal(a, b);
      this.#events.up(this.#number);
    });
  }

  /** A host has come that talks over it. */
  admit(a: string, b: string): void {
    if (!this.#isUp) this.#world.cut(a, b);
  }

  #down(isGoodbye = false): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    for (const [a, b] of this.#events.pairs()) this.#world.cut(a, b);
    this.#events.down(this.#number, isGoodbye);
  }
}
