/**
 * A server of models that discuss as they are told to: each writes its draft, passes for a reason that is its own, and
 * all vote for the first who spoke.
 *
 * @see test/support/model-server.ts
 * @module
 */
import type { ServerResponse } from "node:http";
import { ModelServer, type ServerAsked } from "./model-server.ts";

/** As a discussion is asked for it, of an endpoint that is called `box`. */
export const AGREEING = "openai:model@box";

/** What only this agent thought: it stands in its own prompts or in nobody's. */
export const thoughtOf = (agent: string): string => `${agent} keeps ${agent.toUpperCase()} to itself`;

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format?: { readonly json_schema: { readonly schema: { readonly properties: object } } };
}

export class AgreeingModels {
  readonly server: ModelServer;
  /** The last word of every discussion. */
  conclusion = "So be it.";

  private constructor(server: ModelServer) {
    this.server = server;
    server.mood = { instead: (asked, response) => this.#answer(asked, response) };
  }

  static async start(): Promise<AgreeingModels> {
    return new AgreeingModels(await ModelServer.start({ dialect: "openai" }));
  }

  /** Everything that was read by a model, in the order of the asking. */
  get prompts(): readonly string[] {
    return this.server.work
      .filter(({ path }) => /chat/.test(path))
      .map(({ body }) => promptIn(JSON.parse(body) as Body));
  }

  #answer({ method, path, body }: ServerAsked, response: ServerResponse): boolean {
    if (method !== "POST" || !/chat/.test(path)) return false;
    const asked = JSON.parse(body) as Body;
    const text = this.#wordsFor(promptIn(asked), asked.response_format?.json_schema.schema.properties);
    response.writeHead(200, { "content-type": "text/event-stream" });
    const choices = [{ index: 0, delta: { content: text }, finish_reason: null }];
    response.write(`data: ${JSON.stringify({ choices })}\n\n`);
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\n`);
    const usage = { prompt_tokens: 5, completion_tokens: 3 };
    response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
    return true;
  }

  #wordsFor(prompt: string, form: object | undefined): string {
    const agent = /You are ([a-z-]+)\. /.exec(prompt)?.[1] ?? "queen";
    if (form === undefined) return /four or five sentences/.test(prompt) ? this.conclusion : `${agent} has an answer.`;
    if ("claims" in form) return JSON.stringify({ claims: [`${agent} is right`] });
    if ("move" in form) return JSON.stringify({ move: "pass", why: thoughtOf(agent) });
    const [choice] = (form as { choice?: { enum: readonly string[] } }).choice?.enum ?? [];
    return JSON.stringify({ choice, sure: 9 });
  }
}

const promptIn = ({ messages }: Body): string => messages.map(({ content }) => content).join("\n");
