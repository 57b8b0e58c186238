/**
 * Errors as clients of the Ollama dialect read them: one sentence. Our code stands beside it, for whoever looks.
 *
 * @module
 */
import { type ErrorData, ERRORS } from "../../protocol/errors.ts";

export const ollamaError = ({ code, message }: ErrorData): { readonly error: string; readonly code: string } => ({
  error: `${message.replace(/(?<![.!?])$/, ".")} ${ERRORS[code].advice}`,
  code,
});
