/**
 * The entry of a short-lived process that asks the engine what one backend finds on this machine.
 *
 * A process of its own, because drivers crash and hang: whoever forked it (devices.ts) keeps the time. Its one answer
 * is a line of JSON on the channel's descriptor, which no driver writes to.
 *
 * @module
 */
import { writeSync } from "node:fs";
import type { LlamaGpuType } from "node-llama-cpp";
import type { Binding } from "../../actors/engines/llama/runtime.ts";
import { EngineLog } from "../../actors/engines/llama/failure.ts";
import { CHANNEL_FD } from "../../net/channel.ts";
import type { Found } from "./devices.ts";

const PLATFORMS: Readonly<Record<string, string>> = { linux: "linux", darwin: "mac", win32: "win" };

async function ask(kind: string): Promise<Found> {
  let binding: Binding;
  try {
    binding = await import("node-llama-cpp");
  } catch {
    return no("the optional package node-llama-cpp is not installed");
  }
  const gpu: LlamaGpuType = kind === "cuda" || kind === "metal" || kind === "vulkan" ? kind : false;
  if (!(await binding.getLlamaGpuTypes("allValid")).includes(gpu)) return no("not for this kind of machine");
  if (gpu !== false && !hasBinary(gpu)) return no(`the engine's binary for ${kind} is not installed`);
  const log = new EngineLog();
  try {
    return await found(binding, gpu, log);
  } catch (thrown) {
    const isSupported = (await binding.getLlamaGpuTypes("supported")).includes(gpu);
    const why = isSupported ? "the engine's binary does not run here" : "no driver, or no device that it drives";
    const words = log.text === "" ? "" : `; the engine says: ${log.text}`;
    return no(thrown instanceof binding.NoBinaryFoundError ? `${why}${words}` : `${why}: ${String(thrown)}${words}`);
  }
}

async function found(binding: Binding, gpu: LlamaGpuType, log: EngineLog): Promise<Found> {
  const llama = await binding.getLlama({
    gpu,
    build: "never",
    maxThreads: 0,
    logLevel: binding.LlamaLogLevel.warn,
    logger: (_level, message) => log.write(message),
  });
  const names = await llama.getGpuDeviceNames();
  const { total, free, unifiedSize } = await llama.getVramState();
  if (gpu !== false && (llama.gpu !== gpu || names.length === 0)) return no("no device was found");
  return { usable: true, why: "", names, totalBytes: total, freeBytes: free, sharedBytes: unifiedSize };
}

const no = (why: string): Found => ({ usable: false, why, names: [], totalBytes: 0, freeBytes: 0, sharedBytes: 0 });

function hasBinary(kind: string): boolean {
  const platform = PLATFORMS[process.platform] ?? process.platform;
  try {
    import.meta.resolve(`@node-llama-cpp/${platform}-${process.arch}-${kind}`);
    return true;
  } catch {
    return false;
  }
}

writeSync(CHANNEL_FD, `${JSON.stringify(await ask(process.argv[2] ?? "cpu"))}\n`);
process.exit(0);
