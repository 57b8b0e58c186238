/**
 * Mail of one cell, message after message: who speaks, how urgent and how secret it is, said once for all of them.
 *
 * Owns: the shape of a run, mail made runs and back. Does not own: packing (messages.ts), the check of a run that
 * arrives (mail.ts).
 *
 *  RU1 What comes out is what went in, in order.
 *  RU2 Columns of unlike length are refused with link.invalid.
 *
 * @module
 */
import type { Address, Label } from "../../../machines/words.ts";
import type { Envelope, Frame, Lane, Message } from "../../runtime/envelope.ts";
import { invalid } from "./frame.ts";

/** Columns of one length, but for the addresses. */
export interface Run {
  readonly kind: "run";
  readonly from: Address;
  readonly lane: Lane;
  readonly label: Label;
  /** The number of the first; those in `n` are above it, and small. */
  readonly first: number;
  /** Each once: mostly the same few are spoken to. */
  readonly to: readonly Address[];
  /** Which of them. */
  readonly at: readonly number[];
  readonly n: readonly number[];
  readonly event: readonly Message[];
}

interface Growing extends Run {
  readonly to: Address[];
  readonly at: number[];
  readonly n: number[];
  readonly event: Message[];
}

/** Of fewer the columns cost more than they save. */
const RUN_MIN = 4;

export function inRuns(frames: readonly Frame[]): readonly (Frame | Run)[] {
  const parts: (Frame | Run)[] = [];
  for (let at = 0; at < frames.length;) {
    const run = runAt(frames, at);
    const length = run?.n.length ?? 1;
    if (run !== undefined && length >= RUN_MIN) parts.push(run);
    else parts.push(...frames.slice(at, at + length));
    at += length;
  }
  return parts;
}

/** As long as it can be. @returns undefined where an ask, or no mail, stands */
function runAt(frames: readonly Frame[], start: number): Growing | undefined {
  let run: Growing | undefined;
  const places = new Map<Address, number>();
  for (let at = start; at < frames.length; at += 1) {
    const frame = frames[at];
    if (frame?.kind !== "mail" || frame.envelope.re !== undefined) break;
    run ??= begun(frame.envelope);
    if (!goesOn(run, frame.envelope)) break;
    const { to } = frame.envelope;
    let place = places.get(to);
    if (place === undefined) places.set(to, (place = run.to.push(to) - 1));
    run.at.push(place);
    run.n.push(frame.envelope.n - run.first);
    run.event.push(frame.envelope.event);
  }
  return run;
}

const begun = ({ from, lane, label, n: first }: Envelope): Growing => {
  return { kind: "run", from, lane, label, first, to: [], at: [], n: [], event: [] };
};

/** What is sent again may stand behind what is new, with a smaller number. */
const goesOn = (run: Run, { from, lane, label, n }: Envelope): boolean =>
  from === run.from && lane === run.lane && label === run.label && n >= run.first;

/** Its mail, at the end of `frames`. */
export function spread({ from, lane, label, first, to, at, n, event }: Run, frames: Frame[]): void {
  let i = 0;
  for (const each of event) {
    const address = to[at[i] ?? to.length];
    const above = n[i];
    if (address === undefined || above === undefined) throw invalid("a column of a run is short");
    frames.push({ kind: "mail", envelope: { to: address, from, lane, n: first + above, label, event: each } });
    i += 1;
  }
}
