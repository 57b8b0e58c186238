/**
 * What the binding throws and logs, as codes of the error table.
 *
 * Owns the reading of foreign messages, which nobody else does. The native side reports a failed load as false and
 * writes the reason to its log, so the last lines of that log are kept.
 *
 * @module
 */
import { RbeeError } from "../../../protocol/errors.ts";

const LINES_KEPT = 8;
const LINE_CHARS_MAX = 300;

const OUT_OF_MEMORY =
  /out of memory|insufficient memory|not enough (?:memory|vram|ram)|unable to allocate|failed to allocate/i;
const ARCHITECTURE = /unknown (?:model )?architecture/i;
const CORRUPT =
  /corrupt|incomplete|missing tensor|wrong (?:number|shape|type)|not within the file bounds|has invalid|key not found/i;

/** The engine's last complaints. */
export class EngineLog {
  readonly #lines: string[] = [];

  readonly write = (line: string): void => {
    this.#lines.push(line.trim().slice(0, LINE_CHARS_MAX));
    if (this.#lines.length > LINES_KEPT) this.#lines.shift();
  };

  clear(): void {
    this.#lines.length = 0;
  }

  get text(): string {
    return [...new Set(this.#lines)].join("; ");
  }
}

/** Why a model could not be loaded. */
export function loadFailure(thrown: unknown, log: EngineLog): RbeeError {
  if (thrown instanceof RbeeError) return thrown;
  const message = messageOf(thrown);
  const told = `${message} ${log.text}`;
  if (nameOf(thrown) === "InsufficientMemoryError" || OUT_OF_MEMORY.test(told)) {
    return new RbeeError("engine.out.of.memory", `The model does not fit the memory: ${told.trim()}`);
  }
  if (ARCHITECTURE.test(told)) return new RbeeError("model.architecture", told.trim());
  if (CORRUPT.test(told)) return new RbeeError("model.corrupt", told.trim());
  return new RbeeError("model.unsupported", `The engine could not load the model: ${told.trim()}`);
}

/** Why a running call broke. */
export function callFailure(thrown: unknown): RbeeError {
  if (thrown instanceof RbeeError) return thrown;
  return new RbeeError("engine.failed", messageOf(thrown));
}

/** Why there is no engine at all. */
export function missingEngine(thrown: unknown): RbeeError {
  return new RbeeError("engine.missing", `The engine cannot be started: ${messageOf(thrown)}`);
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.constructor.name : "");
