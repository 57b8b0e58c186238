/**
 * The log of a node: a JSON line for each piece of news.
 *
 * Owns: which fields a line has, the file, its size at the start, opening it again. Does not own: what is news, or what
 * a terminal shows.
 *
 *  NL1 Text of label private or higher stands in it as a hash alone (rule of `interfaces.md`, Security).
 *  NL2 A line that cannot be written is lost, and nothing else: no disk stops a node by its log.
 *  NL3 Under systemd's journal it goes to stderr, whose rotation is the journal's. Otherwise to a file that only its
 *      owner reads: one that is too large at the start gives way, and the one before it goes.
 *  NL4 Each refused request is one line, with its route and the ids of its key and of itself: never a word of it. They
 *      are written at most {@link REFUSALS_A_SECOND} a second; how many were not is said.
 *  NL5 The end of a worker tells what was done to end it, and its exit code or signal. One that had to be forced is a
 *      warning, also where its end was wanted. Of its last words nothing is written.
 *  NL6 Of rights it tells when they came and went: keys, join tokens, machines. A key stands in it by its id and its
 *      fingerprint; one that was refused by that alone, with the address that it came from.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { fstatSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import type { Caller } from "../../../machines/words.ts";
import type { Environment } from "../../runtime/config/paths.ts";
import { FIELDS } from "../../protocol/telemetry.ts";
import { RBEE_VERSION } from "../../protocol/version.ts";
import type { ModelNames } from "./model-names.ts";
import type { News, TakeNews, Told } from "./news.ts";
import { LogFile } from "../real/log-file.ts";

export const NODE_LOG_BYTES_MAX = 16 * 2 ** 20;
export const REFUSALS_A_SECOND = 20;
const HASH_LETTERS = 16;

export interface NodeLog {
  readonly take: TakeNews;
  /** After somebody else has moved the file away. */
  reopen(): void;
  /** Resolves when what was taken is written, or lost. */
  close(): Promise<void>;
}

export interface NodeLogOptions {
  readonly folder: string;
  readonly env: Environment;
  readonly models: ModelNames;
  readonly bytesMax?: number;
}

export function openNodeLog({ folder, env, models, bytesMax = NODE_LOG_BYTES_MAX }: NodeLogOptions): NodeLog {
  const path = join(folder, "node.log");
  const journal = isJournal(env);
  if (!journal) giveWay(path, bytesMax);
  // Not pino's own file: that one, at the end of a process, waits for as long as a disk is full.
  const out = new LogFile(journal ? undefined : path);
  const log = pino({ base: { pid: process.pid } }, out);
  const refusals = new Refusals();
  return {
    take(news) {
      if (!isLogged(news)) return;
      const untold = news.event === "request.refused" ? refusals.pass(performance.now()) : 0;
      if (untold === undefined) return;
      log[levelOf(news)]({ [FIELDS.event]: news.event, ...fieldsOf(news, models), ...untoldOf(untold) }, textOf(news));
    },
    reopen: () => void out.reopen(),
    close: () => out.close(),
  };
}

