/**
 * Goal: a node that is told to stop finishes what runs, starts nothing new, and is gone in bounded
 * time
 *       with everything it started (RS3, RS4, N4 of node.ts).
 * Method: the real program and signals, at rest, under load, and while it is still starting.
 */
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { TaskBody } from "../../src/protocol/api.ts";
import { waitUntil } from "../support/children.ts";
import { type HeardEvent, refusalIn, startNode, TestNode, tokensIn } from "../support/node-harness.ts";
import { Prng } from "../support/prng.ts";
import { randomModel } from "../support/tiny-models.ts";

const SEED = Number(process.env["RBEE_SEED"]);
const TERMINATED = 143;
const long = (tokens: number): TaskBody => ({
  prompt: "Once",
  max_tokens: tokens,
  model: `file:${randomModel({ endless: true })}`,
  temperature: 0,
});

/** Hears a job until its end, and calls at its first token. */
async function hearFrom(node: TestNode, job: string, atFirst: () => void): Promise<HeardEvent[]> {
  const heard: HeardEvent[] = [];
  for await (const event of node.events(job)) {
    heard.push(event);
    if (tokensIn(heard).length === 1) atFirst();
  }
  return heard;
}

describe("a node that is told to stop", () => {
  test("RS3 RS4 lets what runs finish, admits nothing new, and leaves no process", async () => {
    const node = await startNode();
    const { job_id } = await node.submit(long(600));
    let refused: Promise<unknown> = Promise.resolve();
    let told = false;
    const heard = await hearFrom(node, job_id, () => {
      if (told) return;
      told = true;
      node.signal("SIGTERM");
      refused = pause(100).then(async () => refusalIn(await node.call("POST", "/v2/tasks", { prompt: "late" })));
    });
    expect(heard.at(-1)).toMatchObject({ type: "done", total_tokens: 600 });
    expect(await refused).toMatchObject({ status: 503, code: "admission.closed" });
    expect((await node.ended).code).toBe(TERMINATED);
    expect(node.processes()).toEqual([]);
  });

  test("RS3 a second signal shortens the wait for what runs", async () => {
    const node = await startNode({ env: { RBEE_SHUTDOWN_FINISH: "5m" } });
    const { job_id } = await node.submit(long(4000));
    let told = false;
    const hearing = hearFrom(node, job_id, () => {
      if (!told) node.signal("SIGTERM");
      told = true;
    });
    await waitUntil(() => node.stderr.includes("Stopping"), 20_000);
    const hurriedMs = performance.now();
    node.signal("SIGTERM");
    expect((await node.ended).code).toBe(TERMINATED);
    expect(performance.now() - hurriedMs).toBeLessThan(15_000);
    expect((await hearing).at(-1)?.type).toBe("token");
    expect(node.processes()).toEqual([]);
  });

  test(`RS3 at any moment of its start it stops as well, and the next node starts cleanly (seed ${SEED})`, async () => {
    const chance = new Prng(SEED);
    const first = await startNode();
    await first.stop();
    for (let round = 0; round < 3; round += 1) {
      const node = new TestNode({ home: first.home });
      await pause(chance.int(0, 1500));
      node.signal("SIGTERM");
      const { code, signal } = await node.ended;
      // Before it listens for signals, the signal ends it as it ends any program.
      expect(code ?? signal).toBeOneOf([TERMINATED, "SIGTERM"]);
      expect(node.processes()).toEqual([]);
    }
    const last = await startNode({ home: first.home });
    expect((await last.run({ prompt: "What is a hive?", max_tokens: 3 })).at(-1)?.type).toBe("done");
  });
});
