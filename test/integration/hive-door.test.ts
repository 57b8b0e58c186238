/**
 * Goal: a machine's hive has a door of its own, on this machine alone, and nothing that is asked there or at a worker's
 *       door goes past the queen (interfaces: HTTP, Security).
 * Method: the real program, asked at each of its doors over TCP.
 *
 * @see src/doors/hive.ts, HD1 HD2; src/doors/standing.ts, ST1 ST2; src/hosts/worker/process.ts, P1
 */
import { describe, expect, test } from "vitest";
import { documentOf } from "../../src/doors/openapi.ts";
import type { HiveStatusView } from "../../src/protocol/api.ts";
import { devicesView, hiveHealth, type HiveWorker, hiveWorkersView } from "../../src/protocol/hive-api.ts";
import { waitUntil } from "../support/children.ts";
import { ask, post } from "../support/http.ts";
import { refusalIn, startNode, TestNode } from "../support/node-harness.ts";
import { hiveDoorRoutes } from "../support/node-routes.ts";
import { randomModel } from "../support/tiny-models.ts";

const hivePort = ({ ready }: TestNode): number => Number(new URL(ready.hive ?? "").port);

test("HD1 HD2 the hive tells of itself at its own door, and what is asked for there the queen does", async () => {
  const node = await startNode();
  const port = hivePort(node);
  const get = async (path: string): Promise<unknown> => (await ask({ port, path })).json();
  expect(hiveHealth.parse(await get("/v1/health"))).toMatchObject({ status: "ok", pid: node.pid });
  expect(devicesView.parse(await get("/v1/devices")).backends.at(-1)).toEqual({ kind: "cpu", usable: true, cards: [] });
  expect(await get("/v1/models")).toEqual((await node.call("GET", "/v1/models")).json());
  expect(await get("/openapi.json")).toEqual(documentOf(hiveDoorRoutes()));

  const spawned = await post(port, "/v1/workers/spawn", { model: "starter" });
  const { worker } = spawned.json() as { worker: string };
  const listed = async (): Promise<HiveWorker | undefined> =>
    hiveWorkersView.parse(await get("/v1/workers/list")).workers.find(({ id }) => id === worker);
  await waitUntil(async () => (await listed())?.state === "idle", 30_000);
  // What is booked for it may grow meanwhile.
  const hers = (await node.workers()).map((each) => ({ ...each, reservedBytes: expect.any(Number), device: "cpu" }));
  expect(await listed()).toEqual(hers.find(({ id }) => id === worker));

  for (const path of ["/v1/workers/ready", "/v2/registry/workers/ready"]) {
    const called = await node.call("POST", path, { worker });
    expect(called.json()).toEqual({ worker, ready: true, state: "idle" });
  }
  expect((await post(port, "/v1/workers/ready", { worker })).json()).toEqual({ worker, ready: true, state: "idle" });
  expect(refusalIn(await post(port, "/v1/workers/ready", { worker: "w99" })).code).toBe("worker.unknown");
  expect(refusalIn(await post(port, "/v1/models/download", { model: "nowhere" })).code).toBe("request.invalid");
  expect((await node.call("GET", "/ready")).json()).toEqual({ ready: true, state: "serving", epoch: 1 });
  const { url } = ((await node.call("GET", "/v1/hive/status")).json() as HiveStatusView).hive;
  expect(url).toBe(node.ready.hive);

  const own = (await listed())?.port;
  expect((await ask({ port: own, path: "/v1/loading/progress" })).text).toContain('"fraction":1');
  for (const [method, path] of [
    ["GET", "/v1/ready"],
    ["POST", "/v1/execute"],
    ["POST", "/v1/cancel"],
    ["POST", "/v1/admin/shutdown"],
    ["GET", "/openapi.json"],
  ] as const) {
    for (const headers of [{}, { authorization: `Bearer ${worker}` }]) {
      expect([path, (await ask({ port: own, method, path, headers })).status]).toEqual([path, 401]);
    }
  }

  expect((await post(port, "/v1/shutdown", {})).json()).toEqual({ state: "stopping" });
  expect((await node.ended).code).toBe(0);
  expect(node.processes()).toEqual([]);
});

test("ST1 HD1 HD2 a node that stops takes nothing more at either door, and still tells of itself", async () => {
  const node = await startNode({ env: { RBEE_SHUTDOWN_FINISH: "60s", RBEE_WORKER_SLOTS: "1" } });
  const port = hivePort(node);
  const model = `file:${randomModel({ endless: true })}`;
  for (let at = 0; at < 4; at++) await node.submit({ prompt: "Once", max_tokens: 4000, model });
  await node.worker(model, "busy");
  node.signal("SIGTERM");
  await waitUntil(async () => (await node.call("GET", "/ready")).status === 503, 30_000);
  expect(refusalIn(await node.call("GET", "/ready")).code).toBe("admission.closed");
  expect(refusalIn(await post(port, "/v1/workers/spawn", { model: "starter" })).code).toBe("admission.closed");
  expect((await ask({ port, path: "/v1/health" })).status).toBe(200);
  const { workers } = hiveWorkersView.parse((await ask({ port, path: "/v1/workers/list" })).json());
  expect(workers.find((worker) => worker.model === model)).toMatchObject({ state: "busy", busySlots: 1 });
  node.signal("SIGTERM");
  expect((await node.ended).code).toBe(143);
});

describe("the port of a hive's door", () => {
  test("is the next free one from 9200 where none is asked for, and one that was asked for is had or refused", async () => {
    const env = { RBEE_HIVE_LISTEN: "" };
    const nodes = [await startNode({ env }), await startNode({ env })];
    const ports = nodes.map(hivePort);
    expect(new Set(ports).size).toBe(2);
    for (const taken of ports) expect(taken).toBeGreaterThanOrEqual(9200);
    const refused = new TestNode({ env: { RBEE_HIVE_LISTEN: `127.0.0.1:${ports[0]}` } });
    expect((await refused.ended).code).toBe(5);
    expect(refused.stderr + refused.stdout).toContain("port.taken");
    expect(refused.processes()).toEqual([]);
  });
});
