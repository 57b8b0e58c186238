/**
 * Goal: whatever its clients do, in whichever dialect they speak, a node works for those that are there and for nobody
 *       else, and says when it takes no more.
 * Method: one real node with a model that never ends by itself; clients over TCP that leave, shut one side, come late.
 * Cites RN1 and RN3 of src/doors/run.ts, HC1 of src/net/half-closed.ts, S6 of src/net/serve.ts, RS4.
 */
import { once } from "node:events";
import { type ClientRequest, request } from "node:http";
import { text } from "node:stream/consumers";
import Anthropic from "@anthropic-ai/sdk";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { beforeAll, expect, test } from "vitest";
import { waitUntil } from "../support/children.ts";
import { ask, post, rawConnection } from "../support/http.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { Prng } from "../support/prng.ts";
import { temporaryHome } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const SEED = Number(process.env["RBEE_SEED"]);
const STORM = 200;
const BURST = 25;
const BURSTS = 2;
const QUIET_WITHIN_MS = 120_000;
const messages = [{ role: "user", content: "Once" }];
const DIALECTS = [
  ["/v1/chat/completions", { model: "queenbee", messages, max_tokens: 3_000 }],
  ["/v1/completions", { model: "queenbee", prompt: "Once", max_tokens: 3_000 }],
  ["/v1/messages", { model: "queenbee", messages, max_tokens: 3_000 }],
  ["/v1/messages/count_tokens", { model: "queenbee", messages }],
] as const;

let node: TestNode;
let port: number;

beforeAll(async () => {
  const ends: (() => Promise<void>)[] = [];
  const { home, remove } = temporaryHome();
  const env = { RBEE_MODEL_DEFAULT: `file:${randomModel({ endless: true })}`, RBEE_SHUTDOWN_FINISH: "5m" };
  node = await startNode({ home, env, lastly: (end) => void ends.push(end) });
  port = Number(new URL(node.ready.url).port);
  return async () => {
    for (const end of ends) await end();
    remove();
  };
});

const answered = async (): Promise<unknown> =>
  (await post(port, "/v1/completions", { model: "queenbee", prompt: "a", max_tokens: 2 })).json();

const isQuiet = async (): Promise<boolean> => {
  const { queue } = (await node.status()).queen;
  return queue.length + queue.running === 0 && (await node.workers()).every(({ busySlots }) => busySlots === 0);
};

test(`RN1 ${STORM} clients that leave at any moment leave nothing behind that works for them (seed ${SEED})`, async () => {
  const rng = new Prng(SEED);
  expect(await answered()).toHaveProperty("choices");
  const before = node.descriptors();
  await Promise.all(Array.from({ length: STORM }, () => leave(rng)));
  await waitUntil(isQuiet, QUIET_WITHIN_MS);
  expect(await answered()).toHaveProperty("choices");
  await waitUntil(() => node.descriptors() <= before + 4, QUIET_WITHIN_MS);
  expect(node.stderr).toBe("");
}, 300_000);

/** Asks, and leaves before the body is whole, once it is sent, with the answer's head, or behind its first words. */
async function leave(rng: Prng): Promise<void> {
  const [path, body] = DIALECTS[rng.int(0, DIALECTS.length - 1)] ?? DIALECTS[0];
  const stream = rng.int(0, 1) === 1;
  const sent = JSON.stringify(path.endsWith("count_tokens") ? body : { ...body, stream });
  const asking = request({ host: "127.0.0.1", port, path, method: "POST", agent: false });
  asking.setHeader("content-type", "application/json").on("error", () => {});
  const moment = rng.int(0, stream ? 3 : 1);
  asking.setHeader("content-length", sent.length);
  const cut = moment === 0 ? rng.int(1, sent.length - 1) : sent.length;
  await new Promise((resolve) => asking.write(sent.slice(0, cut), resolve));
  if (moment >= 2) await headOf(asking, moment === 3);
  asking.destroy();
}

async function headOf(asking: ClientRequest, andData: boolean): Promise<void> {
  const [response] = await once(asking, "response");
  if (andData) await once(response, "data");
}

