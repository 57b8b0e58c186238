/**
 * The slots of one context: a sequence each, kept for the worker's life and lent to one call at a time.
 *
 * Owns which sequence serves a prompt and what of it is already evaluated. A prompt is evaluated in blocks counted from
 * its start; a later prompt that begins alike keeps whole blocks.
 *
 *  S1 A kept block holds bit for bit what a fresh evaluation would: its numbers came from the same batches.
 *     Hence only prompt blocks are kept, never generated tokens, and a request gives the same text with and without.
 *  S2 A sequence is never disposed between calls: the binding gives its place back late.
 *
 * @module
 */
import type { LlamaContextSequence, Token } from "node-llama-cpp";
import { RbeeError } from "../../../protocol/errors.ts";

export interface Slot {
  readonly sequence: LlamaContextSequence;
  /** How many tokens are evaluated at once: the same for its whole life (S1). */
  readonly blockTokens: number;
  busy: boolean;
  /** Tokens of the whole prompt blocks that the sequence begins with. */
  blocks: readonly Token[];
  /** Pieces of prompts evaluated and tokens made, since the beginning. */
  steps: number;
}

export class SlotPool {
  readonly #slots: readonly Slot[];

  /** @param blockTokens small enough that an abort is heard soon (block-size.ts) */
  constructor(sequences: readonly LlamaContextSequence[], blockTokens: number) {
    this.#slots = sequences.map((sequence) => ({ sequence, blockTokens, busy: false, blocks: [], steps: 0 }));
  }

  get steps(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.steps, 0);
  }

  /** The free slot that knows most of the prompt. */
  take(tokens: readonly Token[]): Slot {
    let best: Slot | undefined;
    for (const slot of this.#slots) {
      if (!slot.busy && (best === undefined || reusable(slot, tokens) > reusable(best, tokens))) best = slot;
    }
    if (best === undefined)
      throw new RbeeError("defect", `More than ${this.#slots.length} calls at once for the slots.`);
    best.busy = true;
    return best;
  }
}

/**
 * Evaluates all of the prompt but its last piece, which starts the generation.
 *
 * @returns the last piece, at least one token; nothing when the call was aborted
 */
export async function evaluatePrompt(
  slot: Slot,
  tokens: readonly Token[],
  signal: AbortSignal,
): Promise<Token[] | undefined> {
  let at = reusable(slot, tokens);
  await slot.sequence.adaptStateToTokens(tokens.slice(0, at), false);
  if (slot.sequence.nextTokenIndex !== at) {
    await slot.sequence.clearHistory();
    at = 0;
  }
  slot.blocks = tokens.slice(0, at);
  while (tokens.length - at > slot.blockTokens) {
    if (signal.aborted) return undefined;
    const block = tokens.slice(at, at + slot.blockTokens);
    await slot.sequence.evaluateWithoutGeneratingNewTokens(block);
    at += block.length;
    slot.steps += 1;
    slot.blocks = tokens.slice(0, at);
  }
  return signal.aborted ? undefined : tokens.slice(at);
}

/** Tokens of whole blocks that the slot and the prompt share; never all of the prompt. */
function reusable(slot: Slot, tokens: readonly Token[]): number {
  const most = Math.min(slot.blocks.length, tokens.length - 1);
  let same = 0;
  while (same < most && slot.blocks[same] === tokens[same]) same++;
  return Math.floor(same / slot.blockTokens) * slot.blockTokens;
}
