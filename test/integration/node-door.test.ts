/**
 * Goal: whatever comes to the door of a node is answered, refused with the code and field that say why, or ended as
 *       asked; and nothing of it breaks the node (interfaces: HTTP; RJ6, RJ7, RM10).
 * Method: one real node for the refusals, with requests over its socket and over TCP; others where a setting matters.
 */
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { TaskBody } from "../../src/protocol/api.ts";
import { ask, rawConnection, type Reply } from "../support/http.ts";
import { refusalIn, startNode, TestNode, tokensIn } from "../support/node-harness.ts";
import { temporaryHome } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const JSON_TYPE = { "content-type": "application/json" };
const long = (): TaskBody => ({ prompt: "Once", max_tokens: 3000, model: `file:${randomModel({ endless: true })}` });

const portOf = (node: TestNode): number => Number(new URL(node.ready.url).port);
const post = (node: TestNode, body: string, headers: Record<string, string> = JSON_TYPE): Promise<Reply> =>
  ask({ port: portOf(node), method: "POST", path: "/v2/tasks", headers, body });

describe("what is refused before it is a job", () => {
  test("request.invalid names the field, what was found and what is allowed, for each bad body", async () => {
    const node = await startNode();
    const bad: readonly (readonly [unknown, string])[] = [
      [{}, "(body)"],
      [{ prompt: 1 }, "prompt"],
      [{ prompt: "a", max_tokens: 0 }, "max_tokens"],
      [{ prompt: "a", temperature: 3 }, "temperature"],
      [{ prompt: "a", priority: 10 }, "priority"],
      [{ prompt: "a", deadline_ms: -1 }, "deadline_ms"],
      [{ prompt: "a", privacy: "open" }, "privacy"],
      [{ prompt: "a", input: ["b"] }, "(body)"],
      [{ messages: [] }, "messages"],
      [{ messages: [{ role: "robot", content: "a" }] }, "messages.0.role"],
      [{ capability: "embedding", prompt: "a" }, "(body)"],
      [{ prompt: "a".repeat(1_000_001) }, "prompt"],
    ];
    for (const [body, field] of bad) {
      const refusal = refusalIn(await node.call("POST", "/v2/tasks", body));
      expect(refusal, field).toMatchObject({ status: 400, code: "request.invalid", details: { field } });
      expect(refusal.advice).toMatch(/field/);
    }
    expect(refusalIn(await node.call("POST", "/v2/tasks", { prompt: "a", colour: "red" }))).toMatchObject({
      status: 400,
    });
    for (const text of ["{", "[1", "nul", "\u0000"]) {
      expect(refusalIn(await post(node, text))).toMatchObject({ status: 400, code: "request.invalid" });
    }
    const resumed = await ask({
      port: portOf(node),
      path: "/v2/tasks/j1/events",
      headers: { "last-event-id": "soon" },
    });
    expect(refusalIn(resumed)).toMatchObject({ status: 400, details: { field: "last-event-id" } });

    // The head alone, since a client that still writes may not hear what it is told.
    const headers = ["host: localhost", "content-type: application/json", `content-length: ${9 * 2 ** 20}`];
    const head = `${["POST /v2/tasks HTTP/1.1", ...headers].join("\r\n")}\r\n\r\n`;
    const large = await rawConnection(portOf(node), head);
    expect(String((await once(large, "data"))[0])).toMatch(/^HTTP\/1\.1 413 [\s\S]*"request\.too\.large"/);
    large.destroy();
    const typed = await post(node, '{"prompt":"a"}', { "content-type": "text/plain" });
    expect(refusalIn(typed)).toMatchObject({ status: 415, code: "request.media.type" });
    const rebound = await post(node, '{"prompt":"a"}', { ...JSON_TYPE, host: "evil.example" });
    expect(refusalIn(rebound)).toMatchObject({ status: 403, code: "request.forbidden", details: { field: "host" } });
    const page = await post(node, '{"prompt":"a"}', { ...JSON_TYPE, origin: "http://evil.example" });
    expect(refusalIn(page)).toMatchObject({ status: 403, code: "request.forbidden", details: { field: "origin" } });
    const file = await post(node, JSON.stringify({ prompt: "a", model: `file:${randomModel()}` }));
    expect(refusalIn(file)).toMatchObject({ status: 403, code: "request.forbidden", details: { field: "model" } });
    const spawned = await ask({
      port: portOf(node),
      method: "POST",
      path: "/v1/workers/spawn",
      headers: JSON_TYPE,
      body: JSON.stringify({ model: `file:${randomModel()}` }),
    });
    expect(refusalIn(spawned)).toMatchObject({ status: 403, code: "request.forbidden", details: { field: "model" } });

    for (const path of ["/v2/tasks/j0", "/v2/tasks/j0/events", "/v2/tasks/..%2f..%2fetc", "/v3/tasks", "/v2"]) {
      expect(refusalIn(await node.call("GET", path)), path).toMatchObject({ status: 404, code: "request.not.found" });
    }
    expect(refusalIn(await node.call("DELETE", "/v2/tasks/j0"))).toMatchObject({ status: 404 });
    expect(refusalIn(await node.call("POST", "/v1/workers/stop", { worker: "w0" }))).toMatchObject({ status: 404 });
    expect((await node.run({ prompt: "What is a hive?", max_tokens: 3 })).at(-1)?.type).toBe("done");
    expect(node.stderr).toBe("");
  });

  test("RJ7 queue.full: a full queue refuses at once, with how long to wait, and forgets nobody it admitted", async () => {
    const node = await startNode({ env: { RBEE_QUEUE_LENGTH_MAX: "3", RBEE_WORKER_SLOTS: "1" } });
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => node.call("POST", "/v2/tasks", { prompt: "hi", max_tokens: 2 })),
    );
    const full = replies.filter(({ status }) => status === 429);
    expect(full).toHaveLength(5);
    for (const reply of full) {
      expect(refusalIn(reply)).toMatchObject({ code: "queue.full", details: { queued: 3, max: 3 } });
      expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
    }
    for (const reply of replies.filter(({ status }) => status === 202)) {
      expect((await node.outcome((reply.json() as { job_id: string }).job_id)).state).toBe("done");
    }
  });
});

