/**
 * The nouns used everywhere, as types. Nothing here runs except a few total functions on strings.
 *
 * Owns: what an address, attempt, epoch, label and retry class are. Does not own: any message or table.
 *
 * @module
 */

/** Where a cell lives and which one it is: `host/kind/id`, for example `queen/job/j42`. An address lives once. */
export type Address = `${string}/${string}/${string}`;

/** How many times work for a job was begun, from 1. Output and commands carry it, so an older attempt is fenced. */
export type Attempt = number;

/** The queen's term of office. Rises by one each time she starts; only the highest seen is obeyed. */
export type Epoch = number;

/** Who may see a thing, from the most public to the most secret. The default is `private`. */
export type Label = "public" | "internal" | "private" | "secret";

/** The retry decision that goes with an error; see `src/protocol/errors.ts` for which code has which. */
export type RetryClass = "rejected" | "transient" | "terminal" | "cancelled" | "defect";

/** What is asked of a model. */
export type Capability = "text" | "embedding";

/** Who asked for a piece of work, as far as it is known: it is told wherever the work is told of. */
export interface Caller {
  /** The request that brought it, by the name that its answer carries. */
  readonly requestId: string;
  /** The id of the API key that was sent, never the key; or what stands for a machine's. */
  readonly key?: string;
  /** The step of somebody's trace that asked, in the form of W3C's Trace Context. */
  readonly traceparent?: string;
}

/** A machine of the cluster brings no API key: this stands for one. No key has such an id. */
export const keyOfMachine = (name: string): string => `machine:${name}`;
export const isMachinesKey = (key: string): boolean => key.startsWith("machine:");

export const address = (host: string, kind: string, id: string): Address => `${host}/${kind}/${id}`;

/** host/kind/id, of which no part is empty; an id may have slashes of its own. */
export function isAddress(text: string): text is Address {
  const first = text.indexOf("/");
  const second = text.indexOf("/", first + 1);
  return first > 0 && second > first + 1 && second < text.length - 1;
}

/** The host part: everything before the first slash. */
export const hostOf = (to: Address): string => to.slice(0, to.indexOf("/"));

/** Is this the host of that address? */
export const isOf = (host: string, at: Address): boolean => at[host.length] === "/" && at.startsWith(host);

/** The id part: everything after the second slash. */
export const idOf = (to: Address): string => to.slice(to.indexOf("/", to.indexOf("/") + 1) + 1);

export const kindOf = (to: Address): string => {
  const first = to.indexOf("/");
  return to.slice(first + 1, to.indexOf("/", first + 1));
};
