/**
 * The engine's simulated twin: text from a seed, time from a clock, failures on request.
 *
 * Held to the same contract as the real one (test/support/engine-contract.ts). A token is a word with its space.
 * What it writes follows from the prompt and the seed alone, so a continuation is the rest of the same text.
 *
 * @module
 */
import type { Tools } from "../../machines/request.ts";
import type {
  Embedded,
  Engine,
  EngineFacts,
  EngineSpec,
  GenerateEnd,
  GenerateRequest,
  Hear,
  OutputKind,
  ProbeEnd,
} from "../../src/actors/engines/engine.ts";
import { checkedParameters, checkSchema } from "../../src/actors/engines/grammar/json-schema.ts";
import { StopReader } from "../../src/actors/engines/stop-reader.ts";
import { type ErrorCode, RbeeError } from "../../src/protocol/errors.ts";
import type { Clock } from "../../src/runtime/ports.ts";
import { type Chance, seeded } from "../../tools/starter/seeded.ts";
import { hashOf, jsonFor, wordsOf } from "./sim-text.ts";

export type SimClockPort = Clock & { after(delayMs: number, run: () => void): void };

export interface SimModelFile {
  /** Loading it ends with this. */
  readonly error?: ErrorCode;
  readonly contextTokens?: number;
  readonly chatTemplate?: boolean;
  readonly weightBytes?: number;
}

/** What goes wrong from now on. A stall or hang ends by abort alone; a probe stalls or fails with the rest. */
export interface SimEngineFaults {
  readonly loadHangs?: boolean;
  readonly stallsAtToken?: number;
  readonly failsAtToken?: number;
}

export interface SimEngineOptions {
  readonly clock: SimClockPort;
  readonly files: ReadonlyMap<string, SimModelFile>;
  readonly availableBytes?: number;
  readonly loadMs?: number;
  readonly tokenMs?: number;
}

const LOAD_STEPS = 4;
const DIMS = 16;
const PARAMETERS = 1_000_000;
const CACHE_BYTES_PER_TOKEN = 1_000;
const CHARS_PER_TOKEN = 4;
const WORDS_BEFORE_CALLS = 3;

export interface Part {
  readonly kind: OutputKind;
  readonly text: string;
}

export class SimEngine implements Engine {
  faults: SimEngineFaults = {};
  steps = 0;
  readonly #options: SimEngineOptions;
  #facts: EngineFacts | undefined;
  readonly #calls = new Map<Call, Promise<unknown>>();
  #unloaded = false;

  constructor(options: SimEngineOptions) {
    this.#options = options;
  }

