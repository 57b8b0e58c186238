/**
 * A worker's own door: run one request on this model, without a queue.
 *
 * Owns: what such a request means and how tokens, vectors and progress look. Does not own: slots, the model, its own
 * end; it talks to a {@link WorkerSeat}.
 *
 *  W1 Every field is parsed by a schema of src/protocol/worker-api.ts; what does not fit is a 400 that names it.
 *  W2 Only loading progress is open: all else needs the door's token where it has one.
 *  W3 A client that goes away aborts its run, and one that reads slowly holds back its own run only.
 *
 * @module
 */
import type { Finish, JobUsage } from "../../machines/job.ts";
import type { JobRequest } from "../../machines/request.ts";
import type { Attempt } from "../../machines/words.ts";
import { RbeeError } from "../protocol/errors.ts";
import { parseWith } from "../protocol/parse.ts";
import type { Answer, Call, EventSink, Route } from "../protocol/route.ts";
import type { Chunk } from "../protocol/worker.ts";
import {
  cancelling,
  cancelRequest,
  type DoneLine,
  executed,
  executeLine,
  type ExecuteRequest,
  executeRequest,
  type LoadingLine,
  loadingLine,
  readiness,
  type Readiness,
  workerEnding,
} from "../protocol/worker-api.ts";
import { Gathered, pieceOf } from "./pieces.ts";
import { samplingOf } from "./sampling.ts";
import { messagesOf, toolsOf } from "./tools.ts";

export interface DirectRun {
  /** What it can be cancelled by; without one the worker gives it a name. */
  readonly job: string | undefined;
  readonly attempt: Attempt;
  readonly request: JobRequest;
}

export interface DirectEnd {
  readonly job: string;
  readonly finish: Finish;
  readonly stop?: string | undefined;
  readonly usage: JobUsage;
}

/** What the door needs of a worker. Each may throw an RbeeError. */
export interface WorkerSeat {
  readiness(): Omit<Readiness, "ready">;
  /** Ends when loading has ended, whatever way; an old fraction may be left out for a newer one. */
  loading(signal: AbortSignal): AsyncIterable<LoadingLine>;
  /**
   * @param hear gets the output in order. While its promise is pending no further piece is made.
   * @throws RbeeError worker.stale when it takes no work now, or every slot is taken
   */
  execute(asked: DirectRun, hear: (chunk: Chunk) => void | Promise<void>, signal: AbortSignal): Promise<DirectEnd>;
  /** @returns whether such a job was running */
  cancel(job: string): boolean;
  /** Finish what runs, take nothing new, then end. */
  shutdown(): void;
}

export function workerRoutes(seat: WorkerSeat): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/v1/execute",
      doc: {
        summary: "Run one request on this model: text as a stream, or whole; vectors whole.",
        body: executeRequest,
        answer: executed,
        events: executeLine,
      },
      handle: (call) => execute(seat, call),
    },
    {
      method: "GET",
      path: "/v1/ready",
      doc: { summary: "Whether it takes work; 503 while it does not.", answer: readiness },
      handle: () => ready(seat.readiness()),
    },
    {
      method: "GET",
      path: "/v1/loading/progress",
      open: true,
      doc: { summary: "How far its model is loaded, until it is.", events: loadingLine },
      handle: (call) => progress(seat, call),
    },
    {
      method: "POST",
      path: "/v1/cancel",
      doc: { summary: "Cancel a run by its job's id.", body: cancelRequest, status: 202, answer: cancelling },
      handle: (call) => cancel(seat, call),
    },
    {
      method: "POST",
      path: "/v1/admin/shutdown",
      doc: { summary: "Let what runs end, take nothing new, then end.", status: 202, answer: workerEnding },
      handle: () => shutdown(seat),
    },
  ];
}

function execute(seat: WorkerSeat, call: Call): Answer | Promise<Answer> {
  const asked = parseWith(executeRequest, call.body);
  const run = runOf(asked);
  const streamed = asked.stream && asked.input === undefined;
  return streamed ? { events: (sink) => stream(seat, run, sink, call.signal) } : gather(seat, run, call.signal);
}

/** What the request means, with what only a queen would care for left at its default. */
export function runOf(asked: ExecuteRequest): DirectRun {
  const request: JobRequest = {
    capability: asked.input === undefined ? "text" : "embedding",
    model: undefined,
    prompt: asked.prompt,
    messages: asked.messages === undefined ? undefined : messagesOf(asked.messages),
    input: asked.input,
    maxTokens: asked.max_tokens,
    temperature: asked.temperature,
    seed: asked.seed,
    jsonSchema: asked.json_schema,
    sampling: samplingOf(asked),
    stops: asked.stop,
    tools: toolsOf({
      functions: asked.tools,
      choice: asked.tool_choice,
      parallel: asked.parallel_tool_calls,
    }),
    priority: 5,
    deadlineMs: undefined,
    label: "private",
    node: undefined,
    idempotencyKey: undefined,
  };
  return { job: asked.job_id, attempt: asked.attempt, request };
}

async function stream(seat: WorkerSeat, run: DirectRun, sink: EventSink, signal: AbortSignal): Promise<void> {
  const hear = (chunk: Chunk): void | Promise<void> => sink.send({ id: chunk.index, data: lineOf(chunk) });
  const end = await seat.execute(run, hear, signal);
  await sink.send({ data: doneOf(end) });
}

function lineOf(chunk: Chunk): object {
  const { index } = chunk;
  const piece = pieceOf(chunk);
  if (piece.type === "call") return { tool_call: { id: piece.id, name: piece.name }, index };
  return piece.type === "arguments" ? { tool_arguments: piece.json, index } : { token: chunk.text, index };
}

async function gather(seat: WorkerSeat, run: DirectRun, signal: AbortSignal): Promise<Answer> {
  const gathered = new Gathered();
  const end = await seat.execute(run, (chunk) => gathered.add(pieceOf(chunk)), signal);
  const { text, calls, vectors } = gathered;
  const said = calls.length === 0 ? { text } : { text, tool_calls: calls };
  const output = run.request.capability === "embedding" ? { embeddings: vectors.map(vectorOf) } : said;
  return { status: 200, json: { ...doneOf(end), ...output } };
}

function doneOf({ job, finish, stop, usage }: DirectEnd): DoneLine {
  return {
    done: true,
    job_id: job,
    total_tokens: usage.completionTokens,
    finish,
    ...(stop === undefined ? {} : { stop }),
    usage: { prompt_tokens: usage.promptTokens, completion_tokens: usage.completionTokens },
    timings: { first_token_ms: usage.firstTokenMs, total_ms: usage.totalMs },
  };
}

/** Little-endian float32, wherever in a larger buffer it lies. */
function vectorOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 4 }, (_, at) => view.getFloat32(at * 4, true));
}

function ready(told: Omit<Readiness, "ready">): Answer {
  const isReady = told.state === "idle" || told.state === "busy";
  return { status: isReady ? 200 : 503, json: { ready: isReady, ...told } satisfies Readiness };
}

function progress(seat: WorkerSeat, call: Call): Answer {
  return {
    events: async (sink) => {
      for await (const line of seat.loading(call.signal)) await sink.send({ data: line });
    },
  };
}

function cancel(seat: WorkerSeat, call: Call): Answer {
  const { job_id } = parseWith(cancelRequest, call.body);
  if (!seat.cancel(job_id)) throw new RbeeError("request.not.found", `No job ${job_id} runs here.`);
  return { status: 202, json: { job_id, state: "cancelling" } };
}

function shutdown(seat: WorkerSeat): Answer {
  seat.shutdown();
  return { status: 202, json: { state: "stopping" } };
}
