/**
 * A link: one connection between two machines, which carries frames between their hosts, and pipes.
 *
 * Owns: the order of what is sent and received on this connection, pings, and why it ended. Does not own: how it came
 * about (handshake.ts), what is said, who may speak (the certificate), or which connections there are (keeper.ts). It
 * forgets everything with its connection: what is numbered stays in the outboxes of the hosts, which send it again when
 * they hear of each other again (`onHostUp`), and their marks know what they have folded. Kernel rules 4 and 5.
 *
 *  LK1 Before both sides have accepted each other's hello nothing but words is read, and nothing is handed on.
 *  LK2 Whatever bytes arrive, nothing is thrown and what is held is bounded: the link ends with its reason.
 *  LK3 A peer that takes nothing for {@link STALLED_MS} although something is under way, or that is silent
 *      (suspicion.ts), is cut; what waits for it is bounded meanwhile (lanes.ts, transit.ts). Time in which we stood
 *      still does not count.
 *  LK4 `onClosed` comes exactly once, after every host of the other side was told to be down.
 *  LK5 What is sent in one turn leaves together, in as few frames as hold it.
 *  LK7 The side that was dialled pings, and the other answers at once. A quiet link sends these two frames and no
 *      other: what was received is acknowledged with them at the latest. It may go with more (pings.ts).
 *
 * LK6 and LK8 are in handshake.ts.
 *
 * @module
 */
import { type ErrorCode, type ErrorData, isErrorCode, RbeeError } from "../../protocol/errors.ts";
import type { Frame } from "../../runtime/envelope.ts";
import { Beat, type Beating } from "./beat.ts";
import { FrameWriter, type LinkFrame, type LinkLane, readFrame } from "./frame.ts";
import { Gather } from "./gather.ts";
import { Handshake, type HandshakeOptions } from "./handshake.ts";
import { Lanes, type MessageLane } from "./lanes.ts";
import { laneOf } from "./mail.ts";
import { type LinkMessage, packMail, packSignal, readMessage, type Signal } from "./messages.ts";
import { type PipeReader, type PipeReaderEvents, Pipes, type PipeWriter, type PipeWriterEvents } from "./pipes.ts";
import { Pings } from "./pings.ts";
import { Roster } from "./roster.ts";
import type { LinkSocket } from "./socket.ts";
import { ALONE_MS, type Finding, PING_MS, Suspicion } from "./suspicion.ts";
import { Transit } from "./transit.ts";
import { hear, type Hello, say } from "./words.ts";

export const STALLED_MS = 10_000;
/** What was received is acknowledged after so much; what is less, with whatever goes next, a ping at the latest. */
const ACK_BYTES = 128 * 1024;
const PING = packSignal({ kind: "ping" });

export interface LinkOptions extends HandshakeOptions {
  /** Of all links of this machine, where it has several. */
  readonly beat?: Beat;
  /** Whether so many fell silent at once that it is this machine that is cut off. */
  readonly isAlone?: () => boolean;
}

export interface LinkEvents {
  onUp(peer: Hello): void;
  /** A host of the other machine is there: it is sent everything that it has not acknowledged. */
  onHostUp(host: string, life: number): void;
  onHostDown(host: string): void;
  onFrames(from: string, to: string, frames: readonly Frame[]): void;
  /** Not checked: whoever knows what it may be parses it. */
  onNote?(value: unknown): void;
  /** A pipe begins. Not given, or undefined: nobody reads it. */
  onPipe?(reader: PipeReader): PipeReaderEvents | undefined;
  onClosed(reason: ErrorData): void;
}

export interface Outgoing {
  readonly from: string;
  readonly to: string;
  /** The life in which the sender knew that host when it sent. */
  readonly toLife: number;
  readonly frames: readonly Frame[];
}

export class Link implements Beating {
  readonly #socket: LinkSocket;
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  readonly #lanes = new Lanes();
  readonly #transit = new Transit();
  readonly #gather: Gather;
  readonly #roster = new Roster();
  readonly #writer = new FrameWriter();
  readonly #pipes: Pipes;
  readonly #pings = new Pings();
  readonly #suspicion: Suspicion;
  readonly #beat: Beat;
  readonly #handshake: Handshake;
  #state: "greeting" | "up" | "closed" = "greeting";
  #isFlushing = false;