  async load(spec: EngineSpec, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<EngineFacts> {
    const file = this.#options.files.get(spec.modelPath);
    if (file === undefined) throw new RbeeError("model.not.found", `There is no ${spec.modelPath}.`);
    if (file.error !== undefined) throw new RbeeError(file.error, `Loading ${spec.modelPath} fails.`);
    const contextTokens = Math.min(spec.contextTokens, file.contextTokens ?? 4_096);
    const memoryBytes = (file.weightBytes ?? PARAMETERS) + contextTokens * spec.slots * CACHE_BYTES_PER_TOKEN;
    if (memoryBytes > (this.#options.availableBytes ?? Infinity)) {
      throw new RbeeError("engine.out.of.memory", `The model needs ${memoryBytes} bytes.`);
    }
    const call = new Call(signal);
    for (let step = 1; step <= LOAD_STEPS; step++) {
      const hangs = this.faults.loadHangs === true;
      if (!(await this.#pass(hangs ? undefined : (this.#options.loadMs ?? 100) / LOAD_STEPS, call))) {
        throw new RbeeError("interrupted", "Loading was aborted.");
      }
      onProgress(step / LOAD_STEPS);
    }
    call.over();
    this.#facts = {
      architecture: "sim",
      parameters: PARAMETERS,
      contextTokens,
      slots: spec.slots,
      embeddingDims: DIMS,
      chatTemplate: file.chatTemplate ?? true,
      backend: "cpu",
      memoryBytes,
    };
    return this.#facts;
  }

  generate(request: GenerateRequest, hear: Hear, signal: AbortSignal): Promise<GenerateEnd> {
    return this.#call(signal, (facts, call) => this.#generate(facts, request, hear, call));
  }

  embed(texts: readonly string[], signal: AbortSignal): Promise<Embedded> {
    return this.#call(signal, async ({ contextTokens }, call) => {
      for (const text of texts) {
        if (text === "") throw new RbeeError("request.invalid", "A text is empty.", { field: "input" });
        if (tokensOf(text) > contextTokens) throw overflow(tokensOf(text), contextTokens);
      }
      if (!(await this.#pass(texts.length, call))) throw new RbeeError("interrupted", "Embedding was aborted.");
      this.steps += texts.length;
      const promptTokens = texts.reduce((sum, text) => sum + tokensOf(text), 0);
      return { vectors: texts.map(vectorOf), promptTokens };
    });
  }

  probe(signal: AbortSignal): Promise<ProbeEnd> {
    return this.#call(signal, async (_facts, call) => {
      const { tokenMs = 10 } = this.#options;
      const { stallsAtToken, failsAtToken } = this.faults;
      if (failsAtToken !== undefined) throw new RbeeError("engine.failed", "The simulated engine broke.");
      for (const until of [tokenMs, stallsAtToken === undefined ? tokenMs : undefined]) {
        if (!(await this.#pass(until, call))) throw new RbeeError("interrupted", "The probe was aborted.");
        this.steps += 1;
      }
      return { firstTokenMs: tokenMs, totalMs: 2 * tokenMs };
    });
  }

  async unload(): Promise<void> {
    this.#unloaded = true;
    for (const call of this.#calls.keys()) call.abort();
    await Promise.allSettled(this.#calls.values());
    this.#facts = undefined;
  }

  async #generate(
    { contextTokens, chatTemplate }: EngineFacts,
    request: GenerateRequest,
    hear: Hear,
    call: Call,
  ): Promise<GenerateEnd> {
    const startedMs = this.#options.clock.monotonicMs();
    const prompt = "prompt" in request.input ? request.input.prompt : JSON.stringify(request.input.messages);
    const promptTokens = tokensOf(prompt);
    if (request.maxTokens === 0) {
      return { finish: "length", promptTokens, completionTokens: 0, firstTokenMs: 0, totalMs: 0 };
    }
    const room = contextTokens - promptTokens - tokensOf(request.said);
    if (room < 1) throw overflow(promptTokens + tokensOf(request.said), contextTokens);
    if (request.tools !== undefined && !chatTemplate) {
      throw new RbeeError("request.invalid", "tools: there is no chat template.", { field: "tools" });
    }
    const most = Math.min(request.maxTokens, room);
    let made = 0;
    let told = 0;
    let firstTokenMs = 0;
    const parts = partsOf(request, prompt);
    let finish: GenerateEnd["finish"] = parts.some(({ kind }) => kind === "call") ? "tool_calls" : "stop";
    const stops = new StopReader(request.stops ?? []);
    const say = async (text: string, kind: OutputKind = "text"): Promise<void> => {
      if (text === "") return;
      const tokens = made - told;
      told = made;
      const waiting = hear(text, tokens, kind, promptTokens);
      if (waiting !== undefined) await Promise.race([waiting, this.#pass(undefined, call)]);
    };
    for (const { text, kind } of restOf(parts, request)) {
      if (made >= most) {
        finish = "length";
        break;
      }
      if (made === this.faults.failsAtToken) throw new RbeeError("engine.failed", "The simulated engine broke.");
      const stalls = made === this.faults.stallsAtToken;
      if (!(await this.#pass(stalls ? undefined : (this.#options.tokenMs ?? 10), call))) {
        finish = "abort";
        break;
      }
      made++;
      this.steps += 1;
      if (made === 1) firstTokenMs = this.#options.clock.monotonicMs() - startedMs;
      await say(kind === "text" ? stops.push(text) : stops.rest());
      if (kind !== "text") await say(text, kind);
      if (stops.found === undefined) continue;
      finish = "stop";
      break;
    }
    await say(stops.rest());
    const totalMs = this.#options.clock.monotonicMs() - startedMs;
    return { finish, stop: stops.found, promptTokens, completionTokens: made, firstTokenMs, totalMs };
  }

  #call<Result>(signal: AbortSignal, run: (facts: EngineFacts, call: Call) => Promise<Result>): Promise<Result> {
    if (this.#facts === undefined || this.#unloaded) {
      return Promise.reject(new RbeeError("engine.failed", "The engine has no model loaded."));
    }
    const call = new Call(signal);
    const ended = run(this.#facts, call).finally(() => {
      call.over();
      this.#calls.delete(call);
    });
    this.#calls.set(call, ended);
    return ended;
  }

  /**
   * Lets time pass; without a time, until aborted.
   *
   * @returns whether it passed without an abort
   */
  #pass(ms: number | undefined, call: Call): Promise<boolean> {
    return new Promise((resolve) => {
      if (call.isAborted) return resolve(false);
      call.onAbort = () => resolve(false);
      if (ms !== undefined) this.#options.clock.after(ms, () => resolve(true));
    });
  }
}

/** One call of the engine, which its signal ends, or the engine. It listens once, however many tokens it makes. */
class Call {
  isAborted: boolean;
  /** What waits just now. */
  onAbort: (() => void) | undefined;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.isAborted = signal.aborted;
    signal.addEventListener("abort", this.abort);
  }

  readonly abort = (): void => {
    this.isAborted = true;
    this.onAbort?.();
  };

  over(): void {
    this.#signal.removeEventListener("abort", this.abort);
  }
}

const tokensOf = (text: string): number => Math.ceil(text.length / CHARS_PER_TOKEN);

const overflow = (promptTokens: number, contextTokens: number): RbeeError =>
  new RbeeError("context.overflow", `${promptTokens} tokens do not fit.`, { promptTokens, contextTokens });

/** All that would be written from the beginning, a token a piece. */
export function partsOf(request: Omit<GenerateRequest, "said" | "maxTokens">, prompt: string): readonly Part[] {
  const { temperature, seed, jsonSchema, sampling, tools } = request;
  const isGreedy = temperature === 0 || sampling?.topK === 1;
  const penalties = JSON.stringify({ ...sampling, topK: undefined }).replace("{}", "");
  const hash = hashOf(`${isGreedy ? "greedy" : seed}/${prompt}${penalties}`);
  const chance = seeded(hash);
  if (jsonSchema !== undefined) {
    checkSchema(jsonSchema);
    return jsonParts("text", jsonFor(jsonSchema, chance));
  }
  const words = wordsOf(hash).map((text): Part => ({ kind: "text", text }));
  if (tools === undefined) return words;
  const calls = callsOf(tools, chance);
  if (tools.choice !== "auto") return calls;
  return chance.pick([true, false]) ? words : [...words.slice(0, WORDS_BEFORE_CALLS), ...calls];
}

function callsOf({ functions, choice, parallel }: Tools, chance: Chance): Part[] {
  const schemas = new Map(functions.map((one) => [one.name, checkedParameters(one)]));
  const names = typeof choice === "string" ? [...schemas.keys()] : [choice.name];
  const count = parallel && typeof choice === "string" ? chance.integer(1, 2) : 1;
  return Array.from({ length: count }).flatMap((): Part[] => {
    const name = chance.pick(names);
    return [{ kind: "call", text: name }, ...jsonParts("arguments", jsonFor(schemas.get(name) ?? {}, chance))];
  });
}

const jsonParts = (kind: OutputKind, value: unknown): Part[] =>
  (JSON.stringify(value).match(/.{1,4}/gsu) ?? []).map((text) => ({ kind, text }));

/** What is left behind what was said; a piece that was cut is finished first. */
function* restOf(parts: readonly Part[], { said, saidCalls = [] }: GenerateRequest): Generator<Part> {
  let left = saidCalls.length === 0 ? said.length : Infinity;
  let calls = 0;
  for (const { kind, text } of parts) {
    if (kind === "call") {
      left = saidCalls[calls]?.arguments.length ?? 0;
      calls += 1;
      if (calls > saidCalls.length) yield { kind, text };
      continue;
    }
    const rest = text.slice(left);
    left = Math.max(0, left - text.length);
    if (rest !== "") yield { kind, text: rest };
  }
}

function vectorOf(text: string): Float32Array {
  const chance = seeded(hashOf(text));
  const numbers = Array.from({ length: DIMS }, () => chance.gaussian());
  const length = Math.hypot(...numbers);
  return Float32Array.from(numbers, (number) => number / length);
}
