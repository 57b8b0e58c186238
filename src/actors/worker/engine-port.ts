/**
 * The engine as a port of the worker's process: answers asks to load, run and release, and streams chunks beside them.
 *
 * Owns: chunk numbers, credit, aborting what is dropped. Does not own: the engine itself, who may run what.
 *
 *  G1 Chunks of a run are numbered from the index given, strictly by one (RJ2).
 *  G2 Without credit a run waits, and no other does.
 *  G3 A dropped run emits nothing more, and answers nothing.
 *  G4 The engine runs no more calls than it has slots: a run waits until a dropped one has really ended.
 *  G5 What was said before counts: towards the tokens asked for, and in the usage told at the end.
 *  G6 Whoever asks to `watch` is answered when the engine is sick (watch.ts), and never otherwise.
 *  G7 What the request says of stops and of the choice of tokens is the engine's; the stop that ended a text is told.
 *  G8 The first chunk of an attempt tells the tokens of the prompt; a job for no token at all is told them alone.
 *
 * @module
 */
import type { Finish, Said } from "../../../machines/job.ts";
import type { JobRequest } from "../../../machines/request.ts";
import type { Attempt } from "../../../machines/words.ts";
import { errorData, RbeeError, retryClassOf } from "../../protocol/errors.ts";
import { type Chunk, CREDIT_CHUNKS, type ExecuteAsk } from "../../protocol/worker.ts";
import type { AskResult, Message } from "../../runtime/envelope.ts";
import type { Port, PortCall } from "../../runtime/ports.ts";
import type { Engine, EngineSpec, GenerateEnd, GenerateRequest } from "../engines/engine.ts";
import { Slots } from "./slots.ts";
import { EngineWatch, type Proof, type WatchTimes } from "./watch.ts";

export type EngineAsk =
  | { readonly type: "load" }
  | { readonly type: "release" }
  /** -> `engine.sick`. */
  | { readonly type: "watch" }
  | (Omit<ExecuteAsk, "type"> & { readonly type: "run" });

/** What the job that asked is answered. */
export interface Executed {
  readonly executed: Message & {
    readonly type: "executed";
    readonly attempt: Attempt;
    readonly finish: Finish;
    readonly stop?: string | undefined;
    readonly usage: Omit<GenerateEnd, "finish" | "stop">;
    /** How many there are of the job in all. */
    readonly chunks: number;
  };
}

export interface EnginePort extends Port {
  /** @throws RbeeError with what the engine is sick with */
  examine(): Promise<Proof>;
  credit(job: string, attempt: Attempt, chunks: number): void;
}

interface Running {
  readonly abort: AbortController;
  readonly key: string;
  credit: number;
  waiting: (() => void) | undefined;
}

type RunAsk = Extract<EngineAsk, { type: "run" }>;

export interface EngineSurroundings {
  chunk(chunk: Chunk): void;
  progress(fraction: number): void;
  /** Milliseconds of a clock that never goes back. */
  nowMs(): number;
  after(delayMs: number, run: () => void): void;
  readonly watch: WatchTimes;
  /** For requests that name none. */
  readonly temperature: number;
}

/** For requests that name none; whatever the context still holds ends them sooner. */
const MAX_TOKENS = 1024;

export function createEnginePort(engine: Engine, spec: EngineSpec, out: EngineSurroundings): EnginePort {
  const open = new Map<string, Running>();
  const slots = new Slots(spec.slots);
  const watch = watchOver(engine, slots, out);
  let watching: string | undefined;

  const begin = (id: string, key: string): Running => {
    const running: Running = { abort: new AbortController(), key, credit: CREDIT_CHUNKS, waiting: undefined };
    open.set(id, running);
    return running;
  };

  const answerOf = async (call: PortCall): Promise<Message> => {
    const asked = call.event as EngineAsk;
    switch (asked.type) {
      case "load": {
        const { abort } = begin(call.id, "load");
        const facts = await engine.load(spec, out.progress, abort.signal);
        return { type: "model.loaded", facts } as Message;
      }
      case "release":
        watch.end();
        await engine.unload();
        return { type: "model.released" };
      case "watch":
        watching = call.id;
        return sicknessOf(watch);
      case "run": {
        const running = begin(call.id, `${asked.job}/${asked.attempt}`);
        watch.giveWay();
        return slots.hold(running, () => run(engine, asked, running, out));
      }
    }
  };

  return {
    ask(call, answer) {
      answerOf(call).then(
        (event) => finish(call.id, answer, { ok: true, event }),
        (thrown: unknown) => finish(call.id, answer, { ok: false, error: errorData(thrown) }),
      );
    },
    examine: () => watch.examine(),
    drop(id) {
      if (id === watching) watch.end();
      const running = open.get(id);
      running?.abort.abort();
      running?.waiting?.();
    },
    credit(job, attempt, chunks) {
      for (const running of open.values()) {
        if (running.key !== `${job}/${attempt}`) continue;
        running.credit += chunks;
        running.waiting?.();
      }
    },
  };

  function finish(id: string, answer: (result: AskResult) => void, result: AskResult): void {
    open.delete(id);
    answer(result);
  }
}

