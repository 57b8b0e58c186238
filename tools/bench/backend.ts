/**
 * A model server that has no model: it speaks OpenAI's chat and answers at once, or a token at a time.
 *
 * A program of its own, so that what it costs is not counted as the node's. It says its port when it serves.
 *
 * @module
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";

export interface BackendStart {
  readonly model: string;
  /** Between two tokens of one answer; 0 says all of them in one write. */
  readonly tokenEveryMs: number;
  /** Until it is sent a message, nobody is told a second token. */
  readonly isHeld?: true;
}

/** What it reads of a request. */
interface Asked {
  readonly stream?: boolean;
  readonly max_tokens?: number;
}

const { model, tokenEveryMs, isHeld } = JSON.parse(process.argv[2] ?? "") as BackendStart;
/** Those who are held hear so often that it is still there. */
const HELD_BEAT_MS = 10_000;
const begun = Promise.withResolvers<void>();
if (isHeld !== true) begun.resolve();
const MODELS = JSON.stringify({ object: "list", data: [{ id: model, object: "model" }] });
const DONE = "data: [DONE]\n\n";

/** Each token says which it is, so that a reader sees whether one is missing. */
const tokenText = (index: number): string => `${index} `;

function chunk(delta: object, finish: "length" | null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ object: "chat.completion.chunk", choices })}\n\n`;
}

const usageOf = (tokens: number) => ({ prompt_tokens: 1, completion_tokens: tokens, total_tokens: tokens + 1 });

const endOf = (tokens: number): string =>
  `${chunk({}, "length")}data: ${JSON.stringify({ choices: [], usage: usageOf(tokens) })}\n\n${DONE}`;

function answerWhole(response: ServerResponse, tokens: number): void {
  const content = Array.from({ length: tokens }, (_, index) => tokenText(index)).join("");
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "length" }];
  const body = JSON.stringify({ object: "chat.completion", choices, usage: usageOf(tokens) });
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
}

const tokenChunk = (index: number): string => chunk({ content: tokenText(index) }, null);

async function stream(response: ServerResponse, tokens: number): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (tokenEveryMs === 0) {
    const pieces = Array.from({ length: tokens }, (_, index) => tokenChunk(index));
    return void response.end(pieces.join("") + endOf(tokens));
  }
  response.write(tokenChunk(0));
  if (tokens === 1) return void response.end(endOf(tokens));
  const beat = setInterval(() => response.write(": \n\n"), HELD_BEAT_MS);
  await begun.promise;
  clearInterval(beat);
  for (let index = 1; index < tokens && !response.destroyed; index += 1) {
    await pause(tokenEveryMs);
    response.write(tokenChunk(index));
  }
  response.end(endOf(tokens));
}

const server = createServer((request, response) => {
  if (request.method === "GET") {
    response.writeHead(200, { "content-type": "application/json" }).end(MODELS);
    return;
  }
  void text(request).then((body) => {
    const { stream: streams = false, max_tokens: tokens = 1 } = JSON.parse(body) as Asked;
    if (streams) void stream(response, tokens);
    else answerWhole(response, tokens);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("message", () => begun.resolve());
process.on("disconnect", () => process.exit(0));
