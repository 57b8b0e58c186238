/**
 * A worker: its machine, and what each of its actions means. Lives in a process of its own, in a volatile host.
 *
 * Owns: who waits for which run, answers kept for askers that restarted. Does not own: the engine (a port of this
 * process), its own process (the hive).
 *
 *  WB1 An attempt that has ended here, well or badly, is not begun a second time: it would say other words under the
 *      numbers of those that were read (RJ2).
 *  WB2 Nor is one that is said to be under way here and is not: whoever asks makes another attempt of it.
 *
 * @module
 */
import type { ProcessEnd, ProcessEvent } from "../../../machines/process.ts";
import { type ModelFacts, runKey, type WorkerEvent, workerMachine } from "../../../machines/worker.ts";
import type { Address } from "../../../machines/words.ts";
import { type ErrorData, isErrorCode } from "../../protocol/errors.ts";
import type { ExecuteAsk } from "../../protocol/worker.ts";
import {
  ask,
  behaviour,
  type Behaviour,
  type Command,
  del,
  drop,
  put,
  raise,
  refuse,
  reply,
  type Scope,
} from "../../runtime/behaviour.ts";
import type { AskRef, AskResult, Message } from "../../runtime/envelope.ts";
import { event, reader } from "../../runtime/reading.ts";
import type { EngineAsk, Executed } from "./engine-port.ts";
import { ANSWERS_KEPT, answers, runs, waiters } from "./tables.ts";

const read = reader<WorkerEvent>();
const toProcess = event<ProcessEvent>();
const toSelf = event<WorkerEvent>();

export interface WorkerSettings {
  readonly engine: Address;
  readonly idleTimeoutMs: number;
  readonly loadTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** Of its own HTTP door. */
  readonly port: () => number;
}

/** Longer than any job: a run ends by its own end, or because nobody waits for it. */
const RUN_DEADLINE_MS = 86_400_000;

const WATCH_DEADLINE_MS = 86_400_000;
const LOAD_DEADLINE_MS = 86_400_000;

/** For whoever still waits for a model that will not be loaded any more. */
const STOPPED: ProcessEnd = { code: "interrupted", class: "cancelled", message: "the worker was stopped" };

export function workerBehaviour(settings: WorkerSettings): Behaviour {
  const { idleTimeoutMs, loadTimeoutMs, drainTimeoutMs } = settings;
  const toEngine = (made: EngineAsk, name: string, deadlineMs: number, key = ""): Command =>
    ask(settings.engine, made, { name, key, deadlineMs, onRestart: "again" });
  const ready = (scope: Scope, facts: ModelFacts): readonly Command[] =>
    answerWaiter(scope, "ready", toProcess({ type: "worker.ready", facts, port: settings.port() }));

  return behaviour(
    workerMachine.provide({
      delays: {
        idleTimeoutMs: ({ context }) => context.keepAliveMs ?? idleTimeoutMs,
        loadTimeoutMs,
        drainTimeoutMs,
      },
    }),
    {
      // How long that may take is the machine's to say: an ask that ran out first would name no reason.
      loadModel: () => [toEngine({ type: "load" }, "load", LOAD_DEADLINE_MS)],
      watchEngine: () => [toEngine({ type: "watch" }, "watch", WATCH_DEADLINE_MS)],
      remember: ({ wait }, scope) => (scope.re === undefined ? [] : [put(waiters, wait, scope.re)]),
      answerReady: ({ facts }, scope) => ready(scope, facts),
      answerUnready,
      begin: (_params, scope) => begin(scope, toEngine),
      reattach: (_params, scope) =>
        scope.re === undefined ? [] : [put(runs, runKey(read(scope, "execute")), scope.re)],
      refuse: ({ message }: { message: string }, scope) =>
        scope.re === undefined ? [] : [refuse(scope.re, { code: "worker.stale", message })],
      answer,
      answerFailed,
      abort,
      answerIdle: (_params, scope) => answerWaiter(scope, "idle", toProcess({ type: "worker.expired" })),
      answerSick: ({ failure }, scope) => answerWaiter(scope, "idle", toProcess({ type: "worker.sick", ...failure })),
      abortAll: (_params, scope) => [
        drop("watch"),
        ...[...scope.rows(runs).entries()].map(([key]) => drop("run", key)),
      ],
      releaseModel: () => [toEngine({ type: "release" }, "release", 10_000)],
      answerStopped: (_params, scope) => [
        ...answerUnready({ failure: STOPPED }, scope),
        ...answerWaiter(scope, "stopped", toProcess({ type: "worker.stopped" })),
      ],
    },
    { limits: { mailMax: 1024 } },
  );
}

