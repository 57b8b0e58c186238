/**
 * One call of generate: what is asked becomes stretches of tokens, and they an answer.
 *
 * Owns what a call needs before its first token, and its slot. How tokens come is `stretch.ts`, how calls of
 * functions do is `calls.ts`.
 *
 *  G1 A prompt that leaves no room for one token is context.overflow before anything is evaluated. Asking for no token
 *     counts the prompt.
 *  G2 The slot is free again when the promise settles, however it does.
 *  G3 What is so long that it cannot fit is refused uncut: cutting it would hold up everybody else's answers here, and
 *     a worker that says nothing for seconds is taken for one that hangs.
 *
 * @module
 */
import type { LlamaGrammar, Token } from "node-llama-cpp";
import { RbeeError } from "../../../protocol/errors.ts";
import type { GenerateEnd, GenerateRequest, Hear } from "../engine.ts";
import { answerWithCalls } from "./calls.ts";
import { DOCUMENT_END } from "../grammar/json-grammar.ts";
import { checkSchema } from "../grammar/json-schema.ts";
import { schemaGrammar } from "./grammar.ts";
import type { Loaded } from "./loading.ts";
import { counted, Output, type Tally, type TellPart } from "./output.ts";
import type { Prompt } from "./prompt.ts";
import { runStretch, type Turn } from "./stretch.ts";

export async function generateText(
  loaded: Loaded,
  request: GenerateRequest,
  hear: Hear,
  signal: AbortSignal,
  now: () => number,
): Promise<GenerateEnd> {
  const startedAt = now();
  if (request.maxTokens === 0) return countPrompt(loaded, request);
  const prompt = promptOf(loaded, request);
  const { jsonSchema, tools } = request;
  if (jsonSchema !== undefined) checkSchema(jsonSchema);
  const grammar = jsonSchema === undefined || tools !== undefined ? undefined : await schemaGrammar(loaded, jsonSchema);
  const { tokens, saidTokens } = prompt;
  const tally: Tally = { made: [], told: 0 };
  const tell: TellPart = (text, count, kind) => hear(text, count, kind, tokens.length);
  const slot = loaded.slots.take(tokens);
  let firstTokenMs = 0;
  const onFirst = (): void => void (firstTokenMs = now() - startedAt);
  const turn: Turn = { loaded, slot, request, saidTokens, tally, signal, onFirst };
  try {
    const end =
      tools === undefined || prompt.syntax === undefined
        ? await answerWithText(turn, prompt, grammar, tell)
        : await answerWithCalls(turn, { ...prompt, syntax: prompt.syntax }, tools, tell);
    const completionTokens = tally.made.length;
    return { ...end, promptTokens: tokens.length, completionTokens, firstTokenMs, totalMs: now() - startedAt };
  } catch (thrown) {
    slot.blocks = [];
    throw thrown;
  } finally {
    slot.busy = false;
  }
}

/** The prompt is rendered and cut into tokens as for an answer; no slot is touched. */
function countPrompt({ prompter }: Loaded, request: GenerateRequest): GenerateEnd {
  const promptTokens = prompter.prompt(request).tokens.length;
  return { finish: "length", promptTokens, completionTokens: 0, firstTokenMs: 0, totalMs: 0 };
}

/** No vocabulary has longer ones: 128 blanks are what comes nearest in those that are in use. */
const TOKEN_CHARS_MAX = 512;

function promptOf(loaded: Loaded, request: GenerateRequest): Prompt {
  const contextTokens = loaded.context.contextSize;
  const promptTokensMin = Math.ceil(charsOf(request.input) / TOKEN_CHARS_MAX);
  if (promptTokensMin >= contextTokens) throw overflow("at least ", promptTokensMin, contextTokens);
  const prompt = loaded.prompter.prompt(request);
  const promptTokens = prompt.tokens.length + prompt.saidTokens.length;
  if (promptTokens < contextTokens) return prompt;
  throw overflow("", promptTokens, contextTokens);
}

const charsOf = (input: GenerateRequest["input"]): number =>
  "prompt" in input ? input.prompt.length : input.messages.reduce((sum, { content }) => sum + content.length, 0);

function overflow(atLeast: string, promptTokens: number, contextTokens: number): RbeeError {
  const has = `The prompt has ${atLeast}${promptTokens} tokens`;
  const message = `${has}; the context holds ${contextTokens}, the answer included.`;
  return new RbeeError("context.overflow", message, { promptTokens, contextTokens });
}

async function answerWithText(
  turn: Turn,
  { tokens, saidTokens, stopTokens, stopTexts }: Prompt,
  grammar: LlamaGrammar | undefined,
  hear: TellPart,
): Promise<Pick<GenerateEnd, "finish" | "stop">> {
  const { loaded, request, tally, signal } = turn;
  const { stops = [] } = request;
  const ends = { stopTokens, stopTexts: [...(grammar === undefined ? stopTexts : [DOCUMENT_END]), ...stops] };
  const tell = counted(tally, (text, count) => hear(text, count, "text"));
  const out = new Output(loaded.pieces, ends, tally, tell, signal);
  // A grammar has to see what was said as well.
  const isLed = grammar !== undefined && saidTokens.length > 0;
  const stretch: { given: readonly Token[]; led: readonly Token[] } = isLed
    ? { given: tokens, led: saidTokens }
    : { given: [...tokens, ...saidTokens], led: [] };
  const finish = await runStretch(turn, { ...stretch, grammar, out });
  return { finish, stop: stops.find((stop) => stop === out.found) };
}
