/**
 * The Engine on node-llama-cpp: one model, one context, a sequence for each slot.
 *
 * Owns the life of everything native and of the calls on it. How a file becomes a context is `loading.ts`, how
 * text comes out `generation.ts`, how vectors do `embedding.ts`.
 *
 *  L1 Native code sees only files that `../gguf/header.ts` found whole: its assertions end the process.
 *  L2 Nothing native is disposed while a call runs; {@link LlamaEngine.unload} ends the calls first and waits.
 *  L3 The library is loaded when a model is (`runtime.ts`): it is optional and weighs hundreds of megabytes.
 *
 * @module
 */
import { RbeeError } from "../../../protocol/errors.ts";
import type {
  Embedded,
  Engine,
  EngineFacts,
  EngineSpec,
  GenerateEnd,
  GenerateRequest,
  Hear,
  ProbeEnd,
} from "../engine.ts";
import { readGgufHeader } from "../gguf/header.ts";
import { LlamaEmbedder } from "./embedding.ts";
import { callFailure, loadFailure } from "./failure.ts";
import { generateText } from "./generation.ts";
import { checkMemory, factsOf, type Loaded, loadInto } from "./loading.ts";
import { probeSlot } from "./probe.ts";
import { startRuntime } from "./runtime.ts";

/** Turns of the event loop within which the native log's last lines arrive. */
const LOG_TURNS = 5;

/** What the engine must know of the machine it runs on. */
export interface EngineSurroundings {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** How long the processors have worked for this process, all of them together. */
  readonly workedMs: () => number;
  /** Main memory that this process may still take. */
  readonly availableBytes: () => number;
}

export class LlamaEngine implements Engine {
  readonly #surroundings: EngineSurroundings;
  #loaded: Loaded | undefined;
  #threads = 1;
  #embedder: LlamaEmbedder | undefined;
  readonly #calls = new Set<Promise<unknown>>();
  readonly #unloading = new AbortController();

  constructor(surroundings: EngineSurroundings) {
    this.#surroundings = surroundings;
  }

  async load(spec: EngineSpec, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<EngineFacts> {
    if (this.#loaded !== undefined) throw new RbeeError("defect", "This engine has a model already.");
    const header = await readGgufHeader(spec.modelPath);
    const runtime = await startRuntime(spec.gpu);
    runtime.log.clear();
    try {
      if (runtime.llama.gpu === false) checkMemory(header, spec, this.#surroundings.availableBytes());
      const { now, workedMs } = this.#surroundings;
      const ownMs = runtime.llama.gpu === false ? () => workedMs() / spec.threads : now;
      this.#loaded = await loadInto(runtime, spec, ownMs, onProgress, signal);
    } catch (thrown) {
      // The native side logs from its own threads, and the reason is in the log.
      // oxlint-disable-next-line no-restricted-globals -- waits for native code, which has no simulated twin
      for (let turn = 0; turn < LOG_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) throw new RbeeError("interrupted", "Loading was aborted.");
      throw loadFailure(thrown, runtime.log);
    }
    this.#threads = spec.threads;
    onProgress(1);
    return factsOf(this.#loaded, header);
  }

  generate(request: GenerateRequest, hear: Hear, signal: AbortSignal): Promise<GenerateEnd> {
    return this.#call(signal, (loaded, either) => generateText(loaded, request, hear, either, this.#surroundings.now));
  }

  embed(texts: readonly string[], signal: AbortSignal): Promise<Embedded> {
    return this.#call(signal, async (loaded, either) => {
      this.#embedder ??= new LlamaEmbedder(loaded, this.#threads);
      return this.#embedder.embed(texts, either);
    });
  }

  /** A model without a decoder makes no token: a vector is the smallest thing it can do. */
  probe(signal: AbortSignal): Promise<ProbeEnd> {
    return this.#call(signal, async (loaded, either) => {
      const { now } = this.#surroundings;
      if (loaded.model.fileInsights.hasDecoder) return probeSlot(loaded, either, now);
      const startedMs = now();
      this.#embedder ??= new LlamaEmbedder(loaded, this.#threads);
      await this.#embedder.embed(["a"], either);
      const totalMs = now() - startedMs;
      return { firstTokenMs: totalMs, totalMs };
    });
  }

  get steps(): number {
    return (this.#loaded?.slots.steps ?? 0) + (this.#embedder?.steps ?? 0);
  }

  async unload(): Promise<void> {
    this.#unloading.abort();
    await Promise.allSettled(this.#calls);
    const loaded = this.#loaded;
    this.#loaded = undefined;
    if (loaded === undefined) return;
    await this.#embedder?.dispose();
    await loaded.context.dispose();
    await loaded.model.dispose();
  }

  /** Runs a call that {@link unload} can end and wait for. */
  #call<Result>(signal: AbortSignal, run: (loaded: Loaded, either: AbortSignal) => Promise<Result>): Promise<Result> {
    const loaded = this.#loaded;
    if (loaded === undefined || this.#unloading.signal.aborted) {
      return Promise.reject(new RbeeError("engine.failed", "The engine has no model loaded."));
    }
    const call = run(loaded, AbortSignal.any([signal, this.#unloading.signal])).catch((thrown: unknown) => {
      throw callFailure(thrown);
    });
    this.#calls.add(call);
    void call.finally(() => this.#calls.delete(call)).catch(() => {});
    return call;
  }
}
