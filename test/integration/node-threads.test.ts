/**
 * Goal: a thread that breaks costs nothing that was accepted, and one that hangs is not waited for (T1, T2 of
 * thread.ts). Method: the real program with a saboteur loaded beside it, which throws or hangs in the thread of a bee.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TaskBody } from "../../src/protocol/api.ts";
import { waitUntil, waitUntilGone } from "../support/children.ts";
import { type HeardEvent, refusalIn, startNode, type TestNode, tokensIn } from "../support/node-harness.ts";
import { obeying, sabotage } from "../support/saboteur.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const long = (): TaskBody => ({
  prompt: "Once",
  max_tokens: 1000,
  model: `file:${randomModel({ endless: true })}`,
  temperature: 0,
});

interface Sabotaged {
  readonly node: TestNode;
  command(text: string): void;
}

async function sabotaged(): Promise<Sabotaged> {
  const file = join(temporaryFolder(), "command");
  const env = obeying(file);
  const node = await startNode({ env });
  return {
    node,
    command: (text) => sabotage(file, text),
  };
}

/** Hears a job out, and does something at its tenth token. */
async function hearAndAct(node: TestNode, job: string, act: () => void): Promise<HeardEvent[]> {
  const heard: HeardEvent[] = [];
  for await (const event of node.events(job)) {
    heard.push(event);
    if (event.type === "token" && event.index === 10) act();
  }
  return heard;
}

const expectWhole = (heard: readonly HeardEvent[]): void => {
  expect(tokensIn(heard).map(({ index }) => index)).toEqual(tokensIn(heard).map((_, place) => place));
  expect(heard.at(-1)).toMatchObject({ type: "done", attempts: 1 });
};

describe("a thread of a bee", () => {
  test("the queen's thread is started again after a throw: a running attempt goes on, her epoch rises (RC1)", async () => {
    const { node, command } = await sabotaged();
    const { job_id } = await node.submit(long());
    const heard = await hearAndAct(node, job_id, () => command("queen throw"));
    expectWhole(heard);
    expect(node.stderr).toContain("queen: its thread ended");
    expect((await node.status()).queen.epoch).toBe(2);
    await waitUntil(async () => (await node.task(job_id)).state === "done", 2_000);
    expect((await node.run({ prompt: "What is a hive?", max_tokens: 5 })).at(-1)?.type).toBe("done");
  });

  test("the hive's thread is started again after a throw: its workers live on and nothing is booked twice (RJ3)", async () => {
    const { node, command } = await sabotaged();
    const { job_id } = await node.submit(long());
    let before: readonly number[] = [];
    const heard = await hearAndAct(node, job_id, () => {
      before = node.processes();
      command("hive throw");
    });
    expectWhole(heard);
    await waitUntil(() => node.stderr.includes("hive: its thread ended"), 5_000);
    const workers = await node.workers();
    expect(before).toEqual(expect.arrayContaining(workers.map(({ pid }) => pid)));
    const outcome = await node.call("POST", "/v1/workers/stop", { worker: workers[0]?.id });
    expect(outcome.status).toBe(202);
    await waitUntil(async () => (await node.workers()).length < workers.length, 10_000);
  });

  test("T1 host.wedged: a thread that hangs takes the process down, and the next start finishes what was accepted", async () => {
    const { node, command } = await sabotaged();
    const { job_id } = await node.submit({ ...long(), max_tokens: 1000 });
    command("queen hang");
    const { signal } = await node.ended;
    expect(signal).toBe("SIGKILL");
    expect(node.stderr).toContain("host.wedged");
    await waitUntilGone(() => node.processes(), 500);
    const next = await startNode({ home: node.home });
    expect((await next.outcome(job_id)).state).toBe("done");
  });

  test("T2 a thread that breaks again and again ends the node with its reason, and leaves no process", async () => {
    const { node, command } = await sabotaged();
    command("queen throw-always");
    const { code } = await node.ended;
    expect(code).toBe(1);
    expect(node.stderr).toContain("defect: the saboteur threw");
    expect(node.processes()).toEqual([]);
  });

  test("host.restarted: what is asked to be done while the queen's thread restarts is refused, and what is read waits", async () => {
    const { node, command } = await sabotaged();
    command("queen throw");
    await waitUntil(() => node.stderr.includes("queen: its thread ended"), 5_000);
    const [submitted, status] = await Promise.all([
      node.call("POST", "/v2/tasks", { prompt: "hello", max_tokens: 1 }),
      node.call("GET", "/v2/status"),
    ]);
    expect(status.status).toBe(200);
    expect(refusalIn(submitted)).toMatchObject({ status: 500, code: "host.restarted" });
  });
});
