/**
 * Goal: clients that leave, close one side, send on without waiting, or never read cost what they should and no more,
 * and nobody who still reads goes without an answer.
 * Method: a real server on a socket file, and clients that behave badly.
 * Cites S1 to S3 and S6 of src/net/serve.ts, HC1 HC2 of half-closed.ts, PL1 of pipeline.ts.
 */
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { PIPELINE_MAX } from "../../src/net/pipeline.ts";
import { createServer, type RunningServer } from "../../src/net/serve.ts";
import type { Answer, Call, Route } from "../../src/protocol/route.ts";
import { waitUntil } from "../support/children.ts";
import { ask } from "../support/http.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Before the first beat of a stream, which would find out as well. */
const NOTICED_WITHIN_MS = 10_000;
/** Nobody waits it out: once all are answered it is over. */
const GRACE_MS = 600_000;
const BIG = "x".repeat(20_000_000);

/** What is called waits at a gate, and is told when nobody waits for it any more. */
class Stage {
  readonly socketPath = join(temporaryFolder(), "own.sock");
  readonly begun: Call[] = [];
  readonly gone: Call[] = [];
  readonly gate = Promise.withResolvers<void>();
  /** Where a reset is seen by the write behind the one that it answers. */
  overTcp = false;
  server: RunningServer | undefined;

  async open(): Promise<this> {
    const routes: readonly Route[] = [
      { method: "GET", path: "/waits", handle: (call) => this.#waits(call) },
      { method: "GET", path: "/events", handle: (call) => this.#events(call) },
      { method: "GET", path: "/big", handle: () => ({ status: 200, json: BIG }) },
      { method: "GET", path: "/free", handle: () => ({ status: 200, json: "free" }) },
    ];
    const listen = [{ socketPath: this.socketPath }, { host: "127.0.0.1", port: 0, orNext: false }];
    this.server = await createServer({
      ...{ listen, routes, hosts: [], origins: [], bodyBytesMax: 1_000 },
      stallTimeoutMs: 300,
    });
    opened.push(this.server);
    return this;
  }

  /** A client that has sent these requests, and shuts its side only when it says so. */
  client(...paths: readonly string[]): Promise<Socket> {
    const bytes = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join("");
    return new Promise((resolve) => {
      const place = this.overTcp ? { port: this.server?.port ?? 0 } : { path: this.socketPath };
      const socket = connect({ ...place, allowHalfOpen: true }, () => {
        socket.write(bytes);
        resolve(socket);
      });
      socket.on("error", () => {});
    });
  }

  untilBegun(count: number): Promise<number> {
    return waitUntil(() => this.begun.length >= count, NOTICED_WITHIN_MS);
  }

  untilGone(count: number): Promise<number> {
    return waitUntil(() => this.gone.length >= count, NOTICED_WITHIN_MS);
  }

  untilNobodyIsConnected(): Promise<number> {
    return waitUntil(() => this.server?.localConnections() === 0, NOTICED_WITHIN_MS);
  }

  #note(call: Call): void {
    this.begun.push(call);
    call.signal.addEventListener("abort", () => this.gone.push(call));
  }

  async #waits(call: Call): Promise<Answer> {
    this.#note(call);
    await this.gate.promise;
    return { status: 200, json: "waited" };
  }

  #events(call: Call): Answer {
    return {
      events: async (sink) => {
        await sink.send({ data: "first" });
        this.#note(call);
        await this.gate.promise;
        await sink.send({ data: "last" });
      },
    };
  }
}

const opened: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close(0)));
});

describe.each([true, false])("a client that closes its side (TCP: %s)", (overTcp) => {
  const open = async (): Promise<Stage> => Object.assign(await new Stage().open(), { overTcp });

  test.each([
    ["/waits", '"waited"'],
    ["/events", 'data: "last"'],
  ])("HC1 and still reads is given all of %s", async (path, last) => {
    const stage = await open();
    const client = await stage.client(path);
    const heard = text(client);
    await stage.untilBegun(1);
    client.end();
    const other = await stage.client(path);
    await stage.untilBegun(2);
    other.destroy();
    // Who came later and has gone is found out, so this one would have been as well.
    await stage.untilGone(1);
    expect(stage.gone).toEqual(stage.begun.slice(1));
    stage.gate.resolve();
    expect(await heard).toContain(last);
  });

  test.each(["/waits", "/events"])("S3 HC2 and has gone is found out while %s has nothing to say", async (path) => {
    const stage = await open();
    const client = await stage.client(path);
    await stage.untilBegun(1);
    client.destroy();
    await stage.untilGone(1);
    expect(stage.gone).toEqual(stage.begun);
    await stage.untilNobodyIsConnected();
  });
});

