/**
 * From corpus to training data: learns the vocabulary, then lets llama.cpp itself split the chats into tokens.
 *
 * Writes three files for the trainer into a folder: `tokens.bin` (16 bits a token, the top bit set on what is to be
 * learnt: the answers), `lengths.bin` (16 bits a chat) and `plan.json` (the shape and the vocabulary).
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { getLlama, LlamaLogLevel, type LlamaModel } from "node-llama-cpp";
import type { Turn } from "./corpus/example.ts";
import { writeGguf } from "./gguf.ts";
import { type LlamaShape, shapeMetadata } from "./llama-shape.ts";
import { writePlan } from "./plan.ts";
import { chatTurn, END_OF_TEXT, learnVocabulary, type Vocabulary, vocabularyMetadata } from "./vocabulary.ts";

const LEARNT = 0x8000;
/** Chats the vocabulary is learnt from; the others say the same words. */
const SAMPLE_CHATS = 8_000;

export async function tokenizeCorpus(
  chats: readonly (readonly Turn[])[],
  body: Omit<LlamaShape, "vocab">,
  options: {
    readonly folder: string;
    readonly mergeCount: number;
    readonly contextTokens: number;
    /** Learnt from the chats unless given. */
    readonly vocabulary?: Vocabulary | undefined;
  },
): Promise<{ readonly tokens: number; readonly longest: number }> {
  const { folder, mergeCount, contextTokens } = options;
  const sample = chats.slice(0, SAMPLE_CHATS).flatMap((chat) => chat.map(({ content }) => content));
  const vocabulary = options.vocabulary ?? learnVocabulary(sample.join("\n"), mergeCount);
  const shape: LlamaShape = { ...body, vocab: vocabulary.tokens.length };
  const vocabularyFile = join(folder, "vocabulary.gguf");
  const metadata = [
    ...shapeMetadata(shape, { name: "vocabulary", contextTokens, weights: "f32" }),
    ...vocabularyMetadata(vocabulary, true),
  ];
  writeGguf(vocabularyFile, new Map(metadata), []);
  // Reading the tensors that are not there is reported as an error and does no harm, hence the log level.
  const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.disabled });
  const model = await llama.loadModel({ modelPath: vocabularyFile, vocabOnly: true });
  const tokenized = chats.map((chat) => chatTokens(model, chat));
  const lengths = tokenized.map(({ length }) => length);
  await llama.dispose();
  writeFileSync(join(folder, "tokens.bin"), Uint16Array.from(tokenized.flat()));
  writeFileSync(join(folder, "lengths.bin"), Uint16Array.from(lengths));
  writePlan(folder, { shape, vocabulary, contextTokens });
  return {
    tokens: lengths.reduce((sum, length) => sum + length, 0),
    longest: lengths.reduce((a, b) => Math.max(a, b), 0),
  };
}

/**
 * A chat as llama.cpp is given it, from its begin token on. The answers are learnt with the mark that ends them, so
 * that the model stops by itself.
 */
function chatTokens(model: LlamaModel, chat: readonly Turn[]): number[] {
  const spoken = chat.flatMap(({ role, content }) => {
    const whole = model.tokenize(chatTurn(role, content), true);
    if (role !== "assistant") return whole;
    const lead = model.tokenize(chatTurn(role, ""), true).length - 2; // without the end mark and its line break
    return whole.map((token, index) => (index >= lead && index < whole.length - 1 ? token | LEARNT : token));
  });
  return [...model.tokenize(END_OF_TEXT, true), ...spoken];
}
