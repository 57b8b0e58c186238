/**
 * Whose turn it is of those that wait in one lane of the queue.
 *
 * Owns: the order among parties and within each. Does not own: which lanes there are (queue.ts), what a party is
 * (admission).
 *
 *  TU1 Within a party the order is that of admission, moved by priority: first admitted is first among equals (RJ5).
 *  TU2 Parties take turns: next is the one whose first job came, or that was last given a slot, longest ago, whichever
 *      is later, moved by the priority of that job. So the first job of a party waits for at most one of each other
 *      party that is not more urgent, and the k-th for at most k, however many these have (TL9).
 *  TU3 It is a function of the rows: who was given a slot is told by them, for as long as they are kept.
 *
 * @module
 */
import { type Entry, Heap, isBefore } from "./heap.ts";

/** What is looked at of a job that is not one yet. */
export interface Coming {
  /** 0 is the most urgent, 9 the least. */
  readonly priority: number;
  /** Nothing of those of whom nothing is known: together they are one. */
  readonly party?: string;
}

interface Waiter extends Coming {
  /** Order of admission; unique. */
  readonly seq: number;
}

/** A job of priority p stands as if it had come p times as many places later. */
export const PLACES_PER_PRIORITY = 1000;
const PRIORITIES = 10;

const rankAt = (place: number, { priority }: Waiter): number => place + priority * PLACES_PER_PRIORITY;

class Party {
  readonly #name: string;
  readonly #rows = new Map<string, Waiter>();
  readonly #order = new Heap();
  /** Its jobs that were given a slot and are known, the latest first. */
  readonly #placed = new Heap();
  readonly #perPriority = Array.from({ length: PRIORITIES }, () => 0);

  constructor(name: string) {
    this.#name = name;
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0 && this.#placed.size === 0;
  }

  get first(): string | undefined {
    return this.#order.first();
  }

  /** TU2. Nothing where nobody waits. */
  get turn(): Entry | undefined {
    const row = this.#rows.get(this.first ?? "");
    if (row === undefined) return undefined;
    const placed = -(this.#placed.lowest()?.rank ?? 0);
    return { key: this.#name, rank: rankAt(Math.max(row.seq, placed), row) };
  }

  wait(key: string, row: Waiter): void {
    this.#rows.set(key, row);
    this.#order.set(key, rankAt(row.seq, row));
    this.#perPriority[row.priority] = this.waiting(row.priority) + 1;
  }

  leave(key: string, { priority }: Waiter): void {
    this.#rows.delete(key);
    this.#order.delete(key);
    this.#perPriority[priority] = this.waiting(priority) - 1;
  }

  place(key: string, placedSeq: number): void {
    this.#placed.set(key, -placedSeq);
  }

  forget(key: string): void {
    this.#placed.delete(key);
  }

  waiting(priority: number): number {
    return this.#perPriority[priority] ?? 0;
  }

  moreUrgent(priority: number): number {
    return this.#perPriority.slice(0, priority).reduce((sum, n) => sum + n, 0);
  }

  /** Of a waiting job: how many of its party go before it, and how many of those are as urgent. */
  before(key: string): { readonly all: number; readonly alike: number } {
    const row = this.#rows.get(key);
    const alike = [...this.#rows.values()].filter((its) => its.priority === row?.priority && its.seq < (row?.seq ?? 0));
    return { all: this.#order.before(key), alike: alike.length };
  }

  /** How many go before a job of another party that has so many alike of its own before it. */
  passing(priority: number, alike: number, isNext: boolean): number {
    const urgent = this.moreUrgent(priority);
    return urgent + Math.min(this.waiting(priority), alike + (isNext && urgent === 0 ? 1 : 0));
  }
}

export class Turns {
  readonly #parties = new Map<string, Party>();
  readonly #turns = new Heap();
  readonly #byAge = new Heap();

  /** Nothing is known of it. */
  get isEmpty(): boolean {
    return this.#parties.size === 0;
  }

  /** How many wait. */
  get size(): number {
    return this.#byAge.size;
  }

  /** The job that was admitted first. */
  get oldest(): string | undefined {
    return this.#byAge.first();
  }

  /** The job that is next, by the rank of its turn. */
  get next(): Entry | undefined {
    const turn = this.#turns.lowest();
    const job = this.#parties.get(turn?.key ?? "")?.first;
    return turn === undefined || job === undefined ? undefined : { key: job, rank: turn.rank };
  }

  wait(key: string, row: Waiter): void {
    this.#byAge.set(key, row.seq);
    this.#change(row, (party) => party.wait(key, row));
  }

  leave(key: string, row: Waiter): void {
    this.#byAge.delete(key);
    this.#change(row, (party) => party.leave(key, row));
  }

  place(key: string, row: Waiter, placedSeq: number): void {
    this.#change(row, (party) => party.place(key, placedSeq));
  }

  forget(key: string, row: Waiter): void {
    this.#change(row, (party) => party.forget(key));
  }

  /** As things stand, should nobody else come; of one that waits here. */
  before(key: string, { priority, party: name = "" }: Waiter): number {
    const own = this.#parties.get(name);
    if (own === undefined) return 0;
    const { all, alike } = own.before(key);
    return all + this.#passing(own, priority, alike);
  }

  /** Before one that comes now. */
  ahead({ priority, party: name = "" }: Coming): number {
    const own = this.#parties.get(name);
    const [alike, urgent] = [own?.waiting(priority) ?? 0, own?.moreUrgent(priority) ?? 0];
    return alike + urgent + this.#passing(own, priority, alike);
  }

  /** Of all others. Whoever comes to wait now has the last turn. */
  #passing(own: Party | undefined, priority: number, alike: number): number {
    const turn = own?.turn;
    let sum = 0;
    for (const party of this.#parties.values()) {
      if (party !== own) sum += party.passing(priority, alike, isBefore(party.turn, turn));
    }
    return sum;
  }

  #change({ party: name = "" }: Waiter, change: (party: Party) => void): void {
    const party = this.#parties.get(name) ?? new Party(name);
    this.#parties.set(name, party);
    change(party);
    const { turn } = party;
    if (turn === undefined) this.#turns.delete(name);
    else this.#turns.set(name, turn.rank);
    if (party.isEmpty) this.#parties.delete(name);
  }
}
