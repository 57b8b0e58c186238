/**
 * The native runtime: the library loaded and its backend chosen, once a process and choice of GPU.
 *
 * Owns that there is one. A second instance would lose the first one's log, in which the native side gives its reasons,
 * and cost a third of a second. It lives as long as the process; what weighs, models and contexts, is disposed by its
 * users.
 *
 * @module
 */
import type * as NodeLlamaCpp from "node-llama-cpp";
import type { EngineSpec } from "../engine.ts";
import { importLibrary } from "./binary.ts";
import { EngineLog, missingEngine } from "./failure.ts";

export type Binding = typeof NodeLlamaCpp;

export interface Runtime {
  readonly binding: Binding;
  readonly llama: NodeLlamaCpp.Llama;
  readonly log: EngineLog;
}

const started = new Map<EngineSpec["gpu"], Promise<Runtime>>();

/** @throws RbeeError engine.missing when the optional library, or a binary of it for this machine, is not there */
export function startRuntime(gpu: EngineSpec["gpu"]): Promise<Runtime> {
  const running = started.get(gpu) ?? start(gpu);
  started.set(gpu, running);
  running.catch(() => started.delete(gpu));
  return running;
}

async function start(gpu: EngineSpec["gpu"]): Promise<Runtime> {
  try {
    const binding = await importLibrary();
    const log = new EngineLog();
    const llama = await binding.getLlama({
      gpu: gpu === "auto" ? "auto" : false,
      build: "never",
      // No limit over all contexts: each context is given its own number of threads.
      maxThreads: 0,
      logLevel: binding.LlamaLogLevel.error,
      logger: (_level, message) => log.write(message),
    });
    return { binding, llama, log };
  } catch (thrown) {
    throw missingEngine(thrown);
  }
}
