/**
 * What the OpenAI dialect answers, as schemas for the document of the API: text, its chunks, vectors.
 *
 * Nothing is parsed by them: tests hold what is sent against them, and against the types of the official client.
 *
 * @see https://platform.openai.com/docs/api-reference
 * @module
 */
import { z } from "zod";

const usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() });
const finish = z.enum(["stop", "length", "tool_calls"]);
const index = z.int();
/** Nobody counts how likely a token was. */
const logprobs = z.null();
/** The job's own name is in its id. In s, and as the client named the model. */
const head = { id: z.string(), created: z.int(), model: z.string() };

const toolCall = z.object({
  id: z.string(),
  type: z.literal("function"),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

export const chatCompletion = z.object({
  ...head,
  object: z.literal("chat.completion"),
  choices: z.array(
    z.object({
      index,
      message: z.object({
        role: z.literal("assistant"),
        /** Null where all of it is calls. */
        content: z.string().nullable(),
        refusal: z.null(),
        tool_calls: z.array(toolCall).optional(),
      }),
      logprobs,
      finish_reason: finish,
    }),
  ),
  usage,
});

/** The first piece of a call has its name, those behind it pieces of its arguments. */
const callPiece = z.object({
  index,
  id: z.string().optional(),
  type: z.literal("function").optional(),
  function: z.object({ name: z.string().optional(), arguments: z.string() }),
});

export const chatChunk = z.object({
  ...head,
  object: z.literal("chat.completion.chunk"),
  choices: z.array(
    z.object({
      index,
      delta: z.object({
        role: z.literal("assistant").optional(),
        content: z.string().optional(),
        refusal: z.null().optional(),
        tool_calls: z.array(callPiece).optional(),
      }),
      logprobs,
      finish_reason: finish.nullable(),
    }),
  ),
  /** Where it is asked for: null but in the last chunk. */
  usage: usage.nullable().optional(),
});

const completionOf = <Finish extends z.ZodType>(finish_reason: Finish) => ({
  ...head,
  object: z.literal("text_completion"),
  choices: z.array(z.object({ index, text: z.string(), logprobs, finish_reason })),
});

export const completion = z.object({ ...completionOf(finish), usage });
export const completionChunk = z.object({ ...completionOf(finish.nullable()), usage: usage.optional() });

export const embeddingsAnswer = z.object({
  object: z.literal("list"),
  data: z.array(
    z.object({
      object: z.literal("embedding"),
      index,
      /** Numbers, or their bytes in base64 where that was asked for: 32-bit floats, little-endian. */
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  model: z.string(),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
});
