/**
 * The OpenAI dialect at the door of a node: chat completions, completions, responses, embeddings. Its list of models is
 * models.ts.
 *
 * @module
 */
import { z } from "zod";
import type { Answer, Call, Route, RouteDoc } from "../../protocol/route.ts";
import { chatChunk, chatCompletion, completion, completionChunk, embeddingsAnswer } from "./answer-schema.ts";
import { CHAT, chatJob } from "./chat.ts";
import { COMPLETION, completionJob } from "./completion.ts";
import { answerEmbeddings, embeddingsJob } from "./embeddings.ts";
import { withReferred } from "./references.ts";
import { answerResponse, responseJob } from "./responses.ts";
import { responsesRequest } from "./responses-schema.ts";
import { response, responseEvent } from "./responses-answer-schema.ts";
import { openaiError, openaiRefusal } from "./refusal.ts";
import { type Asked, jobHeaders, jobOf, jobsOf, type RunSeat, run, runAll } from "../run.ts";
import {
  type ChatRequest,
  chatRequest,
  type CompletionRequest,
  completionRequest,
  embeddingsRequest,
} from "./schema.ts";
import { taking } from "../taking.ts";
import { answerText, type TextShape } from "./text.ts";

/** A stream ends with a word, or with the refusal that broke it. */
const told = (answer: z.ZodType, chunk: z.ZodType): Pick<RouteDoc, "answer" | "events" | "refused"> => {
  const broken = openaiRefusal.extend({ type: z.literal("error") });
  return { answer, events: z.union([chunk, broken, z.literal("[DONE]")]), refused: openaiRefusal };
};

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
  const route = (path: string, taken: ReturnType<typeof taking>): Route => ({
    method: "POST",
    path,
    ...taken,
    doc: { ...taken.doc, headers: jobHeaders },
    refusal: openaiError,
  });
  return [
    route(
      "/v1/chat/completions",
      taking("Chat, in OpenAI's dialect.", chatRequest, told(chatCompletion, chatChunk), (request, call) =>
        text(chatJob(request), request, CHAT, call),
      ),
    ),
    route(
      "/v1/completions",
      taking(
        "Go on with a text, in OpenAI's dialect.",
        completionRequest,
        told(completion, completionChunk),
        (request, call) => text(completionJob(request), request, COMPLETION, call),
      ),
    ),
    route(
      "/v1/responses",
      taking(
        "Respond, in OpenAI's newer dialect.",
        responsesRequest,
        { answer: response, events: responseEvent, refused: openaiRefusal },
        async (asked, call) => {
          const request = await withReferred(seat, asked, call);
          return answerResponse(request, await run(seat, jobOf(responseJob(request), call), call), nowMs());
        },
      ),
    ),
    route(
      "/v1/embeddings",
      taking(
        "Embed texts, in OpenAI's dialect.",
        embeddingsRequest,
        { answer: embeddingsAnswer, refused: openaiRefusal },
        async (request, call) => answerEmbeddings(request, await run(seat, jobOf(embeddingsJob(request), call), call)),
      ),
    ),
  ];
}
