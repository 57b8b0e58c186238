/**
 * Goal: a stream of events arrives whole and in order, and a client that does not read costs a bounded amount for a
 * bounded time, as server-sent events and as lines of JSON.
 * Method: a real server and sockets that read, stop reading, or leave. Cites E1 to E4 of src/net/sse.ts, FR2 of
 * src/net/framing.ts.
 */
import { get } from "node:http";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createServer, type RunningServer } from "../../src/net/serve.ts";
import { BEAT_MS, BUFFERED_BYTES_MAX } from "../../src/net/sse.ts";
import { errorBody } from "../../src/protocol/api.ts";
import { type ErrorData, RbeeError } from "../../src/protocol/errors.ts";
import type { Answer, Call, EventSink, ServerEvent, StreamFraming } from "../../src/protocol/route.ts";
import { ask, rawConnection } from "../support/http.ts";

const STALL_TIMEOUT_MS = 300;
const REQUEST = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
const FRAMED = ["sse", "ndjson"] as const;
const opened: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close(0)));
});

async function serving(
  events: (sink: EventSink, call: Call) => Promise<void>,
  framing: StreamFraming = "sse",
  more: Pick<Extract<Answer, { events: unknown }>, "broken"> = {},
  handle = (call: Call): Answer | Promise<Answer> => ({ framing, events: (sink) => events(sink, call), ...more }),
): Promise<number> {
  const server = await createServer({
    listen: [{ host: "127.0.0.1", port: 0, orNext: false }],
    routes: [{ method: "GET", path: "/events", handle }],
    hosts: [],
    origins: [],
    bodyBytesMax: 1_000,
    stallTimeoutMs: STALL_TIMEOUT_MS,
  });
  opened.push(server);
  return server.port ?? 0;
}

