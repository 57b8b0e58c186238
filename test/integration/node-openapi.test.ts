/**
 * Goal: a node serves what its document tells of, and answers in the shapes that it tells.
 * Method: the real program; its document against the routes of the doors, its answers against their schemas.
 *
 * @see src/doors/openapi.ts, OD1 OD3
 */
import { expect, test } from "vitest";
import { documentOf } from "../../src/doors/openapi.ts";
import { ask } from "../support/http.ts";
import { startNode } from "../support/node-harness.ts";
import { nodeRoutes } from "../support/node-routes.ts";
import { untoldIn } from "../support/official/documented.ts";

/** A stream of all downloads has no end. */
const ENDLESS = "/v1/models/download/progress";
/** Needs a model of the catalog; test/integration/model-copy.test.ts has one. */
const FILE = "/v1/cluster/models/file";

test("OD1 OD3 the document is that of the routes that are served, and tells all that is answered", async () => {
  const node = await startNode();
  const { job_id: job } = await node.submit({ prompt: "What is a hive?", max_tokens: 3 });
  for (const { id: _, ...event } of await node.hear(job)) {
    expect(untoldIn("GET /v2/tasks/:id/events", 200, "text/event-stream", event)).toEqual([]);
  }
  const [worker] = await node.workers();
  const begun = await node.call("POST", "/v2/discussions", { request: "What is a hive?", mode: "alone" });
  const { discussion, session } = begun.json() as { readonly discussion: string; readonly session: string };
  const port = Number(new URL(node.ready.url).port);
  expect((await ask({ port, path: "/openapi.json" })).json()).toEqual(documentOf(nodeRoutes()));

  const read = nodeRoutes().filter(({ method, path }) => method === "GET" && path !== ENDLESS && path !== FILE);
  for (const { path, doc } of read) {
    const id = Object.entries({
      "/v1/models": "starter",
      "/v1/workers": worker?.id,
      "/v2/discussions": discussion,
      "/v2/sessions": session,
    }).find(([beginning]) => path.startsWith(beginning));
    const query = doc?.query === undefined ? "" : "?model=starter";
    const reply = await node.call("GET", path.replace(":id", (id === undefined ? job : id[1]) ?? "") + query);
    expect([path, reply.status]).toEqual([path, 200]);
    const { text = "text/event-stream", answer } = doc ?? {};
    if (answer === undefined) expect(reply.headers["content-type"]).toContain(text);
    else expect([path, ...untoldIn(`GET ${path}`, 200, "application/json", reply.json())]).toEqual([path]);
  }
  for (const [route, path, body] of writesTo(job, worker?.id)) {
    const reply = await node.call(route.slice(0, route.indexOf(" ")), path, body);
    const status = reply.status < 300 ? reply.status : "default";
    expect([route, ...untoldIn(route, status, "application/json", reply.json())]).toEqual([route]);
  }
});

const writesTo = (job: string, worker: string | undefined): readonly (readonly [string, string, unknown?])[] => [
  ["POST /v2/tasks", "/v2/tasks", { prompt: "x", max_tokens: 1 }],
  ["POST /v2/tasks", "/v2/tasks", { prompt: 1 }],
  ["DELETE /v2/tasks/:id", `/v2/tasks/${job}`],
  ["DELETE /v2/tasks/:id", "/v2/tasks/none"],
  ["GET /v2/tasks/:id", "/v2/tasks/none"],
  ["POST /v2/knowledge", "/v2/knowledge", { text: "A hive is a home of bees." }],
  ["POST /v2/knowledge/search", "/v2/knowledge/search", { text: "What is a hive?" }],
  ["GET /v2/knowledge", "/v2/knowledge"],
  ["DELETE /v2/knowledge/:id", "/v2/knowledge/none"],
  ["POST /v2/keys", "/v2/keys", { name: "n", limits: [] }],
  ["GET /v2/keys", "/v2/keys"],
  ["DELETE /v2/keys/:name", "/v2/keys/n"],
  ["POST /v1/models/download", "/v1/models/download", { model: "starter" }],
  ["DELETE /v1/models", "/v1/models?model=starter"],
  ["POST /v1/workers/spawn", "/v1/workers/spawn", { model: "starter" }],
  ["POST /v1/workers/stop", "/v1/workers/stop", { worker }],
];
