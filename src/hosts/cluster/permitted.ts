/**
 * Who may say what over a link: what a machine is by its certificate bounds what its hosts may say.
 *
 * Owns: the names that hosts of a hive's machine may bear, and what they may tell the queen. Does not own: epochs
 * (machines/hive.ts obeys only the highest), certificates.
 *
 *  PM1 A hive's machine has its own hive and workers, and speaks for nobody else: not for a queen, not for the hive or
 *      a worker of another machine.
 *  PM2 A hive tells the queen its news and decisions, and no more: it submits nothing, spends nothing, revokes nothing.
 *
 * @module
 */
import { hostOf } from "../../../machines/words.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { Frame } from "../../runtime/envelope.ts";
import { hiveOf, QUEEN } from "../porter/residents.ts";

const WORKER = /^w\d+$/;

const NEWS: ReadonlySet<string> = new Set<QueenEvent["type"]>([
  "hive.inventory",
  "hive.restored",
  "hive.stopped",
  "worker.gone",
  "worker.loading",
  "worker.ready",
  "worker.stopping",
  "worker.weighed",
]);

/** PM1. */
export const mayBear = (machine: string, host: string): boolean =>
  host === hostOf(hiveOf(machine)) || WORKER.test(host);

/** PM1, PM2. What a host of that machine may say to the queen's. */
export const maySay = (machine: string, from: string, frame: Frame): boolean => {
  if (frame.kind !== "mail") return true;
  const { envelope } = frame;
  const isHive = from === hostOf(hiveOf(machine)) && envelope.from === hiveOf(machine);
  return isHive && envelope.to === QUEEN && NEWS.has(envelope.event.type);
};
