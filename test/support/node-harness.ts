/**
 * A real node under test: the program as a child process, in a home of its own, driven over its socket and by signals.
 *
 * Owns: starting, stopping, killing and freezing it, its API as a client sees it, what the kernel knows of its
 * processes. Nothing of it outlives its test: the node is killed, its children die with it, the home is removed.
 *
 * @module
 */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { createParser } from "eventsource-parser";
import { onTestFinished } from "vitest";
import { readHolder } from "../../src/hosts/real/home-lock.ts";
import { homeMark, markedProcesses } from "../../src/hosts/real/process-marks.ts";
import type { ReadyLine } from "../../src/hosts/node-contract.ts";
import type {
  HiveView,
  StatusView,
  TaskAccepted,
  TaskBody,
  TaskEvent,
  TaskView,
  WorkerView,
} from "../../src/protocol/api.ts";
import { waitUntil } from "./children.ts";
import { ask, type Reply } from "./http.ts";
import { COLD, homeEnvironment, LAUNCHER } from "./keeper.ts";
import { temporaryFolder } from "./temporary.ts";

const READY_WITHIN_MS = 30_000;

export interface NodeSetup {
  /** Without it a fresh one, removed when the test ends. */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It loads its default model before somebody asks. Most tests need no worker, or that of another model. */
  readonly warm?: boolean;
  /** In place of the launcher with `node --json`. */
  readonly program?: readonly string[];
  /** A program that runs what is behind it, as `env` does, and becomes that. */
  readonly within?: readonly string[];
  /** In place of `--listen 127.0.0.1:0`. */
  readonly args?: readonly string[];
  /** Who ends it, where that is not the test it was started in. */
  readonly lastly?: (end: () => Promise<void>) => void;
}

/** An event as it came, with its `id:`. */
export type HeardEvent = TaskEvent & { readonly id?: string | undefined };

