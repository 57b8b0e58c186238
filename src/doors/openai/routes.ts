/**
 * The OpenAI dialect at the door of a node: chat completions, completions, responses, embeddings. Its list of models is
 * models.ts.
 *
 * @module
 */
import { parseWith } from "../../protocol/parse.ts";
import type { Answer, Call, Route } from "../../protocol/route.ts";
import { CHAT, chatJob } from "./chat.ts";
import { COMPLETION, completionJob } from "./completion.ts";
import { answerEmbeddings, embeddingsJob } from "./embeddings.ts";
import { answerResponse, responseJob } from "./responses.ts";
import { responsesRequest } from "./responses-schema.ts";
import { openaiError } from "./refusal.ts";
import { type Asked, jobOf, jobsOf, type RunSeat, run, runAll } from "../run.ts";
import {
  type ChatRequest,
  chatRequest,
  type CompletionRequest,
  completionRequest,
  embeddingsRequest,
} from "./schema.ts";
import { answerText, type TextShape } from "./text.ts";

export function openaiRoutes(seat: RunSeat, nowMs: () => number): readonly Route[] {
  const text = async (
    asked: Asked,
    request: ChatRequest | CompletionRequest,
    shape: TextShape,
    call: Call,
  ): Promise<Answer> => {
    const together = await runAll(seat, jobsOf(jobOf(asked, call), request.n ?? 1), call);
    return answerText(
      {
        shape,
        model: request.model,
        createdAtMs: nowMs(),
        stream: request.stream === true,
        tellUsage: request.stream_options?.include_usage === true,
      },
      together,
    );
  };
  const route = (path: string, handle: Route["handle"]): Route => ({
    method: "POST",
    path,
    handle,
    refusal: openaiError,
  });
  return [
    route("/v1/chat/completions", (call) => {
      const request = parseWith(chatRequest, call.body);
      return text(chatJob(request), request, CHAT, call);
    }),
    route("/v1/completions", (call) => {
      const request = parseWith(completionRequest, call.body);
      return text(completionJob(request), request, COMPLETION, call);
    }),
    route("/v1/responses", async (call) => {
      const request = parseWith(responsesRequest, call.body);
      return answerResponse(request, await run(seat, jobOf(responseJob(request), call), call), nowMs());
    }),
    route("/v1/embeddings", async (call) => {
      const request = parseWith(embeddingsRequest, call.body);
      return answerEmbeddings(request, await run(seat, jobOf(embeddingsJob(request), call), call));
    }),
  ];
}
