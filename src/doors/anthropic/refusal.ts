/**
 * Errors as clients of the Anthropic dialect read them: a type by the status, and our code among the details.
 *
 * @module
 */
import { z } from "zod";
import { type ErrorData, ERRORS } from "../../protocol/errors.ts";

export const anthropicRefusal = z.object({
  type: z.literal("error"),
  error: z.object({
    type: z.string(),
    message: z.string(),
    /** Our code, and what else is known of it. */
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
  request_id: z.string(),
});

const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  409: "conflict_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
};

export function anthropicError(
  { code, message, details }: ErrorData,
  requestId: string,
): z.infer<typeof anthropicRefusal> {
  const { httpStatus, advice } = ERRORS[code];
  const type = TYPES[httpStatus] ?? (httpStatus < 500 ? "invalid_request_error" : "api_error");
  const error = { type, message: `${message} ${advice}`, details: { error_code: code, ...details } };
  return { type: "error", error, request_id: requestId };
}