/** systemd names the file that its journal reads; a child whose stderr goes elsewhere inherits the name too. */
export function isJournal(env: Environment, descriptor = 2): boolean {
  const named = env["JOURNAL_STREAM"];
  if (!named) return false;
  try {
    const { dev, ino } = fstatSync(descriptor);
    return named === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

function giveWay(path: string, bytesMax: number): void {
  try {
    if (statSync(path).size > bytesMax) renameSync(path, `${path}.old`);
  } catch {
    // There is none yet, or the folder refuses: NL2.
  }
}

/** NL4. */
class Refusals {
  #second = 0;
  #passed = 0;
  #untold = 0;

  /** @returns undefined when this one is not written; else how many were not since the last that was. */
  pass(nowMs: number): number | undefined {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) [this.#second, this.#passed] = [second, 0];
    this.#passed += 1;
    if (this.#passed > REFUSALS_A_SECOND) {
      this.#untold += 1;
      return undefined;
    }
    const untold = this.#untold;
    this.#untold = 0;
    return untold;
  }
}

const untoldOf = (untold: number): Fields => (untold === 0 ? {} : { [FIELDS.untold]: untold });

function levelOf(news: News): "info" | "warn" | "error" {
  switch (news.event) {
    case "thread.restarted":
      return "error";
    case "orphans.swept":
    case "request.refused":
    case "worker.refused":
    case "download.waits":
      return "warn";
    case "job.ended":
      return news.state === "failed" ? "warn" : "info";
    case "worker.ended":
      return HARMLESS_ENDS.has(news.code) && !FORCED.has(news.exit.after) ? "info" : "warn";
    default:
      return "info";
  }
}

/** Asked for, idle for its time, or in the way of another. */
const HARMLESS_ENDS: ReadonlySet<string> = new Set(["interrupted", "worker.idle", "worker.evicted"]);
/** NL5 */
const FORCED: ReadonlySet<string> = new Set(["SIGTERM", "SIGKILL"]);

/** `job.ended` in words. */
const textOf = ({ event }: News): string => event.replaceAll(".", " ");

type Fields = Readonly<Record<string, string | number | undefined>>;

function fieldsOf(news: Logged, models: ModelNames): Fields {
  switch (news.event) {
    case "node.started":
      return {
        [FIELDS.service]: "rbee",
        [FIELDS.version]: RBEE_VERSION,
        [FIELDS.node]: news.name,
        [FIELDS.url]: news.url,
        [FIELDS.epoch]: news.epoch,
      };
    case "node.stopped":
      return { [FIELDS.exitCode]: news.exitCode };
    case "key.created":
    case "key.revoked":
      return { [FIELDS.key]: news.key, [FIELDS.keyName]: news.name, [FIELDS.keyFingerprint]: news.fingerprint };
    case "token.created":
    case "token.revoked":
      return { [FIELDS.token]: news.token };
    case "machine.removed":
      return { [FIELDS.peer]: news.name };
    case "machine.certified":
      return { [FIELDS.peer]: news.name, [FIELDS.fingerprint]: news.fingerprint };
    case "orphans.swept":
      return { [FIELDS.found]: news.found, [FIELDS.killed]: news.killed };
    case "thread.restarted":
      return { [FIELDS.thread]: news.thread, [FIELDS.error]: news.error.code, [FIELDS.text]: news.error.message };
    case "request.refused":
      return {
        [FIELDS.error]: news.code,
        [FIELDS.method]: news.method || undefined,
        [FIELDS.route]: news.route || undefined,
        [FIELDS.status]: news.status,
        [FIELDS.address]: news.stranger?.address,
        [FIELDS.keyFingerprint]: news.stranger?.fingerprint,
        ...callerFields(news.caller),
        ...told(news.told),
      };
    case "download.begun":
      return { [FIELDS.model]: models.inLog(news.model) };
    case "download.waits":
      return { [FIELDS.model]: models.inLog(news.model), [FIELDS.error]: news.code };
    case "download.checked":
      return { [FIELDS.model]: models.inLog(news.model), [FIELDS.bytes]: news.bytes };
    case "job.admitted":
    case "attempt.begun":
    case "job.ended":
      return jobFields(news, models);
    default:
      return workerFields(news, models);
  }
}

/** What comes too often, or stands in another line, is for the metrics alone. */
const COUNTED = ["job.spoke", "download.came", "turn.ended", "discussion.ended", "store.answered"] as const;
type Logged = Exclude<News, { event: (typeof COUNTED)[number] }>;
const isLogged = (news: News): news is Logged => !COUNTED.some((event) => event === news.event);

type JobNews = Extract<Logged, { job: string }>;
type WorkerNews = Exclude<Extract<Logged, { worker: string }>, JobNews>;

function jobFields(news: JobNews, models: ModelNames): Fields {
  const common = {
    [FIELDS.job]: news.job,
    [FIELDS.model]: news.model === "" ? undefined : models.inLog(news.model),
    [FIELDS.operation]: news.operation,
    ...callerFields(news.caller),
  };
  switch (news.event) {
    case "job.admitted":
      return { ...common, [FIELDS.label]: news.label, [FIELDS.position]: news.position };
    case "attempt.begun":
      return { ...common, [FIELDS.attempt]: news.attempt, [FIELDS.worker]: news.worker };
    case "job.ended":
      return {
        ...common,
        [FIELDS.state]: news.state,
        [FIELDS.attempt]: news.attempts,
        [FIELDS.durationMs]: whole(news.durationMs),
        [FIELDS.firstTokenMs]: whole(news.usage?.firstTokenMs),
        [FIELDS.inputTokens]: news.usage?.promptTokens,
        [FIELDS.outputTokens]: news.usage?.completionTokens,
        [FIELDS.error]: news.failure?.code,
        ...(news.failure === undefined ? {} : told(news.failure.told)),
      };
  }
}

/** The step that sent it stands where OpenTelemetry has it in a line of a log. */
function callerFields(caller: Caller | undefined): Fields {
  const [, trace, step] = caller?.traceparent?.split("-") ?? [];
  return {
    [FIELDS.request]: caller?.requestId,
    [FIELDS.key]: caller?.key,
    [FIELDS.trace]: trace,
    [FIELDS.step]: step,
  };
}

function workerFields(news: WorkerNews, models: ModelNames): Fields {
  const common = {
    [FIELDS.worker]: news.worker,
    [FIELDS.model]: news.model === "" ? undefined : models.inLog(news.model),
  };
  switch (news.event) {
    case "worker.asked":
      return { ...common, [FIELDS.epoch]: news.epoch };
    case "worker.reserved":
      return { ...common, [FIELDS.bytes]: news.bytes };
    case "worker.refused":
      return { ...common, [FIELDS.error]: news.code, ...told(news.told) };
    case "worker.loading":
      return { ...common, [FIELDS.workerPid]: news.pid };
    case "worker.ready":
      return { ...common, [FIELDS.durationMs]: whole(news.durationMs) };
    case "worker.stopping":
      return { ...common, [FIELDS.error]: news.code };
    case "worker.ended":
      return {
        ...common,
        [FIELDS.error]: news.code,
        [FIELDS.endedAfter]: news.exit.after,
        [FIELDS.workerExitCode]: news.exit.exitCode,
        [FIELDS.workerSignal]: news.exit.signal,
        [FIELDS.endingMs]: whole(news.endingMs),
        [FIELDS.durationMs]: whole(news.durationMs),
      };
  }
}

const whole = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : Math.round(ms));

/** NL1. */
function told({ text, label }: Told): Fields {
  if (label === "public" || label === "internal") return { [FIELDS.text]: text };
  return { [FIELDS.textHash]: createHash("sha256").update(text).digest("hex").slice(0, HASH_LETTERS) };
}
