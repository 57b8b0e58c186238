/**
 * The Anthropic dialect at the door of a node: messages, and how many tokens one would read.
 *
 * @module
 */
import type { Route } from "../../protocol/route.ts";
import { jobHeaders, jobOf, type RunSeat, run } from "../run.ts";
import { answerCount, answerMessage } from "./answer.ts";
import { countJob, messagesJob } from "./ask.ts";
import { message, messageEvent, tokensCount } from "./answer-schema.ts";
import { anthropicError, anthropicRefusal } from "./refusal.ts";
import { countRequest, messagesRequest } from "./schema.ts";
import { taking } from "../taking.ts";

const MESSAGE = { answer: message, events: messageEvent, refused: anthropicRefusal };
const COUNT = { answer: tokensCount, refused: anthropicRefusal };

export function anthropicRoutes(seat: RunSeat): readonly Route[] {
  const route = (path: string, taken: ReturnType<typeof taking>): Route => ({
    method: "POST",
    path,
    ...taken,
    doc: { ...taken.doc, headers: jobHeaders },
    refusal: anthropicError,
    requestIdHeader: "request-id",
  });
  return [
    route(
      "/v1/messages",
      taking("Answer a message, in Anthropic's dialect.", messagesRequest, MESSAGE, async (request, call) =>
        answerMessage(request, await run(seat, jobOf(messagesJob(request), call), call)),
      ),
    ),
    route(
      "/v1/messages/count_tokens",
      taking("Count what a message would read, in Anthropic's dialect.", countRequest, COUNT, async (request, call) =>
        answerCount(await run(seat, jobOf(countJob(request), call), call)),
      ),
    ),
  ];
}
