/**
 * Thinkers without a model: a server on loopback that answers each step of a discussion in the form it asks for, word
 * by word, and the same call with the same words.
 *
 * Owns: what is said in which step, how fast, and which calls run. Does not own: the dialect's other routes
 * (model-server.ts).
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { hashed } from "../simulation/team/thinkers.ts";
import { ModelServer, type ServerAsked } from "./model-server.ts";
import { Prng } from "./prng.ts";

/** How whoever is asked behaves. */
export type Manner =
  | "thinks"
  | "passes"
  | "never stops"
  | "garbage"
  | "nothing"
  | "dies"
  | "breaks off once"
  | "hangs"
  /** The whole server, once it has said of somebody that it will speak. */
  | "bids and is gone";

export interface ServerCall {
  readonly atMs: number;
  /** Who was asked, where the prompt says so. */
  readonly agent: string | undefined;
  readonly prompt: string;
  readonly seed: number;
  /** Of an answer that was whole. */
  completionTokens?: number;
  /** When its last word had gone, or its client. */
  endedMs?: number;
}

const asking = z.looseObject({
  messages: z.array(z.looseObject({ content: z.string() })),
  response_format: z.looseObject({ json_schema: z.looseObject({ schema: z.unknown() }) }).optional(),
  max_tokens: z.number(),
  seed: z.number().nullish(),
});
type Asking = z.infer<typeof asking>;

const choice = z.looseObject({ enum: z.array(z.string()) }).optional();
const form = z.looseObject({ properties: z.looseObject({ move: choice, claim: choice, choice }) });

const WORDS = "a queen sends work to her hive and each worker answers in its own time while the others listen".split(
  " ",
);
const PIECE_LENGTH = 6;

export class ThinkingServer {
  readonly calls: ServerCall[] = [];
  /** Between two words. */
  pieceMs = 2;
  /** Of whom nothing is said here thinks. */
  readonly manners = new Map<string | undefined, Manner>();
  readonly #server: ModelServer;

  private constructor(server: ModelServer) {
    this.#server = server;
    server.mood = {
      instead: (asked, response) => {
        if (asked.method !== "POST") return false;
        // Thinkers have no vectors to give.
        if (asked.path.endsWith("/embeddings")) response.writeHead(404).end();
        else this.#answer(asked, response).catch(() => response.destroy());
        return true;
      },
    };
  }

  static async start(): Promise<ThinkingServer> {
    return new ThinkingServer(await ModelServer.start({ dialect: "openai" }));
  }

  get url(): string {
    return this.#server.url;
  }

  get running(): number {
    return this.calls.filter(({ endedMs }) => endedMs === undefined).length;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  async #answer(asked: ServerAsked, response: ServerResponse): Promise<void> {
    const body = asking.parse(JSON.parse(asked.body));
    const prompt = body.messages.map(({ content }) => content).join("\n\n");
    const agent = /\bYou are ([a-z-]+)\. /.exec(prompt)?.[1];
    const seed = body.seed ?? 0;
    const call: ServerCall = { atMs: performance.now(), agent, prompt, seed };
    this.calls.push(call);
    response.once("close", () => void (call.endedMs = performance.now()));
    const manner = this.manners.get(agent) ?? this.manners.get(undefined) ?? "thinks";
    if (manner === "dies") return void response.destroy();
    // Nobody who comes again finds a connection of before.
    response.shouldKeepAlive = manner !== "bids and is gone";
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    if (manner === "hangs") return;
    const pieces = piecesOf(manner, body, new Prng(hashed(prompt, seed)));
    const isFirst = this.calls.filter((its) => its.prompt === prompt && its.seed === seed).length === 1;
    let said = 0;
    for (const text of pieces) {
      if (call.endedMs !== undefined) return;
      if (manner === "breaks off once" && isFirst && said > 0) return void response.destroy();
      response.write(chunk({ delta: { content: text }, finish_reason: null }));
      said += 1;
      await pause(this.pieceMs);
    }
    if (manner === "bids and is gone" && isBid(body)) this.#server.shut();
    call.completionTokens = said;
    response.write(chunk({ delta: {}, finish_reason: "stop" }));
    const usage = { prompt_tokens: prompt.length, completion_tokens: said };
    response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
  }
}

const chunk = (its: object): string => `data: ${JSON.stringify({ choices: [{ index: 0, ...its }] })}\n\n`;

function* piecesOf(manner: Manner, body: Asking, chance: Prng): Generator<string> {
  if (manner === "nothing") return;
  if (manner === "garbage") return yield* cut(chance.pick(["{", "%%%", `{"move":"sing"}`, "]]>", "null", "  \n "]));
  if (manner === "never stops") for (;;) yield `${chance.pick(WORDS)} `;
  const schema = body.response_format?.json_schema.schema;
  yield* schema === undefined ? prose(chance) : cut(JSON.stringify(filled(manner, form.parse(schema), chance)));
}

/** No two of them alike, so that one that is said twice is seen. */
function* prose(chance: Prng): Generator<string> {
  yield `Thought ${chance.int(0, 1e9)}: `;
  for (let left = chance.int(10, 60); left > 0; left -= 1) yield `${chance.pick(WORDS)} `;
  yield "so it is.";
}

function* cut(text: string): Generator<string> {
  for (let from = 0; from < text.length; from += PIECE_LENGTH) yield text.slice(from, from + PIECE_LENGTH);
}

function moveOf(manner: Manner, moves: readonly string[], chance: Prng): string {
  if (manner === "passes") return "pass";
  return manner === "bids and is gone" ? "speak" : chance.pick(["pass", ...moves, "speak"]);
}

const isBid = ({ response_format: its }: Asking): boolean =>
  its !== undefined && form.parse(its.json_schema.schema).properties.move !== undefined;

function filled(manner: Manner, { properties: its }: z.infer<typeof form>, chance: Prng): object {
  const why = `it is number ${chance.int(0, 1e9)}`;
  if (its.move !== undefined) return { move: moveOf(manner, its.move.enum, chance), why };
  if (its.claim !== undefined) return { claim: chance.pick(its.claim.enum), error: why };
  if (its.choice !== undefined) return { choice: chance.pick(its.choice.enum), sure: chance.int(1, 10) };
  if ("answer" in its) return { steps: why, answer: chance.pick(["42", "42", "41"]), sure: chance.int(1, 10) };
  return { claims: [why] };
}
