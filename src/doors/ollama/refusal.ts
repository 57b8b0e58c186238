/**
 * Errors as clients of the Ollama dialect read them: one text and nothing beside it, so that our code ends it.
 *
 * @module
 */
import { type ErrorData, ERRORS } from "../../protocol/errors.ts";

export const ollamaError = ({ code, message }: ErrorData): { readonly error: string } => ({
  error: `${message.replace(/(?<![.!?])$/, ".")} ${ERRORS[code].advice} (${code})`,
});
