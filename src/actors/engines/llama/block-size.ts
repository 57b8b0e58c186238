/**
 * How many tokens of a prompt are evaluated at once, by what a few of them cost on this machine.
 *
 * Between two blocks a call can be aborted. Owns: the choice. Does not own: how a cost is measured (warm-up.ts).
 *
 *  BS1 A block is a power of two, of 8 to 128 tokens: the largest that takes {@link BLOCK_MS} at most.
 *  BS2 No prompt gets much slower for it: there are processors that evaluate a few tokens one by one, and only many of
 *      them together. There a block is no smaller than {@link WHOLE} tokens, however long it takes.
 *  BS3 A fast model costs one trial of a few tokens; only where they are slow are many tried as well.
 *
 * @module
 */

/** Leaves the rest of 200 ms to the news that nobody listens any more. */
export const BLOCK_MS = 150;
export const FEW = 8;
/** Where every processor is at its best. */
export const WHOLE = 64;
export const BLOCK_TOKENS_MAX = 128;
/** A quarter more for each token. */
const DEARER_MAX = 1.25;

/** @param costMs evaluates so many tokens and says how long that took */
export async function blockTokens(costMs: (tokens: number) => Promise<number>): Promise<number> {
  const fewMs = await costMs(FEW);
  const fits = largestWithin(FEW, fewMs);
  if (fits >= WHOLE) return fits;
  const wholeMs = await costMs(WHOLE);
  if (wholeMs <= BLOCK_MS) return largestWithin(WHOLE, wholeMs);
  const isDear = fewMs / FEW > (wholeMs / WHOLE) * DEARER_MAX;
  return isDear ? WHOLE : Math.max(FEW, fits);
}

/** As large a block as is certain to fit, if a token of a larger one costs no more than of this. */
function largestWithin(tokens: number, tookMs: number): number {
  let block = tokens;
  while (block < BLOCK_TOKENS_MAX && (tookMs / tokens) * block * 2 <= BLOCK_MS) block *= 2;
  return block;
}
