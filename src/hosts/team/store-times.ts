/**
 * How long the team's store takes to answer a door: what it was asked to keep is on disk by then.
 *
 * Owns: the times of the last answers, up to a bound. Does not own: what is asked.
 *
 * @module
 */
import { quantile } from "../../../machines/rules/worth.ts";
import type { TeamStats } from "../../protocol/team-api.ts";
import type { Message } from "../../runtime/envelope.ts";
import type { DoorAsks } from "../porter/door-asks.ts";

type Ask = Pick<DoorAsks, "ask" | "tell">;

const KEPT_MAX = 512;

export class StoreTimes implements Ask {
  readonly #doors: Ask;
  readonly #took: (durationMs: number) => void;
  readonly #lastMs: number[] = [];
  #asks = 0;

  constructor(doors: Ask, took: (durationMs: number) => void) {
    this.#doors = doors;
    this.#took = took;
  }

  /** As the porter's own. What is refused has no time: it may not have come to the store. */
  async ask<Answer extends Message>(...asked: Parameters<Ask["ask"]>): Promise<Answer> {
    const fromMs = performance.now();
    const answer = await this.#doors.ask<Answer>(...asked);
    this.#note(performance.now() - fromMs);
    return answer;
  }

  readonly tell: Ask["tell"] = (...told) => this.#doors.tell(...told);

  readonly told = (): Pick<TeamStats, "store"> => {
    if (this.#asks === 0) return {};
    return { store: { asks: this.#asks, ms: { p50: quantile(this.#lastMs, 0.5), p95: quantile(this.#lastMs, 0.95) } } };
  };

  #note(durationMs: number): void {
    this.#lastMs[this.#asks % KEPT_MAX] = durationMs;
    this.#asks += 1;
    this.#took(durationMs);
  }
}
