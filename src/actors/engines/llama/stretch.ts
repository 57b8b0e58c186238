/**
 * One stretch of an answer: evaluate what stands before it, then pull token after token until something ends it.
 *
 * Owns the loop and its ends. Tokens are pulled, so a reader that is slow holds back its own slot and no other. A text
 * is one stretch; each call is one more or two, for another grammar holds from where it begins.
 *
 *  G1 Nothing is ever cut or shifted: asking for more tokens than fit ends with "length".
 *  G3 What was said already is evaluated and not emitted; a grammar is led through it token by token.
 *
 * @module
 */
import type { LlamaGrammar, SequenceEvaluateOptions, Token, TokenBias } from "node-llama-cpp";
import { RbeeError } from "../../../protocol/errors.ts";
import type { GenerateRequest } from "../engine.ts";
import type { Loaded } from "./loading.ts";
import type { Output, Tally } from "./output.ts";
import { evaluatePrompt, type Slot } from "./slots.ts";

/** The native sampler takes the largest seed for "choose one". */
const SEEDS = 0xffff_ffff;
/** How far back a penalty for what was said looks. */
const PUNISHED_TOKENS_MAX = 1024;
/** Added to a token's logit, leaves no other a chance. */
const CERTAIN = { logit: 1e6 };

/** What all stretches of one answer share. */
export interface Turn {
  readonly loaded: Loaded;
  readonly slot: Slot;
  readonly request: GenerateRequest;
  /** Tokens of what was said by an earlier attempt. */
  readonly saidTokens: readonly Token[];
  readonly tally: Tally;
  readonly signal: AbortSignal;
  onFirst(): void;
}

export interface Stretch {
  /** All that stands before it. */
  readonly given: readonly Token[];
  /** Said already, of what the grammar holds. */
  readonly led?: readonly Token[];
  readonly grammar?: LlamaGrammar | undefined;
  readonly tokensMax?: number;
  readonly out: Output;
}

export type StretchEnd = "stop" | "length" | "abort";

export async function runStretch(turn: Turn, stretch: Stretch): Promise<StretchEnd> {
  const { loaded, slot, request, tally, signal } = turn;
  const { given, led = [], out } = stretch;
  const room = loaded.context.contextSize - given.length - led.length;
  const tokensMax = Math.min(request.maxTokens - tally.made.length, room, stretch.tokensMax ?? Infinity);
  if (tokensMax <= 0) return "length";
  const rest = await evaluatePrompt(slot, given, signal);
  if (rest === undefined) return "abort";
  const lead = new Lead(loaded, led);
  const tokens = slot.sequence.evaluateWithMetadata(rest, {}, samplingOf(turn, stretch, lead));
  let end: StretchEnd;
  try {
    end = await pull(turn, tokens, lead, out, tally.made.length + tokensMax);
  } finally {
    await tokens.return();
  }
  await out.end();
  return end;
}

async function pull(
  { slot, tally, onFirst }: Turn,
  tokens: AsyncGenerator<{ readonly token: Token }, void>,
  lead: Lead,
  out: Output,
  madeMax: number,
): Promise<StretchEnd> {
  while (tally.made.length < madeMax) {
    if (out.aborted) return "abort";
    const step = await tokens.next();
    slot.steps += 1;
    if (step.done) return "stop";
    if (lead.next()) continue;
    if (tally.made.length === 0) onFirst();
    const waiting = out.push(step.value.token);
    if (waiting !== undefined) await waiting;
    if (out.isOver) return "stop";
  }
  return "length";
}

function samplingOf(turn: Turn, { grammar }: Stretch, lead: Lead): SequenceEvaluateOptions {
  const { loaded, request } = turn;
  const { binding, model } = loaded;
  const { topK, topP, minP } = request.sampling ?? {};
  return {
    temperature: request.temperature,
    seed: request.seed % SEEDS,
    contextShift: { strategy: neverShift },
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
    ...(minP !== undefined && { minP }),
    ...penaltyOf(turn),
    ...(grammar && { grammarEvaluationState: new binding.LlamaGrammarEvaluationState({ model, grammar }) }),
    ...(lead.pending && { tokenBias: () => lead.bias() }),
  };
}

function penaltyOf({ request, saidTokens, tally }: Turn): Pick<SequenceEvaluateOptions, "repeatPenalty"> {
  const { repeatPenalty: penalty = 1, presencePenalty = 0, frequencyPenalty = 0 } = request.sampling ?? {};
  if (penalty === 1 && presencePenalty === 0 && frequencyPenalty === 0) return {};
  const punishTokens = (): Token[] => [...saidTokens, ...tally.made].slice(-PUNISHED_TOKENS_MAX);
  const maxPunishTokens = PUNISHED_TOKENS_MAX;
  return { repeatPenalty: { punishTokens, maxPunishTokens, penalty, presencePenalty, frequencyPenalty } };
}

function neverShift(): never {
  throw new RbeeError("defect", "The context was about to be shifted.");
}

/** Leads the sampler through tokens that are known, so that a grammar has seen them. */
class Lead {
  readonly #loaded: Loaded;
  readonly #tokens: readonly Token[];
  readonly #free: TokenBias;
  #at = 0;

  constructor(loaded: Loaded, tokens: readonly Token[]) {
    this.#loaded = loaded;
    this.#tokens = tokens;
    this.#free = new loaded.binding.TokenBias(loaded.model.tokenizer);
  }

  get pending(): boolean {
    return this.#at < this.#tokens.length;
  }

  bias(): TokenBias {
    const token = this.#tokens[this.#at];
    if (token === undefined) return this.#free;
    return new this.#loaded.binding.TokenBias(this.#loaded.model.tokenizer).set(token, CERTAIN);
  }

  /** @returns whether the token that just came was a led one */
  next(): boolean {
    if (!this.pending) return false;
    this.#at++;
    return true;
  }
}