describe("a client that sends on without waiting", () => {
  test("S1 is answered in order, a stream to its end before what was asked behind it", async () => {
    const stage = await new Stage().open();
    const client = await stage.client("/events", "/waits", "/nowhere", "/free");
    const heard = text(client);
    await stage.untilBegun(2);
    stage.gate.resolve();
    client.end();
    const places = ["first", "last", "waited", "request.not.found", "free"].map((word) => [word] as const);
    const all = await heard;
    const order = places.map(([word]) => all.indexOf(`"${word}"`));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test("S3 and leaves has left all that it asked", async () => {
    const stage = await new Stage().open();
    const client = await stage.client("/events", "/waits", "/waits");
    await stage.untilBegun(3);
    client.destroy();
    await stage.untilGone(3);
    expect(stage.gone).toHaveLength(3);
  });

  test("PL1 beyond a bound is refused, after all that it asked before was answered", async () => {
    const stage = await new Stage().open();
    const client = await stage.client(...Array.from({ length: PIPELINE_MAX + 1 }, () => "/waits"));
    const heard = text(client);
    await stage.untilBegun(PIPELINE_MAX);
    stage.gate.resolve();
    const statuses = [...(await heard).matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);
    expect(statuses).toEqual([...Array.from({ length: PIPELINE_MAX }, () => "200"), "429"]);
  });

  test("PL1 far beyond it is read no further, and nobody else waits for that", async () => {
    const stage = await new Stage().open();
    const client = await stage.client(...Array.from({ length: 100_000 }, () => "/waits"));
    await stage.untilBegun(PIPELINE_MAX);
    expect((await ask({ socketPath: stage.socketPath, path: "/free" })).status).toBe(200);
    expect(client.writableLength).toBeGreaterThan(0);
    expect(stage.begun.length).toBe(PIPELINE_MAX);
    client.destroy();
    stage.gate.resolve();
    await stage.untilNobodyIsConnected();
  });
});

test("S2 a client that reads nothing of a whole answer is cut, and nobody else waits for that", async () => {
  const stage = await new Stage().open();
  const client = await stage.client("/big");
  client.pause();
  expect((await ask({ socketPath: stage.socketPath, path: "/free" })).status).toBe(200);
  await stage.untilNobodyIsConnected();
  client.destroy();
});

test("S6 once the server is to close each answer ends its connection, and what runs is answered", async () => {
  const stage = await new Stage().open();
  const [waits, events] = [await stage.client("/waits"), await stage.client("/events")];
  await stage.untilBegun(2);
  stage.server?.closing();
  for (const path of ["/free", "/nowhere"]) {
    const late = await text(await stage.client(path));
    expect(late).toMatch(/^connection: close\r$/im);
  }
  stage.gate.resolve();
  const closed = stage.server?.close(GRACE_MS);
  expect(await text(waits)).toContain('"waited"');
  expect(await text(events)).toContain('data: "last"');
  await closed;
});

test("S6 a client that has connected and asked nothing holds up no closing", async () => {
  const stage = await new Stage().open();
  const silent = await stage.client();
  const waits = await stage.client("/waits");
  await stage.untilBegun(1);
  const closed = stage.server?.close(GRACE_MS);
  expect(await text(silent)).toBe("");
  stage.gate.resolve();
  expect(await text(waits)).toContain('"waited"');
  await closed;
});

test.each([
  ["one header", "x-large: ", 10_000_000],
  ["many headers", "x-many: 1\r\n", 1_000_000],
  ["an address", "", 10_000_000],
])(
  "S2 a client that sends 10 MB of %s is refused, read no further, and nobody waits for that",
  async (what, header, times) => {
    const stage = await new Stage().open();
    const client = await stage.client();
    let heard = "";
    client.on("data", (bytes) => (heard += String(bytes)));
    const hasFailed = new Promise((resolve) => client.once("close", resolve));
    const head = "GET /free HTTP/1.1\r\nHost: localhost\r\n";
    if (what === "an address") client.write(`GET /${"x".repeat(times)} HTTP/1.1\r\n`);
    else client.write(`${head}${what === "one header" ? header + "x".repeat(times) : header.repeat(times)}\r\n\r\n`);
    await vi.waitFor(() => expect(heard).toMatch(/^HTTP\/1.1 413 [^]*"request.too.large"/), NOTICED_WITHIN_MS);
    expect((await ask({ socketPath: stage.socketPath, path: "/free" })).status).toBe(200);
    await stage.untilNobodyIsConnected();
    expect(await hasFailed).toBe(true);
  },
);