describe("what ends a job early", () => {
  let node: TestNode;
  beforeAll(async () => {
    const { home, remove } = temporaryHome();
    let last = async (): Promise<void> => {};
    node = await startNode({ home, env: { RBEE_WORKER_SLOTS: "1" }, lastly: (end) => (last = end) });
    return async () => {
      await last();
      remove();
    };
  });

  test("RJ6 job.cancelled: after a cancel no token comes, before or in the middle, and the slot is free", async () => {
    const running = await node.submit(long());
    const queued = await node.submit(long());
    expect((await node.call("DELETE", `/v2/tasks/${queued.job_id}`)).status).toBe(202);
    expect((await node.hear(queued.job_id)).map(({ type }) => type)).toEqual(["queued", "error"]);
    const heard = [];
    for await (const event of node.events(running.job_id)) {
      heard.push(event);
      if (event.type === "token" && event.index === 20) await node.call("DELETE", `/v2/tasks/${running.job_id}`);
    }
    expect(heard.at(-1)).toMatchObject({ type: "error", code: "job.cancelled" });
    expect(tokensIn(heard).length).toBeLessThan(2_000);
    expect(await node.task(running.job_id)).toMatchObject({ state: "cancelled", error: { code: "job.cancelled" } });
    expect(tokensIn(await node.hear(running.job_id))).toHaveLength(tokensIn(heard).length);
    const third = await node.run({ ...long(), max_tokens: 3 });
    expect(third.at(-1)?.type).toBe("done");
    expect((await node.call("DELETE", `/v2/tasks/${running.job_id}`)).status).toBe(202);
    expect((await node.task(running.job_id)).state).toBe("cancelled");
  });

  test("job.deadline: a job whose time is up ends there, in the queue or in the middle of its answer", async () => {
    const [running, queued] = await Promise.all([
      node.run({ ...long(), deadline_ms: 2_000 }),
      node.run({ ...long(), deadline_ms: 1_500 }),
    ]);
    expect(running.at(-1)).toMatchObject({ type: "error", code: "job.deadline" });
    expect(queued.at(-1)).toMatchObject({ type: "error", code: "job.deadline" });
  });

  test("A3 the same idempotency key is the same job, while it runs and after it has ended", async () => {
    const body: TaskBody = { prompt: "What is a hive?", max_tokens: 3, idempotency_key: "only-once" };
    const [first, second] = await Promise.all([node.submit(body), node.submit(body)]);
    expect(second.job_id).toBe(first.job_id);
    await node.outcome(first.job_id);
    expect((await node.submit(body)).job_id).toBe(first.job_id);
    expect(tokensIn(await node.hear(first.job_id))).toHaveLength(3);
  });

  test("a worker that is stopped by hand lets what runs on it end, and another comes when one is needed", async () => {
    const { job_id } = await node.submit({ ...long(), max_tokens: 1500 });
    const worker = await node.worker(long().model ?? "", "busy");
    await node.call("POST", "/v1/workers/stop", { worker: worker.id });
    expect((await node.outcome(job_id)).state).toBe("done");
    expect((await node.run({ ...long(), max_tokens: 3 })).at(-1)).toMatchObject({ type: "done" });
    expect((await node.workers()).map(({ id }) => id)).not.toContain(worker.id);
  });
});