function answerWaiter(scope: Scope, wait: "ready" | "idle" | "stopped", made: Message): readonly Command[] {
  const re = scope.rows(waiters).get(wait);
  return re === undefined ? [] : [del(waiters, wait), reply(re, made)];
}

function answerUnready({ failure }: { failure: ProcessEnd }, scope: Scope): readonly Command[] {
  const re = scope.rows(waiters).get("ready");
  if (re === undefined) return [];
  const code = isErrorCode(failure.code) ? failure.code : "engine.failed";
  return [del(waiters, "ready"), refuse(re, { code, message: failure.message })];
}

/** Begins the run, unless this very attempt has ended here before: then the answer is at hand. */
function begin(
  scope: Scope,
  toEngine: (made: EngineAsk, name: string, deadlineMs: number, key: string) => Command,
): readonly Command[] {
  // The machine needs job and attempt only; the rest of the ask is the engine's.
  const { job, attempt, request, said, isUnderWay } = read(scope, "execute") as WorkerEvent & ExecuteAsk;
  if (scope.re === undefined) return [];
  const key = runKey({ job, attempt });
  const kept = scope.rows(answers).get(key);
  const over = raise(toSelf({ type: "ran", job, attempt }));
  if (kept !== undefined) return [answerWith(scope.re, kept), over];
  if (isUnderWay === true)
    return [refuse(scope.re, { code: "worker.stale", message: "that attempt does not run here" }), over];
  return [
    put(runs, key, scope.re),
    toEngine({ type: "run", job, attempt, request, said }, "run", RUN_DEADLINE_MS, key),
  ];
}

function answer(_params: unknown, scope: Scope): readonly Command[] {
  const ran = read(scope, "ran") as WorkerEvent & Partial<Executed>;
  const key = "job" in ran && "attempt" in ran ? runKey(ran) : "";
  const re = scope.rows(runs).get(key);
  if (re === undefined || ran.executed === undefined) return [];
  return [del(runs, key), ...endedWith(key, re, { ok: true, event: ran.executed }, scope)];
}

/** WB1. */
function endedWith(key: string, re: AskRef, result: AskResult, scope: Scope): readonly Command[] {
  const kept = scope.rows(answers);
  const oldest = kept.size >= ANSWERS_KEPT ? kept.entries().next().value?.[0] : undefined;
  return [put(answers, key, result), ...(oldest === undefined ? [] : [del(answers, oldest)]), answerWith(re, result)];
}

const answerWith = (re: AskRef, result: AskResult): Command =>
  result.ok ? reply(re, result.event) : refuse(re, result.error);

function answerFailed(_params: unknown, scope: Scope): readonly Command[] {
  const { key, code, message } = read(scope, "run.failed");
  const re = scope.rows(runs).get(key);
  if (re === undefined) return [];
  const error: ErrorData = { code: isErrorCode(code) ? code : "engine.failed", message };
  return [del(runs, key), ...endedWith(key, re, { ok: false, error }, scope)];
}

/** Nobody waits for this run any more: the engine stops it within a token. */
function abort(_params: unknown, scope: Scope): readonly Command[] {
  const { id } = read(scope, "ask.dropped");
  for (const [key, re] of scope.rows(runs).entries()) {
    if (re.id !== id) continue;
    const at = key.lastIndexOf("/");
    const ended = toSelf({ type: "ran", job: key.slice(0, at), attempt: Number(key.slice(at + 1)) });
    return [drop("run", key), del(runs, key), raise(ended)];
  }
  return [];
}
