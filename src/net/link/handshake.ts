/**
 * How two machines come to be linked: each says who it is, judges the other, and welcomes it.
 *
 * Owns: the order of these words, the time that the other side has for them, the version that is spoken after. Does not
 * own: what makes a hello acceptable (hello.ts), the connection and its end (link.ts).
 *
 *  LK6 The side that dialled is the last to welcome the other, and may think better of it until then: it alone decides
 *      that the connection stands.
 *  LK8 The other side has {@link DIAL_MS} until the connection is there, and then {@link HANDSHAKE_MS} to greet.
 *
 * @module
 */
import type { ErrorData } from "../../protocol/errors.ts";
import { type Expected, judge, type Life } from "./hello.ts";
import type { Dialect } from "./messages.ts";
import type { LinkClock } from "./socket.ts";
import type { Hello, Word } from "./words.ts";

/** From the moment on in which the connection is there. */
export const HANDSHAKE_MS = 5000;
/** Until it is there: a queen to whom a thousand come at once takes them one after another. */
export const DIAL_MS = 10_000;

export interface HandshakeOptions {
  readonly self: Hello;
  readonly role: "dialler" | "acceptor";
  readonly expected?: Expected;
  readonly clock: LinkClock;
  /** The last start of that machine that was let in. */
  readonly seen?: (node: string) => Life | undefined;
  /** The last word on a hello that is right in itself. */
  readonly admit?: (theirs: Hello) => ErrorData | undefined;
}

export interface HandshakeEvents {
  say(word: Word): void;
  onUp(peer: Hello): void;
  /** The other side is not for us, or no longer: it is told. */
  close(reason: ErrorData): void;
  /** It does not keep to the words. */
  refuse(why: string): void;
}

export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #events: HandshakeEvents;
  #cancel = (): void => {};
  #isOver = false;
  #peer: Hello | undefined;
  #dialect: Dialect = { bytesMax: 0, version: 0 };

  constructor(options: HandshakeOptions, events: HandshakeEvents) {
    this.#options = options;
    this.#events = events;
    this.#await(DIAL_MS);
  }

  /** The other machine, once it has said who it is and was accepted. */
  get peer(): Hello | undefined {
    return this.#peer;
  }

  /** What is spoken with it. */
  get dialect(): Dialect {
    return this.#dialect;
  }

  /** The connection is there. */
  begin(): void {
    this.#await(HANDSHAKE_MS);
    this.#events.say(this.#options.self);
  }

  hear(word: Hello | { readonly word: "welcome" } | undefined): void {
    if (word?.word === "hello")
      return this.#peer === undefined ? this.#judge(word) : this.#events.refuse("it greets again");
    if (word === undefined || this.#peer === undefined || this.#isOver)
      return this.#events.refuse("what it says is no word of a link, or comes out of turn");
    if (this.#options.role === "acceptor" || this.#welcome(this.#peer)) this.#up(this.#peer);
  }

  /** Nothing is waited for any more. */
  end(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #judge(theirs: Hello): void {
    const { self, expected, seen, role } = this.#options;
    const verdict = judge(self, theirs, expected, seen?.(theirs.node));
    if (!verdict.ok) return this.#events.close(verdict.error);
    this.#peer = theirs;
    this.#dialect = { bytesMax: theirs.messageBytesMax, version: verdict.version };
    if (role === "acceptor") this.#welcome(theirs);
  }

  /** @returns whether it was let in. */
  #welcome(theirs: Hello): boolean {
    const error = this.#options.admit?.(theirs);
    if (error !== undefined) this.#events.close(error);
    else this.#events.say({ word: "welcome" });
    return error === undefined;
  }

  #up(peer: Hello): void {
    this.end();
    this.#events.onUp(peer);
  }

  #await(withinMs: number): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(withinMs, () => this.#events.refuse("it did not greet in time"));
  }
}
