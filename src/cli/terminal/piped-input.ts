/**
 * All that stdin holds, when it is no terminal.
 *
 * @module
 */
import { LIMITS } from "../../protocol/api.ts";
import { RbeeError } from "../../protocol/errors.ts";

/** @throws the reason of the signal, or `request.too.large` */
export async function readAll(signal: AbortSignal): Promise<string> {
  const stop = (): void => void process.stdin.destroy();
  signal.addEventListener("abort", stop, { once: true });
  process.stdin.setEncoding("utf8");
  let text = "";
  try {
    for await (const piece of process.stdin) {
      text += String(piece);
      if (text.length > LIMITS.promptChars) {
        throw new RbeeError("request.too.large", `the input is longer than ${LIMITS.promptChars} characters`);
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  signal.throwIfAborted();
  return text;
}
