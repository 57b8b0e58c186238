/**
 * What a request says of where it comes from: its own name, and the step of a trace that sent it.
 *
 *  CA1 A request keeps the name that its sender gave it if that is short and plain; otherwise it is given one.
 *  CA2 A trace context is kept if it is one of W3C's Trace Context; anything else counts as none, and harms nothing.
 *
 * @see https://www.w3.org/TR/trace-context/
 * @module
 */
import { randomUUID } from "node:crypto";

const REQUEST_ID = /^[\w.:+/=@-]{1,128}$/;
/** Version, trace, step, flags; what a later version has behind them is not ours to read. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROS = /^0+$/;

/** CA1. */
export const requestIdOf = (given: string | readonly string[] | undefined): string =>
  typeof given === "string" && REQUEST_ID.test(given) ? given : `req_${randomUUID()}`;

/** CA2. @returns the four parts that every version has */
export function traceparentOf(given: string | readonly string[] | undefined): string | undefined {
  if (typeof given !== "string") return undefined;
  const [, version = "", trace = "", step = "", flags = "", more] = TRACEPARENT.exec(given) ?? [];
  const isKnown = version === "00" ? more === undefined : version !== "" && version !== "ff";
  if (!isKnown || ZEROS.test(trace) || ZEROS.test(step)) return undefined;
  return `${version}-${trace}-${step}-${flags}`;
}
