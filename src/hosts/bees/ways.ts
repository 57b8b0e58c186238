/**
 * The ways of a thread to others of its node, past the porter: a frame that goes through a third thread wakes that one
 * too, which costs more than most of what is said.
 *
 * Owns: frames between one life of a thread and one life of another. Does not own: which threads have such a way; what
 * becomes of what was lost with it (kernel rule 5).
 *
 *  WY1 A way is of one life of either end: nothing that was said on it arrives once it is closed here.
 *  WY2 What was said before the other end closed still arrives.
 *
 * @module
 */
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Frame } from "../../runtime/envelope.ts";
import { Bundle } from "./bundle.ts";
import type { BeeThread } from "./thread.ts";

/** Each hears that the other is there. @param isDirect nobody else has to see what they say to each other */
export function introduce(a: BeeThread, b: BeeThread, isDirect: boolean): void {
  const { port1, port2 } = isDirect ? new MessageChannel() : {};
  a.meet(b, port1);
  b.meet(a, port2);
}

interface Way {
  readonly port: MessagePort;
  readonly bundle: Bundle<Frame>;
}

export class Ways {
  readonly #ways = new Map<string, Way>();
  readonly #receive: (from: string, frames: readonly Frame[]) => void;

  constructor(receive: (from: string, frames: readonly Frame[]) => void) {
    this.#receive = receive;
  }

  /** The one that there was is of a life that is over. @param port nothing if there is none from now on */
  meet(host: string, port: MessagePort | undefined): void {
    this.part(host);
    if (port === undefined) return;
    port.on("message", (frames: readonly Frame[]) => this.#receive(host, frames));
    this.#ways.set(host, { port, bundle: new Bundle((frames) => port.postMessage(frames)) });
  }

  /** @returns whether there is a way to it */
  send(to: string, frames: readonly Frame[]): boolean {
    const way = this.#ways.get(to);
    for (const frame of frames) way?.bundle.say(frame);
    return way !== undefined;
  }

  /** WY1, WY2. */
  part(host: string): void {
    const way = this.#ways.get(host);
    this.#ways.delete(host);
    way?.bundle.flush();
    way?.port.close();
  }

  partAll(): void {
    for (const host of this.#ways.keys()) this.part(host);
  }
}
