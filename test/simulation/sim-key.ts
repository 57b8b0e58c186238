/**
 * The API key with which some simulated clients come.
 *
 * Owns: having it made, once, however often the queen is lost meanwhile. Does not own: what is counted for it.
 *
 * @module
 */
import type { QueenEvent } from "../../machines/queen-events.ts";
import type { Address, Caller } from "../../machines/words.ts";
import type { KeysEvent } from "../../src/actors/queen/keys.ts";
import { event } from "../../src/runtime/reading.ts";
import type { ClientScript } from "./scenario.ts";
import type { SimClock } from "./sim-clock.ts";
import type { SimDoor } from "./sim-door.ts";

const toQueen = event<QueenEvent>();
const ANSWER_MS = 30_000;
const AGAIN_MS = 50;
const NAME = "sim";

export class SimKey {
  readonly #clock: SimClock;
  readonly #door: SimDoor;
  readonly #queen: Address;
  #id: string | undefined;

  constructor(clock: SimClock, door: SimDoor, queen: Address) {
    this.#clock = clock;
    this.#door = door;
    this.#queen = queen;
    clock.after(0, () => this.#create());
  }

  /** Whether it comes with the key, always: who shares an idempotency key shares this too. */
  isUsedBy({ name, key = name }: ClientScript): boolean {
    return Number(key.slice(1)) % 2 === 0;
  }

  /** Nothing while it is not made yet. */
  callerOf({ name }: ClientScript): Caller | undefined {
    return this.#id === undefined ? undefined : { requestId: name, key: this.#id };
  }

  /** Made before and the answer lost is made as well. */
  #create(): void {
    const create = toQueen({ type: "create.key", name: NAME, hash: "00", limits: [] });
    this.#door.ask(this.#queen, create, ANSWER_MS, (result) => {
      if (result.ok || result.error.code === "key.taken") this.#learn();
      else this.#clock.after(AGAIN_MS, () => this.#create());
    });
  }

  #learn(): void {
    this.#door.ask(this.#queen, toQueen({ type: "keys" }), ANSWER_MS, (result) => {
      if (result.ok) this.#id = (result.event as KeysEvent).keys.find(({ name }) => name === NAME)?.id;
      else this.#clock.after(AGAIN_MS, () => this.#learn());
    });
  }
}
