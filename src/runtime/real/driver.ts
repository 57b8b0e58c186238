/**
 * Turns a host in real time: as soon as something arrives, and when the next timer is due.
 *
 * Owns: when `turn` is called. Does not own: what a turn does. In the simulation virtual time does the same.
 *
 *  V1 One turn at a time, and the event loop gets its share between two.
 *  V2 After a crash of the host no further turn begins; the crash is told once.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { realClock } from "./clock.ts";

export interface Driver {
  /** Give this to the host's options. */
  readonly wake: () => void;
  drive(host: Host, onCrash: (error: unknown) => void): void;
  /** No further turn. */
  stop(): void;
}

export function createDriver(): Driver {
  let host: Host | undefined;
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
    timer = setTimeout(wake, Math.min(LONGEST_MS, Math.max(0, dueMs - realClock.monotonicMs())));
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
