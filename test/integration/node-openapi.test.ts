/**
 * Goal: a node serves what its document tells of, and answers in the shapes that it tells.
 * Method: the real program; its document against the routes of the doors, its answers against their schemas.
 *
 * @see src/doors/openapi.ts, OD1
 */
import { expect, test } from "vitest";
import { documentOf } from "../../src/doors/openapi.ts";
import { ask } from "../support/http.ts";
import { startNode } from "../support/node-harness.ts";
import { nodeRoutes } from "../support/node-routes.ts";

/** A stream of all downloads has no end. */
const ENDLESS = "/v1/models/download/progress";

test("OD1 the document is that of the routes that are served, and what is answered fits it", async () => {
  const node = await startNode();
  const { job_id: job } = await node.submit({ prompt: "What is a hive?", max_tokens: 3 });
  await node.hear(job);
  const [worker] = await node.workers();
  const port = Number(new URL(node.ready.url).port);
  expect((await ask({ port, path: "/openapi.json" })).json()).toEqual(documentOf(nodeRoutes()));

  const read = nodeRoutes().filter(({ method, path }) => method === "GET" && path !== ENDLESS);
  for (const { path, doc } of read) {
    const id = path.startsWith("/v1/workers") ? worker?.id : job;
    const query = doc?.query === undefined ? "" : "?model=starter";
    const reply = await node.call("GET", path.replace(":id", id ?? "") + query);
    expect([path, reply.status]).toEqual([path, 200]);
    const fits = doc?.answer?.safeParse(reply.json());
    expect([path, fits?.error?.message]).toEqual([path, undefined]);
  }
  const writes = await node.call("DELETE", `/v2/tasks/${job}`);
  const cancelled = nodeRoutes().find(({ method, path }) => method === "DELETE" && path === "/v2/tasks/:id");
  expect([writes.status, cancelled?.doc?.answer?.safeParse(writes.json()).success]).toEqual([202, true]);
});
