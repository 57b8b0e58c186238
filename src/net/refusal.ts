/**
 * Refusals: what the HTTP framework and Node's parser complain of, as codes of the error table; when to come back; and
 * how somebody is refused of whom there is no more than a socket.
 *
 * @module
 */
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type ErrorCode, type ErrorData, errorData, ERRORS, RbeeError } from "../protocol/errors.ts";
import { errorBodyOf } from "../protocol/route.ts";
import { requestIdOf } from "./caller.ts";

/** Of a refusal that says nothing itself. */
export const RETRY_AFTER_MS = 1_000;

/** By the framework's own code. */
const FRAMEWORK: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "request.media.type",
  FST_ERR_CTP_BODY_TOO_LARGE: "request.too.large",
  FST_ERR_CTP_EMPTY_JSON_BODY: "request.invalid",
  FST_ERR_CTP_INVALID_JSON_BODY: "request.invalid",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "request.invalid",
  FST_ERR_BAD_URL: "request.invalid",
  FST_ERR_MAX_PARAM_LENGTH: "request.invalid",
};

/** By the code of Node's HTTP parser and server. */
const PARSER: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: "request.too.large",
  ERR_HTTP_REQUEST_TIMEOUT: "stream.slow",
};

/** Anything thrown while a request was served. */
export function refusalOf(thrown: unknown): ErrorData {
  if (thrown instanceof RbeeError) return errorData(thrown);
  const code = FRAMEWORK[codeOf(thrown)] ?? (thrown instanceof SyntaxError ? "request.invalid" : undefined);
  const data = errorData(thrown);
  return code === undefined ? data : { code, message: data.message };
}

/** What came over a connection and is no request. */
export function clientErrorData(error: Error): ErrorData {
  const code = PARSER[codeOf(error)] ?? "request.invalid";
  return { code, message: code === "stream.slow" ? "The request took too long to arrive." : error.message };
}

const codeOf = (thrown: unknown): string =>
  typeof thrown === "object" && thrown !== null && "code" in thrown ? String(thrown.code) : "";

/** S7 of serve.ts. */
export function retryAfterMsOf({ code, details }: ErrorData): number | undefined {
  const told = details?.["retryAfterMs"];
  if (typeof told === "number") return told;
  const { httpStatus, class: kind } = ERRORS[code];
  const passes = httpStatus === 429 || (httpStatus === 503 && kind !== "terminal" && kind !== "defect");
  return passes ? RETRY_AFTER_MS : undefined;
}

/** For what is no request: there is no response to write to, only a socket. */
export function refuseRaw(socket: Duplex, error: ErrorData, requestId = requestIdOf(undefined)): void {
  const { httpStatus } = ERRORS[error.code];
  const body = JSON.stringify(errorBodyOf(error, requestId));
  const retryAfterMs = retryAfterMsOf(error);
  const head = [
    `HTTP/1.1 ${httpStatus} ${STATUS_CODES[httpStatus] ?? "Error"}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...(retryAfterMs === undefined ? [] : [`retry-after: ${Math.ceil(retryAfterMs / 1_000)}`]),
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
