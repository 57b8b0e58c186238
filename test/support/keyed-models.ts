/**
 * A server of models on loopback whose answers are held until they are called for: every prompt is on record, and who
 * is heard next is for the test to say, and not for the clock.
 *
 * Owns: what was asked, by whom in which step, and whose answer is still held. Does not own: what is answered and in
 * which order (conducted.ts), the dialect's other routes (model-server.ts).
 *
 *  KM1 What nobody's turn waits for, a summary and the last word, is answered at once, and the same always.
 *  KM2 A call whose client has gone is held no more.
 *  KM3 Of two texts none means anything like the other: what is known is found by its words.
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import { z } from "zod";
import type { Step } from "../../machines/specialist.ts";
import { ModelServer, type ServerAsked } from "./model-server.ts";

const asking = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), content: z.string() })),
  response_format: z.looseObject({ json_schema: z.looseObject({ schema: z.unknown() }) }).optional(),
  seed: z.number(),
});
const choice = z.looseObject({ enum: z.array(z.string()) }).optional();
const form = z.looseObject({ properties: z.looseObject({ move: choice, claim: choice, choice }) });
const embedding = z.looseObject({ input: z.array(z.string()) });
/** More than a test has. */
const TEXTS_MAX = 256;
type Form = z.infer<typeof form>["properties"];

export interface HeardCall {
  readonly step: Step;
  /** Who was asked, where the prompt says so. */
  readonly agent: string | undefined;
  /** The turn that it is of, or of a ballot the round. */
  readonly seed: number;
  readonly messages: z.infer<typeof asking>["messages"];
  /** All that was sent, byte for byte. */
  readonly body: string;
  /** Every word that the model read. */
  readonly prompt: string;
  /** What its form lets it choose from. */
  readonly choices: readonly string[];
  /** Answered, or nobody waits for it any more. */
  isOver: boolean;
  answer(text: string): void;
}

/** What stands between marks is somebody's words, whoever they say that they are. */
export const QUOTED = /<<<\n[^]*?\n>>>/g;

export class KeyedModels {
  readonly calls: HeardCall[] = [];
  /** KM1. */
  conclusion = "So it is.";
  /** Takes every call in place of its being held. */
  instead: ((call: HeardCall) => void) | undefined;
  readonly server: ModelServer;
  readonly #texts: string[] = [];

  private constructor(server: ModelServer) {
    this.server = server;
    server.mood = { instead: (asked, response) => this.#take(asked, response) };
  }

  static async start(): Promise<KeyedModels> {
    return new KeyedModels(await ModelServer.start({ dialect: "openai" }));
  }

  get url(): string {
    return this.server.url;
  }

  get held(): readonly HeardCall[] {
    return this.calls.filter(({ isOver }) => !isOver);
  }

  close(): Promise<void> {
    return this.server.close();
  }

  #take({ method, path, body }: ServerAsked, response: ServerResponse): boolean {
    if (method !== "POST") return false;
    if (path.endsWith("/embeddings")) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(this.#meaningsOf(body)));
      return true;
    }
    const call = heard(body, response);
    this.calls.push(call);
    if (this.instead !== undefined) this.instead(call);
    else if (call.step === "summary" || call.step === "final") call.answer(this.conclusion);
    return true;
  }

  /** KM3. */
  #meaningsOf(body: string): object {
    const data = embedding.parse(JSON.parse(body)).input.map((text, index) => {
      if (!this.#texts.includes(text)) this.#texts.push(text);
      const values = Array.from({ length: TEXTS_MAX }, () => 0);
      values[this.#texts.indexOf(text) % TEXTS_MAX] = 1;
      return { object: "embedding", index, embedding: values };
    });
    return { object: "list", data, usage: { prompt_tokens: 1, total_tokens: 1 } };
  }
}

function heard(body: string, response: ServerResponse): HeardCall {
  const { messages, response_format: format, seed } = asking.parse(JSON.parse(body));
  const prompt = messages.map(({ content }) => content).join("\n\n");
  const plain = messages.at(-1)?.content.replaceAll(QUOTED, "") ?? "";
  const its = format === undefined ? undefined : form.parse(format.json_schema.schema).properties;
  const call: HeardCall = {
    step: its === undefined ? proseOf(plain) : formOf(its),
    agent: /\bYou are ([a-z0-9-]+)\. /.exec(plain)?.[1],
    seed,
    messages,
    body,
    prompt,
    choices: its?.choice?.enum ?? its?.claim?.enum ?? its?.move?.enum ?? [],
    isOver: false,
    answer(text) {
      if (call.isOver) return;
      call.isOver = true;
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk({ delta: { content: text }, finish_reason: null }));
      response.write(chunk({ delta: {}, finish_reason: "stop" }));
      // Of no prompt's length: what a log says of usage is to be the same where the words are.
      const usage = { prompt_tokens: 100, completion_tokens: 40 };
      response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
    },
  };
  response.once("close", () => void (call.isOver = true));
  return call;
}

const chunk = (its: object): string => `data: ${JSON.stringify({ choices: [{ index: 0, ...its }] })}\n\n`;

function formOf(its: Form): Step {
  if ("claims" in its) return "claims";
  if (its.move !== undefined) return "bid";
  if (its.claim !== undefined) return "object";
  return its.choice === undefined ? "sample" : "vote";
}

function proseOf(plain: string): Step {
  if (plain.includes("Write your own answer.")) return "draft";
  if (plain.includes("Say what is new")) return "speak";
  if (plain.includes("Summarize in two or three sentences")) return "summary";
  return plain.includes("Answer the question in four or five sentences") ? "final" : "answer";
}
