/**
 * What the team knows, at the door of a node.
 *
 * Owns: what a request means and how an answer looks. Does not own: anything that is known; it talks to a
 * {@link KnowledgeSeat}.
 *
 *  KH1 What is known is the owner's: an API key reads none of it, and teaches nothing.
 *  KH2 A document for people holds every word of it, and whence each is known.
 *
 * @module
 */
import type { z } from "zod";
import type { Label } from "../../machines/words.ts";
import { RbeeError } from "../protocol/errors.ts";
import {
  foundView,
  type FoundView,
  knowledgeSearch,
  knowledgeView,
  knownForgotten,
  type KnownForgotten,
  type KnownView,
  taught,
  teachRequest,
} from "../protocol/knowledge-api.ts";
import type { Call, Route } from "../protocol/route.ts";
import { taking } from "./taking.ts";

export interface KnowledgeSeat {
  list(): Promise<readonly KnownView[]>;
  search(text: string, limit: number): Promise<FoundView>;
  /** @returns its id; @throws RbeeError knowledge.full */
  teach(text: string, label: Label): Promise<string>;
  /** @throws RbeeError request.not.found */
  forget(id: string): Promise<KnownForgotten>;
}

export function knowledgeRoutes(seat: KnowledgeSeat): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v2/knowledge",
      doc: { summary: "What the team knows.", answer: knowledgeView },
      handle: async (call) => {
        ownersOnly(call);
        const json = { schemaVersion: 1, knowledge: [...(await seat.list())] } satisfies z.infer<typeof knowledgeView>;
        return { status: 200, json };
      },
    },
    {
      method: "GET",
      path: "/v2/knowledge/export",
      doc: { summary: "What the team knows, as a document for people.", text: "text/markdown" },
      handle: async (call) => {
        ownersOnly(call);
        return { status: 200, text: knowledgeMarkdown(await seat.list()), contentType: "text/markdown; charset=utf-8" };
      },
    },
    {
      method: "POST",
      path: "/v2/knowledge",
      ...taking("Teach the team something.", teachRequest, { status: 201, answer: taught }, async (asked, call) => {
        ownersOnly(call);
        const id = await seat.teach(asked.text, asked.privacy);
        return { status: 201, json: { schemaVersion: 1, id } satisfies z.infer<typeof taught> };
      }),
    },
    {
      method: "POST",
      path: "/v2/knowledge/search",
      ...taking("Find what is known about a question.", knowledgeSearch, { answer: foundView }, async (asked, call) => {
        ownersOnly(call);
        return { status: 200, json: await seat.search(asked.text, asked.limit) };
      }),
    },
    {
      method: "DELETE",
      path: "/v2/knowledge/:id",
      doc: { summary: "Forget something that is known.", answer: knownForgotten },
      handle: async (call) => {
        ownersOnly(call);
        return { status: 200, json: await seat.forget(call.params["id"] ?? "") };
      },
    },
  ];
}

/** KH1. */
function ownersOnly({ caller }: Call): void {
  if (caller?.key === undefined) return;
  throw new RbeeError("request.forbidden", "what the team knows is told on the machine of the queen, to no API key");
}

/** KH2. */
export const knowledgeMarkdown = (known: readonly KnownView[]): string =>
  `# What the team knows\n\n${known.length === 0 ? "Nothing yet.\n" : known.map(paragraph).join("\n")}`;

function paragraph({ id, about, text, origin, confidence, label, createdAt, accessedAt }: KnownView): string {
  const share = Math.round(confidence * 100);
  const whence =
    origin.by === "user"
      ? "you said so"
      : `${share} % agreed in ${origin.discussion} of session ${origin.session}, event ${origin.seq}`;
  const head = about === "" ? "" : `**${about.replaceAll("\n", " ")}**\n\n`;
  return `## ${id}\n\n${head}${text}\n\n*${whence}; ${label}; known since ${createdAt}, last used ${accessedAt}*\n`;
}
