/**
 * The bounded mailbox of one cell: what waits to be folded, by lane.
 *
 * Owns: order within a lane, bounds, which item comes next. Does not own: durability (a turn stores what is left over).
 *
 *  M1 The data lane never holds more than its bound; nor does control. Answers, timers and what the kernel itself says
 *     have places of their own: they are bounded by the rows that caused them. Kernel rule 6.
 *  M2 Control never waits behind data. Kernel rule 7.
 *  M3 Within a lane, first in is first out.
 *
 * @module
 */
import type { Label } from "../../machines/words.ts";
import type { AskResult, Envelope, Lane, Message } from "./envelope.ts";
import { Line } from "./line.ts";

/** An envelope in a mailbox. `row` is its key in the journal once a turn has stored it. */
export interface Mail {
  readonly kind: "mail";
  readonly envelope: Envelope;
  /** Survives the host: stored if it is not folded in the turn it arrives. */
  readonly durable: boolean;
  row: string | undefined;
  taken: boolean;
  /** The asker wants no answer any more, and the question was not folded yet. */
  withdrawn: boolean;
}

export type Item =
  | Mail
  | { readonly kind: "start"; readonly label: Label }
  /** What the kernel, or the cell itself, says to it. */
  | { readonly kind: "kernel"; readonly event: Message; readonly label: Label }
  | { readonly kind: "answer"; readonly id: string; readonly result: AskResult }
  | { readonly kind: "timer"; readonly id: string; readonly arming: number };

export class Mailbox {
  readonly #max: number;
  readonly #urgent = new Line<Item>();
  readonly #control = new Line<Item>();
  readonly #answers = new Line<Item>();
  readonly #timers = new Line<Item>();
  readonly #data = new Line<Item>();
  #hot = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get length(): number {
    return this.#hot + this.#data.length;
  }

  /** All but data. */
  get hotLength(): number {
    return this.#hot;
  }

  get dataLength(): number {
    return this.#data.length;
  }

  get urgentLength(): number {
    return this.#urgent.length;
  }

  hasRoom(lane: Lane): boolean {
    return this.#lane(lane).length < this.#max;
  }

  /** Room enough that a gate is worth opening. */
  isHalfEmpty(lane: Lane): boolean {
    return this.#lane(lane).length * 2 <= this.#max;
  }

  push(item: Item): void {
    const line = this.#lineOf(item);
    if (line !== this.#data) this.#hot += 1;
    line.push(item);
  }

  takeHot(): Item | undefined {
    if (this.#hot === 0) return undefined;
    this.#hot -= 1;
    return this.#urgent.take() ?? this.#control.take() ?? this.#answers.take() ?? this.#timers.take();
  }

  takeData(): Item | undefined {
    return this.#data.take();
  }

  /** An ask that nobody waits for any more. It keeps its place and folds as nothing. @returns whether it was here. */
  withdraw(ask: string): boolean {
    for (const line of [this.#data, this.#control]) {
      for (const item of line.rest()) {
        if (item.kind !== "mail" || item.envelope.re?.id !== ask) continue;
        item.withdrawn = true;
        return true;
      }
    }
    return false;
  }

  *rest(): Generator<Item> {
    yield* this.#urgent.rest();
    yield* this.#control.rest();
    yield* this.#answers.rest();
    yield* this.#timers.rest();
    yield* this.#data.rest();
  }

  #lane(lane: Lane): Line<Item> {
    return lane === "control" ? this.#control : this.#data;
  }

  #lineOf(item: Item): Line<Item> {
    switch (item.kind) {
      case "mail":
        return this.#lane(item.envelope.lane);
      case "answer":
        return this.#answers;
      case "timer":
        return this.#timers;
      case "start":
      case "kernel":
        return this.#urgent;
    }
  }
}
