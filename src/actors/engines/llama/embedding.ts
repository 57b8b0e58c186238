/**
 * Vectors of texts, by a context of their own that is made when first asked for.
 *
 * Owns that context. A text is evaluated in one batch, because the binding pools within a batch only.
 *
 * @module
 */
import type { LlamaEmbeddingContext } from "node-llama-cpp";
import { RbeeError } from "../../../protocol/errors.ts";
import type { Embedded } from "../engine.ts";
import type { Loaded } from "./loading.ts";

/** The batch is memory, and the context is as long as the batch. */
const CONTEXT_TOKENS_MAX = 2_048;

export class LlamaEmbedder {
  readonly #contextTokens: number;
  readonly #open: () => Promise<LlamaEmbeddingContext>;
  #context: Promise<LlamaEmbeddingContext> | undefined;
  /** Vectors made, since the beginning. */
  steps = 0;

  constructor({ model, context }: Loaded, threads: number) {
    const contextTokens = Math.min(context.contextSize, CONTEXT_TOKENS_MAX);
    this.#contextTokens = contextTokens;
    this.#open = () => model.createEmbeddingContext({ contextSize: contextTokens, batchSize: contextTokens, threads });
  }

  /** @returns a vector of length one for each text */
  async embed(texts: readonly string[], signal: AbortSignal): Promise<Embedded> {
    const opening = (this.#context ??= this.#open());
    opening.catch(() => (this.#context = undefined));
    const context = await opening;
    const counts = texts.map((text, index) => this.#tokensOf(context, text, index));
    const vectors: Float32Array[] = [];
    for (const text of texts) {
      if (signal.aborted) throw new RbeeError("interrupted", "Embedding was aborted.");
      vectors.push(unit((await context.getEmbeddingFor(text)).vector));
      this.steps += 1;
    }
    return { vectors, promptTokens: counts.reduce((sum, count) => sum + count, 0) };
  }

  async dispose(): Promise<void> {
    await (await this.#context)?.dispose();
  }

  /** @throws request.invalid, context.overflow */
  #tokensOf(context: LlamaEmbeddingContext, text: string, index: number): number {
    const promptTokens = text === "" ? 0 : context.calculateInputLength(text);
    if (promptTokens === 0)
      throw new RbeeError("request.invalid", `Text ${index} is empty.`, { field: `input[${index}]` });
    // The binding keeps the last place of a context free.
    const contextTokens = this.#contextTokens - 1;
    if (promptTokens <= contextTokens) return promptTokens;
    const message = `Text ${index} has ${promptTokens} tokens and at most ${contextTokens} fit.`;
    throw new RbeeError("context.overflow", message, { promptTokens, contextTokens });
  }
}

function unit(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector);
  return Float32Array.from(vector, (number) => (length === 0 ? 0 : number / length));
}