/** The refusal in a reply. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly advice: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

export class TestNode {
  readonly home: string;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  stdout = "";
  stderr = "";
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  #over = false;

  constructor(setup: NodeSetup) {
    const { env = {}, args = ["--listen", "127.0.0.1:0"], within = [], warm = false, lastly = onTestFinished } = setup;
    const program = setup.program ?? [LAUNCHER, "node", "--json"];
    const home = setup.home ?? join(temporaryFolder(), "home");
    this.home = home;
    const [first = process.execPath, ...rest] = [...within, process.execPath, ...program, ...args];
    this.#child = spawn(first, rest, {
      env: { ...homeEnvironment(home), ...(!warm && COLD), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.ended = once(this.#child, "close").then(([code, signal]) => {
      this.#over = true;
      return { code, signal };
    });
    lastly(async () => {
      if (this.#over) return;
      this.signal("SIGKILL");
      await this.ended;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** What it printed when it served. */
  get ready(): ReadyLine {
    return JSON.parse(this.stdout) as ReadyLine;
  }

  async untilReady(): Promise<this> {
    await waitUntil(() => this.stdout.includes("\n") || this.#over, READY_WITHIN_MS);
    if (!this.stdout.includes("\n")) throw new Error(`the node ended before it served:\n${this.stderr}`);
    return this;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  freeze(): void {
    this.signal("SIGSTOP");
  }

  thaw(): void {
    this.signal("SIGCONT");
  }

  /** SIGKILL. Resolves when the node itself is gone; its processes may have some time yet. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }

  /** SIGTERM. @returns the exit code */
  async stop(): Promise<number | null> {
    this.signal("SIGTERM");
    return (await this.ended).code;
  }

  /** Every living process that the node of this home has started, whoever its parent is by now. */
  processes(): number[] {
    return markedProcesses(homeMark(this.home)).map(({ pid }) => pid);
  }

  /** All but the two files of each journal's log: a file is first opened when its turn comes. */
  descriptors(): number {
    const folder = `/proc/${this.pid}/fd`;
    return readdirSync(folder).filter((fd) => !isJournalLog(join(folder, fd))).length;
  }

  get socketPath(): string {
    return readHolder(this.home)?.socketPath ?? "";
  }

  call(method: string, path: string, body?: unknown, more: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const { socketPath } = this;
    if (body === undefined) return ask({ socketPath, method, path, headers: more });
    const headers = { "content-type": "application/json", ...more };
    return ask({ socketPath, method, path, headers, body: JSON.stringify(body) });
  }

  async submit(task: TaskBody): Promise<TaskAccepted> {
    const reply = await this.call("POST", "/v2/tasks", task);
    if (reply.status !== 202) throw new Error(`not accepted: ${reply.status} ${reply.text}`);
    return reply.json() as TaskAccepted;
  }

  async task(job: string): Promise<TaskView> {
    return (await this.call("GET", `/v2/tasks/${job}`)).json() as TaskView;
  }

  async status(): Promise<StatusView> {
    return (await this.call("GET", "/v2/status")).json() as StatusView;
  }

  /** A machine of its cluster. */
  async hive(name: string): Promise<HiveView | undefined> {
    return (await this.status()).hives.find((its) => its.name === name);
  }

  async workers(): Promise<readonly WorkerView[]> {
    return (await this.status()).hives.flatMap((hive) => hive.workers);
  }

  /** Waits until a worker of the model is as wanted. */
  async worker(model: string, state: WorkerView["state"]): Promise<WorkerView> {
    let found: WorkerView | undefined;
    await waitUntil(async () => {
      found = (await this.workers()).find((worker) => worker.model === model && worker.state === state);
      return found !== undefined;
    }, READY_WITHIN_MS);
    return found as WorkerView;
  }

  /** Events of a job until its end, or until the connection breaks or the caller leaves. */
  async *events(job: string, lastEventId?: number): AsyncGenerator<HeardEvent> {
    const response = await this.openEvents(job, lastEventId);
    const heard: HeardEvent[] = [];
    const parser = createParser({
      onEvent({ event, id, data }) {
        heard.push({ type: event, ...(JSON.parse(data) as object), ...(id === undefined ? {} : { id }) } as HeardEvent);
      },
    });
    try {
      for await (const piece of response) {
        parser.feed(String(piece));
        yield* heard.splice(0);
      }
    } catch {
      // A connection that broke: the stream has no end.
    } finally {
      response.destroy();
    }
  }

  /** The raw response, for a client that does not read. @throws when it is no stream */
  openEvents(job: string, lastEventId?: number): Promise<Readable> {
    const headers = lastEventId === undefined ? {} : { "last-event-id": String(lastEventId) };
    const { socketPath } = this;
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath, path: `/v2/tasks/${job}/events`, headers, agent: false }, (response) => {
        response.setEncoding("utf8");
        if (response.statusCode === 200) resolve(response);
        else reject(new Error(`no stream: ${response.statusCode}`));
      });
      sent.once("error", reject).end();
    });
  }

  /** Everything a job says, to its end. */
  async hear(job: string): Promise<HeardEvent[]> {
    const heard: HeardEvent[] = [];
    for await (const event of this.events(job)) heard.push(event);
    return heard;
  }

  /** Submits and hears it out. */
  async run(task: TaskBody): Promise<HeardEvent[]> {
    return this.hear((await this.submit(task)).job_id);
  }

  /** Waits until the job has ended. */
  async outcome(job: string, deadlineMs = 30_000): Promise<TaskView> {
    let view: TaskView | undefined;
    await waitUntil(async () => {
      view = await this.task(job);
      return ["done", "failed", "cancelled"].includes(view.state);
    }, deadlineMs);
    return view as TaskView;
  }
}

/** Of a descriptor that was there a moment ago. */
function isJournalLog(descriptor: string): boolean {
  try {
    return /\.mdb-log-[01]$/.test(readlinkSync(descriptor));
  } catch {
    return false;
  }
}

export const startNode = (setup: NodeSetup = {}): Promise<TestNode> => new TestNode(setup).untilReady();

export const refusalIn = (reply: Reply): Refusal => {
  const { error } = reply.json() as { error: Omit<Refusal, "status"> };
  return { ...error, status: reply.status };
};

export const tokensIn = (events: readonly HeardEvent[]): Extract<HeardEvent, { type: "token" }>[] =>
  events.filter((event) => event.type === "token");

export const textIn = (events: readonly HeardEvent[]): string =>
  tokensIn(events)
    .map((event) => event.token)
    .join("");
