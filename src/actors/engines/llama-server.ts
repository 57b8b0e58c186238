/**
 * The Engine on an installed llama-server: the program runs the model, and is asked as any other server is.
 *
 * Owns: the life of that program, from its start to its end, and what its last words mean. Does not own: how a process
 * is made and ended (the Program port), what is asked in which words (remote/).
 *
 *  LS1 The program sees only files that `../gguf/header.ts` found whole, and only where they fit the memory.
 *  LS2 It is ready when it says so of itself, and lists the model under a name that nobody else can know: what else may
 *      answer at its port is given nothing.
 *  LS3 A program that ends while it loads is a failure with its own words as the reason.
 *  LS4 {@link LlamaServerEngine.unload} ends it, and resolves when it is gone.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { Label } from "../../../machines/words.ts";
import type {
  Embedded,
  Engine,
  EngineFacts,
  EngineSpec,
  GenerateEnd,
  GenerateRequest,
  Hear,
  ProbeEnd,
} from "./engine.ts";
import { type GgufHeader, readGgufHeader } from "./gguf/header.ts";
import { memoryFloorBytes } from "./gguf/memory.ts";
import { EngineLog, loadFailure } from "./llama/failure.ts";
import { checkMemory } from "./llama/loading.ts";
import { RemoteEngine } from "./remote/engine.ts";
import { openaiDialect } from "./remote/openai.ts";
import type { RemoteClock, Server } from "./remote/server.ts";

export interface ProgramStart {
  readonly spec: EngineSpec;
  /** Only vectors are wanted of such a model. */
  readonly embeddings: boolean;
}

/** A llama-server that was begun. */
export interface Program {
  readonly server: Server;
  /** The name under which it lists its model. */
  readonly alias: string;
  /** Resolves when it has ended, with its last words. */
  readonly ended: Promise<{ readonly how: string; readonly lastLines: readonly string[] }>;
  /** Resolves when it is gone. */
  end(): Promise<void>;
}

/** @throws RbeeError engine.server.missing */
export type StartProgram = (start: ProgramStart) => Promise<Program>;

export interface LlamaServerOptions {
  readonly start: StartProgram;
  readonly clock: RemoteClock;
  /** Main memory that may still be taken. */
  readonly availableBytes: () => number;
  /** The program ended by itself: nothing is left of this engine. */
  readonly lost: (how: string) => void;
}

const NAME = "llama-server";
const TEMPLATE = "tokenizer.chat_template";
const POLL_MS = 100;
const HEALTH_BYTES_MAX = 64 * 1024;

interface Running {
  readonly program: Program;
  readonly engine: RemoteEngine;
}

export class LlamaServerEngine implements Engine {
  readonly #options: LlamaServerOptions;
  #running: Running | undefined;
  #isEnding = false;

  constructor(options: LlamaServerOptions) {
    this.#options = options;
  }

  async load(spec: EngineSpec, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<EngineFacts> {
    if (this.#running !== undefined) throw new RbeeError("defect", "This engine has a model already.");
    const header = await readGgufHeader(spec.modelPath);
    if (spec.gpu === "none") checkMemory(header, spec, this.#options.availableBytes());
    if (signal.aborted) throw interrupted();
    const embeddings = isForVectors(header);
    const program = await this.#options.start({ spec, embeddings });
    const engine = new RemoteEngine({
      model: program.alias,
      dialect: openaiDialect(NAME, !header.metadata.has(TEMPLATE)),
      server: program.server,
      clock: this.#options.clock,
      probe: embeddings ? "list" : "token",
    });
    try {
      await this.#untilReady(program, signal);
      const { contextTokens } = await engine.load(spec, onProgress, signal);
      this.#running = { program, engine };
      void program.ended.then(({ how }) => {
        if (!this.#isEnding) this.#options.lost(how);
      });
      return factsOf(header, spec, contextTokens);
    } catch (thrown) {
      await program.end();
      throw signal.aborted ? interrupted() : thrown;
    }
  }

  generate(request: GenerateRequest, hear: Hear, signal: AbortSignal): Promise<GenerateEnd> {
    return this.#loaded()?.generate(request, hear, signal) ?? unloaded();
  }

  embed(texts: readonly string[], signal: AbortSignal, label?: Label): Promise<Embedded> {
    return this.#loaded()?.embed(texts, signal, label) ?? unloaded();
  }

  probe(signal: AbortSignal): Promise<ProbeEnd> {
    return this.#loaded()?.probe(signal) ?? unloaded();
  }

  get steps(): number {
    return this.#running?.engine.steps ?? 0;
  }

  /** LS4. */
  async unload(): Promise<void> {
    this.#isEnding = true;
    await this.#running?.engine.unload();
    await this.#running?.program.end();
  }

  #loaded(): RemoteEngine | undefined {
    return this.#isEnding ? undefined : this.#running?.engine;
  }

  /** LS2, LS3. */
  async #untilReady(program: Program, signal: AbortSignal): Promise<void> {
    let ended: Awaited<Program["ended"]> | undefined;
    const end = program.ended.then((how) => (ended = how));
    for (;;) {
      if (ended !== undefined) throw diedWith(ended);
      if (signal.aborted) throw interrupted();
      if (await isHealthy(program.server, signal)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#options.clock.after(POLL_MS, resolve);
      await Promise.race([promise, end]);
    }
  }
}

/** Not yet there, or still reading the weights: both pass. */
async function isHealthy(server: Server, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await server.call("../health", undefined, signal);
    await answer.text(HEALTH_BYTES_MAX);
    return answer.status === 200;
  } catch {
    return false;
  }
}

function diedWith({ how, lastLines }: Awaited<Program["ended"]>): RbeeError {
  const log = new EngineLog();
  for (const line of lastLines) log.write(line);
  return loadFailure(new Error(`${NAME} ended with ${how}.`), log);
}

/** What is known of such a model: how its vectors are made of those of its tokens. */
const isForVectors = ({ metadata }: GgufHeader): boolean =>
  metadata.has(`${String(metadata.get("general.architecture"))}.pooling_type`);

function factsOf(header: GgufHeader, spec: EngineSpec, toldTokens: number): EngineFacts {
  const { metadata } = header;
  const architecture = String(metadata.get("general.architecture") ?? "");
  const count = (key: string): number | undefined => {
    const value = metadata.get(key);
    return typeof value === "number" ? value : undefined;
  };
  const contextTokens = Math.min(toldTokens, spec.contextTokens, count(`${architecture}.context_length`) ?? Infinity);
  return {
    architecture,
    parameters: count("general.parameter_count") ?? 0,
    contextTokens,
    slots: spec.slots,
    embeddingDims: count(`${architecture}.embedding_length`) ?? 0,
    chatTemplate: metadata.has(TEMPLATE),
    backend: NAME,
    memoryBytes: memoryFloorBytes(header, contextTokens, spec.slots),
  };
}

const interrupted = (): RbeeError => new RbeeError("interrupted", "Loading was aborted.");

const unloaded = (): Promise<never> =>
  Promise.reject(new RbeeError("engine.failed", "The engine has no model loaded."));
