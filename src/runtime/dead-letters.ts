/**
 * What could not be delivered or folded, kept for a person to see: the last thousand.
 *
 * Owns: the ring of rows and its bound, and that a question nobody will answer fails at once (RM11).
 * Does not own: the decision that something is dead.
 *
 * @module
 */
import { type Core, erase, failure, write } from "./core.ts";
import type { Envelope } from "./envelope.ts";
import { KEY } from "./journal.ts";
import { answer } from "./post.ts";

export const DEAD_LETTERS_MAX = 1000;

export type Deadly = "no cell" | "threw" | "unhandled" | "killed its host" | "cell stopped" | "outbox full";

/** The event itself stays out of the row, since its label may say so: type, addresses and reason are kept. */
export function bury(
  core: Core,
  envelope: Pick<Envelope, "to" | "from" | "event" | "label" | "re">,
  why: Deadly,
  error = "",
): void {
  const { deadLetters } = core;
  deadLetters.count += 1;
  core.serial += 1;
  const key = KEY.dead(core.serial);
  const { to, from, event, label, re } = envelope;
  write(core, key, { to, from, type: event.type, label, why, error });
  deadLetters.keys.push(key);
  const oldest = deadLetters.keys.length > DEAD_LETTERS_MAX ? deadLetters.keys.shift() : undefined;
  if (oldest !== undefined) erase(core, oldest);
  if (re === undefined) return;
  const gone = why === "no cell" || why === "cell stopped";
  answer(core, re, failure(gone ? "cell.gone" : "defect", `${event.type} to ${to}: ${why}`), "flush");
}
