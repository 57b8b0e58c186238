/**
 * Errors as clients of the OpenAI dialect read them: a type by the status, our code, and the field that is wrong.
 *
 * @module
 */
import { z } from "zod";
import { type ErrorData, ERRORS } from "../../protocol/errors.ts";

export const openaiRefusal = z.object({
  error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string() }),
});

const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
};

export function openaiError({ code, message, details }: ErrorData): z.infer<typeof openaiRefusal> {
  const { httpStatus, advice } = ERRORS[code];
  const field = details?.["field"];
  return {
    error: {
      message: `${message.replace(/[.]?$/, ".")} ${advice}`,
      type: TYPES[httpStatus] ?? (httpStatus < 500 ? "invalid_request_error" : "server_error"),
      param: typeof field === "string" ? field : null,
      code,
    },
  };
}
