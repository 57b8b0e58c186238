/**
 * A storm on the real program: rounds of questions while the node, its workers and its starts are killed and frozen,
 * and pipes between them cut, at moments drawn from a seed, and what must hold through all of it.
 *
 * Owns: the faults, the clients that come back after each, the checks. Does not own: how long it lasts.
 *
 * @see ../../src/runtime/DESIGN.md for RS1, RS2, RS6, RJ1, RJ2, RJ3
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { TaskBody } from "../../src/protocol/api.ts";
import { waitUntil, waitUntilGone } from "./children.ts";
import { type HeardEvent, startNode, TestNode, textIn, tokensIn } from "./node-harness.ts";
import { Prng } from "./prng.ts";
import { obeying, sabotage } from "./saboteur.ts";
import { temporaryFolder } from "./temporary.ts";
import { randomModel } from "./tiny-models.ts";

const GONE_WITHIN_MS = 500;
/** Larger than any number of pipes, so that each may be the one. */
const PIPES = 840;
/** A start is cut short this long after the program began, at most. */
const START_MS = 800;
export const FAULTS = [
  "kill node",
  "freeze and kill node",
  "kill a start",
  "freeze and thaw node",
  "kill worker",
  "freeze and kill worker",
  "freeze and thaw worker",
  "cut a pipe",
] as const;
type Fault = (typeof FAULTS)[number];

const QUESTION: TaskBody = { prompt: "What is a queen?", max_tokens: 60, temperature: 0 };
/** Takes a second or two, so that there is something to hit. */
const long = (): TaskBody => ({
  prompt: "Once",
  max_tokens: 600,
  model: `file:${randomModel({ endless: true })}`,
  temperature: 0,
});

/** One job and what a client that comes back after every break has been shown of it. */
class Following {
  readonly job: string;
  /** What it must say in the end, where that is known. */
  readonly text: string | undefined;
  readonly heard: HeardEvent[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(job: string, text: string | undefined, node: TestNode) {
    this.job = job;
    this.text = text;
    this.follow(node);
  }

  follow(node: TestNode): void {
    const lastIndex = tokensIn(this.heard).at(-1)?.index;
    this.#reading = this.#reading.then(async () => {
      try {
        for await (const event of node.events(this.job, lastIndex)) this.heard.push(event);
      } catch {
        // The node went before it answered: whoever follows comes back.
      }
    });
  }

  get read(): Promise<void> {
    return this.#reading;
  }

  get ended(): boolean {
    return this.heard.some((event) => event.type === "done" || event.type === "error");
  }
}

export class Storm {
  readonly #chance: Prng;
  readonly #home = `${temporaryFolder()}/home`;
  readonly #command = join(temporaryFolder(), "command");
  readonly #setup = { home: this.#home, env: obeying(this.#command) };
  readonly #undisturbed: string;
  readonly #before: Held;
  readonly #followings: Following[] = [];
  #node: TestNode;

  private constructor(seed: number, undisturbed: string, before: Held, node: TestNode) {
    this.#chance = new Prng(seed);
    this.#undisturbed = undisturbed;
    this.#before = before;
    this.#node = node;
  }

  static async begin(seed: number): Promise<Storm> {
    const calm = await startNode();
    const undisturbed = textIn(await calm.run(QUESTION));
    await calm.run(long());
    const before = await atRest(calm);
    await calm.stop();
    const storm = new Storm(seed, undisturbed, before, calm);
    storm.#node = await startNode(storm.#setup);
    return storm;
  }

