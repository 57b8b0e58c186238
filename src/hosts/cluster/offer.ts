/**
 * What machines have to offer, on its way to the queen: this one's own, and as the queen's machine what others said.
 *
 * Owns: in which words, and that models are not said twice over one link. Does not own: what there is to offer
 * (machine/telling.ts), when it is told (member-side.ts, queen-side.ts, repeats.ts).
 *
 *  OF1 What was gathered for one link does not count as said over the next, which may stand by then.
 *
 * @module
 */
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { Address } from "../../../machines/words.ts";
import { event } from "../../runtime/reading.ts";
import { type Told, tellingOf } from "../machine/telling.ts";
import type { DoorAsks } from "../porter/door-asks.ts";
import type { Porter } from "../porter/porter.ts";
import { QUEEN } from "../porter/residents.ts";
import { Repeats } from "./repeats.ts";
import type { MachineFacts, Talk } from "./talk.ts";

const toQueen = event<QueenEvent>();

/** What was said over one link. */
class Said {
  readonly facts = new Repeats();
  readonly offer = new Repeats();
  models = "";
}

type Offering = Pick<Porter, "room" | "headroomBytes" | "hive"> & {
  readonly models: Pick<Porter["models"], "catalog">;
  readonly desk: { readonly doors: Pick<DoorAsks, "tell"> };
};

export class Offer {
  readonly #porter: Offering;
  #said = new Said();

  constructor(porter: Offering) {
    this.#porter = porter;
  }

  /** A link stands over which nothing was told yet. */
  begin(): void {
    this.#said = new Said();
  }

  tellFacts(facts: MachineFacts, say: (talk: Talk) => void): void {
    const { ram, gpus, backends } = facts;
    if (this.#said.facts.isDue([ram, ...gpus], backends.join(), performance.now())) say({ kind: "facts", facts });
  }

  /** Its models are many words, and seldom others. @param say nothing on the queen's own machine: she is told here */
  async tell(say: ((talk: Talk) => void) | undefined): Promise<void> {
    const { room, headroomBytes, models: own, hive } = this.#porter;
    // OF1.
    const said = this.#said;
    const { devices, models } = await tellingOf({ room, headroomBytes, catalog: own.catalog });
    if (say === undefined) return this.pass(hive, { devices, models });
    const names = JSON.stringify(models);
    if (!said.offer.isDue(devices, names, performance.now())) return;
    say({ kind: "advice", devices: [...devices], ...(names === said.models ? {} : { models: [...models] }) });
    said.models = names;
  }

  pass(hive: Address, { devices, models }: Pick<Told, "devices"> & Partial<Told>): void {
    const made = toQueen({ type: "hive.told", hive, devices, ...(models === undefined ? {} : { models }) });
    this.#porter.desk.doors.tell(QUEEN, made, "data");
  }
}
