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
import type { Envelope, Lane, Unnumbered } from "./envelope.ts";
import { Line } from "./line.ts";
import { Numbered } from "./numbered.ts";

const WINDOW_MAX = 1024;
const WINDOW_MIN = 8;

/** What waits: once it is taken it may still stand in a line of its route, and is passed over there. */
export interface Entry {
  readonly envelope: Envelope;
  readonly route: Route;
  isSent: boolean;
  isTaken: boolean;
}

/** One lane to one address. It lives as long as something in it waits. */
export interface Route {
  readonly key: string;
  readonly host: string;
  /** Sent on this connection, in order. */
  sent: Line<Entry>;
  /** Of these, not acknowledged. */
  underWay: number;
  /** Not sent on this connection. */
  unsent: Line<Entry>;
  window: number;
  /** Shut by a gate, or of this host and waiting for room. */
  parked: boolean;
}

const routeKey = (to: Address, lane: Lane): string => (lane === "data" ? to : `!${to}`);

export class Outbox {
  readonly #entries = new Numbered<Entry>();
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

  /** At the end of its route, and numbered: it is the outbox's from here on. */
  add(envelope: Unnumbered): Entry {
    envelope.n = this.#next;
    this.#next += 1;
    return this.#keep(envelope);
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

  /** What may be sent now where this one waits, in order; from here on it is under way. */
  release({ route }: Entry): readonly Envelope[] {
    return this.#releaseRoute(route);
  }

  /** Taken by its host. @returns what that makes room for; undefined when the number was not waiting for that host. */
  acked(n: number, from: string): readonly Envelope[] | undefined {
    const entry = this.#entries.get(n);
    if (entry === undefined || entry.route.host !== from) return undefined;
    const { route } = entry;
    if (this.#forget(entry)) return NONE;
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
  reopen(n: number, from: string): readonly Envelope[] {
    const route = this.#routeOf(n, from);
    if (route === undefined) return NONE;
    this.#rewind(route);
    return this.#releaseRoute(route);
  }

  /** A host came (back): what may be sent to it, in order. Gates are forgotten, as it forgets them too. */
  reconnect(host: string): readonly Envelope[] {
    const routes = [...(this.#byHost.get(host) ?? [])];
    for (const route of routes) this.#rewind(route);
    return routes.flatMap((route) => this.#releaseRoute(route)).toSorted((a, b) => a.n - b.n);
  }

  /** The first that waits for a cell of this host; it leaves the outbox. */
  takeLocal(to: Address, lane: Lane): Envelope | undefined {
    const entry = this.#routes.get(routeKey(to, lane))?.unsent.first;
    if (entry !== undefined) this.#forget(entry);
    return entry?.envelope;
  }

  /** The addresses at a host for which something waits. */
  addresses(host: string): ReadonlySet<Address> {
    return new Set([...(this.#byHost.get(host) ?? [])].flatMap((route) => route.unsent.first?.envelope.to ?? []));
  }

  #routeOf(n: number, from: string): Route | undefined {
    const route = this.#entries.get(n)?.route;
    return route?.host === from ? route : undefined;
  }

  #releaseRoute(route: Route): readonly Envelope[] {
    if (route.parked || route.unsent.length === 0) return NONE;
    let out: Envelope[] | undefined;
    while (route.underWay < route.window) {
      const entry = route.unsent.take();
      if (entry === undefined) break;
      if (entry.isTaken) continue;
      entry.isSent = true;
      route.sent.push(entry);
      route.underWay += 1;
      // Mostly it is one, and an array that grows takes room for many.
      if (out === undefined) out = [entry.envelope];
      else out.push(entry.envelope);
    }
    return out ?? NONE;
  }

  #rewind(route: Route): void {
    const unsent = new Line<Entry>();
    for (const line of [route.sent, route.unsent]) {
      for (const entry of line.rest()) {
        if (entry.isTaken) continue;
        entry.isSent = false;
        unsent.push(entry);
      }
    }
    route.sent = new Line();
    route.underWay = 0;
    route.unsent = unsent;
    route.parked = false;
  }

  #keep(envelope: Envelope): Entry {
    const route = this.#routeTo(envelope);
    const entry: Entry = { envelope, route, isSent: false, isTaken: false };
    this.#entries.set(envelope.n, entry);
    route.unsent.push(entry);
    return entry;
  }

  #routeTo({ to, lane }: Envelope): Route {
    const key = routeKey(to, lane);
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    const host = hostOf(to);
    const fresh = {
      sent: new Line<Entry>(),
      underWay: 0,
      unsent: new Line<Entry>(),
      window: WINDOW_MAX,
      parked: false,
    };
    const route: Route = { key, host, ...fresh };
    this.#routes.set(key, route);
    const routes = this.#byHost.get(host);
    if (routes === undefined) this.#byHost.set(host, new Set([route]));
    else routes.add(route);
    return route;
  }

  /** @returns whether its route is empty now, and forgotten too. */
  #forget(entry: Entry): boolean {
    const { envelope, route } = entry;
    this.#entries.delete(envelope.n);
    entry.isTaken = true;
    if (entry.isSent) route.underWay -= 1;
    dropTaken(route.sent);
    dropTaken(route.unsent);
    if (route.underWay > 0 || route.unsent.length > 0) return false;
    this.#routes.delete(route.key);
    const routes = this.#byHost.get(route.host);
    routes?.delete(route);
    if (routes?.size === 0) this.#byHost.delete(route.host);
    return true;
  }
}

const NONE: readonly Envelope[] = [];

function dropTaken(line: Line<Entry>): void {
  while (line.first?.isTaken === true) line.take();
}
