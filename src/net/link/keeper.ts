/**
 * The keeper of a machine's links: one connection for each machine that it is to be linked with.
 *
 * Owns: dialling and dialling again, which of two connections of a pair stays, who was let in last. Does not own: what
 * goes over a link, certificates, or who is wanted.
 *
 *  KE1 There is at most one link up for each machine; `onUp` and `onDown` of one machine take turns.
 *  KE2 When both dial at once, the connection that the machine with the smaller name dialled stays, on both sides.
 *  KE3 A machine that comes again while its last connection seems up has lost that one: the new one takes its place,
 *      once it is up.
 *  KE4 A machine that is wanted is dialled until it is released; between tries it is waited as backoff.ts says.
 *  KE5 Who comes in a life older than the last that was let in stays out (HE4 of hello.ts). Of who is dialled the
 *      owner of the link judges, who may know more.
 *  KE6 Strangers who do not get as far as a link are bounded in number, and each in time (link.ts).
 *  KE7 While a machine is linked and heard of, another start of it stays out, earlier or later: it has a copy of its
 *      home. One that has gone quiet has lost its connection, as with KE3.
 *
 * @module
 */
import type { ErrorData } from "../../protocol/errors.ts";
import type { Frame } from "../../runtime/envelope.ts";
import { backoffMs } from "./backoff.ts";
import { Beat } from "./beat.ts";
import type { Expected, Life } from "./hello.ts";
import { Link, type LinkEvents, type LinkOptions } from "./link.ts";
import type { PipeReader, PipeReaderEvents } from "./pipes.ts";
import type { LinkClock, LinkSocket } from "./socket.ts";
import { isAlone, LOOK_MS } from "./suspicion.ts";
import { type Hello, say } from "./words.ts";

/** Connections that have not yet said who they are, or were not yet welcomed: as many as machines that come at once. */
const GREETING_MAX = 1024;
/** A link that stood for so long did not fail: what comes next is tried afresh. */
const STABLE_MS = 5000;

export interface KeeperEvents {
  onUp(peer: Hello, link: Link): void;
  onDown(peer: string, reason: ErrorData): void;
  /** A dial came to nothing; it is tried again. */
  onFailed?(peer: string, reason: ErrorData): void;
  onHostUp(peer: string, host: string, life: number): void;
  onHostDown(peer: string, host: string): void;
  onFrames(peer: string, from: string, to: string, frames: readonly Frame[]): void;
  onNote?(peer: string, value: unknown): void;
  onPipe?(peer: string, reader: PipeReader): PipeReaderEvents | undefined;
}

export interface KeeperOptions {
  readonly self: Hello;
  readonly clock: LinkClock;
  /** In [0, 1). */
  readonly chance: () => number;
  readonly dial: (address: string) => LinkSocket;
  readonly events: KeeperEvents;
}

interface Neighbour {
  readonly node: string;
  /** Where it is dialled, while it is wanted. */
  address: string | undefined;
  link: Link | undefined;
  upMs: number;
  /** On its way up: what we dialled, and what it dialled and we welcomed. */
  dialled: Link | undefined;
  welcomed: Link | undefined;
  failures: number;
  cancelDial: (() => void) | undefined;
  seen: Life | undefined;
}

