/**
 * Turns a host in real time: as soon as something arrives, and when the next timer is due.
 *
 * Owns: when `turn` is called. Does not own: what a turn does. In the simulation virtual time does the same.
 *
 *  V1 One turn at a time, and the event loop gets its share between two.
 *  V2 After a crash of the host no further turn begins; the crash is told once.
 *  V3 What comes due within one grain of time shares a turn, and with it a commit: a timer is late by so much at most,
 *     and a thousand leases a few seconds long are not a turn each.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { realClock } from "./clock.ts";

/** Nothing that a cell waits for is so short that this much matters. */
export const GRAIN_MS = 50;

/** What of a host is driven. */
type Driven = Pick<Host, "turn" | "crashed" | "nextDueMs">;

export interface Driver {
  /** Give this to the host's options. */
  readonly wake: () => void;
  drive(host: Driven, onCrash: (error: unknown) => void): void;
  /** No further turn. */
  stop(): void;
}

export function createDriver(): Driver {
  let host: Driven | undefined;
  let crashed: ((error: unknown) => void) | undefined;
  let scheduled = false;
  let timer: NodeJS.Timeout | undefined;

  const wake = (): void => {
    if (scheduled || host === undefined) return;
    scheduled = true;
    setImmediate(turn);
  };

  const turn = (): void => {
    scheduled = false;
    if (host === undefined) return;
    const more = host.turn();
    if (host.crashed !== undefined) {
      const { error } = host.crashed;
      host = undefined;
      clearTimeout(timer);
      crashed?.(error);
    } else if (more) {
      wake();
    } else {
      sleep(host.nextDueMs);
    }
  };

  /** Longer than a timer may wait, Node would fire at once: wake in between and look again. */
  const LONGEST_MS = 2 ** 31 - 1;
  const sleep = (dueMs: number | undefined): void => {
    clearTimeout(timer);
    if (dueMs === undefined) return;
    const wakeAtMs = Math.ceil(dueMs / GRAIN_MS) * GRAIN_MS;
    // Of a part of a millisecond Node makes none, and would wake before anything is due.
    const waitMs = Math.ceil(wakeAtMs - realClock.monotonicMs());
    timer = setTimeout(wake, Math.min(LONGEST_MS, Math.max(0, waitMs)));
  };

  return {
    wake,
    drive(given, onCrash) {
      host = given;
      crashed = onCrash;
      wake();
    },
    stop() {
      host = undefined;
      clearTimeout(timer);
    },
  };
}
