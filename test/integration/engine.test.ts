/**
 * The real engine keeps the contract of every engine, on models of random weights and one thread.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LlamaEngine } from "../../src/actors/engines/llama/llama.ts";
import { callsContract, TOOLS_CONTEXT_TOKENS } from "../support/calls-contract.ts";
import { CONTEXT_TOKENS, engineContract, type EngineWorld } from "../support/engine-contract.ts";
import { modelFolder, randomModel, workedMs } from "../support/tiny-models.ts";

function world(): EngineWorld {
  const chat = randomModel({ contextTokens: CONTEXT_TOKENS });
  const bytes = readFileSync(chat);
  const broken = (name: string, content: Buffer): string => {
    const path = join(modelFolder(), `${name}.gguf`);
    writeFileSync(path, content);
    return path;
  };
  const other = Buffer.from(bytes);
  other.write("llamb", other.indexOf("llama", other.indexOf("general.architecture")));
  return {
    engine: (availableBytes = Infinity) =>
      new LlamaEngine({ now: () => performance.now(), workedMs, availableBytes: () => availableBytes }),
    files: {
      chat,
      tools: randomModel({ contextTokens: TOOLS_CONTEXT_TOKENS }),
      raw: randomModel({ contextTokens: CONTEXT_TOKENS, chatTemplate: false }),
      missing: join(modelFolder(), "missing.gguf"),
      foreign: broken("foreign", Buffer.from("This is no model.")),
      cut: broken("cut", bytes.subarray(0, bytes.length - 1_000)),
      architecture: broken("architecture", other),
    },
    settle: (promise) => promise,
  };
}

engineContract("node-llama-cpp", world);
callsContract("node-llama-cpp", world);
