/**
 * A real daemon under test: the commands as a person runs them, in a home of its own, and what the kernel knows of it.
 *
 * Nothing of it outlives its test: every process of the home is killed, whoever its parent is by then.
 *
 * @module
 */
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openClient, type Client } from "../../src/cli/client/client.ts";
import { livingDaemon, livingNode } from "../../src/cli/daemon/note.ts";
import { readHolder } from "../../src/hosts/real/home-lock.ts";
import { homeMark, markedProcesses } from "../../src/hosts/real/process-marks.ts";
import type { TaskBody, TaskEvent } from "../../src/protocol/api.ts";
import { killIfThere, processesWith, waitUntil } from "./children.ts";
import { COLD, keeper, type Keeper } from "./keeper.ts";
import { obeying } from "./saboteur.ts";
import { temporaryFolder } from "./temporary.ts";
import { randomModel } from "./tiny-models.ts";

const BACK_WITHIN_MS = 40_000;
const WORKER_WITHIN_MS = 15_000;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface DaemonSetup {
  readonly env?: Readonly<Record<string, string>>;
  /** Lays the saboteur beside the node. */
  readonly sabotaged?: boolean;
  /** Its node loads its default model by itself, as a fresh one does. */
  readonly warm?: boolean;
}

export class TestDaemon {
  readonly home = join(temporaryFolder(), "home");
  /** Where the commands are run. */
  readonly folder = temporaryFolder();
  readonly #env: Readonly<Record<string, string>>;
  readonly #commandPath = join(temporaryFolder(), "command");

  constructor({ env = {}, sabotaged = false, warm = false }: DaemonSetup = {}) {
    this.#env = { ...(!warm && COLD), ...env, ...(sabotaged && obeying(this.#commandPath)) };
    onTestFinished(() => {
      for (const pid of this.living()) killIfThere(pid);
    });
  }

  /** Begins `rbee ARGS`. */
  begin(...args: readonly string[]): Keeper {
    return keeper(args, { home: this.home, env: this.#env, cwd: this.folder });
  }

  /** `rbee ARGS`, to its end. */
  async run(...args: readonly string[]): Promise<Ran> {
    const ran = this.begin(...args);
    return { code: await ran.exitCode, stdout: ran.stdout, stderr: ran.stderr };
  }

  async started(): Promise<this> {
    const { code, stderr } = await this.run("daemon", "start", "--listen", "127.0.0.1:0");
    if (code !== 0) throw new Error(`the daemon did not start (${code}):\n${stderr}`);
    return this;
  }

  async status(): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse((await this.run("daemon", "status", "--json")).stdout) as Record<string, unknown>;
  }

  get guardianPid(): number {
    return livingDaemon(this.home)?.pid ?? 0;
  }

  get nodePid(): number {
    const daemon = livingDaemon(this.home);
    return daemon === undefined ? 0 : (livingNode(daemon)?.pid ?? 0);
  }

  get url(): string {
    return readHolder(this.home)?.url ?? "";
  }

  workers(): number[] {
    return existsSync(this.home) ? markedProcesses(homeMark(this.home)).map(({ pid }) => pid) : [];
  }

  /** Only where it is warm. */
  async untilWorking(): Promise<this> {
    await waitUntil(() => this.workers().length > 0, WORKER_WITHIN_MS);
    return this;
  }

  /** Every process of this home but those that a test runs in the foreground and has awaited. */
  living(): number[] {
    return [...processesWith("RBEE_HOME", this.home), ...this.workers()];
  }

  /** Waits until another node than this one serves, and the way to it is known. */
  async backAfter(pid: number): Promise<void> {
    const isBack = (node: number): boolean => node !== 0 && node !== pid && readHolder(this.home)?.pid === node;
    await waitUntil(() => isBack(this.nodePid), BACK_WITHIN_MS);
  }

  sabotage(command: string): void {
    writeFileSync(`${this.#commandPath}.new`, command);
    renameSync(`${this.#commandPath}.new`, this.#commandPath);
  }

  client(): Client {
    const holder = readHolder(this.home);
    if (holder === undefined) throw new Error("no node holds this home");
    return openClient({ socketPath: holder.socketPath });
  }

  /** Hears the job out, as whoever asks the node of now. */
  async hear(job: string): Promise<TaskEvent[]> {
    const heard: TaskEvent[] = [];
    const never = new AbortController().signal;
    const task = { job_id: job, state: "queued", position: 0, events_url: "" } as const;
    for await (const event of this.client().events(task, never)) heard.push(event);
    return heard;
  }
}

/** A job that takes long enough to be hit in the middle. */
export const longTask = (tokens: number): TaskBody => ({
  prompt: "Once",
  max_tokens: tokens,
  model: `file:${randomModel({ endless: true })}`,
  temperature: 0,
});