describe("a job of an earlier life of the node", () => {
  test("S6 stream.gone: is heard whole when it was done just before; what failed, is open or is kept no longer is told", async () => {
    const first = await startNode();
    const done = await first.submit({ prompt: "What is a hive?", max_tokens: 3 });
    const heard = await first.hear(done.job_id);
    const failed = await first.submit({ prompt: "a", model: "nowhere" });
    await first.outcome(failed.job_id);
    const open = await first.submit({ ...long(), max_tokens: 1500 });
    await first.kill();
    const node = await startNode({ home: first.home });
    const again = await node.hear(done.job_id);
    expect(tokensIn(again)).toEqual(tokensIn(heard));
    expect(again.at(-1)).toEqual(heard.at(-1));
    expect(await node.hear(failed.job_id)).toMatchObject([{ type: "error", code: "model.not.found" }]);
    expect((await node.hear(open.job_id)).at(-1)?.type).toBe("done");
    expect(await node.task(done.job_id)).toMatchObject({ state: "done", worker: expect.stringMatching(/^w\d+$/) });

    await node.stop();
    rmSync(join(node.home, "state", "spool"), { recursive: true });
    const last = await startNode({ home: node.home });
    const refusal = refusalIn(await last.call("GET", `/v2/tasks/${done.job_id}/events`));
    expect(refusal).toMatchObject({ status: 410, code: "stream.gone" });
  });
});

describe("the port of a node", () => {
  test("port.taken: a port that was asked for is had or refused with exit 5; a default one moves on", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void blocker.close());
    await once(blocker, "listening");
    const address = blocker.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const refused = new TestNode({ args: ["--listen", `127.0.0.1:${port}`] });
    expect((await refused.ended).code).toBe(5);
    expect(refused.stdout + refused.stderr).toContain("port.taken");
    expect(refused.processes()).toEqual([]);

    const nodes = [await startNode({ args: [] }), await startNode({ args: [] })];
    const ports = nodes.map(portOf);
    expect(new Set(ports).size).toBe(2);
    for (const taken of ports) expect(taken).toBeGreaterThanOrEqual(8080);
  });
});
