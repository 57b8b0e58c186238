/**
 * The smallest real inference there is: a token or two behind whatever a free slot holds, made and forgotten.
 *
 * Owns that a probe costs a later prompt nothing. Does not own: when one is made, or what its failure means.
 *
 *  P1 The blocks that a slot knows stand: the probe goes behind them and is erased again. Where a context has no room
 *     left, or cannot erase, the slot begins empty.
 *
 * @module
 */
import type { LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import { RbeeError } from "../../../protocol/errors.ts";
import type { ProbeEnd } from "../engine.ts";
import type { Loaded } from "./loading.ts";

const TOKENS = 2;
/** The token that is given, those that are made, and the place that the binding keeps free. */
const ROOM_TOKENS = TOKENS + 2;

/** @throws RbeeError interrupted when it is aborted */
export async function probeSlot(loaded: Loaded, signal: AbortSignal, now: () => number): Promise<ProbeEnd> {
  const { model, context, slots } = loaded;
  const startedMs = now();
  const slot = slots.take([]);
  let isKept = false;
  try {
    const { sequence } = slot;
    if (context.contextSize - sequence.nextTokenIndex < ROOM_TOKENS) {
      slot.blocks = [];
      await sequence.clearHistory();
    }
    const from = sequence.nextTokenIndex;
    const tokens = sequence.evaluate([firstTokenOf(model)], { temperature: 0, yieldEogToken: true });
    let firstTokenMs = 0;
    for (let made = 0; made < TOKENS && !signal.aborted; made++) {
      await tokens.next();
      slot.steps += 1;
      if (made === 0) firstTokenMs = now() - startedMs;
    }
    await tokens.return();
    isKept = await wasErased(sequence, from);
    if (signal.aborted) throw new RbeeError("interrupted", "The probe was aborted.");
    return { firstTokenMs, totalMs: now() - startedMs };
  } finally {
    if (!isKept) slot.blocks = [];
    slot.busy = false;
  }
}

function firstTokenOf(model: LlamaModel): Token {
  const first = model.tokens.bos ?? model.tokenize("a")[0];
  if (first === undefined) throw new RbeeError("engine.failed", "The model knows no token to begin with.");
  return first;
}

async function wasErased(sequence: LlamaContextSequence, from: number): Promise<boolean> {
  const end = sequence.nextTokenIndex;
  if (end > from) await sequence.eraseContextTokenRanges([{ start: from, end }]);
  if (sequence.nextTokenIndex === from) return true;
  await sequence.clearHistory();
  return from === 0;
}
