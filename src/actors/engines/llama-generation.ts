/**
 * One call of generate: evaluate the prompt, then pull token after token until something ends it.
 *
 * Owns the loop and its ends. Tokens are pulled, so a reader that is slow holds back its own slot and no other.
 *
 *  G1 A prompt that leaves no room for one token is context.overflow before anything is evaluated; nothing is ever cut
 *     or shifted. Asking for more tokens than fit ends with "length".
 *  G2 The slot is free again when the promise settles, however it does.
 *  G3 What was said already is evaluated and not emitted; a grammar is led through it token by token.
 *
 * @module
 */
import type { LlamaGrammar, SequenceEvaluateOptions, Token, TokenBias } from "node-llama-cpp";
import { RbeeError } from "../../protocol/errors.ts";
import type { GenerateEnd, GenerateRequest } from "./engine.ts";
import { checkSchema } from "./json-schema.ts";
import type { Loaded } from "./llama-loading.ts";
import type { Prompt } from "./llama-prompt.ts";
import { evaluatePrompt, type Slot } from "./llama-slots.ts";
import { type OnText, Output } from "./llama-output.ts";

/** The native sampler takes the largest seed for "choose one". */
const SEEDS = 0xffff_ffff;
/** How far back a penalty for what was said looks. */
const PUNISHED_TOKENS_MAX = 1024;
/** Added to a token's logit, leaves no other a chance. */
const CERTAIN = { logit: 1e6 };

interface Run {
  readonly prompt: Prompt;
  readonly grammar: LlamaGrammar | undefined;
  readonly tokensMax: number;
}

export async function generateText(
  loaded: Loaded,
  request: GenerateRequest,
  onText: OnText,
  signal: AbortSignal,
  now: () => number,
): Promise<GenerateEnd> {
  const startedAt = now();
  const run = await prepare(loaded, request);
  const out = new Output(loaded.pieces, run.prompt, run.grammar !== undefined, request.stops ?? [], onText, signal);
  const led = run.grammar === undefined ? [] : run.prompt.saidTokens;
  const given = led.length > 0 ? run.prompt.tokens : [...run.prompt.tokens, ...run.prompt.saidTokens];
  const slot = loaded.slots.take(given);
  let firstTokenMs = 0;
  let finish: GenerateEnd["finish"] = "abort";
  try {
    const rest = await evaluatePrompt(slot, given, signal);
    if (rest !== undefined) {
      const lead = new Lead(loaded, led);
      const tokens = slot.sequence.evaluateWithMetadata(rest, {}, samplingOf(loaded, request, run, lead, out));
      try {
        const onFirst = (): void => void (firstTokenMs = now() - startedAt);
        finish = await pull(slot, tokens, lead, out, run.tokensMax, onFirst);
      } finally {
        await tokens.return();
      }
    }
    await out.end();
  } catch (thrown) {
    slot.blocks = [];
    throw thrown;
  } finally {
    slot.busy = false;
  }
  return {
    finish,
    stop: out.stop,
    promptTokens: run.prompt.tokens.length,
    completionTokens: out.tokens,
    firstTokenMs,
    totalMs: now() - startedAt,
  };
}

async function pull(
  slot: Slot,
  tokens: AsyncGenerator<{ readonly token: Token }, void>,
  lead: Lead,
  out: Output,
  tokensMax: number,
  onFirst: () => void,
): Promise<GenerateEnd["finish"]> {
  while (out.tokens < tokensMax) {
    if (out.aborted) return "abort";
    const step = await tokens.next();
    slot.steps += 1;
    if (step.done) return "stop";
    if (lead.next()) continue;
    if (out.tokens === 0) onFirst();
    const waiting = out.push(step.value.token);
    if (waiting !== undefined) await waiting;
    if (out.stopped) return "stop";
  }
  return "length";
}

async function prepare(loaded: Loaded, request: GenerateRequest): Promise<Run> {
  const prompt = loaded.prompter.prompt(request);
  const promptTokens = prompt.tokens.length + prompt.saidTokens.length;
  const contextTokens = loaded.context.contextSize;
  if (promptTokens >= contextTokens) {
    const message = `The prompt has ${promptTokens} tokens; the context holds ${contextTokens}, the answer included.`;
    throw new RbeeError("context.overflow", message, { promptTokens, contextTokens });
  }
  const tokensMax = Math.min(request.maxTokens, contextTokens - promptTokens);
  return { prompt, tokensMax, grammar: await grammarOf(loaded, request.jsonSchema) };
}

async function grammarOf({ llama }: Loaded, schema: unknown): Promise<LlamaGrammar | undefined> {
  if (schema === undefined) return undefined;
  checkSchema(schema);
  try {
    // The check above is what the parameter's type stands for.
    return await llama.createGrammarForJsonSchema(schema as Parameters<typeof llama.createGrammarForJsonSchema>[0]);
  } catch (thrown) {
    throw new RbeeError("schema.unsupported", `The schema makes no grammar: ${String(thrown)}`);
  }
}

function samplingOf(
  { binding, model }: Loaded,
  request: GenerateRequest,
  { grammar, prompt }: Run,
  lead: Lead,
  out: Output,
): SequenceEvaluateOptions {
  const { topK, topP, minP, repeatPenalty = 1, presencePenalty = 0, frequencyPenalty = 0 } = request.sampling ?? {};
  const isPenal = repeatPenalty !== 1 || presencePenalty !== 0 || frequencyPenalty !== 0;
  return {
    temperature: request.temperature,
    seed: request.seed % SEEDS,
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
    ...(minP !== undefined && { minP }),
    ...(isPenal && {
      repeatPenalty: {
        punishTokens: () => [...prompt.saidTokens, ...out.made].slice(-PUNISHED_TOKENS_MAX),
        maxPunishTokens: PUNISHED_TOKENS_MAX,
        penalty: repeatPenalty,
        presencePenalty,
        frequencyPenalty,
      },
    }),
    contextShift: { strategy: neverShift },
    ...(grammar && { grammarEvaluationState: new binding.LlamaGrammarEvaluationState({ model, grammar }) }),
    ...(lead.pending && { tokenBias: () => lead.bias() }),
  };
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
