/**
 * The library as it is imported here: its binary for the processor is loaded without a trial.
 *
 * Before the library loads a binary it starts a process that does so first, in case that crashes: a third of a second,
 * of processor as well, in each worker's start. A driver may crash whoever loads it. The processor's binary has none, a
 * worker is a process of its own already, and `rbee doctor` asks the library as it comes.
 *
 *  LB1 The processor's binary is loaded without a trial; one that drives a GPU is tried as ever.
 *
 * A later library that keeps its trial elsewhere is taken as it comes.
 *
 * @module
 */
import { registerHooks } from "node:module";
import type * as NodeLlamaCpp from "node-llama-cpp";

const TRIAL = "/node-llama-cpp/dist/bindings/utils/testBindingBinary.js";

const WITHOUT_TRIAL = `
export async function testBindingBinary(path, backendsPath, gpu, ...rest) {
  if (gpu === false) return true;
  const { testBindingBinary: tried } = await import("./testBindingBinary.js?tried");
  return tried(path, backendsPath, gpu, ...rest);
}
`;

/** @throws what the import throws */
export async function importLibrary(): Promise<typeof NodeLlamaCpp> {
  const hooks = registerHooks({
    load: (url, context, next) =>
      url.endsWith(TRIAL) ? { format: "module", source: WITHOUT_TRIAL, shortCircuit: true } : next(url, context),
  });
  try {
    return await import("node-llama-cpp");
  } finally {
    hooks.deregister();
  }
}
