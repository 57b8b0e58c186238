/**
 * The library as it is imported here: its binary for the processor is loaded without a trial, and the packages it
 * downloads and builds with are left out.
 *
 * Before the library loads a binary it starts a process that does so first, in case that crashes: a third of a second,
 * of processor as well, in each worker's start. A driver may crash whoever loads it. The processor's binary has none, a
 * worker is a process of its own already, and `rbee doctor` asks the library as it comes.
 *
 * The packages that it only downloads models and builds itself with are a quarter of all modules that it loads.
 *
 *  LB1 The processor's binary is loaded without a trial; one that drives a GPU is tried as ever.
 *  LB2 What only downloads or builds is not loaded.
 *
 * A later library that keeps its trial elsewhere is taken as it comes.
 *
 * @module
 */
import { registerHooks } from "node:module";
import type * as NodeLlamaCpp from "node-llama-cpp";

const LIBRARY = "/node-llama-cpp/dist/";
const TRIAL = `${LIBRARY}bindings/utils/testBindingBinary.js`;

const WITHOUT_TRIAL = `
export async function testBindingBinary(path, backendsPath, gpu, ...rest) {
  if (gpu === false) return true;
  const { testBindingBinary: tried } = await import("./testBindingBinary.js?tried");
  return tried(path, backendsPath, gpu, ...rest);
}
`;

/** Of each package that is left out, what the library imports from it. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  ipull: ["downloadFile", "downloadSequence", "DownloadStatus"],
  "simple-git": ["simpleGit"],
  "cross-spawn": ["default"],
  ora: ["default"],
};

/** @returns the address of a module with these names, none of which is called */
function absence(name: string, exported: readonly string[]): string {
  const names = exported.map((its) => `absent as ${its}`).join(", ");
  const source = `const absent = () => { throw new Error("loaded without ${name}"); }; export { ${names} };`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** @throws what the import throws */
export async function importLibrary(): Promise<typeof NodeLlamaCpp> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const exported = context.parentURL?.includes(LIBRARY) === true ? LEFT_OUT[specifier] : undefined;
      if (exported === undefined) return next(specifier, context);
      return { url: absence(specifier, exported), format: "module", shortCircuit: true };
    },
    load: (url, context, next) =>
      url.endsWith(TRIAL) ? { format: "module", source: WITHOUT_TRIAL, shortCircuit: true } : next(url, context),
  });
  try {
    return await import("node-llama-cpp");
  } finally {
    hooks.deregister();
  }
}
