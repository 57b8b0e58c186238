/**
 * The `models` port of a simulated machine: which models are here, and a hub that may be down or refuse.
 *
 * Owns: what is on the simulated disk. It outlives the node: what was fetched stays, also through a crash.
 *
 * @module
 */
import type { ModelTold } from "../../machines/rules/advice.ts";
import type { ErrorCode } from "../../src/protocol/errors.ts";
import type { ModelsAsk } from "../../src/protocol/ports.ts";
import type { AskResult, Message } from "../../src/runtime/envelope.ts";
import type { Port, PortCall } from "../../src/runtime/ports.ts";
import { MODELS, saidBytes } from "./sim-machine.ts";
import type { SimWorld } from "./sim-world.ts";

/** Of the models of the clients the one that is not here when a run begins. */
const ABSENT = "other";
const ANSWER_MS = 5;
const FETCH_MS = 400;
const DISK_BYTES = 1e12;

export class SimModels implements Port {
  readonly #world: SimWorld;
  readonly #absent = new Set<string>([ABSENT]);
  /** Fault: nobody answers at the hub. */
  isDown = false;
  /** Fault: the next so many fetches are refused for good, or are cut. */
  refusals = 0;
  cuts = 0;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  isHere(model: string): boolean {
    return !this.#absent.has(model);
  }

  told(): readonly ModelTold[] {
    return MODELS.filter((name) => this.isHere(name)).map((name) => ({ name, bytes: saidBytes(name) }));
  }

  /** Fault: somebody deletes its file. */
  lose(model: string): void {
    this.#absent.add(model);
  }

  ask({ event }: PortCall, done: (result: AskResult) => void): void {
    const asked = event as ModelsAsk;
    const ms = asked.type === "fetch" ? FETCH_MS : ANSWER_MS;
    // Judged when it answers: a hub that goes down meanwhile cuts what runs.
    this.#world.clock.after(ms, () => done(this.#answer(asked)));
  }

  drop(): void {}

  #answer(asked: ModelsAsk): AskResult {
    switch (asked.type) {
      case "resolve":
        if (this.isDown) return failed("hub.unreachable");
        return ok({
          type: "resolved",
          plan: { name: asked.model, files: [{ path: "f", bytes: 1, sha256: undefined }] },
        });
      case "room":
        return ok({ type: "room.measured", toComeBytes: 1, othersBytes: asked.others.length, freeBytes: DISK_BYTES });
      case "fetch":
        return this.#fetched();
      case "check":
        this.#absent.delete(asked.model);
        return ok({ type: "checked" });
      case "remove":
        this.#absent.add(asked.model);
        return ok({ type: "removed", key: asked.key, bytes: 1 });
    }
  }

  #fetched(): AskResult {
    if (this.refusals > 0) {
      this.refusals -= 1;
      return ok({ type: "cut", presentBytes: 0, code: "hub.refused", class: "terminal", message: "it is refused" });
    }
    if (this.isDown || this.cuts > 0) {
      this.cuts = Math.max(0, this.cuts - 1);
      return ok({ type: "cut", presentBytes: 0, code: "hub.unreachable", class: "transient", message: "it broke off" });
    }
    return ok({ type: "fetched" });
  }
}

const ok = (event: Message & { readonly [field: string]: unknown }): AskResult => ({ ok: true, event });
const failed = (code: ErrorCode): AskResult => ({ ok: false, error: { code, message: "the hub is down" } });
