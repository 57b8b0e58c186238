/**
 * The Engine that somebody else's server is: loading finds the model there, and every call is a request.
 *
 * Owns: when the server is asked, how long one waits for it, what counts as an answer. Does not own: how it is reached
 * (server.ts), what it is asked in which words (dialect.ts).
 *
 *  RE1 A model is loaded when the server lists it. It takes no memory here.
 *  RE2 A stream that ends before the server said so is a failure, however much of it came: never an answer.
 *  RE3 Until the time that a busy server names it is asked nothing; nobody waits longer than a bound for it.
 *  RE4 Going on behind what was said is asked anew, and what comes has to begin with it: then the rest is told. Another
 *      text is endpoint.cut, since two halves of different answers are no answer.
 *  RE5 Text that goes on far beyond the tokens that were asked for is cut, and a failure.
 *  RE6 What was to be JSON and is none is endpoint.refused: the server has no grammar.
 *  RE7 A server that has somebody else run the model is no place for it: nobody has said what those may be given.
 *  RE8 A server that asks for patience is well: its worker stays.
 *  RE9 A prompt is counted by asking for one token that nobody hears: no server counts for nothing.
 *  RE10 What a server says of tools that its model cannot call is said of the request.
 *
 * @module
 */
import type { Label } from "../../../../machines/words.ts";
import { errorData, RbeeError } from "../../../protocol/errors.ts";
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
import { checkSchema } from "../grammar/json-schema.ts";
import type { Asking, Dialect } from "./dialect.ts";
import { foreign, orWithoutTools, refusalOf } from "./failure.ts";
import { Hearing } from "./hearing.ts";
import { linesOf } from "./lines.ts";
import { Patience, WAIT_MS_MAX } from "./patience.ts";
import type { Answer, RemoteClock, Server } from "./server.ts";

const LIST_BYTES_MAX = 8 * 2 ** 20;
const VECTORS_BYTES_MAX = 64 * 2 ** 20;
const NAMES_TOLD = 5;

export interface RemoteOptions {
  /** As the server calls it. */
  readonly model: string;
  readonly dialect: Dialect;
  readonly server: Server;
  readonly clock: RemoteClock;
  /** `token`: a probe makes one, which costs nobody money. */
  readonly probe: "list" | "token";
}

