/**
 * Goal: no request, however it is made, gets past the guard, unbounded, or without an answer in rbee's dialect.
 * Method: a real server with a few routes, real sockets, headers and bytes that browsers and attackers send.
 * Cites S1 to S7 of src/net/serve.ts, D1 to D10 of src/net/guard.ts, P1 to P3 of src/net/listen.ts.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { fingerprintOf, hashOf, oneKey } from "../../src/net/guard.ts";
import { createServer, type Refused, type RunningServer, type ServeOptions } from "../../src/net/serve.ts";
import { errorBody } from "../../src/protocol/api.ts";
import { type ErrorCode, ERRORS, isErrorCode, RbeeError } from "../../src/protocol/errors.ts";
import { parseWith } from "../../src/protocol/parse.ts";
import type { Route } from "../../src/protocol/route.ts";
import { ask, post, rawConnection, type Reply } from "../support/http.ts";

const BODY_BYTES_MAX = 10_000;
const echoed = z.strictObject({ word: z.string().min(1).optional(), count: z.int().min(1).max(9).optional() });
let calls = 0;

const routes: readonly Route[] = [
  {
    method: "POST",
    path: "/echo/:name",
    handle: ({ params, query, body, local }) => {
      calls++;
      return { status: 200, json: { name: params["name"], q: query["q"], local, body: parseWith(echoed, body) } };
    },
  },
  { method: "GET", path: "/free", open: true, handle: () => ({ status: 200, json: "free" }) },
  { method: "GET", path: "/named", requestIdHeader: "request-id", handle: () => ({ status: 200, json: "named" }) },
  { method: "GET", path: "/kept", handle: () => ({ status: 200, json: "kept" }) },
  {
    method: "GET",
    path: "/busy",
    handle: () => {
      throw new RbeeError("queue.full", "Full.", { retryAfterMs: 1_500 });
    },
  },
  {
    method: "GET",
    path: "/fails/:code",
    handle: ({ params }) => {
      throw new RbeeError(isErrorCode(params["code"] ?? "") ? (params["code"] as ErrorCode) : "defect", "No.");
    },
  },
  {
    method: "GET",
    path: "/broken",
    handle: () => {
      throw new TypeError("boom");
    },
  },
];

const folder = mkdtempSync(join(tmpdir(), "rbee-serve-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const opened: { close(graceMs: number): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close(0)));
});

async function open(more: Partial<ServeOptions> = {}): Promise<RunningServer> {
  const server = await createServer({
    listen: [{ host: "127.0.0.1", port: 0, orNext: false }],
    routes,
    hosts: ["door.example"],
    origins: ["https://page.example"],
    bodyBytesMax: BODY_BYTES_MAX,
    ...more,
  });
  opened.push(server);
  return server;
}

function codeOf(reply: Reply): string {
  return errorBody.parse(reply.json()).error.code;
}

describe("who may call", () => {
  test.each(["localhost:1", "127.0.0.1", "[::1]:9", "LOCALHOST", "door.example:80"])(
    "Host %s is a name of the door",
    async (host) => {
      const { port } = await open();
      const reply = await ask({ port, path: "/free", headers: { host } });
      expect([reply.status, reply.json()]).toEqual([200, "free"]);
    },
  );

  test.each([
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil",
    "::1",
    "localhost:123456",
  ])("D1 a request for Host '%s' is refused before its route", async (host) => {
    const { port } = await open();
    const before = calls;
    const reply = await ask({
      port,
      path: "/echo/x",
      method: "POST",
      headers: { host, "content-type": "application/json" },
      body: "{}",
    });
    expect([reply.status, codeOf(reply)]).toEqual([403, "request.forbidden"]);
    expect(calls).toBe(before);
  });

  test.each(["", "Host: \r\n", "Host: evil.example\r\n"])(
    "D1 a request with the head '%s' is refused",
    async (head) => {
      const { port } = await open();
      const reply = await text(await rawConnection(port, `GET /free HTTP/1.1\r\n${head}Connection: close\r\n\r\n`));
      expect(reply).toMatch(/^HTTP\/1.1 40[03] /);
      errorBody.parse(JSON.parse(reply.slice(reply.indexOf("\r\n\r\n"))));
    },
  );

  test.each(["https://evil.example", "null", "https://page.example.evil", "http://page.example"])(
    "D2 a page of origin %s is refused",
    async (origin) => {
      const { port } = await open();
      const reply = await post(port, "/echo/x", {}, { origin });
      expect([reply.status, codeOf(reply)]).toEqual([403, "request.forbidden"]);
      expect(reply.headers["access-control-allow-origin"]).toBeUndefined();
    },
  );

  test("a page of a listed origin may ask, and its preflight is answered", async () => {
    const { port } = await open();
    const origin = "https://page.example";
    const reply = await post(port, "/echo/x", {}, { origin });
    expect([reply.status, reply.headers["access-control-allow-origin"]]).toEqual([200, origin]);
    const preflight = await ask({ port, path: "/echo/x", method: "OPTIONS", headers: { origin } });
    expect([preflight.status, preflight.headers["access-control-allow-methods"]]).toEqual([204, "GET, POST, DELETE"]);
  });

  test("a door with a token serves only open routes without it", async () => {
    const { port } = await open({ keys: oneKey("s3cret") });
    const status = async (path: string, authorization?: string): Promise<number> =>
      (await ask({ port, path, headers: authorization === undefined ? {} : { authorization } })).status;
    expect(await status("/free")).toBe(200);
    expect(await status("/kept")).toBe(401);
    expect(await status("/nowhere")).toBe(401);
    expect(await status("/kept", "Bearer s3cre")).toBe(401);
    expect(await status("/kept", "Bearer s3cret2")).toBe(401);
    expect(await status("/kept", "Basic s3cret")).toBe(401);
    expect(await status("/kept", "Bearer s3cret")).toBe(200);
  });

  test("D4 S4 the socket file serves the same routes to its owner, without Host or token", async () => {
    const socketPath = join(folder, "own.sock");
    const { port } = await open({
      keys: oneKey("t"),
      listen: [{ host: "127.0.0.1", port: 0, orNext: false }, { socketPath }],
    });
    expect((await ask({ socketPath, path: "/kept", headers: { host: "anything.example" } })).status).toBe(200);
    expect((await ask({ port, path: "/kept" })).status).toBe(401);
    expect((await ask({ socketPath, path: "/kept", headers: { origin: "https://evil.example" } })).status).toBe(403);
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  });
});

describe("the name of a request", () => {
  test("S5 is its sender's own where that is sane, and stands in the answer and in the error", async () => {
    const { port } = await open();
    const named = await ask({ port, path: "/free", headers: { "x-request-id": "mine-1" } });
    expect(named.headers["x-request-id"]).toBe("mine-1");
    const refused = await ask({ port, path: "/busy", headers: { "x-request-id": "mine-2" } });
    expect([refused.headers["x-request-id"], errorBody.parse(refused.json()).error.request_id]).toEqual([
      "mine-2",
      "mine-2",
    ]);
  });

  test.each(["has blanks", "<script>", "x".repeat(129), ""])("S5 '%s' is replaced by a fresh one", async (given) => {
    const { port } = await open();
    const reply = await ask({ port, path: "/nowhere", headers: { "x-request-id": given } });
    const id = String(reply.headers["x-request-id"]);
    expect(id).toMatch(/^req_[0-9a-f-]{36}$/);
    expect(errorBody.parse(reply.json()).error.request_id).toBe(id);
  });

  test("S5 what is refused is told once, by that name, with its route and its key, also what is no request", async () => {
    const told: Refused[] = [];
    const { port } = await open({ keys: oneKey("k"), refused: (refused) => void told.push(refused) });
    const headers = { authorization: "Bearer k", "x-request-id": "mine" };
    await ask({ port, path: "/busy", headers });
    await ask({ port, path: "/%zz", headers });
    await ask({ port, path: "/kept", headers: { "x-request-id": "other" } });
    const raw = await text(await rawConnection(port, "hello\r\n\r\n"));
    expect(told.map(({ error, method, route, caller }) => [error.code, method, route, caller.key])).toEqual([
      ["queue.full", "GET", "/busy", "token"],
      ["request.invalid", "GET", "", undefined],
      ["request.unauthorized", "GET", "/kept", undefined],
      ["request.invalid", "", "", undefined],
    ]);
    expect(told.slice(0, 3).map(({ caller }) => caller.requestId)).toEqual(["mine", "mine", "other"]);
    expect(raw).toContain(`x-request-id: ${told[3]?.caller.requestId}`);
  });
});

describe("who is turned away for a key", () => {
  test("D10 is told by the key's fingerprint, never the key, and by the address; nobody else is", async () => {
    const told: Refused[] = [];
    const { port } = await open({ keys: oneKey("k"), refused: (refused) => void told.push(refused) });
    await ask({ port, path: "/kept", headers: { authorization: "Bearer rbee_wrong" } });
    await ask({ port, path: "/kept" });
    await ask({ port, path: "/busy", headers: { "x-api-key": "k" } });
    expect(told.map(({ stranger }) => stranger)).toEqual([
      { address: "127.0.0.1", fingerprint: fingerprintOf(hashOf("rbee_wrong")) },
      { address: "127.0.0.1", fingerprint: undefined },
      undefined,
    ]);
    expect(fingerprintOf(hashOf("rbee_wrong"))).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe("what is answered", () => {
  test("a route gets its parameters, query and body", async () => {
    const { port } = await open();
    const reply = await post(port, "/echo/bee?q=1&q=2", { word: "hum" });
    expect(reply.json()).toEqual({ name: "bee", q: "1", local: false, body: { word: "hum" } });
  });

  test("S5 each request has a name of its own, with an answer and with a refusal", async () => {
    const { port } = await open({ keys: oneKey("t") });
    const headers = { "x-api-key": "t" };
    const replies = [
      await ask({ port, path: "/named", headers }),
      await ask({ port, path: "/named", headers }),
      await ask({ port, path: "/named" }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 401]);
    expect(new Set(replies.map((reply) => reply.headers["request-id"])).size).toBe(3);
    expect((await ask({ port, path: "/free" })).headers["request-id"]).toBeUndefined();
  });

  test("a field that is wrong is named, with what was found and what is allowed", async () => {
    const { port } = await open();
    const reply = await post(port, "/echo/x", { count: 12 });
    expect(reply.status).toBe(400);
    expect(errorBody.parse(reply.json()).error).toMatchObject({
      code: "request.invalid",
      details: { field: "count", found: "12", allowed: expect.stringContaining("9") },
    });
    const unknown = errorBody.parse((await post(port, "/echo/x", { wrod: "x" })).json()).error;
    expect(unknown.details).toMatchObject({ field: "wrod", found: '"x"' });
  });

  test.each([
    ["a body that is no JSON", { body: "{", headers: { "content-type": "application/json" } }, 400, "request.invalid"],
    [
      "a form",
      { body: "a=1", headers: { "content-type": "application/x-www-form-urlencoded" } },
      415,
      "request.media.type",
    ],
    ["plain text", { body: "{}", headers: { "content-type": "text/plain" } }, 415, "request.media.type"],
    ["a body of no type", { body: "{}", headers: {} }, 415, "request.media.type"],
    [
      "a large body",
      { body: JSON.stringify("x".repeat(BODY_BYTES_MAX)), headers: { "content-type": "application/json" } },
      413,
      "request.too.large",
    ],
    [
      "a poisoned body",
      { body: '{"__proto__":{"a":1}}', headers: { "content-type": "application/json" } },
      400,
      "request.invalid",
    ],
  ] as const)("S1 %s is refused in rbee's dialect", async (_what, sent, status, code) => {
    const { port } = await open();
    const reply = await ask({ port, path: "/echo/x", method: "POST", ...sent });
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
  });

  test("S1 an unknown path, a refusal with a wait, and a bug are error bodies too", async () => {
    const { port } = await open();
    expect(codeOf(await ask({ port, path: "/nowhere" }))).toBe("request.not.found");
    expect((await ask({ port, path: "/nowhere" })).status).toBe(404);
    const busy = await ask({ port, path: "/busy" });
    expect([busy.status, busy.headers["retry-after"], codeOf(busy)]).toEqual([429, "2", "queue.full"]);
    const broken = await ask({ port, path: "/broken" });
    expect([broken.status, codeOf(broken)]).toEqual([500, "defect"]);
    expect((await ask({ port, path: "/%zz" })).status).toBe(400);
  });

  test("S7 a 429, and a 503 that passes, say when to come back; what waiting does not change does not", async () => {
    const { port } = await open();
    const waits = async (code: string): Promise<string | undefined> =>
      (await ask({ port, path: `/fails/${code}` })).headers["retry-after"];
    const codes = Object.entries(ERRORS).filter(([, { httpStatus }]) => httpStatus === 429 || httpStatus === 503);
    for (const [code, { httpStatus, class: kind }] of codes) {
      expect([code, await waits(code)]).toEqual([code, httpStatus === 503 && kind === "terminal" ? undefined : "1"]);
    }
    expect(await waits("request.not.found")).toBeUndefined();
  });

  test("S7 what asking again does not change says so to clients that would, and nothing else does", async () => {
    const { port } = await open();
    for (const [code, { class: kind }] of Object.entries(ERRORS)) {
      const { headers } = await ask({ port, path: `/fails/${code}` });
      expect([code, headers["x-should-retry"]]).toEqual([code, kind === "terminal" ? "false" : undefined]);
    }
  });

  test.each([
    ["no HTTP at all", "hello\r\n\r\n", 400],
    ["headers without end", `GET /free HTTP/1.1\r\nx: ${"a".repeat(20_000)}\r\n\r\n`, 413],
    [
      "two lengths",
      "POST /echo/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
      400,
    ],
  ])("S1 %s gets an error body and the connection is closed", async (_what, bytes, status) => {
    const { port } = await open();
    const reply = await text(await rawConnection(port, bytes));
    expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    errorBody.parse(JSON.parse(reply.slice(reply.indexOf("\r\n\r\n"))));
  });
});

describe("where it listens", () => {
  let taken: number;
  const blocker = createTcpServer();
  beforeAll(async () => {
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const address = blocker.address();
    taken = typeof address === "object" && address !== null ? address.port : 0;
  });
  afterAll(() => blocker.close());

  test("P1 a default port that is taken gives way to the next free one", async () => {
    const { port, url } = await open({ listen: [{ host: "127.0.0.1", port: taken, orNext: true }] });
    expect(port).toBeGreaterThan(taken);
    expect(port).toBeLessThan(taken + 50);
    expect(url).toBe(`http://127.0.0.1:${port}`);
  });

  test("P1 a port that was asked for and is taken is refused", async () => {
    await expect(open({ listen: [{ host: "127.0.0.1", port: taken, orNext: false }] })).rejects.toMatchObject({
      code: "port.taken",
    });
  });

  test("P2 a socket file that a dead process left is replaced, a live one is not", async () => {
    const socketPath = join(folder, "left.sock");
    const left = createHttpServer();
    await new Promise<void>((resolve) => left.listen(socketPath, resolve));
    await expect(open({ listen: [{ socketPath }] })).rejects.toMatchObject({ code: "home.held" });
    left.close();
    expect(existsSync(socketPath)).toBe(false);
    const dies = `require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
    expect(spawnSync(process.execPath, ["-e", dies, socketPath]).signal).toBe("SIGKILL");
    expect(existsSync(socketPath)).toBe(true);
    await open({ listen: [{ socketPath }] });
    expect((await ask({ socketPath, path: "/free" })).status).toBe(200);
  });

  test("a path too long for a socket file is refused with its length", async () => {
    const socketPath = join(folder, "x".repeat(120));
    await expect(open({ listen: [{ socketPath }] })).rejects.toMatchObject({ code: "config.invalid" });
  });

  test("close frees the port and cuts what does not end", async () => {
    const hangs: Route = { method: "GET", path: "/hangs", handle: () => new Promise(() => {}) };
    const server = await open({ routes: [hangs] });
    const hanging = ask({ port: server.port, path: "/hangs" }).catch((error: Error) => error);
    await rawConnection(server.port, "GET /hangs HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await server.close(20);
    expect(await hanging).toBeInstanceOf(Error);
    await open({ listen: [{ host: "127.0.0.1", port: server.port ?? 0, orNext: false }] });
  });
});
