/**
 * The Anthropic dialect at the door of a node: messages, and how many tokens one would read.
 *
 * @module
 */
import { parseWith } from "../../protocol/parse.ts";
import type { Route } from "../../protocol/route.ts";
import { jobOf, type RunSeat, run } from "../run.ts";
import { answerCount, answerMessage } from "./answer.ts";
import { countJob, messagesJob } from "./ask.ts";
import { anthropicError } from "./refusal.ts";
import { countRequest, messagesRequest } from "./schema.ts";

export function anthropicRoutes(seat: RunSeat): readonly Route[] {
  const route = (path: string, handle: Route["handle"]): Route => ({
    method: "POST",
    path,
    handle,
    refusal: anthropicError,
    requestIdHeader: "request-id",
  });
  return [
    route("/v1/messages", async (call) => {
      const request = parseWith(messagesRequest, call.body);
      return answerMessage(request, await run(seat, jobOf(messagesJob(request), call), call));
    }),
    route("/v1/messages/count_tokens", async (call) => {
      const request = parseWith(countRequest, call.body);
      return answerCount(await run(seat, jobOf(countJob(request), call), call));
    }),
  ];
}
