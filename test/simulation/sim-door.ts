/**
 * How simulated clients ask the cells of a cluster: one question, one answer, a deadline in virtual time.
 *
 * Owns: matching answers to questions, as src/hosts/porter/door-asks.ts does on real time. Does not own: carrying
 * either.
 *
 *  SD1 What a lost host was asked fails at once with host.restarted, and so does what is asked while it is down.
 *
 * @module
 */
import { type Address, hostOf } from "../../machines/words.ts";
import type { ErrorData } from "../../src/protocol/errors.ts";
import type { AskResult, Frame, Message } from "../../src/runtime/envelope.ts";
import type { SimClock } from "./sim-clock.ts";

const DOOR: Address = "porter/door/main";

interface Waiting {
  readonly host: string;
  readonly done: (result: AskResult) => void;
}

export class SimDoor {
  readonly #clock: SimClock;
  readonly #send: (to: string, frames: readonly Frame[]) => void;
  readonly #waiting = new Map<string, Waiting>();
  readonly #down = new Set<string>();
  #asked = 0;

  constructor(clock: SimClock, send: (to: string, frames: readonly Frame[]) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  ask(to: Address, event: Message, deadlineMs: number, done: (result: AskResult) => void): void {
    const host = hostOf(to);
    if (this.#down.has(host)) {
      this.#clock.after(0, () => done(failed("host.restarted", `${host} is not there`)));
      return;
    }
    this.#asked += 1;
    const id = `${DOOR}#${this.#asked}`;
    this.#waiting.set(id, { host, done });
    this.#clock.after(deadlineMs, () => this.answered(id, failed("ask.deadline", `no answer in ${deadlineMs} ms`)));
    const re = { id, from: DOOR };
    this.#send(host, [{ kind: "mail", envelope: { to, from: DOOR, lane: "data", n: 0, label: "private", event, re } }]);
  }

  tell(to: Address, event: Message): void {
    const envelope = { to, from: DOOR, lane: "control", n: 0, label: "private", event } as const;
    this.#send(hostOf(to), [{ kind: "mail", envelope }]);
  }

  answered(id: string, result: AskResult): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.done(result);
  }

  hostDown(host: string): void {
    this.#down.add(host);
    for (const [id, waiting] of this.#waiting) {
      if (waiting.host === host) this.answered(id, failed("host.restarted", `${host} is gone`));
    }
  }

  hostUp(host: string): void {
    this.#down.delete(host);
  }
}

const failed = (code: ErrorData["code"], message: string): AskResult => ({ ok: false, error: { code, message } });