  /** @param fault without it one of chance */
  async round(fault?: Fault): Promise<void> {
    for (const body of [QUESTION, long(), QUESTION]) {
      const { job_id } = await this.#node.submit({ ...body, deadline_ms: 120_000 });
      const text = body === QUESTION ? this.#undisturbed : undefined;
      this.#followings.push(new Following(job_id, text, this.#node));
    }
    if (this.#chance.chance(0.5)) await pause(this.#chance.int(0, 1000));
    else
      await waitUntil(
        () => this.#open.some(({ heard }) => tokensIn(heard).length > 0) || this.#open.length === 0,
        20_000,
      );
    const died = await this.#strike(fault ?? this.#chance.pick(FAULTS));
    if (!died) return;

    const node = this.#node;
    await waitUntilGone(() => node.processes(), GONE_WITHIN_MS);
    await Promise.all(this.#followings.map(({ read }) => read));
    this.#node = await startNode(this.#setup);
    await waitUntil(() => booksAreTrue(this.#node), 5_000);
    for (const following of this.#open) following.follow(this.#node);
  }

  /**
   * The weather is fair again: everything that was accepted has ended once, and nothing is held that was not before.
   *
   * @returns how many jobs have ended
   */
  async end(): Promise<number> {
    for (const following of this.#followings) await this.#judge(following);
    const { queue } = (await this.#node.status()).queen;
    expect(queue).toMatchObject({ length: 0, running: 0 });
    const { descriptors, rssBytes } = await atRest(this.#node);
    expect(descriptors).toBeLessThanOrEqual(this.#before.descriptors);
    expect(rssBytes).toBeLessThanOrEqual(1.5 * this.#before.rssBytes);
    await this.#node.stop();
    expect(this.#node.processes()).toEqual([]);
    return this.#followings.length;
  }

  get #open(): readonly Following[] {
    return this.#followings.filter(({ ended }) => !ended);
  }

  async #judge({ job, read, heard, text }: Following): Promise<void> {
    const view = await this.#node.outcome(job, 60_000);
    await read;
    const indexes = tokensIn(heard).map(({ index }) => index);
    expect(indexes, job).toEqual(indexes.map((_, place) => place));
    const ends = heard.filter(({ type }) => type === "done" || type === "error");
    expect(ends, job).toHaveLength(1);
    if (view.state === "failed")
      expect(["job.attempts", "worker.lost", "worker.unstable"], job).toContain(view.error?.code);
    else expect(view.state, job).toBe("done");
    if (view.state === "done" && text !== undefined) expect(textIn(heard), job).toBe(text);
    expect((await this.#node.task(job)).state, job).toBe(view.state);
  }

  /** @returns whether the node is gone. */
  async #strike(fault: Fault): Promise<boolean> {
    const freezeMs = this.#chance.int(0, 60);
    switch (fault) {
      case "kill node":
        await this.#node.kill();
        return true;
      case "freeze and kill node":
        this.#node.freeze();
        await pause(freezeMs);
        await this.#node.kill();
        return true;
      case "kill a start": {
        await this.#node.kill();
        await waitUntilGone(() => this.#node.processes(), GONE_WITHIN_MS);
        this.#node = new TestNode(this.#setup);
        await pause(this.#chance.int(0, START_MS));
        await this.#node.kill();
        return true;
      }
      case "freeze and thaw node":
        this.#node.freeze();
        await pause(5 * freezeMs);
        this.#node.thaw();
        return false;
      case "kill worker":
      case "freeze and kill worker":
      case "freeze and thaw worker": {
        const workers = this.#node.processes();
        if (workers.length === 0) return false;
        const pid = this.#chance.pick(workers);
        if (fault !== "kill worker") {
          trySignal(pid, "SIGSTOP");
          await pause(freezeMs);
        }
        trySignal(pid, fault === "freeze and thaw worker" ? "SIGCONT" : "SIGKILL");
        return false;
      }
      case "cut a pipe":
        sabotage(this.#command, `pipes cut ${this.#chance.int(0, PIPES)}`);
        await waitUntil(() => !existsSync(this.#command), 5_000);
        return false;
    }
  }
}

/** Nothing is booked for a process that is not there. */
async function booksAreTrue(node: TestNode): Promise<boolean> {
  const workers = await node.workers();
  const living = node.processes();
  return workers.every(({ pid }) => pid === 0 || living.includes(pid));
}

/** A process that was just found may have ended by itself. */
function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    return;
  }
}

interface Held {
  readonly descriptors: number;
  readonly rssBytes: number;
}

/** What a node holds with no worker and no client left. */
export async function atRest(node: TestNode): Promise<Held> {
  for (const { id } of await node.workers()) await node.call("POST", "/v1/workers/stop", { worker: id });
  await waitUntil(async () => (await node.workers()).length === 0 && node.processes().length === 0, 15_000);
  let fewest = Number.POSITIVE_INFINITY;
  await waitUntil(() => {
    const now = node.descriptors();
    const settled = now === fewest;
    fewest = Math.min(fewest, now);
    return settled;
  }, 5_000);
  return { descriptors: fewest, rssBytes: rssOf(node.pid) };
}

const PAGE_BYTES = 4096;
/** The second number of statm: pages in memory. */
const rssOf = (pid: number): number => Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * PAGE_BYTES;
