/**
 * Goal: whatever a reader asks for, its job is not held up by it (S5 of streams.ts). One that does not read at all is
 * in
 *       node-reader.long.test.ts: more than the kernel buffers has to be said until that shows.
 * Method: the real program and a client that asks for what is still to come.
 */
import { describe, expect, test } from "vitest";
import type { TaskBody } from "../../src/protocol/api.ts";
import { type HeardEvent, startNode, tokensIn } from "../support/node-harness.ts";
import { randomModel } from "../support/tiny-models.ts";

const long = (): TaskBody => ({
  prompt: "Once",
  max_tokens: 1200,
  model: `file:${randomModel({ endless: true })}`,
  temperature: 0,
});

describe("a reader", () => {
  test("S5 one that asks for an index that is still to come holds nobody up", async () => {
    const node = await startNode();
    const { job_id } = await node.submit(long());
    const heard: HeardEvent[] = [];
    for await (const event of node.events(job_id, 1_000_000)) heard.push(event);
    expect(tokensIn(heard)).toEqual([]);
    expect(heard.at(-1)).toMatchObject({ type: "done", total_tokens: 1200 });
  });
});
