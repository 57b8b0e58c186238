/**
 * Responses: what is asked as a job, and what is answered, whole or as events. No more is kept of it than of any job.
 *
 * @see https://platform.openai.com/docs/api-reference/responses
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { Answer, EventSink, ServerEvent } from "../../protocol/route.ts";
import type { Asked, Running } from "../run.ts";
import { samplingOf } from "../sampling.ts";
import { toolsOf } from "../tools.ts";
import { type ResponseEvent, ResponseEvents } from "./response-events.ts";
import { choiceOf, messagesOf, type ResponsesRequest } from "./responses-schema.ts";
import { clientName, functionsOf, offered } from "./responses-tools.ts";
import { ANY_OBJECT, NO_BOUND } from "./schema.ts";

export function responseJob(request: ResponsesRequest): Asked {
  const { format } = request.text ?? {};
  const jsonSchema = format?.type === "json_schema" ? format.schema : undefined;
  return {
    capability: "text",
    model: request.model,
    messages: messagesOf(request),
    maxTokens: request.max_output_tokens ?? NO_BOUND,
    temperature: request.temperature ?? undefined,
    sampling: samplingOf(request),
    tools: toolsOf({
      functions: functionsOf(request.tools),
      choice: choiceOf(request),
      parallel: request.parallel_tool_calls ?? undefined,
    }),
    jsonSchema: format?.type === "json_object" ? ANY_OBJECT : jsonSchema,
  };
}

export async function answerResponse(request: ResponsesRequest, running: Running, nowMs: number): Promise<Answer> {
  const events = new ResponseEvents(running.job, aboutOf(request, Math.floor(nowMs / 1000)), (called) =>
    clientName(called, request.tools),
  );
  if (request.stream === true) {
    return {
      events: (sink) => relay(events, running, sink),
      broken: (error) => events.break(error).map(named),
    };
  }
  for await (const part of running.heard) {
    events.hear(part);
    if (part.type !== "ended") continue;
    const { finish, usage } = part.ended;
    return { status: 200, json: events.whole(finish === "length" ? "incomplete" : "completed", usage) };
  }
  throw new RbeeError("stream.lost", "The answer has no end.");
}

async function relay(events: ResponseEvents, { heard }: Running, sink: EventSink): Promise<void> {
  for await (const part of heard) {
    for (const event of events.hear(part)) await sink.send(named(event));
  }
}

const named = (event: ResponseEvent): ServerEvent => ({ event: event.type, data: event });

/** What was asked, as it is told again with every response. */
function aboutOf(request: ResponsesRequest, createdAt: number): object {
  return {
    created_at: createdAt,
    model: request.model,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    temperature: request.temperature ?? null,
    top_p: request.top_p ?? null,
    text: { format: request.text?.format ?? { type: "text" } },
    tools: offered(request.tools),
    tool_choice: request.tool_choice ?? "auto",
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    access_programs: null,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    truncation: "disabled",
    metadata: request.metadata ?? {},
  };
}
