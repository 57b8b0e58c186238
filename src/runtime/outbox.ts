/**
 * What durable cells told and nobody has taken yet, in the order of one counter that never resets.
 *
 * Owns: numbers, what is unacknowledged, and for each lane of each address what was sent, what waits, and how much may
 * be under way. Does not own: rows on disk, sending.
 *
 *  O1 Numbers rise by one and are never used twice, also over restarts. Kernel rule 5.
 *  O2 A full cell parks only one lane of its own; everything else flows. Kernel rules 6 and 7.
 *  O3 Within a lane of an address, what is sent is sent in the order of its numbers, also when it is sent again.
 *  O4 Of one lane at most `window` are under way. The window halves when a gate closes and grows with each ack, so a
 *     slow cell is sent about what it can take, and not its whole backlog each time it opens.
 *
 * @module
 */
import { type Address, hostOf } from "../../machines/words.ts";
import type { Envelope, Lane } from "./envelope.ts";
import { Line } from "./line.ts";

const WINDOW_MAX = 1024;
const WINDOW_MIN = 8;

/** One lane to one address. It lives as long as something in it waits. */
interface Route {
  readonly key: string;
  readonly host: string;
  /** Sent on this connection and not acknowledged. */
  readonly sent: Map<number, Envelope>;
  /** Not sent on this connection. May name what was acknowledged meanwhile. */
  unsent: Line<Envelope>;
  window: number;
  /** Shut by a gate, or of this host and waiting for room. */
  parked: boolean;
}

const routeKey = (to: Address, lane: Lane): string => (lane === "data" ? to : `!${to}`);

export class Outbox {
  readonly #entries = new Map<number, Envelope>();
  readonly #routes = new Map<string, Route>();
  readonly #byHost = new Map<string, Set<Route>>();
  #next: number;

  constructor(next = 1) {
    this.#next = next;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The number the next envelope will get; stored with every commit. */
  get next(): number {
    return this.#next;
  }

  add(envelope: Omit<Envelope, "n">): Envelope {
    const { to, from, lane, label, event, re } = envelope;
    const n = this.#next;
    const numbered: Envelope =
      re === undefined ? { to, from, lane, n, label, event } : { to, from, lane, n, label, event, re };
    this.#next += 1;
    this.#keep(numbered);
    return numbered;
  }

  /** Puts a stored envelope back at a restart. Called in the order of numbers. */
  restore(envelope: Envelope): void {
    this.#keep(envelope);
    if (envelope.n >= this.#next) this.#next = envelope.n + 1;
  }

  /** Does anything wait for this lane of this address? */
  waits(to: Address, lane: Lane): boolean {
    return this.#routes.has(routeKey(to, lane));
  }

  /** What may be sent to one lane of an address now, in order; from here on it is under way. */
  release(to: Address, lane: Lane): Envelope[] {
    const route = this.#routes.get(routeKey(to, lane));
    return route === undefined ? [] : this.#releaseRoute(route);
  }

  /** Taken by its host. @returns what that makes room for; undefined when the number was not waiting for that host. */
  acked(n: number, from: string): Envelope[] | undefined {
    const envelope = this.#entries.get(n);
    if (envelope === undefined || hostOf(envelope.to) !== from) return undefined;
    const route = this.#forget(envelope);
    if (route === undefined) return [];
    route.window = Math.min(WINDOW_MAX, route.window + 1);
    return this.#releaseRoute(route);
  }

  /** The gate at number `n` closed: its lane waits. A number that does not wait is news of long ago. */
  shut(n: number, from: string): void {
    const route = this.#routeOf(n, from);
    if (route === undefined) return;
    route.parked = true;
    route.window = Math.max(WINDOW_MIN, route.window >> 1);
  }

  /** The gate at number `n` opened. @returns what to send, beginning with the first that was refused. */
  reopen(n: number, from: string): Envelope[] {
    const route = this.#routeOf(n, from);
    if (route === undefined) return [];
    this.#rewind(route);
    return this.#releaseRoute(route);
  }

  /** A host came (back): what may be sent to it, in order. Gates are forgotten, as it forgets them too. */
  reconnect(host: string): Envelope[] {
    const routes = [...(this.#byHost.get(host) ?? [])];
    for (const route of routes) this.#rewind(route);
    return routes.flatMap((route) => this.#releaseRoute(route)).toSorted((a, b) => a.n - b.n);
  }

  /** The first that waits for a cell of this host; it leaves the outbox. */
  takeLocal(to: Address, lane: Lane): Envelope | undefined {
    const route = this.#routes.get(routeKey(to, lane));
    const envelope = route?.unsent.take();
    if (envelope !== undefined) this.#forget(envelope);
    return envelope;
  }

  /** The addresses at a host for which something waits. */
  addresses(host: string): ReadonlySet<Address> {
    return new Set([...(this.#byHost.get(host) ?? [])].flatMap((route) => route.unsent.first?.to ?? []));
  }

  #routeOf(n: number, from: string): Route | undefined {
    const envelope = this.#entries.get(n);
    if (envelope === undefined || hostOf(envelope.to) !== from) return undefined;
    return this.#routes.get(routeKey(envelope.to, envelope.lane));
  }

  #releaseRoute(route: Route): Envelope[] {
    const out: Envelope[] = [];
    while (!route.parked && route.sent.size < route.window) {
      const envelope = route.unsent.take();
      if (envelope === undefined) break;
      if (!this.#entries.has(envelope.n)) continue;
      route.sent.set(envelope.n, envelope);
      out.push(envelope);
    }
    return out;
  }

  #rewind(route: Route): void {
    const unsent = new Line<Envelope>();
    for (const envelope of route.sent.values()) unsent.push(envelope);
    for (const envelope of route.unsent.rest()) unsent.push(envelope);
    route.sent.clear();
    route.unsent = unsent;
    route.parked = false;
  }

  #keep(envelope: Envelope): void {
    this.#entries.set(envelope.n, envelope);
    const key = routeKey(envelope.to, envelope.lane);
    let route = this.#routes.get(key);
    if (route === undefined) {
      const host = hostOf(envelope.to);
      route = { key, host, sent: new Map(), unsent: new Line(), window: WINDOW_MAX, parked: false };
      this.#routes.set(key, route);
      const routes = this.#byHost.get(host);
      if (routes === undefined) this.#byHost.set(host, new Set([route]));
      else routes.add(route);
    }
    route.unsent.push(envelope);
  }

  /** @returns its route, unless that is empty now and forgotten too. */
  #forget(envelope: Envelope): Route | undefined {
    this.#entries.delete(envelope.n);
    const route = this.#routes.get(routeKey(envelope.to, envelope.lane));
    if (route === undefined) return undefined;
    route.sent.delete(envelope.n);
    while (route.unsent.first !== undefined && !this.#entries.has(route.unsent.first.n)) route.unsent.take();
    if (route.sent.size > 0 || route.unsent.length > 0) return route;
    this.#routes.delete(route.key);
    const routes = this.#byHost.get(route.host);
    routes?.delete(route);
    if (routes?.size === 0) this.#byHost.delete(route.host);
    return undefined;
  }
}
