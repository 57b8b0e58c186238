/**
 * Durable mail between hosts: every number sent is folded in order, once, by cells that live.
 *
 *  RM1 Of each route (host, cell, lane) what is folded is what was sent, from the first on, in order, none twice; and
 *      RM4 so over restarts, by one incarnation only.
 *  RM2 What was acknowledged is folded and flushed, or stored.
 *  RM5 No mailbox holds more data than its bound.
 *  RM6 Control is folded within some turns of its arrival, whatever else waits.
 *  RJ7 A submission is answered at once.
 *  RM10 What is numbered, asked or accepted is on disk when that leaves; what goes to a volatile host of the same
 *       machine is committed, unless it says that a client will rely on it.
 *
 * @module
 */
import { requests } from "../../src/actors/queen/tables.ts";
import { hostOf } from "../../machines/words.ts";
import type { Observation } from "../../src/runtime/core.ts";
import type { AskResult, Envelope, Frame, Message } from "../../src/runtime/envelope.ts";
import type { Host } from "../../src/runtime/host.ts";
import { KEY } from "../../src/runtime/journal.ts";
import type { Ledger } from "./check-ledger.ts";
import type { SimDisk } from "./sim-journal.ts";
import type { Verdict } from "./verdict.ts";

const CONTROL: Arrival["urgent"] = { invariant: "RM6", withinMs: 50 };
const URGENT: Readonly<Record<string, Arrival["urgent"]>> = { submit: { invariant: "RJ7", withinMs: 10 } };

/** One lane from one host to one cell. */
interface Route {
  readonly to: Envelope["to"];
  /** Numbers, as they were sent for the first time. */
  readonly sent: number[];
  /** How many of them were folded, and how many of those the receiver's disk has. */
  folded: number;
  flushed: number;
}

interface Arrival {
  readonly route: Route | undefined;
  readonly n: number;
  /** The rule that it is folded soon, and how soon. */
  readonly urgent: { readonly invariant: string; readonly withinMs: number } | undefined;
  readonly atMs: number;
}

const isForgetful = ({ core }: Host, to: string): boolean => core.peers.get(to)?.isForgetful === true;

export class DeliveryChecker {
  readonly #verdict: Verdict;
  readonly #ledger: Ledger;
  /** Who stood still counts from then on. */
  readonly #thawedAtMs: (host: string) => number;
  readonly #diskOf: (host: string) => SimDisk | undefined;
  readonly #routes = new Map<string, Route>();
  /** By sending host and number. */
  readonly #byNumber = new Map<string, Map<number, Route>>();
  readonly #arrivals = new WeakMap<Message, Arrival>();
  /** When a host last took one thing a turn, as after a crash: who waits meanwhile counts from then on. */
  readonly #carefulAtMs = new Map<string, number>();

  constructor(
    verdict: Verdict,
    ledger: Ledger,
    diskOf: (host: string) => SimDisk | undefined,
    thawedAtMs: (host: string) => number,
  ) {
    this.#thawedAtMs = thawedAtMs;
    this.#verdict = verdict;
    this.#ledger = ledger;
    this.#diskOf = diskOf;
  }

