/**
 * What machines have to offer, on its way to the queen: this one's own, and as the queen's machine what others said.
 *
 * Owns: in which words, and that models are not said twice over one link. Does not own: what there is to offer
 * (machine/telling.ts), when it is told (links.ts).
 *
 * @module
 */
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { Address } from "../../../machines/words.ts";
import { event } from "../../runtime/reading.ts";
import { type Told, tellingOf } from "../machine/telling.ts";
import type { Porter } from "../porter.ts";
import { QUEEN } from "../residents.ts";
import type { Talk } from "./talk.ts";

const toQueen = event<QueenEvent>();

export class Offer {
  readonly #porter: Porter;
  /** The models that were told over the link that stands. */
  #modelsTold = "";

  constructor(porter: Porter) {
    this.#porter = porter;
  }

  /** A link stands over which nothing was told yet. */
  begin(): void {
    this.#modelsTold = "";
  }

  /** Its models are many words, and seldom others. @param say nothing on the queen's own machine: she is told here */
  async tell(say: ((talk: Talk) => void) | undefined): Promise<void> {
    const { room, headroomBytes, models: own, hive } = this.#porter;
    const { devices, models } = await tellingOf({ room, headroomBytes, catalog: own.catalog });
    if (say === undefined) return this.pass(hive, { devices, models });
    const names = JSON.stringify(models);
    say({ kind: "advice", devices: [...devices], ...(names === this.#modelsTold ? {} : { models: [...models] }) });
    this.#modelsTold = names;
  }

  pass(hive: Address, { devices, models }: Pick<Told, "devices"> & Partial<Told>): void {
    const made = toQueen({ type: "hive.told", hive, devices, ...(models === undefined ? {} : { models }) });
    this.#porter.desk.doors.tell(QUEEN, made, "data");
  }
}