const chat = { model: "queenbee", messages: [{ role: "user" as const, content: "Once" }], max_tokens: 3_000 };
type Streams = (url: string, signal: AbortSignal) => Promise<AsyncIterable<unknown>>;
const openai = (url: string): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 });

/** As people's programs ask, each by its own client. */
const CLIENTS: readonly Streams[] = [
  async (url, signal) => openai(url).chat.completions.create({ ...chat, stream: true }, { signal }),
  async (url, signal) => openai(url).chat.completions.create({ ...chat, n: 2, stream: true }, { signal }),
  async (url, signal) => openai(url).completions.create({ model: "queenbee", prompt: "a", stream: true }, { signal }),
  async (url, signal) => openai(url).responses.create({ model: "queenbee", input: "Once", stream: true }, { signal }),
  async (url, signal) => {
    const client = new Anthropic({ baseURL: url, apiKey: "unused", maxRetries: 0 });
    return client.messages.create({ ...chat, stream: true }, { signal });
  },
  async (url, signal) => {
    const client = new Ollama({ host: url, fetch: (input, init) => fetch(input, { ...init, signal }) });
    return client.chat({ model: "queenbee", messages: chat.messages, stream: true });
  },
];

test(`RN1 RN3 bursts of ${BURST} real clients that leave hold no slot, job or file (seed ${SEED})`, async () => {
  const rng = new Prng(SEED);
  expect(await answered()).toHaveProperty("choices");
  const before = node.descriptors();
  for (let burst = 0; burst < BURSTS; burst += 1) {
    await Promise.all(Array.from({ length: BURST }, (_, index) => leaveStream(rng, index)));
    expect(await answered()).toHaveProperty("choices");
  }
  await waitUntil(isQuiet, QUIET_WITHIN_MS);
  await waitUntil(() => node.descriptors() <= before + 4, QUIET_WITHIN_MS);
  expect(node.stderr).toBe("");
}, 300_000);

/** Leaves some turns of its own loop after it has asked, or behind some of the events. */
async function leaveStream(rng: Prng, index: number): Promise<void> {
  const leaving = new AbortController();
  const [turns, events] = [rng.int(0, 200), rng.int(0, 6)];
  const streams = CLIENTS[index % CLIENTS.length] ?? CLIENTS[0];
  const heard = hear(streams?.(node.ready.url, leaving.signal), events);
  if (events === 0) for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
  else await heard.catch(() => {});
  leaving.abort();
  await heard.catch(() => {});
}

async function hear(stream: Promise<AsyncIterable<unknown>> | undefined, events: number): Promise<void> {
  let left = events;
  for await (const _ of (await stream) ?? []) if ((left -= 1) === 0) return;
}

test("HC1 a client that closes its side once it has asked is given its answer", async () => {
  const body = JSON.stringify({ ...DIALECTS[0][1], max_tokens: 200 });
  const head = ["host: localhost", "content-type: application/json", `content-length: ${body.length}`].join("\r\n");
  const client = await rawConnection(port, `POST /v1/chat/completions HTTP/1.1\r\n${head}\r\n\r\n${body}`);
  client.end();
  const heard = await text(client);
  expect(JSON.parse(heard.slice(heard.indexOf("{")))).toMatchObject({ usage: { completion_tokens: 200 } });
});

test("S6 RS4 a node that is told to stop answers what runs, refuses what comes, and ends each connection", async () => {
  const running = post(port, "/v1/messages", { ...DIALECTS[2][1], max_tokens: 2_500 });
  await waitUntil(async () => (await node.status()).queen.queue.running === 1, QUIET_WITHIN_MS);
  node.signal("SIGTERM");
  await waitUntil(async () => (await node.status()).queen.state === "draining", QUIET_WITHIN_MS);
  for (const [path, body] of DIALECTS) {
    const refused = await post(port, path, body);
    expect([refused.status, refused.headers.connection], path).toEqual([503, "close"]);
  }
  expect((await ask({ port, path: "/health" })).headers.connection).toBe("close");
  expect((await running).json()).toMatchObject({ stop_reason: "max_tokens", usage: { output_tokens: 2_500 } });
  await node.ended;
}, 300_000);
