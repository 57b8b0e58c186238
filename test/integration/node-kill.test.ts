/**
 * Goal: no process outlives its parent, no accepted job is lost or ends twice, and no reader is shown a token twice,
 *       whatever dies at whatever moment (RS1, RS2, RS6, RJ1, RJ2, RJ3).
 * Method: the real program, killed and frozen from outside at moments drawn from a printed seed.
 */
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { TaskBody } from "../../src/protocol/api.ts";
import { waitUntil } from "../support/children.ts";
import { type HeardEvent, startNode, type TestNode, textIn, tokensIn } from "../support/node-harness.ts";
import { Prng } from "../support/prng.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const SEED = Number(process.env["RBEE_SEED"]);
const GONE_WITHIN_MS = 500;
const ROUNDS = 6;
const FAULTS = ["kill node", "freeze and kill node", "kill worker", "kill node", "freeze and kill worker"] as const;

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
  readonly heard: HeardEvent[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(job: string, node: TestNode) {
    this.job = job;
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

/** Nothing is booked for a process that is not there. */
async function booksAreTrue(node: TestNode): Promise<boolean> {
  const workers = await node.workers();
  const living = node.processes();
  return workers.every(({ pid }) => pid === 0 || living.includes(pid));
}

async function strike(node: TestNode, fault: (typeof FAULTS)[number], chance: Prng): Promise<boolean> {
  if (fault.endsWith("node")) {
    if (fault.startsWith("freeze")) {
      node.freeze();
      await pause(chance.int(0, 60));
    }
    await node.kill();
    return true;
  }
  const workers = node.processes();
  if (workers.length === 0) return false;
  const pid = chance.pick(workers);
  if (fault.startsWith("freeze")) {
    trySignal(pid, "SIGSTOP");
    await pause(chance.int(0, 60));
  }
  trySignal(pid, "SIGKILL");
  return false;
}

/** A process that was just found may have ended by itself. */
function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    return;
  }
}

describe("whatever dies at whatever moment", () => {
  test(`RS1 RS6 RJ1 RJ2 nothing outlives it, and every accepted job ends once (seed ${SEED})`, async () => {
    const chance = new Prng(SEED);
    const home = `${temporaryFolder()}/home`;
    const undisturbed = textIn(await (await startNode()).run(QUESTION));
    const followings: { readonly following: Following; readonly text: string | undefined }[] = [];

    let node = await startNode({ home });
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const body of [QUESTION, long(), QUESTION]) {
        const { job_id } = await node.submit({ ...body, deadline_ms: 120_000 });
        const text = body === QUESTION ? undisturbed : undefined;
        followings.push({ following: new Following(job_id, node), text });
      }
      if (chance.chance(0.5)) await pause(chance.int(0, 1000));
      else
        await waitUntil(
          () => followings.some(({ following: { heard, ended } }) => !ended && tokensIn(heard).length > 0),
          20_000,
        );
      const fault = chance.pick(FAULTS);
      const died = await strike(node, fault, chance);
      if (!died) continue;

      await waitUntil(() => node.processes().length === 0, GONE_WITHIN_MS);
      await Promise.all(followings.map(({ following }) => following.read));
      node = await startNode({ home });
      await waitUntil(() => booksAreTrue(node), 2_000);
      for (const { following } of followings) if (!following.ended) following.follow(node);
    }

    for (const { following, text } of followings) {
      const view = await node.outcome(following.job, 60_000);
      await following.read;
      const indexes = tokensIn(following.heard).map(({ index }) => index);
      expect(indexes, following.job).toEqual(indexes.map((_, place) => place));
      const ends = following.heard.filter(({ type }) => type === "done" || type === "error");
      expect(ends, following.job).toHaveLength(1);
      if (view.state === "failed") expect(["job.attempts", "worker.lost"], following.job).toContain(view.error?.code);
      else expect(view.state, following.job).toBe("done");
      if (view.state === "done" && text !== undefined) expect(textIn(following.heard)).toBe(text);
      expect((await node.task(following.job)).state, following.job).toBe(view.state);
    }
    const { queue } = (await node.status()).queen;
    expect(queue).toMatchObject({ length: 0, running: 0 });
    for (const worker of await node.workers()) expect(worker.busySlots).toBe(0);
  }, 120_000);
});
