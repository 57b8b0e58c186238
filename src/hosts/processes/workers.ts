/**
 * The `processes` port: worker processes forked, heard, signalled and reaped on behalf of a hive.
 *
 * Owns: the command line of a worker, its channel, when it was last heard. Does not own: why one starts or ends.
 *
 *  W1 `reap` is answered once the process is reaped, also when it was never there (architecture, section 3). A fork
 *     that is under way is waited for first, so that nothing it makes is overlooked.
 *  W2 Silence is measured while this thread itself is awake, and while that process was not kept waiting for a
 *     processor: neither a stalled porter nor a crowded machine accuses anybody.
 *  W3 When the node goes, every process that is left goes.
 *  W4 Nothing is remembered of a process that was reaped.
 *  W5 A process that a SIGKILL ended which nobody here had sent, while the kernel counted one more kill for want of
 *     memory, is told to have starved: probably, for the kernel does not say whom it killed.
 *  W6 Whoever has a worker examined hears from it, or after a bound that it does not answer.
 *  W7 What went to a process from here to end it is told with its end, and nothing that did not reach it.
 *
 * @module
 */
import { join } from "node:path";
import type { ProcessExit } from "../../../machines/process.ts";
import type { Exit, Processes } from "../../actors/hive/processes.ts";
import type { FromWorker, ToWorker } from "../../actors/worker/channel.ts";
import type { EngineSpec } from "../../actors/engines/engine.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import { errorData } from "../../protocol/errors.ts";
import type { ProcessesAsk } from "../../protocol/ports.ts";
import type { Condition } from "../../protocol/worker.ts";
import type { AskResult, Frame, Message } from "../../runtime/envelope.ts";
import type { Port } from "../../runtime/ports.ts";
import { STARTER } from "../machine/machine.ts";
import { MessageLine, MessageReader } from "./message-line.ts";
import { Examinations } from "./examinations.ts";
import { type OomKills, OomWatch } from "../machine/oom-watch.ts";
import { Silence } from "../porter/silence.ts";
import { readFromWorker } from "./worker-messages.ts";
import { pruneLogs } from "./worker-logs.ts";
import type { Chosen } from "../worker/program.ts";
import type { WorkerStart } from "../worker/start.ts";

/** What a worker says unasked. */
export type WorkerNews = Exclude<FromWorker, { kind: "examined" }>;

export interface WorkersOptions {
  readonly processes: Processes;
  readonly logDir: string;
  readonly engine: Omit<EngineSpec, "modelPath" | "threads" | "gpu">;
  /** What a model that was given room on this device may use. */
  readonly gpuFor: (device: string) => EngineSpec["gpu"];
  /** What runs this model. @throws RbeeError endpoint.unknown */
  readonly programFor: (model: string) => Chosen;
  readonly idleTimeoutMs: number;
  readonly loadTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly portsFrom: number;
  readonly watch: WorkerStart["watch"];
  /** How long a process has waited for a processor; undefined where nobody knows. */
  readonly waitedMs: (pid: number) => number | undefined;
  /** How many processes the kernel has killed for want of memory. */
  readonly oomKills: () => OomKills | undefined;
  /** What a worker said; `hello` and `gone` come once each. */
  readonly heard: (worker: string, message: WorkerNews) => void;
  readonly gone: (worker: string) => void;
}

const TICK_MS = 250;
/** For a request that names none: what most model servers use, and what every one of them takes. */
const DEFAULT_TEMPERATURE = 0.8;
const REMOTE_TEMPERATURE = 1;

/** One worker process, from the fork to the reap. */
interface Life {
  readonly silence: Silence;
  pid: number | undefined;
  readonly model: string;
  readonly line: MessageLine;
  /** Settles when the process is there, or could not be made. */
  forked: Promise<unknown>;
  /** What was wrong with what it sent, if it was ended for that. */
  garbage?: string;
  /** The hardest signal that went to it from here. */
  sent: "nothing" | "SIGTERM" | "SIGKILL";
  /** What whoever waits for its reap is told. */
  reaped?: Promise<Message>;
}

interface Listening {
  readonly token: string;
  readonly silentMs: number;
  readonly answer: (result: AskResult) => void;
}

