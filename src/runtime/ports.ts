/**
 * Where the runtime touches the outside. Each port has a real and a simulated implementation, held to one contract.
 *
 * Owns: the shapes. Real ones: src/runtime/real/ and src/hosts/real/; simulated ones: test/simulation/.
 *
 * @module
 */
import type { Address } from "../../machines/words.ts";
import type { AskResult, Frame, Message } from "./envelope.ts";

/** Wall time goes to disk and to people; monotonic time measures. Both in ms. Kernel rule 8. */
export interface Clock {
  wallMs(): number;
  monotonicMs(): number;
}

/** Carries frames to another host, in order while the connection lasts. Never blocks; may lose what is not acked. */
export interface Transport {
  send(host: string, frames: readonly Frame[]): void;
}

export interface PortCall {
  /** The same after a restart: a port that already works on it attaches the new asker and begins nothing twice. */
  readonly id: string;
  readonly from: Address;
  readonly event: Message;
  /** Monotonic ms by which an answer is of use. */
  readonly deadlineMs: number;
}

/** Answers asks and decides nothing. Calls `answer` at most once for each call, never within `ask` itself. */
export interface Port {
  /** Whoever asks does nothing before it has to hear that it was done: the answer may come a second later. */
  readonly isUnhurried?: boolean;
  ask(call: PortCall, answer: (result: AskResult) => void): void;
  /** Nobody waits for this any more: stop what can be stopped. */
  drop(id: string): void;
}

/** How much room there is where the journal lies. */
export interface Disk {
  freeBytes(): number;
}
