/**
 * The `machine` port: what a model is, what it needs, and what this machine has.
 *
 * Owns: finding the file behind a model's name, reading its header, measuring memory. Does not own: the decision.
 *
 * @module
 */
import { totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { readGgufHeader } from "../actors/engines/gguf-header.ts";
import { memoryFloorBytes } from "../actors/engines/gguf-memory.ts";
import { errorData, RbeeError } from "../protocol/errors.ts";
import type { MachineAsk } from "../protocol/ports.ts";
import type { AskResult, Message } from "../runtime/envelope.ts";
import type { Port } from "../runtime/ports.ts";

/** A Node process with the engine loaded, before any weights: measured on Linux, rounded up. */
const PROCESS_BYTES = 128 * 2 ** 20;

/** The model that ships with rbee. */
export const STARTER = "starter";
const STARTER_PATH = fileURLToPath(new URL("../../models/starter.gguf", import.meta.url));

export interface MachineOptions {
  readonly contextTokens: number;
  readonly slots: number;
}

export function machinePort({ contextTokens, slots }: MachineOptions): Port {
  const measure = async ({ worker, model }: MachineAsk): Promise<Message> => {
    const path = pathOf(model);
    const needBytes = memoryFloorBytes(await readGgufHeader(path), contextTokens, slots) + PROCESS_BYTES;
    return { type: "measured", worker, path, needBytes, ...memory() } as Message;
  };
  return {
    ask({ event }, answer) {
      // Asked by the hive of this node alone, with the port's own type.
      const done = (result: AskResult): void => answer(result);
      measure(event as MachineAsk).then(
        (made) => done({ ok: true, event: made }),
        (thrown: unknown) => done({ ok: false, error: errorData(thrown) }),
      );
    },
    drop() {},
  };
}

export function memory(): { readonly totalBytes: number; readonly freeBytes: number } {
  const constrained = process.constrainedMemory();
  const totalBytes = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return { totalBytes, freeBytes: Math.min(totalBytes, process.availableMemory()) };
}

function pathOf(model: string): string {
  if (model === STARTER) return STARTER_PATH;
  if (model.startsWith("file:")) return model.slice("file:".length);
  throw new RbeeError("model.not.found", `no model is called ${model}; known are starter and file:/path/model.gguf`);
}
