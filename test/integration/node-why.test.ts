/**
 * Goal: what became of a job, and what it waits for, is told in words and as data, for as long as its row is kept.
 * Method: the real program: a first job waits for a load, one loses its worker, one waits for a slot; then a restart.
 *
 * @see src/doors/why.ts; src/actors/queen/history.ts
 */
import { describe, expect, test } from "vitest";
import type { TaskBody } from "../../src/protocol/api.ts";
import { whyView, type WhyView } from "../../src/protocol/why-api.ts";
import { waitUntil } from "../support/children.ts";
import { keeper } from "../support/keeper.ts";
import { refusalIn, startNode, type TestNode } from "../support/node-harness.ts";
import { randomModel } from "../support/tiny-models.ts";

const short: TaskBody = { prompt: "What is a hive?", max_tokens: 8, temperature: 0 };
const long = (): TaskBody => ({ prompt: "Once", max_tokens: 3000, model: `file:${randomModel({ endless: true })}` });

async function why(node: TestNode, job: string): Promise<WhyView> {
  return whyView.parse((await node.call("GET", `/v2/tasks/${job}/why`)).json());
}

describe("why", () => {
  test("a job that came before its model was loaded waited for that, and the next one did not", async () => {
    const node = await startNode();
    const first = await node.submit(short);
    const ended = (await node.hear(first.job_id)).at(-1);
    if (ended?.type !== "done") throw new Error("it did not end");
    const { load_ms: loadMs, queued_ms: queuedMs } = ended.timings;
    expect(loadMs).toBeGreaterThan(0);
    expect(loadMs).toBeLessThanOrEqual(queuedMs);
    const told = await why(node, first.job_id);
    const [attempt] = told.attempts;
    expect(attempt?.load?.waited_ms).toBe(loadMs);
    expect(attempt).toMatchObject({ attempt: 1, end: { code: "done" } });
    expect(attempt?.memory_bytes).toBeGreaterThan(0);
    expect(told.end).toMatchObject({ usage: { completion_tokens: 8 }, tokens_per_second: expect.any(Number) });
    expect(told.words.join("\n")).toContain("for that worker to come up");

    const second = await node.submit(short);
    expect((await node.hear(second.job_id)).at(-1)).toMatchObject({ timings: { load_ms: 0 } });
    expect((await why(node, second.job_id)).attempts[0]?.load).toBeUndefined();
  });

  test("an attempt that lost its worker says so, with what it had said, also after the node was started again", async () => {
    const node = await startNode();
    const { job_id: job } = await node.submit(long());
    let killed = false;
    for await (const event of node.events(job)) {
      if (event.type !== "token" || event.index < 20) continue;
      if (killed) break;
      killed = true;
      for (const pid of node.processes()) process.kill(pid, "SIGKILL");
      await waitUntil(async () => (await node.task(job)).attempts === 2, 10_000);
    }
    await node.call("DELETE", `/v2/tasks/${job}`);
    await node.outcome(job);
    const told = await why(node, job);
    expect(told.attempts).toMatchObject([
      { attempt: 1, end: { code: "worker.lost", message: expect.stringContaining("SIGKILL") } },
      { attempt: 2, end: { code: "job.cancelled" } },
    ]);
    expect(told.attempts[0]?.said_tokens).toBeGreaterThan(19);
    expect(told).toMatchObject({ state: "cancelled", end: { error: { code: "job.cancelled" } } });

    await node.stop();
    const again = await startNode({ home: node.home });
    expect(await why(again, job)).toEqual(told);
  });

  test("a job that waits says for whom, to a person too, and one that runs how far it is", async () => {
    const node = await startNode({ env: { RBEE_WORKER_SLOTS: "1" } });
    const running = await node.submit(long());
    await waitUntil(async () => (await node.task(running.job_id)).state === "running", 15_000);
    const waiting = [await node.submit(long()), await node.submit(long())];
    const [next, last] = await Promise.all(waiting.map(({ job_id: job }) => why(node, job)));
    const [busy] = (await node.workers()).filter(({ model }) => model.startsWith("file:"));
    expect(next?.waiting).toMatchObject({
      queen: "serving",
      ahead: 0,
      workers: [{ worker: busy?.id, busy_slots: 1, slots: 1 }],
    });
    expect(last).toMatchObject({ ahead: 1, waiting: { ahead: 1 } });
    await waitUntil(async () => ((await why(node, running.job_id)).attempts[0]?.said_tokens ?? 0) > 0, 5_000);
    expect((await why(node, running.job_id)).words.at(-1)).toMatch(/^ {2}It runs, \d+ tokens? said so far\.$/);

    const person = keeper(["why", waiting[1]?.job_id ?? ""], { home: node.home });
    expect(await person.exitCode).toBe(0);
    expect(person.stdout).toContain(`It waits for a slot of ${busy?.id} (1 of 1 slots busy).`);
    expect(person.stdout).toContain("1 job for file:");
  });

  test("a job that nobody knows is request.not.found, at the door and at the command line", async () => {
    const node = await startNode();
    expect(refusalIn(await node.call("GET", "/v2/tasks/j999999/why"))).toMatchObject({ status: 404 });
    const person = keeper(["why", "j999999", "--json"], { home: node.home });
    expect(await person.exitCode).toBe(1);
    expect(person.stdout).toContain("request.not.found");
  });
});
