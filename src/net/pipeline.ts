/**
 * Requests that one connection sends before it was answered.
 *
 *  PL1 Of one connection at most {@link PIPELINE_MAX} calls run. What comes then is refused behind them, and is the
 *      last that is heard of it.
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

export const PIPELINE_MAX = 256;

export class Pipelines {
  readonly #open = new WeakMap<Socket, number>();

  /** @returns whether one more may run */
  begin(response: ServerResponse): boolean {
    const { socket } = response.req;
    const open = this.#open.get(socket) ?? 0;
    if (open >= PIPELINE_MAX) return false;
    this.#open.set(socket, open + 1);
    response.once("close", () => this.#open.set(socket, (this.#open.get(socket) ?? 1) - 1));
    return true;
  }
}
