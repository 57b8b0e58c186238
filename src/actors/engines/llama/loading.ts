/**
 * From a model file to something that generates: memory checked, weights read, context and slots made.
 *
 * Owns the order of these steps and that a failed one leaves nothing behind.
 *
 * @module
 */
import type { Llama, LlamaContext, LlamaModel, Token } from "node-llama-cpp";
import { RbeeError } from "../../../protocol/errors.ts";
import type { EngineFacts, EngineSpec } from "../engine.ts";
import type { GgufHeader } from "../gguf/header.ts";
import { memoryFloorBytes } from "../gguf/memory.ts";
import { Prompter } from "./prompt.ts";
import type { Binding, Runtime } from "./runtime.ts";
import { SlotPool } from "./slots.ts";
import { warmUp } from "./warm-up.ts";
import { Pieces } from "./token-text.ts";

export interface Loaded {
  readonly binding: Binding;
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly slots: SlotPool;
  readonly prompter: Prompter;
  readonly pieces: Pieces<Token>;
}

export function checkMemory(header: GgufHeader, spec: EngineSpec, availableBytes: number): void {
  const neededBytes = memoryFloorBytes(header, spec.contextTokens, spec.slots);
  if (neededBytes <= availableBytes) return;
  const message = `The model and its context need ${neededBytes} bytes and ${availableBytes} are available.`;
  throw new RbeeError("engine.out.of.memory", message, { neededBytes, availableBytes });
}

/** @param workedMs of a clock that stands while others have the processor */
export async function loadInto(
  runtime: Runtime,
  spec: EngineSpec,
  workedMs: () => number,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Loaded> {
  const model = await runtime.llama.loadModel({
    modelPath: spec.modelPath,
    // As many layers as fit, with the rest in the machine's memory, would be a spill in silence.
    gpuLayers: "max",
    loadSignal: signal,
    onLoadProgress: (fraction) => onProgress(Math.min(fraction, 1)),
  });
  try {
    return await giveContext(runtime, model, spec, workedMs, signal);
  } catch (thrown) {
    await model.dispose();
    throw thrown;
  }
}

async function giveContext(
  { binding, llama }: Runtime,
  model: LlamaModel,
  spec: EngineSpec,
  workedMs: () => number,
  signal: AbortSignal,
): Promise<Loaded> {
  const context = await model.createContext({
    sequences: spec.slots,
    contextSize: Math.min(spec.contextTokens, model.trainContextSize),
    threads: spec.threads,
    // A smaller context than was asked for would be a promise broken in silence.
    failedCreationRemedy: false,
    createSignal: signal,
  });
  const sequences = Array.from({ length: context.totalSequences }, () => context.getSequence());
  const blockTokens = await warmUp(model, context, sequences, workedMs, signal);
  return {
    binding,
    llama,
    model,
    context,
    slots: new SlotPool(sequences, blockTokens),
    prompter: new Prompter(binding, model),
    pieces: new Pieces(inTextDetokenizer(model)),
  };
}

/** Detokenisers drop the space before the first word of a text; behind an anchor no token is the first. */
function inTextDetokenizer(model: LlamaModel): (tokens: readonly Token[]) => string {
  const anchor = model.tokenize("a");
  const anchorText = model.detokenize(anchor);
  return (tokens) => model.detokenize([...anchor, ...tokens]).slice(anchorText.length);
}

export function factsOf({ llama, model, context, prompter }: Loaded, header: GgufHeader): EngineFacts {
  const memory = [model.memoryUsage, context.memoryUsage];
  return {
    architecture: String(header.metadata.get("general.architecture")),
    parameters: model.fileInsights.totalParameters,
    contextTokens: context.contextSize,
    slots: context.totalSequences,
    embeddingDims: model.embeddingVectorSize,
    chatTemplate: prompter.chatTemplate,
    backend: llama.gpu === false ? "cpu" : llama.gpu,
    memoryBytes: memory.reduce((sum, { ram, vram }) => sum + ram + vram, 0),
  };
}
