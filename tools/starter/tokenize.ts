/**
 * From corpus to training data: learns the vocabulary, then lets llama.cpp itself split the chats into tokens.
 *
 * Writes four files for the trainer into a folder: `tokens.bin` (16 bits a token, the top bit set on what is to be
 * learnt: the answers), `lengths.bin` (16 bits a chat), `shared.bin` (16 bits a chat: with how many tokens it begins
 * as the first of its group does, which are not written again; 0 is that first one) and `plan.json` (the shape and the
 * vocabulary).
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { getLlama, LlamaLogLevel, type LlamaModel } from "node-llama-cpp";
import type { Group } from "./corpus/corpus.ts";
import type { Turn } from "./corpus/example.ts";
import { writeGguf } from "./gguf.ts";
import { type LlamaShape, shapeMetadata } from "./llama-shape.ts";
import { writePlan } from "./plan.ts";
import { chatTurn, END_OF_TEXT, type Vocabulary, vocabularyMetadata } from "./vocabulary.ts";

const LEARNT = 0x8000;
/** What the vocabulary is learnt from; the others say the same words. */
const SAMPLE_GROUPS = 8_000;
/** Of one group together; what goes beyond begins another. */
const GROUP_TOKENS_MAX = 1_024;

export function textOf(groups: readonly Group[]): string {
  return groups
    .slice(0, SAMPLE_GROUPS)
    .flatMap((group) => group.flatMap((chat) => chat.map(({ content }) => content)))
    .join("\n");
}

export async function tokenizeCorpus(
  groups: readonly Group[],
  body: Omit<LlamaShape, "vocab">,
  { folder, contextTokens, vocabulary }: { folder: string; contextTokens: number; vocabulary: Vocabulary },
): Promise<{ readonly shape: LlamaShape; readonly tokens: number; readonly longest: number }> {
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
  const tokenized = groups.flatMap((group) => branches(group.map((chat) => chatTokens(model, chat))));
  const lengths = tokenized.map(({ tokens }) => tokens.length);
  await llama.dispose();
  writeFileSync(join(folder, "tokens.bin"), Uint16Array.from(tokenized.flatMap(({ tokens }) => tokens)));
  writeFileSync(join(folder, "lengths.bin"), Uint16Array.from(lengths));
  writeFileSync(join(folder, "shared.bin"), Uint16Array.from(tokenized.map(({ shared }) => shared)));
  writePlan(folder, { shape, vocabulary, contextTokens });
  return {
    shape,
    tokens: lengths.reduce((sum, length) => sum + length, 0),
    longest: lengths.reduce((a, b) => Math.max(a, b), 0),
  };
}

interface Branch {
  readonly tokens: readonly number[];
  readonly shared: number;
}

/** The first chat of a group whole; of each other what it does not share with that. */
function branches(chats: readonly (readonly number[])[]): readonly Branch[] {
  const all: Branch[] = [];
  let first: readonly number[] = [];
  let room = 0;
  for (const chat of chats) {
    const differs = chat.findIndex((token, index) => token !== first[index]);
    const shared = differs < 0 || differs >= first.length ? 0 : differs;
    const tokens = chat.slice(shared);
    if (shared > 0 && tokens.length <= room) {
      all.push({ tokens, shared });
      room -= tokens.length;
      continue;
    }
    all.push({ tokens: chat, shared: 0 });
    first = chat;
    room = GROUP_TOKENS_MAX - chat.length;
  }
  return all;
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
