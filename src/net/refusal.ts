/**
 * What the HTTP framework and Node's parser complain of, as codes of the error table.
 *
 * @module
 */
import { type ErrorCode, type ErrorData, errorData, RbeeError } from "../protocol/errors.ts";

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
