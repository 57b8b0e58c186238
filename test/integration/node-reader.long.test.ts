/**
 * Goal: a reader that does not read holds up its own job alone, is cut, and costs the job nothing (S5 of streams.ts).
 * Method: the real program; a client that pauses its socket for as long as the node bears it.
 */
import { describe, expect, test } from "vitest";
import type { TaskBody } from "../../src/protocol/api.ts";
import { startNode, textIn, tokensIn } from "../support/node-harness.ts";
import { randomModel } from "../support/tiny-models.ts";

const long = (): TaskBody => ({
  prompt: "Once",
  max_tokens: 8000,
  model: `file:${randomModel({ endless: true, contextTokens: 8192 })}`,
  temperature: 0,
});

describe("a reader", () => {
  test("S5 stream.slow: one that does not read pauses its own job, is cut, and then the job goes on without it", async () => {
    const node = await startNode({ env: { RBEE_WORKER_CONTEXT_TOKENS: "8192" } });
    const paused = await node.submit(long());
    const response = await node.openEvents(paused.job_id);
    response.pause();
    const other = await node.run(long());
    expect(other.at(-1)).toMatchObject({ type: "done", total_tokens: 8000 });
    expect(tokensIn(other).map(({ index }) => index)).toEqual(tokensIn(other).map((_, place) => place));
    expect((await node.task(paused.job_id)).state).toBe("running");

    expect((await node.outcome(paused.job_id, 300_000)).state).toBe("done");
    let heard = "";
    await expect(
      (async () => {
        for await (const piece of response) heard += String(piece);
      })(),
    ).rejects.toThrow("aborted");
    expect(heard).not.toContain("event: done");
    expect(textIn(await node.hear(paused.job_id))).toBe(textIn(other));
  }, 600_000);
});
