/**
 * What differs between servers of models: where they are asked what, and how their answers are read.
 *
 * Owns: the shape. `openai.ts` and `ollama.ts` are the two there are.
 *
 *  DI1 An answer is `ended` only where the server said so itself, and why. A stream that ends without has none.
 *  DI2 What is not of the form that is expected is endpoint.foreign, never passed over.
 *
 * @module
 */
import type { RbeeError } from "../../../protocol/errors.ts";
import type { ChatMessage, Tools } from "../../../../machines/request.ts";
import type { GenerateRequest } from "../engine.ts";
import { checkedParameters } from "../grammar/json-schema.ts";

export interface Asking {
  readonly path: string;
  readonly body: unknown;
}

export interface Listed {
  readonly name: string;
  /** It is meant by this as well. */
  readonly also: string | undefined;
  /** Who runs it, where that is not the server itself. */
  readonly at: string | undefined;
  /** What fits into it; nothing where the server does not tell. */
  readonly contextTokens: number | undefined;
}

export interface Told {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export type Piece =
  | { readonly type: "text"; readonly text: string }
  /** Of a call: which, its name where it is told, and more of its arguments. */
  | {
      readonly type: "call";
      readonly index: number | undefined;
      readonly name: string | undefined;
      readonly arguments: string;
    }
  | { readonly type: "ended"; readonly finish: "stop" | "length" | "tool_calls"; readonly usage: Told | undefined };

export interface Vectors {
  readonly vectors: readonly (readonly number[])[];
  readonly promptTokens: number;
}

export interface Dialect {
  /** Of the server, below its address. */
  readonly listPath: string;
  /** @throws RbeeError endpoint.foreign */
  list(text: string): readonly Listed[];
  generate(model: string, request: GenerateRequest, tokensMax: number, contextTokens: number): Asking;
  /** @throws RbeeError endpoint.* for an error that the server tells in its answer */
  read(lines: AsyncIterable<string>): AsyncIterable<Piece>;
  embed(model: string, texts: readonly string[]): Asking;
  /** @returns whether it asks in other words from now on, as this refusal wants it */
  adapts(refusal: RbeeError): boolean;
  /** One for each text, in order. @throws RbeeError endpoint.foreign */
  vectors(text: string, count: number): Vectors;
}

/** Which template a prompt is put to is the server's own business. */
export const messagesOf = ({ input }: GenerateRequest): readonly ChatMessage[] =>
  "prompt" in input ? [{ role: "user", content: input.prompt }] : input.messages;

/** The servers of llama.cpp take the largest for "choose one". */
const SEEDS = 0xffff_ffff;
export const seedOf = ({ seed }: GenerateRequest): number => seed % SEEDS;

/**
 * What may be called, as both dialects name it; a function that has to be is the only one there is.
 *
 * @throws RbeeError schema.unsupported
 */
export const functionsOf = ({ functions, choice }: Tools) =>
  functions
    .filter(({ name }) => typeof choice === "string" || choice.name === name)
    .map(({ name, description, ...schema }) => ({
      type: "function",
      function: { name, description, parameters: checkedParameters(schema) },
    }));

/** What nobody asked for is not named: not every server knows all of them. */
export const samplingOf = ({ sampling = {} }: GenerateRequest) => ({
  top_p: sampling.topP,
  top_k: sampling.topK,
  min_p: sampling.minP,
  repeat_penalty: sampling.repeatPenalty,
  presence_penalty: sampling.presencePenalty,
  frequency_penalty: sampling.frequencyPenalty,
});
