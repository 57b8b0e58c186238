/**
 * The Anthropic dialect at the door of a node: messages, and how many tokens one would read.
 *
 * @module
 */
import type { Route } from "../../protocol/route.ts";
import { jobOf, type RunSeat, run } from "../run.ts";
import { answerCount, answerMessage } from "./answer.ts";
import { countJob, messagesJob } from "./ask.ts";
import { anthropicError } from "./refusal.ts";
import { countRequest, messagesRequest } from "./schema.ts";
import { taking } from "../taking.ts";

export function anthropicRoutes(seat: RunSeat): readonly Route[] {
  const route = (path: string, taken: ReturnType<typeof taking>): Route => ({
    method: "POST",
    path,
    ...taken,
    refusal: anthropicError,
    requestIdHeader: "request-id",
  });
  return [
    route(
      "/v1/messages",
      taking("Answer a message, in Anthropic's dialect.", messagesRequest, async (request, call) =>
        answerMessage(request, await run(seat, jobOf(messagesJob(request), call), call)),
      ),
    ),
    route(
      "/v1/messages/count_tokens",
      taking("Count what a message would read, in Anthropic's dialect.", countRequest, async (request, call) =>
        answerCount(await run(seat, jobOf(countJob(request), call), call)),
      ),
    ),
  ];
}
