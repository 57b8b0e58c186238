/**
 * The porter's hold on one bee's thread: started, pinged, restarted within bounds, asked to close.
 *
 * Owns: the restart intensity of a thread and the finding that it is wedged. Does not own: routing.
 *
 *  T1 A thread is never terminated: one that does not turn any more, also while it closes, takes the whole process down
 *     (`wedged`). It hangs when it says nothing though it could: who waits for a processor does not (silence.ts). To
 *     begin it has longer.
 *  T2 More than the bound of restarts in the window is the end of the node (`hopeless`), once.
 *  T3 A full disk is no fault of the thread's: it is tried again until there is room.
 *  T4 After `close` no thread begins.
 *  T5 What can wait leaves with whatever is said to the thread next, which is the next ping at the latest.
 *
 * @module
 */
import { once } from "node:events";
import { type MessagePort, Worker } from "node:worker_threads";
import type { ErrorCode, ErrorData } from "../../protocol/errors.ts";
import type { Frame } from "../../runtime/envelope.ts";
import { isRefusedCommit } from "../../runtime/journal.ts";
import type { Restored } from "../../runtime/restore.ts";
import type { BeeLife, BeeStart, FromBee, ToBee } from "./bee-messages.ts";
import { Bundle } from "./bundle.ts";
import { threadEnvironment } from "../real/child-environment.ts";
import { waitedMs } from "../real/kernel.ts";
import { Silence } from "../porter/silence.ts";

const PING_MS = 1000;
/** No turn for so long: the thread hangs. Longer than any commit that a working disk needs. */
const WEDGED_MS = 10_000;
/** Until its journal is open. What it waits for a processor before its first word, nobody can know. */
const OPENING_MS = 60_000;
const RESTARTS = { max: 5, windowMs: 60_000, backoffMs: 100 } as const;
/** Its garbage is short-lived and collected in a millisecond: room for more of it is memory that nobody uses. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 12 } as const;
/** Between two looks whether the disk has room again. */
const DISK_FULL_MS = 1000;

export interface ThreadEvents {
  opened(restored: Restored, life: number): void;
  frames(to: string, life: number, frames: readonly Frame[]): void;
  crashed(error: ErrorData): void;
  wedged(): void;
  hopeless(error: ErrorData): void;
}

export class BeeThread {
  readonly host: string;
  readonly #start: BeeStart;
  readonly #events: ThreadEvents;
  #worker: Worker | undefined;
  readonly #bundle = new Bundle<ToBee>((messages) => this.#worker?.postMessage(messages, messages.flatMap(waysIn)));
  #life = 0;
  #open = false;
  #closing = false;
  #respawn: NodeJS.Timeout | undefined;
  #crashes: number[] = [];
  #blameless = false;
  #silence = new Silence(performance.now());
  /** What the kernel calls the thread, from its first word on. */
  #task: number | undefined;
  #lastTickMs = 0;
  readonly #pinger: NodeJS.Timeout;

  constructor(start: BeeStart, events: ThreadEvents) {
    this.host = start.host;
    this.#start = start;
    this.#events = events;
    this.#spawn();
    this.#pinger = setInterval(() => this.#ping(), PING_MS);
    this.#pinger.unref();
  }

  get life(): number {
    return this.#life;
  }

  /** It has no journal: what it knew is gone with a life of it. */
  get isForgetful(): boolean {
    return this.#start.journalPath === undefined;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  say(message: ToBee): void {
    this.#bundle.say(message);
  }

  /** @param way its end of what leads there past the porter */
  meet({ host, life, isForgetful }: BeeThread, way: MessagePort | undefined): void {
    this.say({ kind: "peer.up", host, life, isForgetful, way });
  }

  /** T5. */
  sayWithNext(message: ToBee): void {
    this.#bundle.sayWithNext(message);
  }

  /** Resolves when the thread has closed its journal and ended. Harmless when repeated. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#respawn);
    const worker = this.#worker;
    if (worker !== undefined) {
      const ended = once(worker, "exit");
      this.say({ kind: "close" });
      await ended;
    }
    clearInterval(this.#pinger);
  }

  #spawn(): void {
    this.#life += 1;
    this.#open = false;
    const url = new URL(`./bees${import.meta.filename.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
    const workerData: BeeLife = { ...this.#start, blameless: this.#blameless };
    const env = threadEnvironment();
    const worker = new Worker(url, { workerData, env, name: this.host, resourceLimits: RESOURCE_LIMITS });
    this.#worker = worker;
    this.#silence = new Silence(performance.now());
    this.#task = undefined;
    let told: ErrorData | undefined;
    worker.on("message", (messages: readonly FromBee[]) => {
      for (const message of messages) {
        if (message.kind === "crashed") told = message.error;
        else this.#hear(message);
      }
    });
    worker.on("error", (error) => {
      told = { code: "defect", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    });
    worker.once("exit", () => this.#ended(told));
  }

  #hear(message: Exclude<FromBee, { kind: "crashed" }>): void {
    this.#silence.heard(performance.now());
    switch (message.kind) {
      case "begun":
        this.#task = message.task;
        return;
      case "opened":
        this.#open = true;
        return this.#events.opened(message.restored, this.#life);
      case "frames":
        return this.#events.frames(message.to, message.life, message.frames);
      case "pong":
      case "closed":
        return;
    }
  }

  #ended(told: ErrorData | undefined): void {
    this.#open = false;
    this.#worker = undefined;
    this.#bundle.forget();
    if (this.#closing) return;
    this.#blameless = isRefusedCommit(told?.code);
    const error = told ?? { code: "defect" as const, message: `the thread of ${this.host} ended by itself` };
    if (error.code === "disk.full") {
      this.#events.crashed(error);
      this.#respawn = setTimeout(() => this.#spawn(), DISK_FULL_MS);
      return;
    }
    const now = performance.now();
    this.#crashes = [...this.#crashes.filter((at) => at > now - RESTARTS.windowMs), now];
    if (isFinal(error) || this.#crashes.length > RESTARTS.max) return this.#events.hopeless(error);
    this.#events.crashed(error);
    this.#respawn = setTimeout(() => this.#spawn(), RESTARTS.backoffMs * 2 ** (this.#crashes.length - 1));
  }

  #ping(): void {
    const now = performance.now();
    const lateMs = now - this.#lastTickMs - PING_MS;
    this.#lastTickMs = now;
    // When this thread itself stood still, nobody else is to blame for the silence.
    if (lateMs > 2 * PING_MS) this.#silence.excuse(lateMs, now);
    if (this.#worker === undefined) return;
    const waited = this.#task === undefined ? undefined : waitedMs(this.#task);
    const lastedMs = this.#silence.lastedMs(now, waited);
    if (lastedMs > (this.#open ? WEDGED_MS : OPENING_MS)) return this.#events.wedged();
    this.say({ kind: "ping", n: now });
  }
}

/** They are given away with the message that they are in. */
const waysIn = (message: ToBee): MessagePort[] =>
  message.kind === "peer.up" && message.way !== undefined ? [message.way] : [];

/** Starting again would find the same. */
const FINAL: readonly ErrorCode[] = ["journal.newer", "journal.older", "journal.corrupt"];
const isFinal = ({ code }: ErrorData): boolean => FINAL.includes(code);
