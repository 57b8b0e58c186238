/**
 * The Engine port: what a worker asks of the program that really runs a model.
 *
 * Owns: the port's shape, and nothing else. `llama.ts` runs a model in this process, `remote/` asks somebody else's
 * server, `llama-server.ts` a server of its own; the simulated twin is in test/simulation. All of them are held to the
 * same contract tests.
 *
 *  N1 At most `slots` calls of generate run at once; the caller keeps count.
 *  N2 `signal` ends a call within one token; the promise then resolves with finish "abort", and what was emitted
 *     stands.
 *  N3 While the promise returned by `hear` is pending that slot makes no further token; other slots go on.
 *  N4 Same model, request and seed give the same text when the slot runs alone; temperature 0 is greedy.
 *  N5 Every failure rejects with an RbeeError whose code is in the error table.
 *  N6 A prompt that leaves no room for one token is context.overflow, before anything is emitted; nothing is ever cut
 *     or shifted. A call whose context is full ends with "length".
 *     A call for no token at all only counts its prompt, which may be longer than any context.
 *  N7 A probe is a real inference in a free slot, ended by its signal like any other, and leaves no trace: what a slot
 *     knows of earlier prompts it knows afterwards. Of somebody else's server, which may ask money for it, it is a
 *     question for its models.
 *  N8 `steps` rises with whatever the engine has really done; while it stands still nothing is done.
 *  N9 A text ends before the first of its stops, of which nothing is emitted; the end names it and counts what it took.
 *  N10 An answer is a text, calls, or a text and then calls. A call is its name, then its arguments: JSON that its
 *      schema allows, whole unless the end is "length" or "abort". Nothing else of a call is emitted, and the end of an
 *      answer with calls is "tool_calls".
 *
 * @module
 */
import type { Label } from "../../../machines/words.ts";
import type { ChatMessage, Sampling, Tools } from "../../../machines/request.ts";
import type { Finish } from "../../../machines/job.ts";
import type { ModelFacts } from "../../../machines/worker.ts";

export interface EngineSpec {
  readonly modelPath: string;
  /** Tokens of context for each slot; the model's own maximum when larger than that. */
  readonly contextTokens: number;
  readonly slots: number;
  /** Always given: the library's own default ruins small machines. */
  readonly threads: number;
  readonly gpu: "auto" | "none";
}

/** What a loaded model is, as the worker's machine tells everybody. */
export type EngineFacts = ModelFacts;

/** What a piece of output is: text, the name of what is called, or a piece of the arguments of the call before it. */
export type OutputKind = "text" | "call" | "arguments";

/** @param tokens how many tokens the piece took. @param promptTokens how many the prompt did */
export type Hear = (text: string, tokens: number, kind: OutputKind, promptTokens: number) => void | Promise<void>;

/** A call that readers know of; of the last one perhaps not all. */
export interface SaidCall {
  readonly name: string;
  readonly arguments: string;
}

export interface GenerateRequest {
  /** A prompt is put to the chat template as one user message, or completed raw when the model has none. */
  readonly input: { readonly prompt: string } | { readonly messages: readonly ChatMessage[] };
  /** Text already visible to the reader: generation goes on behind it and does not emit it again. "" at the start. */
  readonly said: string;
  /** Calls behind that text, gone on with likewise. */
  readonly saidCalls?: readonly SaidCall[] | undefined;
  /** How many tokens that took; 0 when nobody counted. */
  readonly saidTokens?: number;
  /** Who may see it; `private` when nobody says. */
  readonly label?: Label;
  /** New tokens, those of `said` not among them. 0 counts the prompt and runs nothing, however long it is. */
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly sampling?: Sampling | undefined;
  /** Whichever is whole first ends the text with "stop". */
  readonly stops?: readonly string[] | undefined;
  /** The text is held to this by a grammar at the sampler; what the grammar cannot hold is schema.unsupported. */
  readonly jsonSchema?: unknown;
  /** What may be called. A model without a chat template can call nothing: request.invalid. */
  readonly tools?: Tools | undefined;
}

export interface GenerateEnd {
  readonly finish: Finish | "abort";
  /** Which of the stops ended it. */
  readonly stop?: string | undefined;
  /** Of the prompt alone; `said` was counted by the call that said it. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** From the call to the first token, and to the end. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

export interface Embedded {
  /** One for each text, in order. */
  readonly vectors: readonly Float32Array[];
  /** Of all the texts together. */
  readonly promptTokens: number;
}

/** What a probe took: the smallest answer there is. */
export interface ProbeEnd {
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

export interface Engine {
  /**
   * @param onProgress hears a fraction of 0..1 while the weights are read.
   * @param signal ends loading with interrupted.
   */
  load(spec: EngineSpec, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<EngineFacts>;
  /** @param hear is told whole characters only, in order */
  generate(request: GenerateRequest, hear: Hear, signal: AbortSignal): Promise<GenerateEnd>;
  /**
   * One vector of length one for each text, all of as many numbers. An empty text is request.invalid.
   *
   * @param label as that of a {@link GenerateRequest}
   */
  embed(texts: readonly string[], signal: AbortSignal, label?: Label): Promise<Embedded>;
  /** Makes a token or two that nobody reads. Rejects with interrupted when aborted. */
  probe(signal: AbortSignal): Promise<ProbeEnd>;
  /** A count of pieces of prompts, tokens and vectors since the model was loaded. */
  readonly steps: number;
  /** Gives the memory back. Ends running calls as by abort and waits for them. The engine is of no use afterwards. */
  unload(): Promise<void>;
}
