/**
 * Goal: a random model is a real one (it loads, writes and embeds) and its seed decides every byte of it.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getLlama, type Llama, resolveChatWrapper } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RandomModelOptions, writeRandomModel } from "../../../../tools/starter/random-model.ts";

let folder: string;
let llama: Llama;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rbee-random-model-"));
  llama = await getLlama({ gpu: false, build: "never" });
});
afterAll(async () => {
  await llama.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, options: Partial<RandomModelOptions>): string =>
  writeRandomModel({ path: join(folder, `${name}.gguf`), seed: 1, size: "tiny", ...options }).path;

describe("a random model", () => {
  test("R1 one seed gives one file, byte for byte, and another seed another", () => {
    const [one, again, other] = [write("one", {}), write("again", {}), write("other", { seed: 2 })].map((path) =>
      readFileSync(path),
    );
    expect(one?.equals(again ?? Buffer.alloc(0))).toBe(true);
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(false);
  });

  test("loads, writes the asked number of tokens and embeds a text", async () => {
    const model = await llama.loadModel({ modelPath: write("works", { pooling: "mean", contextTokens: 512 }) });
    expect(model.trainContextSize).toBe(512);
    expect(resolveChatWrapper(model).wrapperName).toBe("ChatML");
    const context = await model.createContext({ contextSize: 64, threads: 1 });
    const written: number[] = [];
    for await (const token of context.getSequence().evaluate(model.tokenize("the hive"), { temperature: 0 })) {
      if (written.push(token) === 8) break;
    }
    expect(written).toHaveLength(8);
    const embedding = await model.createEmbeddingContext({ contextSize: 64, threads: 1 });
    expect((await embedding.getEmbeddingFor("the hive")).vector).toHaveLength(64);
    await model.dispose();
  });

  test("carries no chat template when asked for none", async () => {
    const model = await llama.loadModel({ modelPath: write("raw", { chatTemplate: false }) });
    expect(model.fileInfo.metadata.tokenizer.chat_template).toBeUndefined();
    await model.dispose();
  });
});