export class RemoteEngine implements Engine {
  readonly #options: RemoteOptions;
  readonly #patience: Patience;
  readonly #calls = new Set<Promise<unknown>>();
  readonly #unloading = new AbortController();
  #spec: EngineSpec | undefined;
  steps = 0;

  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#patience = new Patience(options.clock);
  }

  /** RE1. */
  async load(spec: EngineSpec, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<EngineFacts> {
    if (this.#spec !== undefined) throw new RbeeError("defect", "This engine has a model already.");
    const { contextTokens } = await this.#find(signal, WAIT_MS_MAX);
    this.#spec = spec;
    onProgress(1);
    return {
      architecture: "",
      parameters: 0,
      contextTokens: contextTokens ?? spec.contextTokens,
      slots: spec.slots,
      embeddingDims: 0,
      chatTemplate: true,
      backend: "remote",
      memoryBytes: 0,
    };
  }

  generate(request: GenerateRequest, hear: Hear, signal: AbortSignal): Promise<GenerateEnd> {
    return this.#call(signal, (spec, either) =>
      request.maxTokens > 0 ? this.#generate(spec, request, hear, either) : this.#count(spec, request, either),
    );
  }

  embed(texts: readonly string[], signal: AbortSignal, label: Label = "private"): Promise<Embedded> {
    return this.#call(signal, async (_spec, either) => {
      if (texts.includes("")) throw new RbeeError("request.invalid", "A text is empty.", { field: "input" });
      const { dialect, model, server } = this.#options;
      const answer = await this.#ask(dialect.embed(model, texts), label, either).catch(orInterrupted(either));
      const text = await answer.text(VECTORS_BYTES_MAX).catch(orInterrupted(either));
      const { vectors, promptTokens } = dialect.vectors(text, texts.length);
      const dims = vectors[0]?.length ?? 0;
      const isWhole = vectors.length === texts.length && vectors.every((vector) => vector.length === dims);
      if (dims === 0 || !isWhole) throw foreign(server.name, "other vectors than were asked for");
      this.steps += vectors.length;
      return { vectors: vectors.map((vector) => ofLengthOne(server.name, vector)), promptTokens };
    });
  }

  probe(signal: AbortSignal): Promise<ProbeEnd> {
    return this.#call(signal, async (spec, either) => {
      const startedMs = this.#options.clock.now();
      if (this.#options.probe === "list") await this.#prove(either);
      else if ((await this.#generate(spec, PROBE, () => {}, either)).finish === "abort") throw interrupted();
      const totalMs = this.#options.clock.now() - startedMs;
      return { firstTokenMs: totalMs, totalMs };
    });
  }

  async unload(): Promise<void> {
    this.#unloading.abort();
    await Promise.allSettled(this.#calls);
  }

  /** RE8. */
  async #prove(signal: AbortSignal): Promise<void> {
    try {
      await this.#find(signal, 0);
    } catch (thrown) {
      if (errorData(thrown).code !== "endpoint.busy") throw thrown;
    }
  }

  async #find(signal: AbortSignal, longestMs: number): Promise<{ readonly contextTokens: number | undefined }> {
    const { dialect, model, server } = this.#options;
    const asking = { path: dialect.listPath, body: undefined };
    const answer = await this.#ask(asking, "public", signal, longestMs).catch(orInterrupted(signal));
    const listed = dialect.list(await answer.text(LIST_BYTES_MAX).catch(orInterrupted(signal)));
    const found = listed.find(({ name, also }) => name === model || also === model);
    if (found?.at !== undefined) {
      const message = `${server.name} passes what it is asked on to ${cutTo(found.at)}, which is no endpoint`;
      throw new RbeeError("endpoint.elsewhere", message);
    }
    if (found !== undefined) return found;
    const names = listed.slice(0, NAMES_TOLD).map(({ name }) => JSON.stringify(cutTo(name)));
    const has =
      names.length === 0 ? "it has none" : `it has ${names.join(", ")}${listed.length > NAMES_TOLD ? ", …" : ""}`;
    throw new RbeeError("model.not.found", `${server.name} has no model ${model}; ${has}`);
  }

  async #generate(spec: EngineSpec, request: GenerateRequest, hear: Hear, signal: AbortSignal): Promise<GenerateEnd> {
    const { clock, dialect, model, server } = this.#options;
    if (request.jsonSchema !== undefined) checkSchema(request.jsonSchema);
    const hearing = new Hearing(server.name, request, hear, clock.now);
    try {
      const tokensMax = request.maxTokens + (request.saidTokens ?? 0);
      const ask = (): Promise<Answer> =>
        this.#ask(dialect.generate(model, request, tokensMax, spec.contextTokens), request.label ?? "private", signal);
      const answer = await ask().catch((thrown: unknown) => {
        if (thrown instanceof RbeeError && dialect.adapts(thrown)) return ask();
        throw thrown;
      });
      for await (const piece of dialect.read(linesOf(answer.pieces(), () => void (this.steps += 1)))) {
        if (piece.type === "ended") answer.whole();
        this.steps += 1;
        for (const part of hearing.heard(piece)) {
          await untilAborted(hearing.tell(part), signal);
          if (signal.aborted) return hearing.abort();
        }
        if (piece.type === "ended") return hearing.end(piece);
        if (signal.aborted) return hearing.abort();
        if (hearing.isStopped) return hearing.stop();
      }
    } catch (thrown) {
      if (signal.aborted) return hearing.abort();
      throw request.tools === undefined ? thrown : orWithoutTools(thrown);
    }
    if (signal.aborted) return hearing.abort();
    throw new RbeeError("endpoint.failed", `${server.name} broke off in the middle of its answer`);
  }

  /** RE9. */
  async #count(spec: EngineSpec, request: GenerateRequest, signal: AbortSignal): Promise<GenerateEnd> {
    const end = await this.#generate(spec, { ...request, said: "", stops: [], maxTokens: 1 }, () => {}, signal);
    if (end.finish === "abort") return end;
    if (end.promptTokens > 0) return { ...end, finish: "length", completionTokens: 0 };
    throw new RbeeError("endpoint.refused", `${this.#options.server.name} does not count tokens`);
  }

  /** @returns an answer that is a success. RE3 */
  async #ask(
    { path, body }: Asking,
    label: Label,
    signal: AbortSignal,
    longestMs: number = WAIT_MS_MAX,
  ): Promise<Answer> {
    const { server } = this.#options;
    for (;;) {
      await this.#patience.wait(server.name, signal, longestMs);
      const answer = await server.call(path, body === undefined ? undefined : { body, label }, signal);
      this.steps += 1;
      if (answer.status >= 200 && answer.status < 300) {
        this.#patience.rest();
        return answer;
      }
      this.#patience.refused(await refusalOf(server.name, answer), longestMs);
    }
  }

  /** Runs a call that {@link unload} can end and wait for. */
  #call<Result>(signal: AbortSignal, run: (spec: EngineSpec, either: AbortSignal) => Promise<Result>): Promise<Result> {
    const spec = this.#spec;
    if (spec === undefined || this.#unloading.signal.aborted) {
      return Promise.reject(new RbeeError("engine.failed", "The engine has no model loaded."));
    }
    const call = run(spec, AbortSignal.any([signal, this.#unloading.signal])).catch((thrown: unknown) => {
      const { code, message, details } = errorData(thrown);
      throw new RbeeError(code, message, details);
    });
    this.#calls.add(call);
    void call.finally(() => this.#calls.delete(call)).catch(() => {});
    return call;
  }
}

const PROBE: GenerateRequest = {
  input: { prompt: "a" },
  said: "",
  label: "public",
  maxTokens: 1,
  temperature: 0,
  seed: 0,
};

const cutTo = (told: string): string => told.slice(0, 100);

const interrupted = (): RbeeError => new RbeeError("interrupted", "It was aborted.");

const orInterrupted =
  (signal: AbortSignal) =>
  (thrown: unknown): never => {
    throw signal.aborted ? interrupted() : thrown;
  };

/** A reader that never comes back must not keep an aborted call. */
async function untilAborted(waiting: void | Promise<void>, signal: AbortSignal): Promise<void> {
  if (waiting === undefined || signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => resolve();
  signal.addEventListener("abort", stop, { once: true });
  await Promise.race([waiting, promise]).finally(() => signal.removeEventListener("abort", stop));
}

function ofLengthOne(name: string, vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector);
  if (!Number.isFinite(length) || length === 0) throw foreign(name, "a vector without direction");
  return Float32Array.from(vector, (number) => number / length);
}