  constructor(socket: LinkSocket, options: LinkOptions, events: LinkEvents) {
    this.#socket = socket;
    this.#options = options;
    this.#events = events;
    this.#beat = options.beat ?? new Beat(options.clock);
    const nowMs = options.clock.monotonicMs();
    this.#suspicion = new Suspicion(nowMs);
    this.#gather = new Gather(options.self.messageBytesMax);
    this.#pipes = new Pipes({
      firstId: options.role === "dialler" ? 0 : 1,
      signal: (signal) => this.#signal(signal),
      ready: (pipe) => {
        this.#lanes.enlist(pipe);
        this.#flushSoon();
      },
      opened: (reader) => events.onPipe?.(reader),
    });
    this.#handshake = new Handshake(options, {
      say: (word) => socket.sendText(say(word)),
      onUp: (peer) => this.#up(peer),
      close: (reason) => this.close(reason),
      refuse: (why) => this.#refuse("link.handshake", why),
    });
    socket.listen({
      onOpen: () => this.#handshake.begin(),
      onText: (text) => this.#hearWord(text),
      onBytes: (bytes) => this.#hearBytes(bytes),
      onClosed: (why) => this.#closed({ code: "link.lost", message: `the connection broke: ${why}` }),
    });
  }

  get state(): "greeting" | "up" | "closed" {
    return this.#state;
  }

  /** Of messages, not yet under way. */
  get waitingBytes(): number {
    return this.#lanes.waitingBytes("control") + this.#lanes.waitingBytes("data");
  }

  /** The other machine, once it has said who it is and was accepted. */
  get peer(): Hello | undefined {
    return this.#handshake.peer;
  }

  get finding(): Finding {
    return this.#state === "up" ? this.#suspicion.judge(this.#nowMs) : "alive";
  }

  /** A host of this machine is there. */
  hostUp(host: string, life: number): void {
    this.#roster.ours.set(host, life);
    this.#signal({ kind: "up", host, life });
  }

  hostDown(host: string): void {
    if (this.#roster.ours.delete(host)) this.#signal({ kind: "down", host });
  }

  /**
   * Never blocks. May be lost with the connection: what must not be is sent again by whoever has numbered it.
   * @throws RbeeError request.too.large, for a single frame that the other side would not take
   */
  send({ from, to, toLife, frames }: Outgoing): void {
    const fromLife = this.#roster.ours.get(from);
    if (this.#state !== "up" || fromLife === undefined) return;
    const { dialect } = this.#handshake;
    const passing = this.#roster.outgoing(to, toLife, frames);
    for (const lane of ["control", "data"] as const) {
      const ofLane = passing.filter((frame) => laneOf(frame) === lane);
      for (const bytes of packMail({ kind: "mail", from, fromLife, to, toLife, frames: ofLane }, dialect)) {
        this.#put(lane, bytes);
      }
    }
  }

  /**
   * What the machines themselves have to say; lost with the connection. In order with the mail of its lane.
   * @throws RbeeError request.too.large
   */
  note(lane: MessageLane, value: unknown): void {
    if (this.#state === "up") this.#put(lane, packSignal({ kind: "note", value }, this.#handshake.dialect.bytesMax));
  }

  /** @returns undefined when the link is not up, or has too many pipes. */
  openPipe(name: string, events: PipeWriterEvents = {}): PipeWriter | undefined {
    return this.#state === "up" ? this.#pipes.open(name, events) : undefined;
  }

  /** What waits and may go, goes; then a goodbye that says why. */
  close(reason: ErrorData = { code: "link.closed", message: "the other machine closed the link" }): void {
    if (this.#state === "closed") return;
    this.#flush();
    this.#end(reason);
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #hearWord(text: string): void {
    if (this.#state === "closed") return;
    const word = hear(text);
    if (word !== undefined && "error" in word) {
      const { code, message } = word.error;
      this.#socket.end();
      return this.#closed({ code: isErrorCode(code) ? code : "link.lost", message });
    }
    this.#handshake.hear(word);
  }

  #up(peer: Hello): void {
    this.#state = "up";
    this.#suspicion.heard(this.#nowMs);
    this.#beat.join(this);
    this.#events.onUp(peer);
  }

  #hearBytes(bytes: Buffer): void {
    if (this.#state === "closed") return;
    if (this.#state === "greeting") return this.#refuse("link.handshake", "it sends frames before it was let in");
    try {
      this.#suspicion.heard(this.#nowMs);
      const frame = readFrame(bytes);
      this.#transit.received(frame.number, frame.acked, frame.length, this.#nowMs);
      this.#take(frame);
    } catch (error) {
      if (!(error instanceof RbeeError && error.code === "link.invalid")) throw error;
      return this.#refuse(error.code, error.message);
    }
    this.#flushSoon();
  }

  #take({ pieces }: LinkFrame): void {
    for (const piece of pieces) {
      if (piece.lane === "bulk") this.#pipes.heardPiece(piece);
      else {
        const message = this.#gather.push(piece.lane, piece);
        if (message !== undefined) this.#hear(readMessage(message));
      }
      if (this.#state !== "up") return;
    }
  }

  #hear(message: LinkMessage): void {
    switch (message.kind) {
      case "ping":
        this.#suspicion.pinged(this.#nowMs);
        return this.#options.role === "dialler" ? this.#signal({ kind: "ping" }) : undefined;
      case "mail": {
        const frames = this.#roster.incoming(message);
        if (frames.length > 0) this.#events.onFrames(message.from, message.to, frames);
        return;
      }
      case "up":
        this.#roster.hostUp(message.host, message.life);
        return this.#events.onHostUp(message.host, message.life);
      case "down":
        if (this.#roster.hostDown(message.host)) this.#events.onHostDown(message.host);
        return;
      case "note":
        return this.#events.onNote?.(message.value);
      case "open":
        return this.#pipes.heardOpen(message.pipe, message.name);
      case "credit":
        return this.#pipes.heardCredit(message.pipe, message.bytes);
      case "cut":
        return this.#pipes.heardCut(message.pipe, message.reason);
    }
  }

  #signal(signal: Signal): void {
    if (this.#state === "up") this.#put("control", packSignal(signal));
  }

  #put(lane: MessageLane, bytes: Uint8Array): void {
    if (this.#state !== "up" || !this.#enqueue(lane, bytes) || this.#options.role === "dialler") return;
    const { moves, pings } = this.#pings.said(this.#nowMs);
    if (moves) this.#beat.follow(this);
    if (pings) this.#enqueue("control", PING);
  }

  #enqueue(lane: MessageLane, bytes: Uint8Array): boolean {
    const isTaken = this.#lanes.put(lane, bytes);
    if (isTaken) this.#flushSoon();
    else this.#refuse("link.full", `${this.#lanes.waitingBytes(lane)} bytes of ${lane} wait for it`);
    return isTaken;
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#options.clock.soon(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  /** LK5. Every frame acknowledges; one that does nothing else waits until that much was received. */
  #flush(): void {
    const room = (lane: LinkLane): number => this.#transit.room(lane);
    this.#pings.left();
    while (this.#state === "up") {
      this.#lanes.fill(this.#writer, room);
      const { length } = this.#writer;
      if (length === 0 && this.#transit.untoldBytes < ACK_BYTES) return;
      const { number, acked } = this.#transit.next();
      this.#transit.sent(number, length, this.#nowMs);
      this.#socket.sendBytes(this.#writer.finish(number, acked));
    }
  }

  /** LK7. Of the one who answers the other side hears by then. */
  beat(nowMs: number): void {
    if (this.#options.role === "acceptor" && this.#pings.beat(nowMs)) this.#enqueue("control", PING);
  }

  excuse(ms: number, nowMs: number): void {
    this.#suspicion.excuse(ms, nowMs);
    this.#transit.excuse(ms, nowMs);
  }

  look(nowMs: number): boolean {
    this.#judge(nowMs);
    return this.#state === "up" && this.#suspicion.silentMs(nowMs) >= PING_MS;
  }

  /** What may have happened without anybody saying so. */
  #judge(nowMs: number): void {
    const silentMs = Math.round(this.#suspicion.silentMs(nowMs));
    if (this.#suspicion.judge(nowMs) === "dead") {
      const alone = this.#options.isAlone?.() === true;
      if (!alone || this.#suspicion.judge(nowMs, ALONE_MS) === "dead")
        return this.#refuse(alone ? "link.isolated" : "link.silent", `nothing was heard of it for ${silentMs} ms`);
    }
    const stalledMs = Math.round(this.#transit.stalledMs(nowMs));
    if (stalledMs >= STALLED_MS) this.#refuse("link.stalled", `it took nothing for ${stalledMs} ms`);
  }

  /** Cut for a reason of ours, of which the other side is told if it listens. */
  #refuse(code: ErrorCode, why: string): void {
    const who = this.peer?.node ?? "the other side";
    this.#end({ code, message: `${who}: ${why}` });
  }

  #end(reason: ErrorData): void {
    this.#socket.sendText(say({ word: this.#state === "up" ? "goodbye" : "refused", error: reason }));
    this.#socket.end();
    this.#closed(reason);
  }

  #closed(reason: ErrorData): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#handshake.end();
    this.#beat.leave(this);
    this.#pipes.cutAll(reason.message);
    for (const host of this.#roster.theirs.keys()) this.#events.onHostDown(host);
    this.#events.onClosed(reason);
  }
}