  sent(host: Host, to: string, frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (frame.kind === "mail" && frame.envelope.n > 0) this.#numbered(host, to, frame.envelope);
      else if (frame.kind === "mail") this.#asked(host, to, frame.envelope);
      else if (frame.kind === "answer") this.#answered(host, frame.result);
      else if (frame.kind === "ack") for (const n of frame.ns) this.#acked(host, to, n);
    }
  }

  arrived(host: Host, from: string, frames: readonly Frame[]): void {
    const atMs = this.#verdict.nowMs();
    for (const frame of frames) if (frame.kind === "mail") this.#note(host, from, frame.envelope, atMs);
  }

  /** What its journal held of mail is new in memory, and known all the same. */
  opened(host: Host): void {
    const atMs = this.#verdict.nowMs();
    for (const cell of host.core.cells.values()) {
      for (const item of cell.mailbox.rest()) {
        if (item.kind !== "mail" || item.envelope.n === 0) continue;
        const { event } = item.envelope;
        const route = this.#route(hostOf(item.envelope.from), item.envelope);
        this.#arrivals.set(event, { route, n: item.envelope.n, urgent: undefined, atMs });
      }
    }
  }

  step(host: Host, { cell, event, outcome }: Observation): void {
    const found = host.core.cells.get(cell);
    if (found !== undefined && found.mailbox.dataLength > found.behaviour.limits.mailMax) {
      this.#verdict.fail("RM5", `${cell} holds ${found.mailbox.dataLength} letters of data`);
    }
    const nowMs = this.#verdict.nowMs();
    if (host.core.carefulLeft > 0) this.#carefulAtMs.set(host.id, nowMs);
    const arrival = this.#arrivals.get(event);
    if (arrival === undefined || outcome === "late") return;
    const { route, n, urgent, atMs } = arrival;
    const heldMs = Math.max(this.#thawedAtMs(host.id), this.#carefulAtMs.get(host.id) ?? 0);
    const tookMs = nowMs - Math.max(atMs, heldMs);
    if (urgent !== undefined && tookMs > urgent.withinMs) {
      this.#verdict.fail(urgent.invariant, `${event.type} waited ${tookMs} ms in ${cell}`);
    }
    if (route !== undefined) this.#folded(host, route, n, event);
  }

  /** When all is quiet: whatever was sent to a cell that lives has been folded. */
  quiet(hostAt: (id: string) => Host | undefined): void {
    for (const [key, route] of this.#routes) {
      const host = hostAt(hostOf(route.to));
      if (host?.core.cells.has(route.to) !== true || route.folded === route.sent.length) continue;
      this.#verdict.fail("RM2", `${key}: of ${route.sent.length} letters sent ${route.folded} were folded`);
    }
  }

  #numbered(host: Host, to: string, envelope: Envelope): void {
    const { n } = envelope;
    const route = this.#route(host.id, envelope);
    const last = route.sent.at(-1) ?? 0;
    if (n <= last) return;
    route.sent.push(n);
    let numbers = this.#byNumber.get(host.id);
    if (numbers === undefined) this.#byNumber.set(host.id, (numbers = new Map()));
    numbers.set(n, route);
    if (!this.#isKept(host, KEY.out(n), isForgetful(host, to))) {
      this.#verdict.fail("RM10", `${host.id} sends ${envelope.event.type} as ${n} before it is on disk`);
    }
  }

  #asked(host: Host, to: string, { re, event }: Envelope): void {
    const open = re === undefined ? undefined : host.core.asks.get(re.id);
    if (re === undefined || open === undefined) return;
    if (this.#isKept(host, KEY.ask(re.id), isForgetful(host, to) && open.row.after !== "flush")) return;
    this.#verdict.fail("RM10", `${host.id} asks ${event.type}, as ${re.id}, before that is on disk`);
  }

  /** @param committed is that enough? */
  #isKept({ id }: Host, key: string, committed: boolean): boolean {
    const disk = this.#diskOf(id);
    return disk === undefined || disk.has(key) || (committed && disk.rows.has(key));
  }

  /** A client relies on it, unless it waits on its connection. */
  #answered({ id, core }: Host, result: AskResult): void {
    if (!result.ok || result.event.type !== "accepted") return;
    const disk = this.#diskOf(id);
    const { job } = result.event as Message & { readonly job: string };
    if (core.tables.rows(requests).get(job)?.isAwaited === true) return;
    const key = KEY.row("jobs", job);
    if (disk === undefined || disk.has(key) || disk.lasting().has(key)) return;
    this.#verdict.fail("RM10", `${job} is accepted before it is on disk`);
  }

  #acked(receiver: Host, sender: string, n: number): void {
    const route = this.#byNumber.get(sender)?.get(n);
    const cell = route === undefined ? undefined : receiver.core.cells.get(route.to);
    if (route === undefined || cell === undefined) return;
    if ((route.sent[route.flushed - 1] ?? 0) >= n) return;
    const disk = this.#diskOf(receiver.id);
    for (const [key, row] of disk?.lasting() ?? []) {
      if (!key.startsWith("m/")) continue;
      const { n: stored, from } = row as Envelope;
      if (stored === n && hostOf(from) === sender) return;
    }
    this.#verdict.fail("RM2", `${receiver.id} acknowledges ${n} of ${sender}, and no disk has what became of it`);
  }

  #folded(host: Host, route: Route, n: number, event: Message): void {
    const expected = route.sent[route.folded];
    if (n === expected) {
      const before = route.folded;
      route.folded += 1;
      this.#ledger.believe(
        host.id,
        () => {
          route.folded = before;
        },
        () => {
          route.flushed = Math.max(route.flushed, before + 1);
        },
      );
      return;
    }
    if (expected === undefined || n < expected) {
      return this.#verdict.fail("RM1", `${route.to} folds ${event.type}, number ${n}, a second time`);
    }
    // What killed its host three times was buried unseen.
    if (host.core.deadLetters.count > 0) route.folded = route.sent.indexOf(n) + 1;
    else this.#verdict.fail("RM1", `${route.to} folds ${event.type}, number ${n}, where ${expected} was next`);
  }

  #note(host: Host, from: string, envelope: Envelope, atMs: number): void {
    const { n, lane, event, to } = envelope;
    const urgent = !host.core.cells.has(to) ? undefined : lane === "control" ? CONTROL : URGENT[event.type];
    if (n === 0 && urgent === undefined) return;
    this.#arrivals.set(event, { route: n === 0 ? undefined : this.#route(from, envelope), n, urgent, atMs });
  }

  #route(from: string, { to, lane }: Pick<Envelope, "to" | "lane">): Route {
    const key = `${from}>${to}|${lane}`;
    let route = this.#routes.get(key);
    if (route === undefined) this.#routes.set(key, (route = { to, sent: [], folded: 0, flushed: 0 }));
    return route;
  }
}
