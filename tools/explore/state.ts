/**
 * A state as a row of numbers: what is around the hosts, then each host, then each channel.
 *
 * @module
 */

export type State = number[];

/** A host that is not there, a channel with nothing in it. */
export const EMPTY = 0;
/** Where the number of the surroundings stands. */
export const ENV = 0;
/** Where the number of a host stands. */
export const hostAt = (h: number): number => 1 + h;
