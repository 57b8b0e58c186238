/**
 * The first tokens of a model that was just loaded: its weights are read in, and how large its blocks may be is known.
 *
 * Owns: the measuring, which leaves nothing behind in the sequence. Does not own: what follows from it (block-size.ts).
 *
 * @module
 */
import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import { BLOCK_TOKENS_MAX, blockTokens, FEW, WHOLE } from "./block-size.ts";

/** Places that the binding keeps free. */
const ROOM_TOKENS = 2;

/**
 * @param workedMs of a clock that stands while others have the processor: what they take of a trial is no fault of the
 *   model's
 */
export async function warmUp(
  model: LlamaModel,
  context: LlamaContext,
  [sequence]: readonly LlamaContextSequence[],
  workedMs: () => number,
  signal: AbortSignal,
): Promise<number> {
  const token = model.tokens.bos ?? model.tokenize("a")[0];
  const isTooSmall = context.contextSize < WHOLE + ROOM_TOKENS;
  if (sequence === undefined || token === undefined || isTooSmall || !model.fileInsights.hasDecoder)
    return BLOCK_TOKENS_MAX;
  const costMs = async (tokens: number): Promise<number> => {
    signal.throwIfAborted();
    const startedMs = workedMs();
    await sequence.evaluateWithoutGeneratingNewTokens(Array.from({ length: tokens }, (): Token => token));
    const tookMs = workedMs() - startedMs;
    await sequence.clearHistory();
    return tookMs;
  };
  // What happens once only is not the price of a block.
  await costMs(FEW);
  return blockTokens(costMs);
}
