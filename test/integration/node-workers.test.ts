/**
 * Goal: a worker that dies or hangs costs a job an attempt and nothing else (RS2, RJ2).
 * Method: the real program; its workers are killed and stopped by signals.
 */
import { describe, expect, test } from "vitest";
import type { TaskBody } from "../../src/protocol/api.ts";
import { waitUntil } from "../support/children.ts";
import { type HeardEvent, startNode, textIn, tokensIn } from "../support/node-harness.ts";
import { randomModel } from "../support/tiny-models.ts";

const question: TaskBody = { prompt: "What is a queen?", max_tokens: 26, temperature: 0 };
const long = (): TaskBody => ({
  prompt: "Once",
  max_tokens: 2500,
  model: `file:${randomModel({ endless: true })}`,
  temperature: 0,
});

const expectInOrder = (heard: readonly HeardEvent[]): void => {
  expect(tokensIn(heard).map(({ index }) => index)).toEqual(tokensIn(heard).map((_, place) => place));
};

/** Fewer than deaths that would have a model left alone. */
const KILLS_MAX = 4;
const isSecondAttempt = (event: HeardEvent | undefined): boolean => event?.type === "done" && event.attempts === 2;

describe("a worker", () => {
  test("N3 can be asked for as soon as the node says ready, at its first start and at the next", async () => {
    const first = await startNode();
    expect((await first.call("POST", "/v1/workers/spawn", { model: "starter" })).status).toBe(202);
    await first.kill();
    const node = await startNode({ home: first.home });
    expect((await node.call("POST", "/v1/workers/spawn", { model: "starter" })).status).toBe(202);
  });

  test("RJ2 killed in the middle of an answer is followed by another, which goes on with the next index and the same text", async () => {
    const node = await startNode();
    const undisturbed = await node.run(question);
    expect(undisturbed.at(-1)).toMatchObject({ type: "done", finish: "length", total_tokens: 26 });
    let job_id = "";
    let heard: HeardEvent[] = [];
    // A kill that came when all was said already hit nothing: once more.
    for (let tries = 0; tries < KILLS_MAX && !isSecondAttempt(heard.at(-1)); tries += 1) {
      heard = [];
      ({ job_id } = await node.submit(question));
      for await (const event of node.events(job_id)) {
        heard.push(event);
        if (event.type === "token" && event.index === 2)
          for (const pid of node.processes()) process.kill(pid, "SIGKILL");
      }
    }
    expectInOrder(heard);
    expect(textIn(heard)).toBe(textIn(undisturbed));
    expect(heard.at(-1)).toMatchObject({ type: "done", attempts: 2, total_tokens: 26, finish: "length" });
    // Who comes late is given the whole of it, who comes back what is behind its last token.
    expect(textIn(await node.hear(job_id))).toBe(textIn(undisturbed));
    const rest: HeardEvent[] = [];
    for await (const event of node.events(job_id, 20)) rest.push(event);
    expect(tokensIn(rest)[0]).toMatchObject({ index: 21, id: "21" });
  });

  test("RS2 that dies with each attempt fails the job with job.attempts, once", async () => {
    const node = await startNode();
    const { job_id } = await node.submit(long());
    const heard: HeardEvent[] = [];
    let attempt = 0;
    for await (const event of node.events(job_id)) {
      heard.push(event);
      if (event.type === "assigned") attempt = event.attempt;
      if (event.type !== "token" || attempt === 0) continue;
      attempt = 0;
      for (const pid of node.processes()) process.kill(pid, "SIGKILL");
    }
    expectInOrder(heard);
    expect(heard.filter(({ type }) => type === "assigned")).toHaveLength(3);
    expect(heard.at(-1)).toMatchObject({ type: "error", code: "job.attempts" });
    expect(await node.task(job_id)).toMatchObject({ state: "failed", error: { code: "job.attempts" } });
  });

  test("worker.hung: one that stops while it loads is found within 7 s and its work done elsewhere", async () => {
    const node = await startNode({ warm: true });
    await waitUntil(() => node.processes().length > 0, 10_000);
    const [loading = 0] = node.processes();
    process.kill(loading, "SIGSTOP");
    const first = await node.submit(question);
    await waitUntil(() => !node.processes().includes(loading), 7_000);
    expect((await node.hear(first.job_id)).at(-1)?.type).toBe("done");
  });
});