describe("server-sent events", () => {
  test("every event arrives in order with its name, id and data", async () => {
    const port = await serving(async (sink) => {
      for (let id = 0; id < 5_000; id++) await sink.send({ id, data: { token: `t${id}\n` } });
      await sink.send({ event: "done", data: [1] });
    });
    const reply = await ask({ port, path: "/events" });
    const frames = reply.text.split("\n\n").slice(0, -1);
    expect(reply.headers["content-type"]).toMatch(/^text\/event-stream/);
    expect(frames.length).toBe(5_001);
    expect(frames[4_321]).toBe('id: 4321\ndata: {"token":"t4321\\n"}');
    expect(frames.at(-1)).toBe("event: done\ndata: [1]");
  });

  test("E2 the first event is on its way while the call still runs", async () => {
    const later = Promise.withResolvers<void>();
    const port = await serving(async (sink) => {
      void sink.send({ data: "first" });
      await later.promise;
    });
    const [response] = await once(get({ host: "127.0.0.1", port, path: "/events" }), "response");
    const [chunk] = await once(response, "data");
    expect(String(chunk)).toBe('data: "first"\n\n');
    later.resolve();
    expect(await text(response)).toBe("");
  });

  test("E3 a stream that has its own words for a failure ends with them", async () => {
    const fails = async (sink: EventSink): Promise<void> => {
      await sink.send({ data: 1 });
      throw new RbeeError("memory.insufficient", "No worker.");
    };
    const broken = ({ code }: ErrorData): ServerEvent[] => [{ event: "failed", data: code }, { data: "over" }];
    const port = await serving(fails, "sse", { broken });
    const { text: heard } = await ask({ port, path: "/events" });
    expect(heard).toBe('data: 1\n\nevent: failed\ndata: "memory.insufficient"\n\ndata: "over"\n\n');
  });

  test.each([true, false])(
    "E3 a failure before the first event has an HTTP status, one after it is an event",
    async (atOnce) => {
      let early = true;
      const port = await serving(async (sink) => {
        if (!early) await sink.send({ data: 1 });
        if (!early && !atOnce) await new Promise((resolve) => setImmediate(resolve));
        throw new RbeeError("memory.insufficient", "No worker.");
      });
      const refused = await ask({ port, path: "/events" });
      expect([refused.status, errorBody.parse(refused.json()).error.code]).toEqual([503, "memory.insufficient"]);
      early = false;
      const broken = await ask({ port, path: "/events" });
      expect(broken.status).toBe(200);
      expect(broken.text).toMatch(/^data: 1\n\nevent: error\ndata: \{"error":\{"code":"memory.insufficient"/);
    },
  );

  test("a client that reads slowly holds the sender back and loses nothing", async () => {
    const words = "x".repeat(10_000);
    const port = await serving(async (sink) => {
      for (let id = 0; id < 600; id++) await sink.send({ id, data: words });
    });
    const [response] = await once(get({ host: "127.0.0.1", port, path: "/events" }), "response");
    let bytes = 0;
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bytes).toBeGreaterThan(6_000_000);
  });

  test.each(FRAMED)(
    "E1 a client that reads nothing is cut with stream.slow after the stall time: %s",
    async (framing) => {
      const ended = Promise.withResolvers<unknown>();
      const startedAt = performance.now();
      const port = await serving(async (sink) => {
        try {
          for (;;) await sink.send({ data: "x".repeat(10_000) });
        } catch (error) {
          ended.resolve(error);
        }
      }, framing);
      const socket = await rawConnection(port, REQUEST);
      socket.pause();
      expect(await ended.promise).toMatchObject({ code: "stream.slow" });
      expect(performance.now() - startedAt).toBeGreaterThan(STALL_TIMEOUT_MS * 0.9);
      socket.destroy();
    },
  );

  test.each(FRAMED)(
    "E1 a sender that does not wait is cut when more than the bound is buffered: %s",
    async (framing) => {
      const ended = Promise.withResolvers<unknown>();
      let sent = 0;
      const port = await serving(async (sink) => {
        try {
          for (;;) {
            const waiting = sink.send({ data: "x".repeat(10_000) });
            sent += 10_000;
            waiting?.catch((error: unknown) => ended.resolve(error));
            await new Promise((resolve) => setImmediate(resolve));
            if (sent > 100 * BUFFERED_BYTES_MAX) return;
            await Promise.race([waiting, Promise.resolve()]);
          }
        } catch (error) {
          ended.resolve(error);
        }
      }, framing);
      const socket = await rawConnection(port, REQUEST);
      socket.pause();
      expect(await ended.promise).toMatchObject({ code: "stream.slow" });
      expect(sent).toBeLessThan(20 * BUFFERED_BYTES_MAX);
      socket.destroy();
    },
  );

  test("E5 of a client that has gone before its stream begins nothing is left that runs on", async () => {
    const begun = vi.spyOn(globalThis, "setInterval");
    const ended = vi.spyOn(globalThis, "clearInterval");
    onTestFinished(() => void vi.restoreAllMocks());
    const over = Promise.withResolvers<void>();
    const events = async (): Promise<void> => {
      over.resolve();
      throw new RbeeError("interrupted", "Nobody is there.");
    };
    const port = await serving(events, "sse", {}, async ({ signal }) => {
      socket.destroy();
      await once(signal, "abort");
      return { events };
    });
    const socket = await rawConnection(port, REQUEST);
    await over.promise;
    const beat = begun.mock.results[begun.mock.calls.findIndex(([, everyMs]) => everyMs === BEAT_MS)];
    expect(beat?.value).toBeDefined();
    expect(ended).toHaveBeenCalledWith(beat?.value);
  });

  test("S3 a client that leaves aborts the call, and sending to it is refused", async () => {
    const gone = Promise.withResolvers<unknown>();
    const port = await serving(async (sink, call) => {
      await sink.send({ data: 1 });
      call.signal.addEventListener("abort", () => {
        Promise.resolve(sink.send({ data: 2 })).catch(gone.resolve);
      });
      await gone.promise;
    });
    const socket = await rawConnection(port, REQUEST);
    await once(socket, "data");
    socket.destroy();
    expect(await gone.promise).toMatchObject({ code: "interrupted" });
  });
});

describe("lines of JSON", () => {
  test("FR2 every event is a line of its data and nothing else, in order, and arrives as it is sent", async () => {
    const later = Promise.withResolvers<void>();
    const port = await serving(async (sink) => {
      void sink.send({ event: "progress", id: 7, data: { token: "first\n" } });
      await later.promise;
      for (let at = 0; at < 5_000; at++) await sink.send({ data: { at } });
    }, "ndjson");
    const [response] = await once(get({ host: "127.0.0.1", port, path: "/events" }), "response");
    expect(response.headers["content-type"]).toMatch(/^application\/x-ndjson/);
    const [chunk] = await once(response, "data");
    expect(String(chunk)).toBe('{"token":"first\\n"}\n');
    later.resolve();
    const lines = (await text(response)).split("\n");
    expect([lines.length, lines[4_321], lines.at(-1)]).toEqual([5_001, '{"at":4321}', ""]);
  });

  test("E3 a failure before the first line has an HTTP status, one after it is the last line", async () => {
    let early = true;
    const port = await serving(async (sink) => {
      if (!early) await sink.send({ data: 1 });
      if (!early) await new Promise((resolve) => setImmediate(resolve));
      throw new RbeeError("memory.insufficient", "No worker.");
    }, "ndjson");
    expect((await ask({ port, path: "/events" })).status).toBe(503);
    early = false;
    const broken = await ask({ port, path: "/events" });
    expect([broken.status, broken.text]).toEqual([200, expect.stringMatching(/^1\n\{"error":\{"code":"memory.+\n$/)]);
  });
});

test.each([
  ["sse", "data: 1\n\n: \n\ndata: 2\n\n"],
  ["ndjson", "1\n2\n"],
] as const)(
  "E4 a stream of %s with nothing to say shows that it lives, if that is no event",
  async (framing, whole) => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const later = Promise.withResolvers<void>();
    const port = await serving(async (sink) => {
      await sink.send({ data: 1 });
      await later.promise;
      await sink.send({ data: 2 });
    }, framing);
    const [response] = await once(get({ host: "127.0.0.1", port, path: "/events" }), "response");
    vi.advanceTimersByTime(BEAT_MS);
    later.resolve();
    expect(await text(response)).toBe(whole);
  },
);
