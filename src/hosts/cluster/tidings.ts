/**
 * What the queen's and the hive's threads hear of links: that one stands, is about to go, is gone.
 *
 * Owns: the numbers of links, by machine. Does not own: links, or what follows from the news (machines/member.ts,
 * machines/hive.ts).
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import { event } from "../../runtime/reading.ts";
import type { Porter } from "../porter/porter.ts";
import { hiveOf, QUEEN } from "../porter/residents.ts";

const toQueen = event<QueenEvent>();
const toHive = event<HiveEvent>();

export class Tidings {
  readonly #porter: Pick<Porter, "desk" | "hive">;
  /** The last link of each machine, as the queen was told of it. */
  readonly #numbers = new Map<string, number>();

  constructor(porter: Pick<Porter, "desk" | "hive">) {
    this.#porter = porter;
  }

  linked(name: string): void {
    const link = (this.#numbers.get(name) ?? 0) + 1;
    this.#numbers.set(name, link);
    this.#tellQueen({ type: "hive.linked", hive: hiveOf(name), name, link });
  }

  leaving(name: string): void {
    this.#tellQueen({ type: "hive.leaving", hive: hiveOf(name) });
  }

  unlinked(name: string, { code, message }: ErrorData): void {
    const link = this.#numbers.get(name) ?? 0;
    this.#tellQueen({ type: "hive.unlinked", hive: hiveOf(name), link, message, isGoodbye: code === "link.closed" });
  }

  /** On a hive's machine: there is no link to its queen. */
  alone(): void {
    this.#porter.desk.doors.tell(this.#porter.hive, toHive({ type: "unlinked" }));
  }

  #tellQueen(made: QueenEvent): void {
    this.#porter.desk.doors.tell(QUEEN, toQueen(made));
  }
}
