/**
 * Errors as clients of the OpenAI dialect read them: a type by the status, our code, and the field that is wrong.
 *
 * @module
 */
import { type ErrorData, ERRORS } from "../../protocol/errors.ts";

export interface OpenaiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
};

export function openaiError({ code, message, details }: ErrorData): OpenaiError {
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
