/**
 * Many clients that each keep one stream of events open, in a process of their own, and hold each event to its place.
 *
 *  RD1 A token that comes twice, out of its order or not at all is counted, and so is a stream that has no end.
 *
 * @module
 */
import { Agent, type IncomingMessage, request as startRequest } from "node:http";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export type ReadersAsk =
  /** So many jobs, and so many readers of each; told when every reader has heard its first event. */
  | {
      readonly kind: "open";
      readonly port: number;
      readonly body: string;
      readonly jobs: number;
      readonly readers: number;
    }
  /** Told when every stream has ended. */
  | { readonly kind: "await" };

export interface ReadersTold {
  readonly streams: number;
  readonly tokens: number;
  /** What was wrong, and with how many streams. */
  readonly wrong: Readonly<Record<string, number>>;
}

/** Requests on their way at once, while they are opened. */
const TOGETHER = 64;
const agent = new Agent({ keepAlive: true, maxSockets: TOGETHER });

class Reader {
  readonly begun = Promise.withResolvers<void>();
  readonly over = Promise.withResolvers<void>();
  tokens = 0;
  wrong: string | undefined;
  #rest = "";
  #isDone = false;

  read(response: IncomingMessage): void {
    if (response.statusCode !== 200) this.wrong = `status ${response.statusCode}`;
    response.setEncoding("utf8");
    response.on("data", (piece: string) => {
      const events = (this.#rest + piece).split("\n\n");
      this.#rest = events.pop() ?? "";
      for (const event of events) this.#hear(event);
      this.begun.resolve();
    });
    response.on("error", () => (this.wrong ??= "broke off"));
    response.on("close", () => {
      if (!this.#isDone) this.wrong ??= "has no end";
      this.begun.resolve();
      this.over.resolve();
    });
  }

  fail(why: string): void {
    this.wrong ??= why;
    this.begun.resolve();
    this.over.resolve();
  }

  /** RD1. */
  #hear(event: string): void {
    const data = event.slice(event.indexOf("data: ") + "data: ".length);
    if (event.startsWith("event: token\n")) {
      const { index, token } = JSON.parse(data) as { readonly index: number; readonly token: string };
      if (index !== this.tokens || token !== `${this.tokens} `) this.wrong ??= "a token out of its place";
      this.tokens += 1;
    } else if (event.startsWith("event: done\n")) {
      const { total_tokens: total } = JSON.parse(data) as { readonly total_tokens: number };
      this.#isDone = true;
      if (total !== this.tokens) this.wrong ??= "tokens lost";
    } else if (event.startsWith("event: error\n")) this.wrong ??= data;
  }
}

let readers: readonly Reader[] = [];

async function submit(port: number, body: string): Promise<string> {
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const asked = startRequest({ agent, host: "127.0.0.1", port, path: "/v2/tasks", method: "POST", headers });
  asked.end(body);
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const said = await text(response);
  if (response.statusCode !== 202) throw new Error(`a task was refused: ${said}`);
  return (JSON.parse(said) as { readonly events_url: string }).events_url;
}

function follow(port: number, path: string): Reader {
  const reader = new Reader();
  const asked = startRequest({ agent: false, host: "127.0.0.1", port, path }, (response) => reader.read(response));
  asked.once("error", (error) => reader.fail(error.message));
  asked.end();
  return reader;
}

async function open({ port, body, jobs, readers: each }: Extract<ReadersAsk, { kind: "open" }>): Promise<void> {
  const opened: Reader[] = [];
  let left = jobs;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const path = await submit(port, body);
      const made = Array.from({ length: each }, () => follow(port, path));
      opened.push(...made);
      await Promise.all(made.map(({ begun }) => begun.promise));
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, client));
  readers = opened;
  agent.destroy();
}

function told(): ReadersTold {
  const wrong: Record<string, number> = {};
  for (const { wrong: why } of readers) if (why !== undefined) wrong[why] = (wrong[why] ?? 0) + 1;
  return { streams: readers.length, tokens: readers.reduce((sum, { tokens }) => sum + tokens, 0), wrong };
}

async function answer(asked: ReadersAsk): Promise<ReadersTold> {
  if (asked.kind === "open") await open(asked);
  else await Promise.all(readers.map(({ over }) => over.promise));
  return told();
}

process.on("message", (asked: ReadersAsk) => void answer(asked).then((said) => process.send?.(said)));
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
