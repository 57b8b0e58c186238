/**
 * How a door asks the cells of its process: one question, one answer, a deadline.
 *
 * Owns: matching answers to what was asked. Does not own: carrying either.
 *
 *  D1 What nobody answers in time fails with ask.deadline. What its host lost, or is asked while that host is down,
 *     fails at once.
 *     What cannot be sent fails at once too, and nothing of it stays.
 *  D2 What waits is bounded: above the bound a door is refused with mailbox.full.
 *
 * @module
 */
import { type Address, hostOf } from "../../../machines/words.ts";
import { type ErrorData, errorData, RbeeError } from "../../protocol/errors.ts";
import type { AskResult, Envelope, Frame, Lane, Message } from "../../runtime/envelope.ts";

export type SendFrames = (to: string, frames: readonly Frame[]) => void;

const OPEN_MAX = 10_000;

interface Waiting {
  readonly to: string;
  readonly resolve: (event: Message) => void;
  readonly reject: (error: RbeeError) => void;
  readonly timer: NodeJS.Timeout;
}

export class DoorAsks {
  readonly #self: Address;
  readonly #send: SendFrames;
  readonly #waiting = new Map<string, Waiting>();
  /** Hosts that are not there, and what a door is told of it. */
  readonly #down = new Map<string, ErrorData>();
  #asked = 0;

  constructor(self: Address, send: SendFrames) {
    this.#self = self;
    this.#send = send;
  }

  /**
   * Asks a cell and waits for its one answer.
   *
   * @param signal gives the ask up: its cell is told that nobody waits
   * @throws RbeeError with the code of the refusal
   */
  ask<Answer extends Message>(to: Address, event: Message, deadlineMs: number, signal?: AbortSignal): Promise<Answer> {
    if (this.#waiting.size >= OPEN_MAX) {
      return Promise.reject(new RbeeError("mailbox.full", "too many requests wait for an answer already"));
    }
    const host = hostOf(to);
    const down = this.#down.get(host);
    if (down !== undefined) return Promise.reject(thrownOf(down));
    this.#asked += 1;
    const id = `${this.#self}#${this.#asked}`;
    const fail = (error: ErrorData): void => this.answered(id, { ok: false, error });
    const giveUp = (): void => {
      this.#send(host, [{ kind: "drop", to, id }]);
      fail({ code: "interrupted", message: "nobody waits for it any more" });
    };
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = setTimeout(
      () => fail({ code: "ask.deadline", message: `no answer within ${deadlineMs} ms` }),
      deadlineMs,
    );
    // The cell at that address answers with the event that its own protocol names.
    this.#waiting.set(id, { to: host, resolve: resolve as (event: Message) => void, reject, timer });
    try {
      this.#send(host, [{ kind: "mail", envelope: this.#envelope(to, event, "data", id) }]);
    } catch (thrown) {
      fail(errorData(thrown));
    }
    signal?.addEventListener("abort", giveUp, { once: true });
    return promise.finally(() => signal?.removeEventListener("abort", giveUp));
  }

  /** Says something to a cell that needs no answer: a wish that may be lost. */
  tell(to: Address, event: Message, lane: Lane = "control"): void {
    this.#send(hostOf(to), [{ kind: "mail", envelope: this.#envelope(to, event, lane, undefined) }]);
  }

  answered(id: string, result: AskResult): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (result.ok) waiting.resolve(result.event);
    else waiting.reject(thrownOf(result.error));
  }

  /** A host is gone: what it was asked it has forgotten. Until it is up again, whoever asks it is told this error. */
  hostLost(host: string, error: ErrorData): void {
    this.#down.set(host, error);
    for (const [id, waiting] of this.#waiting) if (waiting.to === host) this.answered(id, { ok: false, error });
  }

  hostUp(host: string): void {
    this.#down.delete(host);
  }

  #envelope(to: Address, event: Message, lane: Lane, id: string | undefined): Envelope {
    const from = this.#self;
    const bare = { to, from, lane, n: 0, label: "private", event } as const;
    return id === undefined ? bare : { ...bare, re: { id, from } };
  }
}

export const lost = (host: string): ErrorData => ({ code: "host.restarted", message: `${host} is not there` });

const thrownOf = ({ code, message, details }: ErrorData): RbeeError => new RbeeError(code, message, details);
