/**
 * Errors as clients of the Ollama dialect read them: one text and nothing beside it, so that our code ends it.
 *
 * @module
 */
import { z } from "zod";
import { type ErrorData, ERRORS } from "../../protocol/errors.ts";

export const ollamaRefusal = z.object({ error: z.string() });

export const ollamaError = ({ code, message }: ErrorData): z.infer<typeof ollamaRefusal> => ({
  error: `${message.replace(/(?<![.!?])$/, ".")} ${ERRORS[code].advice} (${code})`,
});
