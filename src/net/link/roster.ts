/**
 * The hosts at both ends of a link, and in which life each is.
 *
 * Owns: which host of the other side is there, and what of a message may reach whom. Does not own: hosts.
 *
 *  RO1 What is numbered reaches the life that it was sent to, from the life that sent it, or nobody: the next life is
 *      sent it again, and no later number may have come before. Kernel rule 5.
 *  RO2 What is not numbered reaches whatever life is there: it may be lost, and harms nobody. Kernel rule 3.
 *  RO3 Nothing is said for a host of the other side before it is there, nor after it went, nor for one of ours.
 *
 * @module
 */
import { type Frame, isNumbered } from "../../runtime/envelope.ts";
import { invalid } from "./frame.ts";
import type { Mail } from "./mail.ts";

/** More hosts than one machine has, with a worker for each slot of memory. */
const HOSTS_MAX = 10_000;

export class Roster {
  readonly ours = new Map<string, number>();
  readonly theirs = new Map<string, number>();

  /** @throws RbeeError link.invalid */
  hostUp(host: string, life: number): void {
    if (this.theirs.size >= HOSTS_MAX) throw invalid(`it tells of more than ${HOSTS_MAX} hosts`);
    this.theirs.set(host, life);
  }

  /** @returns whether it was there. */
  hostDown(host: string): boolean {
    return this.theirs.delete(host);
  }

  /** What of these may go, to a host that the sender knows in that life. */
  outgoing(to: string, toLife: number, frames: readonly Frame[]): readonly Frame[] {
    return this.theirs.get(to) === toLife ? frames : frames.filter((frame) => !isNumbered(frame));
  }

  incoming({ from, fromLife, to, toLife, frames }: Mail): readonly Frame[] {
    const known = this.theirs.get(from);
    if (known === undefined) return [];
    const meant = known === fromLife && this.ours.get(to) === toLife;
    return meant ? frames : frames.filter((frame) => !isNumbered(frame));
  }
}