const KEPT: ErrorData = { code: "link.kept", message: "another connection of these two machines stays" };
const CLOSED: ErrorData = { code: "link.closed", message: "the other machine closed the link" };

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #beat: Beat;
  readonly #neighbours = new Map<string, Neighbour>();
  /** Connections that are not up. */
  readonly #greeting = new Set<Link>();
  #isClosed = false;
  #alone = { atMs: Number.NEGATIVE_INFINITY, is: false };

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#beat = new Beat(options.clock);
  }

  /** The link that is up. */
  link(node: string): Link | undefined {
    return this.#neighbours.get(node)?.link;
  }

  /** From here on it is dialled there until it is released. */
  want(node: string, address: string): void {
    const neighbour = this.#neighbour(node);
    neighbour.address = address;
    this.#dial(neighbour);
  }

  /** Neither wanted nor linked any more. It may come by itself. */
  release(node: string, reason = CLOSED): void {
    const neighbour = this.#neighbours.get(node);
    if (neighbour === undefined) return;
    neighbour.address = undefined;
    neighbour.cancelDial?.();
    neighbour.cancelDial = undefined;
    for (const link of [neighbour.dialled, neighbour.welcomed, neighbour.link]) link?.close(reason);
  }

  /** Somebody dialled us. @param expected what its certificate says */
  accept(socket: LinkSocket, expected: Expected = {}): void {
    if (this.#isClosed || this.#greeting.size >= GREETING_MAX) {
      socket.listen({ onOpen: () => socket.end(), onText() {}, onBytes() {}, onClosed() {} });
      return;
    }
    const link: Link = this.#open(socket, "acceptor", expected, (theirs) => {
      const neighbour = this.#neighbour(theirs.node);
      if (isAnother(theirs, neighbour.link)) return copied(theirs.node);
      // KE2
      if (neighbour.dialled !== undefined && this.#options.self.node < theirs.node) return KEPT;
      neighbour.dialled?.close(KEPT);
      neighbour.welcomed?.close(KEPT);
      neighbour.cancelDial?.();
      neighbour.cancelDial = undefined;
      neighbour.welcomed = link;
      return undefined;
    });
  }

  /** Somebody dialled us who is not let in, and is told why. */
  turnAway(socket: LinkSocket, error: ErrorData): void {
    const onOpen = (): void => {
      socket.sendText(say({ word: "refused", error }));
      socket.end();
    };
    socket.listen({ onOpen, onText() {}, onBytes() {}, onClosed() {} });
  }

  /** Says goodbye to everybody. */
  close(reason = CLOSED): void {
    this.#isClosed = true;
    for (const node of this.#neighbours.keys()) this.release(node, reason);
    for (const link of this.#greeting) link.close(reason);
  }

  #neighbour(node: string): Neighbour {
    const known = this.#neighbours.get(node);
    if (known !== undefined) return known;
    const neighbour: Neighbour = {
      node,
      address: undefined,
      link: undefined,
      upMs: 0,
      dialled: undefined,
      welcomed: undefined,
      failures: 0,
      cancelDial: undefined,
      seen: undefined,
    };
    this.#neighbours.set(node, neighbour);
    return neighbour;
  }

  #dial(neighbour: Neighbour): void {
    const { address, node } = neighbour;
    const isBusy = [neighbour.link, neighbour.dialled, neighbour.welcomed, neighbour.cancelDial].some(Boolean);
    if (address === undefined || isBusy || this.#isClosed) return;
    neighbour.dialled = this.#open(this.#options.dial(address), "dialler", { node }, () =>
      neighbour.link === undefined ? undefined : KEPT,
    );
  }

  #dialLater(neighbour: Neighbour, reason: ErrorData): void {
    if (neighbour.address === undefined || neighbour.cancelDial !== undefined || this.#isClosed) return;
    const { clock, chance } = this.#options;
    neighbour.cancelDial = clock.after(backoffMs(neighbour.failures, reason, chance()), () => {
      neighbour.cancelDial = undefined;
      this.#dial(neighbour);
    });
    neighbour.failures += 1;
  }

  #open(
    socket: LinkSocket,
    role: LinkOptions["role"],
    expected: Expected,
    admit: NonNullable<LinkOptions["admit"]>,
  ): Link {
    const { self, clock } = this.#options;
    let node = expected.node;
    const options: LinkOptions = {
      self,
      role,
      expected,
      clock,
      beat: this.#beat,
      admit: (theirs) => {
        node = theirs.node;
        return admit(theirs);
      },
      ...(role === "acceptor" && { seen: (theirs: string) => lastOf(this.#neighbours.get(theirs)) }),
      isAlone: () => this.#isAlone(),
    };
    const link: Link = new Link(socket, options, {
      ...this.#eventsOf(() => node ?? ""),
      onUp: (peer) => this.#up(peer, link),
      onClosed: (reason) => this.#closed(node, link, reason),
    });
    this.#greeting.add(link);
    return link;
  }

  #eventsOf(node: () => string): Omit<LinkEvents, "onUp" | "onClosed"> {
    const { events } = this.#options;
    return {
      onHostUp: (host, life) => events.onHostUp(node(), host, life),
      onHostDown: (host) => events.onHostDown(node(), host),
      onFrames: (from, to, frames) => events.onFrames(node(), from, to, frames),
      onNote: (value) => events.onNote?.(node(), value),
      onPipe: (reader) => events.onPipe?.(node(), reader),
    };
  }

  #up(peer: Hello, link: Link): void {
    const neighbour = this.#neighbour(peer.node);
    this.#greeting.delete(link);
    if (neighbour.dialled === link) neighbour.dialled = undefined;
    if (neighbour.welcomed === link) neighbour.welcomed = undefined;
    // KE3
    neighbour.link?.close(KEPT);
    neighbour.link = link;
    neighbour.upMs = this.#options.clock.monotonicMs();
    neighbour.seen = { life: peer.life, instance: peer.instance };
    this.#options.events.onUp(peer, link);
  }

  #closed(node: string | undefined, link: Link, reason: ErrorData): void {
    this.#greeting.delete(link);
    const neighbour = node === undefined ? undefined : this.#neighbours.get(node);
    if (neighbour === undefined) return;
    const { events, clock } = this.#options;
    if (neighbour.link === link) {
      neighbour.link = undefined;
      if (clock.monotonicMs() - neighbour.upMs >= STABLE_MS) neighbour.failures = 0;
      events.onDown(neighbour.node, reason);
    } else if (neighbour.dialled === link) {
      neighbour.dialled = undefined;
      events.onFailed?.(neighbour.node, reason);
    } else if (neighbour.welcomed === link) neighbour.welcomed = undefined;
    else return;
    this.#dialLater(neighbour, reason);
  }

  /** Asked by each link of many that are silent together: one answer serves them all. */
  #isAlone(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#alone.atMs >= LOOK_MS) {
      const up = [...this.#neighbours.values()].flatMap(({ link }) => link ?? []);
      this.#alone = { atMs: nowMs, is: isAlone(up.map((link) => link.finding)) };
    }
    return this.#alone.is;
  }
}

/** KE7. */
const isAlive = (link: Link | undefined): link is Link => link?.finding === "alive";
const isAnother = ({ instance }: Hello, link: Link | undefined): boolean =>
  isAlive(link) && link.peer?.instance !== instance;
const copied = (node: string): ErrorData => ({
  code: "machine.copied",
  message: `${node} is linked already and alive: whoever comes now has a copy of its home`,
});

/** KE5. Who is linked and alive is judged by KE7. */
const lastOf = (neighbour: Neighbour | undefined): Life | undefined =>
  isAlive(neighbour?.link) ? undefined : neighbour?.seen;
