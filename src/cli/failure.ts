/**
 * How a failure is told: the code, what happened, what to do next; as an object where `--json` was asked for.
 *
 * Owns: the words and the shape. Does not own: codes, advice and exit codes (src/protocol/errors.ts).
 *
 * @module
 */
import { ERRORS, errorData, type ErrorData } from "../protocol/errors.ts";
import type { Output } from "./terminal/output.ts";

export interface Told {
  readonly code: string;
  readonly message: string;
  readonly advice: string;
}

export const toldOf = ({ code, message }: ErrorData): Told => ({ code, message, advice: ERRORS[code].advice });

export function failureText(error: ErrorData): string {
  const { code, message, advice } = toldOf(error);
  return `rbee: ${code}: ${message}\n  ${advice}`;
}

/** Tells it and gives the exit code that goes with it. The class says to a program whether to try again. */
export async function tellFailure(thrown: unknown, json: boolean, output: Output): Promise<number> {
  const error = errorData(thrown);
  const row = ERRORS[error.code];
  if (json) {
    await output.data(`${JSON.stringify({ schemaVersion: 1, error: { ...toldOf(error), class: row.class } })}\n`);
  } else output.say(failureText(error));
  return row.exitCode;
}
