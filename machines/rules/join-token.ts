/**
 * What a join token is worth.
 *
 * Owns: its row, and when it is taken. Does not own: the token, of whose secret only a hash is here, or the certificate
 * that is given for it.
 *
 *  JT1 It lasts ten minutes from when it was made. A clock that is set back by more than that ends it.
 *  JT2 One machine joins with it, the one that came first. That one may ask again, since its answer may have been lost;
 *      any other key or name is refused.
 *
 * @module
 */

export const TOKEN_LIFE_MS = 600_000;

export interface JoinTokenRow {
  readonly id: string;
  /** SHA-256 of the secret, in hex. */
  readonly hash: string;
  readonly createdAt: number;
  readonly spent?: { readonly name: string; readonly key: string } | undefined;
}

/** Who wants to join. */
export interface Joiner {
  readonly name: string;
  /** SHA-256 of its public key. */
  readonly key: string;
}

/** JT1. */
export const isOver = ({ createdAt }: JoinTokenRow, at: number): boolean => Math.abs(at - createdAt) >= TOKEN_LIFE_MS;

/** JT2. @returns the row that stands from then on, or why not */
export function spend(row: JoinTokenRow | undefined, joiner: Joiner, at: number): JoinTokenRow | string {
  if (row === undefined) return "there is no such token, or no more";
  if (isOver(row, at)) return "the token has ended: it lasts ten minutes";
  if (row.spent === undefined) return { ...row, spent: joiner };
  const isSame = row.spent.key === joiner.key && row.spent.name === joiner.name;
  return isSame ? row : `the token was used already, by ${row.spent.name}`;
}
