/**
 * A queen that does what a prompt says, to hold the keeper to its side of the HTTP API, faults included.
 *
 * A prompt is a list of steps: `say WORD`, `wait MS`, `break` (the connection, once), `rewind` (the
 * same, and everything again after it), `fail CODE`, `refuse CODE STATUS`
 * (the submission), `hang` (the submission is never answered), `forever`. It ends with `done`.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { TaskEvent } from "../../src/protocol/api.ts";
import type { WhyView } from "../../src/protocol/why-api.ts";
import { aloneTeller, discussionBegun } from "./scripted-discussion.ts";

export interface ScriptedQueen {
  readonly url: string;
  /** What was asked, as `METHOD path` in order. */
  readonly calls: string[];
  readonly bodies: unknown[];
  readonly headers: IncomingMessage["headers"][];
  readonly cancelled: string[];
}

export async function scriptedQueen(): Promise<ScriptedQueen> {
  const prompts: string[] = [];
  const broken = new Set<string>();
  const queen = {
    url: "",
    calls: [] as string[],
    bodies: [] as unknown[],
    headers: [] as IncomingMessage["headers"][],
    cancelled: [] as string[],
  };

  const submit = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await bodyOf(request)) as { prompt: string } | { request: string; session?: string };
    queen.bodies.push(body);
    const prompt = "prompt" in body ? body.prompt : body.request;
    const [verb, code, status] = prompt.split(" ");
    if (verb === "hang") return;
    if (verb === "refuse")
      return reply(response, Number(status), { error: { code, message: "no", advice: "never mind" } });
    prompts.push(prompt);
    const job = `j${prompts.length}`;
    const accepted = { job_id: job, state: "queued", position: 0, events_url: `/v2/tasks/${job}/events` };
    reply(response, 202, "prompt" in body ? accepted : discussionBegun(job, body.session));
  };

  const events = async (job: string, isTask: boolean, lastEventId: string | undefined, response: ServerResponse) => {
    const script = prompts[Number(job.slice(1)) - 1] ?? "";
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    const send = isTask ? taskTeller(response) : aloneTeller({ job, script, lastEventId, response });
    send({ type: "queued", job_id: job, position: 0 });
    send({ type: "assigned", worker: "w-1", attempt: 1, why: "it was free" });
    const from = isTask ? lastEventId : undefined;
    const tokens = await play(script, { job, lastEventId: from, broken, send, response });
    if (tokens === undefined) return;
    send(doneEvent(tokens));
    response.end();
  };

  const server = createServer((request, response) => {
    const { method = "", url = "" } = request;
    queen.calls.push(`${method} ${url}`);
    queen.headers.push(request.headers);
    const [, job = "", tail] = /^\/v2\/tasks\/(\w+)(\/events|\/why)?$/.exec(url) ?? [];
    const [, discussion = "", door] = /^\/v2\/discussions\/(\w+)\/(events|say)$/.exec(url) ?? [];
    const lastEventId = request.headers["last-event-id"]?.toString();
    if (method === "POST" && (url === "/v2/tasks" || url === "/v2/discussions")) void submit(request, response);
    else if (door === "events") void events(discussion, false, lastEventId, response);
    else if (door === "say") {
      queen.cancelled.push(discussion);
      reply(response, 200, { discussion, seq: 2 });
    } else if (method === "POST") reply(response, 202, { worker: "w-2", state: "loading" });
    else if (tail === "/why") reply(response, 200, whyView(job));
    else if (tail !== undefined) void events(job, true, lastEventId, response);
    else if (method === "DELETE") {
      queen.cancelled.push(job);
      reply(response, 202, {});
    } else if (url === "/v2/status") reply(response, 200, STATUS);
    else if (url === "/v1/workers/list") reply(response, 200, { schemaVersion: 1, workers: STATUS.hives[0]?.workers });
    else reply(response, 404, {});
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  queen.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return queen;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const piece of request) text += String(piece);
  return JSON.parse(text);
}

const taskTeller =
  (response: ServerResponse) =>
  ({ type, ...data }: TaskEvent): void => {
    const id = type === "token" && "index" in data ? `id: ${data.index}\n` : "";
    response.write(`event: ${type}\n${id}data: ${JSON.stringify(data)}\n\n`);
  };

const doneEvent = (tokens: number): TaskEvent => ({
  type: "done",
  done: true,
  job_id: "j1",
  total_tokens: tokens,
  finish: "stop",
  model: "starter",
  worker: "w-1",
  attempts: 1,
  usage: { prompt_tokens: 1, completion_tokens: tokens },
  timings: { queued_ms: 0, load_ms: 0, first_token_ms: 1, total_ms: 2 },
});

const whyView = (job: string): WhyView => ({
  schemaVersion: 1,
  job_id: job,
  state: "done",
  model: "starter",
  capability: "text",
  priority: 5,
  admitted_at: new Date(0).toISOString(),
  ahead: 0,
  attempts: [],
  words: [
    `${job} is done, 12 ms after it was admitted.`,
    "  Why there: w-1 has the model loaded, which is the starter, 0 of 4 slots are busy, and it is the only one free.",
    "  No other worker had the model, and no other machine was there.",
  ],
});

interface Stage {
  readonly job: string;
  readonly lastEventId: string | undefined;
  /** Jobs whose connection was broken once already. */
  readonly broken: Set<string>;
  readonly send: (event: TaskEvent) => void;
  readonly response: ServerResponse;
}

/** Does what the steps say. @returns how many tokens were said, when the script ends by being done */
async function play(script: string, { job, lastEventId, broken, send, response }: Stage): Promise<number | undefined> {
  let index = -1;
  const resumeIndex = script.includes("rewind") ? -1 : Number(lastEventId ?? -1);
  for (const step of script.split(", ")) {
    const [verb, word = ""] = step.split(" ");
    if (verb === "say") {
      index += 1;
      if (index > resumeIndex) send({ type: "token", token: word.replaceAll("_", " ").replaceAll("|", "\n"), index });
    } else if (verb === "wait") await pause(Number(word));
    else if (verb === "forever") return undefined;
    else if (verb === "fail") {
      send({ type: "error", code: word, message: "it went wrong", advice: "" });
      response.end();
      return undefined;
    } else if ((verb === "break" || verb === "rewind") && !broken.has(job)) {
      broken.add(job);
      // Half an event, so that the break is noticed in the middle of one.
      response.write("event: token\nid: 99\ndata: {");
      await pause(5);
      response.socket?.resetAndDestroy();
      return undefined;
    }
  }
  return index + 1;
}

function reply(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
}

const WORKER = {
  id: "w-1",
  model: "starter",
  capability: "text",
  backend: "cpu",
  state: "idle",
  pid: 12,
  port: 8001,
  slots: 4,
  busySlots: 1,
  reservedBytes: 5_242_880,
};
const STATUS = {
  schemaVersion: 1,
  queen: {
    id: "q",
    epoch: 3,
    state: "serving",
    url: "http://127.0.0.1:8080",
    pid: 11,
    uptimeMs: 65_000,
    queue: { length: 2, max: 1_000, running: 1 },
  },
  hives: [
    {
      id: "h",
      name: "here",
      state: "serving",
      host: "localhost",
      pid: 11,
      version: "0.1.0",
      backends: ["cpu"],
      ram: { totalBytes: 8_589_934_592, freeBytes: 4_294_967_296 },
      gpus: [],
      workers: [WORKER],
    },
  ],
};