async function run(engine: Engine, asked: RunAsk, running: Running, out: EngineSurroundings): Promise<Message> {
  const { job, attempt, request } = asked;
  const { signal } = running.abort;
  if (request.capability === "embedding") {
    const startedMs = out.nowMs();
    const { vectors, promptTokens } = await engine.embed(request.input ?? [], signal, request.label);
    for (const [index, vector] of vectors.entries()) {
      if (signal.aborted) break;
      const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
      out.chunk({ job, attempt, index, kind: "embedding", text: "", tokens: 0, bytes });
    }
    const totalMs = out.nowMs() - startedMs;
    const end = { finish: "stop", promptTokens, completionTokens: 0, firstTokenMs: totalMs, totalMs } as const;
    return ended(asked, end, vectors.length);
  }
  const { pieces, tokens: saidTokens } = asked.said;
  const maxTokens = (request.maxTokens ?? MAX_TOKENS) - saidTokens;
  if (saidTokens > 0 && maxTokens <= 0) return ended(asked, NOTHING_LEFT, pieces.length);
  const first = pieces.length;
  let index = first;
  const end = await engine.generate(
    { ...generateRequest(request, out.temperature), ...saidBefore(asked.said), saidTokens, maxTokens },
    (text, tokens, kind, promptTokens) => {
      if (signal.aborted) return undefined;
      const head = index === first ? { promptTokens } : {};
      out.chunk({ job, attempt, index: index++, kind, text, tokens, ...head });
      running.credit -= 1;
      return running.credit > 0 ? undefined : creditOf(running);
    },
    signal,
  );
  return ended(asked, end, index);
}

/** A probe is one more call of the engine: it has a slot as long as it really lasts. */
function watchOver(engine: Engine, slots: Slots, { watch, nowMs, after }: EngineSurroundings): EngineWatch {
  const probed: Pick<Engine, "probe" | "steps"> = {
    get steps() {
      return engine.steps;
    },
    probe: (signal) => slots.hold({ waiting: undefined }, () => engine.probe(signal)),
  };
  return new EngineWatch(probed, watch, {
    nowMs,
    after,
    isFree: () => slots.areFree,
    waitsForReaders: () => slots.waitForReaders,
  });
}

/** G6. */
const sicknessOf = (watch: EngineWatch): Promise<Message> =>
  new Promise((resolve) =>
    watch.begin(({ code, message }) =>
      resolve({ type: "engine.sick", code, class: retryClassOf(code), message } as Message),
    ),
  );

/** Resolves when the reader has taken more, or nobody waits any longer. */
const creditOf = (running: Running): Promise<void> =>
  new Promise((resolve) => {
    running.waiting = () => {
      if (running.credit <= 0 && !running.abort.signal.aborted) return;
      running.waiting = undefined;
      resolve();
    };
  });

/** The worker before this one was lost between its last token and its answer. */
const NOTHING_LEFT: GenerateEnd = {
  finish: "length",
  promptTokens: 0,
  completionTokens: 0,
  firstTokenMs: 0,
  totalMs: 0,
};

function ended({ job, attempt, said }: RunAsk, { finish, stop, ...last }: GenerateEnd, chunks: number): Message {
  if (finish === "abort") throw new RbeeError("job.cancelled", "it was aborted");
  const usage = { ...last, completionTokens: said.tokens + last.completionTokens };
  const executed: Executed = {
    executed: { type: "executed", attempt, finish, ...(stop !== undefined && { stop }), usage, chunks },
  };
  return { type: "ran", job, attempt, ...executed } as Message;
}

/** The text, and behind it the calls. */
function saidBefore({ pieces, calls = [] }: Said): Pick<GenerateRequest, "said" | "saidCalls"> {
  const saidCalls = calls.map((at, index) => ({
    name: pieces[at] ?? "",
    arguments: pieces.slice(at + 1, calls[index + 1]).join(""),
  }));
  return { said: pieces.slice(0, calls[0]).join(""), saidCalls };
}

function generateRequest(
  request: JobRequest,
  otherwise: number,
): Omit<GenerateRequest, "said" | "saidCalls" | "maxTokens"> {
  const { prompt, messages, temperature, seed, jsonSchema, sampling, stops, tools, label } = request;
  return {
    input: messages === undefined ? { prompt: prompt ?? "" } : { messages },
    temperature: temperature ?? otherwise,
    seed: seed ?? 0,
    label,
    sampling,
    stops,
    tools,
    ...(jsonSchema === undefined ? {} : { jsonSchema }),
  };
}
