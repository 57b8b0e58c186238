/**
 * What another has said went wrong, as an error of ours.
 *
 * @module
 */
import { isErrorCode, RbeeError } from "./errors.ts";

/** Whoever is of another version may know codes that we do not: such a one is a defect, its name in the message. */
export function errorFrom(code: string, message: string, details?: RbeeError["details"]): RbeeError {
  return isErrorCode(code)
    ? new RbeeError(code, message, details)
    : new RbeeError("defect", `${code}: ${message}`, details);
}
