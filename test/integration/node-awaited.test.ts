/**
 * Goal: a node that comes back after a crash works for nobody who is gone, and for all who were promised something.
 * Method: a real node; clients that wait on a connection, with and without a word of their own; kill -9, a new start.
 *
 * @see src/actors/queen/admission.ts, A6; src/doors/run.ts, RN0
 */
import { request } from "node:http";
import { expect, test } from "vitest";
import { waitUntil } from "../support/children.ts";
import { longTask } from "../support/lan-cluster.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";

const WITHIN_MS = 60_000;

/** A client that waits, until the connection breaks. @returns the job that it waits for */
async function waiting(node: TestNode, headers: Readonly<Record<string, string>>): Promise<string> {
  const { model, max_tokens: max } = longTask();
  const body = { model, max_tokens: max, stream: true, messages: [{ role: "user", content: "Once" }] };
  let heard = "";
  const options = { socketPath: node.socketPath, method: "POST", path: "/v1/chat/completions" };
  const client = request({ ...options, headers: { "content-type": "application/json", ...headers } }, (response) =>
    response
      .setEncoding("utf8")
      .on("data", (piece: string) => (heard += piece))
      .on("error", () => {}),
  );
  client.on("error", () => {});
  client.end(JSON.stringify(body));
  const job = (): string | undefined => /"chatcmpl-(j\d+)"/.exec(heard)?.[1];
  await waitUntil(() => job() !== undefined, WITHIN_MS);
  return job() ?? "";
}

test(
  "A6 RN0 who waited on a connection is gone: those jobs end, and those of others go on",
  { timeout: 180_000 },
  async () => {
    const first = await startNode();
    const awaited = await waiting(first, {});
    const keyed = await waiting(first, { "idempotency-key": "mine" });
    const { job_id: task } = await first.submit(longTask());
    await first.kill();
    const node = await startNode({ home: first.home });
    const view = await node.outcome(awaited, WITHIN_MS);
    expect(view).toMatchObject({ state: "cancelled", error: { code: "job.cancelled" } });
    expect(JSON.stringify(view)).toContain("gone when the node began anew");
    for (const job of [keyed, task]) expect(await node.outcome(job, WITHIN_MS)).toMatchObject({ state: "done" });
  },
);