export class Workers implements Port {
  readonly #options: WorkersOptions;
  readonly #lives = new Map<string, Life>();
  readonly #listening = new Map<string, Listening>();
  readonly #examinations = new Examinations();
  readonly #oom: OomWatch;
  readonly #ticker: NodeJS.Timeout;
  #lastTickMs = performance.now();

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.#oom = new OomWatch(options.oomKills);
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#ticker.unref();
  }

  /** Resolves when no process is left. */
  async endAll(): Promise<void> {
    clearInterval(this.#ticker);
    await Promise.allSettled([...this.#lives.values()].map((life) => life.forked));
    const { processes } = this.#options;
    const left = processes.list();
    for (const { token } of left) processes.signal(token, "SIGKILL");
    for (const { token } of left) await processes.exited(token);
  }

  modelOf(worker: string): string | undefined {
    return this.#lives.get(worker)?.model;
  }

  has(worker: string): boolean {
    return this.#lives.has(worker);
  }

  tell(worker: string, message: ToWorker): void {
    this.#lives.get(worker)?.line.send(message, message.kind === "credit");
  }

  /** W6. @throws RbeeError request.not.found, worker.hung */
  examine(worker: string): Promise<Condition> {
    const ask = (n: number): void => this.tell(worker, { kind: "examine", n });
    return this.#examinations.begin(worker, this.#lives.has(worker) ? ask : undefined);
  }

  /** Frames of a host for a worker. What is too large for it is answered in its place. */
  carry(from: string, worker: string, frames: readonly Frame[], answer: (frame: Frame) => void): void {
    for (const frame of frames) {
      try {
        this.tell(worker, { kind: "frames", from, frames: [frame] });
      } catch (thrown) {
        const re = frame.kind === "mail" ? frame.envelope.re : undefined;
        if (re === undefined) throw thrown;
        answer({ kind: "answer", to: re.from, id: re.id, result: { ok: false, error: errorData(thrown) } });
      }
    }
  }

  ask({ id, event }: { readonly id: string; readonly event: Message }, answer: (result: AskResult) => void): void {
    // Asks to this port are made by the process cells of this node alone, with the port's own type.
    const asked = event as ProcessesAsk;
    const ok = (made: Message): void => answer({ ok: true, event: made });
    const failed = (thrown: unknown): void => answer({ ok: false, error: errorData(thrown) });
    switch (asked.type) {
      case "fork":
        this.#fork(asked).then((pid) => ok({ type: "forked", pid } as Message), failed);
        return;
      case "reap":
        this.#reap(asked.token).then(ok, failed);
        return;
      case "listen":
        this.#listening.set(id, { token: asked.token, silentMs: asked.silentMs, answer });
        return;
      case "signal":
        this.#signal(asked.token, asked.signal).then(ok, failed);
        return;
    }
  }

  drop(id: string): void {
    this.#listening.delete(id);
  }

  async #fork({ token, model, path, threads, device }: Extract<ProcessesAsk, { type: "fork" }>): Promise<number> {
    const { program, env } = this.#options.programFor(model);
    const { processes, engine, gpuFor, idleTimeoutMs, loadTimeoutMs, drainTimeoutMs, portsFrom, watch } = this.#options;
    const start: WorkerStart = {
      worker: token,
      model,
      engine: { ...engine, modelPath: path, threads, gpu: gpuFor(device) },
      program,
      temperature: temperatureOf(model, program),
      idleTimeoutMs,
      loadTimeoutMs,
      drainTimeoutMs,
      watch,
      portsFrom,
      portOrNext: true,
    };
    const entry = join(import.meta.dirname, `../worker/worker${import.meta.filename.endsWith(".ts") ? ".ts" : ".js"}`);
    const logPath = join(this.#options.logDir, `${token}.log`);
    const line = new MessageLine((frame, mayWait) => processes.write(token, frame, mayWait));
    const reader = new MessageReader<{ readonly kind: string }>();
    const forked = processes.fork(
      { token, entry, args: [JSON.stringify(start)], env, logPath },
      {
        onFrame: (frame) => this.#hear(token, reader.push(frame)),
        onClosed: (cause) => this.#closed(token, cause),
        onDrain: () => line.drain(),
      },
    );
    const life: Life = {
      silence: new Silence(performance.now()),
      pid: undefined,
      model,
      line,
      forked,
      sent: "nothing",
    };
    this.#lives.set(token, life);
    void pruneLogs(this.#options.logDir);
    life.pid = (await forked).pid;
    return life.pid;
  }

  /** @throws RbeeError frame.invalid, which closes the channel: see #closed */
  #hear(token: string, message: unknown): void {
    const life = this.#lives.get(token);
    if (life === undefined) return;
    life.silence.heard(performance.now());
    if (message === undefined) return;
    const read = readFromWorker(message);
    if (read.kind === "examined") this.#examinations.end(token, read.n, read.condition);
    else this.#options.heard(token, read);
  }

  /** A worker that sent garbage is of no use any more: it is ended, and its cell hears of the reap, and why. */
  #closed(token: string, cause: ErrorData | undefined): void {
    const life = this.#lives.get(token);
    if (life === undefined || cause === undefined) return;
    life.garbage = cause.message;
    this.#send(token, life, "SIGKILL");
  }

  async #signal(token: string, signal: "SIGTERM" | "SIGKILL"): Promise<Message> {
    await this.#forked(token);
    const life = this.#lives.get(token);
    if (life !== undefined) this.#send(token, life, signal);
    return { type: "signalled" };
  }

  /** W7. */
  #send(token: string, life: Life, signal: "SIGTERM" | "SIGKILL"): void {
    if (this.#options.processes.signal(token, signal) && life.sent !== "SIGKILL") life.sent = signal;
  }

  /** Whoever asks, also again, is told the same. */
  async #reap(token: string): Promise<Message> {
    await this.#forked(token);
    const life = this.#lives.get(token);
    if (life !== undefined) return (life.reaped ??= this.#end(token, life));
    const exit = await this.#options.processes.exited(token);
    this.#hush(token);
    return reaped(token, exit);
  }

  /** W4. */
  async #end(token: string, life: Life): Promise<Message> {
    const exit = await this.#options.processes.exited(token);
    this.#hush(token);
    const starved = exit?.signal === "SIGKILL" && life.sent !== "SIGKILL" ? this.#oom.evidence() : "";
    this.#examinations.lost(token);
    if (this.#lives.delete(token)) this.#options.gone(token);
    return reaped(token, exit, life, starved);
  }

  /** Nobody will hear of its silence. */
  #hush(token: string): void {
    for (const [id, { token: other, answer }] of this.#listening) {
      if (other !== token) continue;
      this.#listening.delete(id);
      answer({ ok: false, error: { code: "worker.lost", message: `${token} is gone` } });
    }
  }

  /** Whoever asked for the fork hears of its failure. */
  async #forked(token: string): Promise<void> {
    await Promise.allSettled([this.#lives.get(token)?.forked]);
  }

  #tick(): void {
    const now = performance.now();
    const lateMs = now - this.#lastTickMs - TICK_MS;
    this.#lastTickMs = now;
    this.#oom.tick(now);
    for (const life of this.#lives.values()) if (lateMs > TICK_MS) life.silence.excuse(lateMs, now);
    for (const [id, { token, silentMs, answer }] of this.#listening) {
      const life = this.#lives.get(token);
      if (life === undefined) continue;
      const lastedMs = life.silence.lastedMs(
        now,
        life.pid === undefined ? undefined : this.#options.waitedMs(life.pid),
      );
      if (lastedMs < silentMs) continue;
      this.#listening.delete(id);
      answer({ ok: true, event: { type: "silent", silentMs: Math.round(lastedMs) } as Message });
    }
  }
}

function temperatureOf(model: string, { kind }: Chosen["program"]): number {
  // So small a model is at its best when it says what it is surest of.
  if (model === STARTER) return 0;
  return kind === "remote" ? REMOTE_TEMPERATURE : DEFAULT_TEMPERATURE;
}

function reaped(token: string, exit: Exit | undefined, life?: Pick<Life, "sent" | "garbage">, starved = ""): Message {
  const { sent: after = "nothing", garbage } = life ?? {};
  return {
    type: "reaped",
    token,
    known: exit !== undefined,
    how: exit === undefined ? "it was gone when the node came back" : howOf(exit, garbage),
    exit: { exitCode: exit?.code ?? undefined, signal: exit?.signal ?? undefined, after } satisfies ProcessExit,
    lastLines: exit?.lastLines ?? [],
    starved,
  } as Message;
}

function howOf({ code, signal }: Exit, garbage: string | undefined): string {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  return garbage === undefined ? how : `${how}, since ${garbage}`;
}
