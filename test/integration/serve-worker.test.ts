/**
 * Goal: from a socket to the sampler and back: a worker's door on a real server over a real engine.
 * Method: random weights, one thread, HTTP clients that read or leave. Cites S3 of src/net/serve.ts and W3 of
 * src/doors/worker.ts.
 */
import { once } from "node:events";
import { createParser } from "eventsource-parser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine, GenerateEnd } from "../../src/actors/engines/engine.ts";
import { LlamaEngine } from "../../src/actors/engines/llama/llama.ts";
import { workerRoutes, type WorkerSeat } from "../../src/doors/worker.ts";
import { createServer, type RunningServer } from "../../src/net/serve.ts";
import { RbeeError } from "../../src/protocol/errors.ts";
import { doneLine, executed, tokenLine } from "../../src/protocol/worker-api.ts";
import { post, rawConnection } from "../support/http.ts";
import { randomModel, workedMs } from "../support/tiny-models.ts";

const SLOTS = 2;
/** A text that cannot end soon. */
const LONG = { type: "array", items: { type: "string", minLength: 900, maxLength: 1_900 }, minItems: 1, maxItems: 1 };
const ends: GenerateEnd[] = [];
const engine = new LlamaEngine({ now: () => performance.now(), workedMs, availableBytes: () => Infinity });
let server: RunningServer;

function seatOn(model: Engine): WorkerSeat {
  let made = 0;
  return {
    readiness: () => ({
      state: "idle",
      model: "random",
      backend: "cpu",
      slots: SLOTS,
      busySlots: 0,
      contextTokens: 4_096,
    }),
    async *loading() {},
    async execute({ job = "own", attempt, request }, hear, signal) {
      const input = request.messages === undefined ? { prompt: request.prompt ?? "" } : { messages: request.messages };
      const { maxTokens = 64, temperature = 0, seed = made++, jsonSchema } = request;
      let index = 0;
      const asked = { input, said: "", maxTokens, temperature, seed, jsonSchema };
      const end = await model.generate(
        asked,
        (text, tokens) => hear({ job, attempt, index: index++, kind: "text", text, tokens }),
        signal,
      );
      ends.push(end);
      if (end.finish === "abort") throw new RbeeError("job.cancelled", "It was aborted.");
      return { job, finish: end.finish, usage: end };
    },
    cancel: () => false,
    shutdown: () => {},
  };
}

/** Waits, with a deadline, for a run that was aborted. */
async function aborted(): Promise<GenerateEnd> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const end = ends.find(({ finish }) => finish === "abort");
    if (end !== undefined) return end;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return expect.fail("no run was aborted");
}

beforeAll(async () => {
  const spec = { modelPath: randomModel(), contextTokens: 4_096, slots: SLOTS, threads: 1, gpu: "none" } as const;
  await engine.load(spec, () => {}, new AbortController().signal);
  server = await createServer({
    listen: [{ host: "127.0.0.1", port: 0, orNext: false }],
    routes: workerRoutes(seatOn(engine)),
    hosts: [],
    origins: [],
    bodyBytesMax: 100_000,
  });
});
afterAll(async () => {
  await server.close(0);
  await engine.unload();
});

describe("a worker over HTTP", () => {
  test("the streamed text is the text of the one JSON answer", async () => {
    const asked = { prompt: "Tell me of the hive", max_tokens: 100, temperature: 0.7, seed: 5 };
    const streamed = await post(server.port, "/v1/execute", asked);
    const lines: unknown[] = [];
    createParser({ onEvent: ({ data }) => lines.push(JSON.parse(data)) }).feed(streamed.text);
    const tokens = lines.slice(0, -1).map((line) => tokenLine.parse(line));
    const done = doneLine.parse(lines.at(-1));
    const whole = executed.parse((await post(server.port, "/v1/execute", { ...asked, stream: false })).json());
    expect(tokens.map(({ token }) => token).join("")).toBe(whole.text);
    expect(tokens.map(({ index }) => index)).toEqual(tokens.map((_, index) => index));
    expect(done.total_tokens).toBe(whole.total_tokens);
  });

  test("a refusal before the first token has its status", async () => {
    const reply = await post(server.port, "/v1/execute", {
      prompt: "x",
      json_schema: { type: "string", pattern: "a" },
    });
    expect([reply.status, reply.json()]).toMatchObject([400, { error: { code: "schema.unsupported" } }]);
  });

  test("W3 the run of a client that leaves is aborted, and its slot is free", async () => {
    const body = JSON.stringify({ prompt: "hive", max_tokens: 4_000, temperature: 1, json_schema: LONG });
    const head = "POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
    const socket = await rawConnection(server.port, `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await once(socket, "data");
    socket.destroy();
    expect((await aborted()).completionTokens).toBeLessThan(4_000);
    const next = [1, 2].map((seed) => post(server.port, "/v1/execute", { prompt: "a", max_tokens: 3, seed }));
    expect((await Promise.all(next)).map(({ status }) => status)).toEqual([200, 200]);
  });
});
