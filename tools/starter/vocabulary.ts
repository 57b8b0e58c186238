/**
 * A byte-level vocabulary: special tokens, the 256 bytes, and pairs of tokens learnt from a text.
 *
 * Owns learning and the GGUF keys; splitting text into tokens is llama.cpp's work, in training as in use, so that the
 * two can never disagree. Words are cut much as it cuts them, only to know which pairs are worth learning.
 *   V1 Every byte is a token, so no text is out of reach.
 *   V2 Digits are never merged: a number is read and written one digit at a time, which is what makes sums learnable.
 *
 * @module
 */
import { PLAIN_CHATML } from "../../src/actors/engines/llama/chat-wrapper.ts";
import type { GgufValue } from "./gguf.ts";

export interface Vocabulary {
  readonly tokens: readonly string[];
  /** Pairs in order of learning, each as "left right". */
  readonly merges: readonly string[];
}

export const END_OF_TEXT = "<|endoftext|>";
const TURN_START = "<|im_start|>";
const TURN_END = "<|im_end|>";
const PADDING = "<|pad|>";
/** Their places in the list are their ids. */
export const SPECIAL_TOKENS: readonly string[] = [END_OF_TEXT, TURN_START, TURN_END, PADDING];

const TOKEN_TYPES = { normal: 1, control: 3 } as const;
const WORDS = /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** One turn as the chat template writes it. */
export const chatTurn = (role: string, content: string): string => `${TURN_START}${role}\n${content}${TURN_END}\n`;

const isPrintable = (byte: number): boolean =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);

/** GPT-2's table: each byte gets a printable character of its own, so that tokens are ordinary strings. */
function byteCharacters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++));
}

/**
 * Learns up to `mergeCount` pairs, the most frequent first; ties go to the pair that sorts first.
 * @param known pairs that were learnt earlier, and stay in front
 */
export function learnVocabulary(text: string, mergeCount: number, known: readonly string[] = []): Vocabulary {
  const bytes = byteCharacters();
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(WORDS)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const words = [...counts].map(([word, count]) => ({
    count,
    pieces: [...Buffer.from(word, "utf8")].map((byte) => bytes[byte] ?? ""),
  }));
  const merges: string[] = [];
  while (merges.length < known.length + mergeCount) {
    const best = known[merges.length] ?? mostFrequentPair(words);
    if (best === undefined) break;
    merges.push(best);
    const [left = "", right = ""] = best.split(" ");
    for (const word of words) word.pieces = joinPairs(word.pieces, left, right);
  }
  const tokens = [...SPECIAL_TOKENS, ...bytes, ...merges.map((merge) => merge.replace(" ", ""))];
  return { tokens: [...new Set(tokens)], merges };
}

interface CountedWord {
  readonly count: number;
  pieces: string[];
}

/** @returns undefined once no pair is seen twice. */
function mostFrequentPair(words: readonly CountedWord[]): string | undefined {
  const pairs = new Map<string, number>();
  for (const { count, pieces } of words) {
    for (let i = 0; i + 1 < pieces.length; i++) {
      const pair = `${pieces[i]} ${pieces[i + 1]}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + count);
    }
  }
  let best: string | undefined;
  let bestCount = 1;
  for (const [pair, count] of pairs) {
    if (count > bestCount || (count === bestCount && best !== undefined && pair < best)) {
      best = pair;
      bestCount = count;
    }
  }
  return best;
}

function joinPairs(pieces: readonly string[], left: string, right: string): string[] {
  const joined: string[] = [];
  for (let i = 0; i < pieces.length; i++) {
    const here = pieces[i] ?? "";
    if (here === left && pieces[i + 1] === right) {
      joined.push(left + right);
      i++;
    } else joined.push(here);
  }
  return joined;
}

/** @param chatTemplate another than ChatML, or none */
export function vocabularyMetadata(vocabulary: Vocabulary, chatTemplate: boolean | string): Map<string, GgufValue> {
  const template = chatTemplate === true ? PLAIN_CHATML : chatTemplate;
  const id = (token: string): GgufValue => ({ type: "u32", value: vocabulary.tokens.indexOf(token) });
  const types = vocabulary.tokens.map((_, index) =>
    index < SPECIAL_TOKENS.length ? TOKEN_TYPES.control : TOKEN_TYPES.normal,
  );
  return new Map<string, GgufValue>([
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.pre", { type: "string", value: "gpt-2" }],
    ["tokenizer.ggml.tokens", { type: "strings", value: vocabulary.tokens }],
    ["tokenizer.ggml.token_type", { type: "i32s", value: types }],
    ["tokenizer.ggml.merges", { type: "strings", value: vocabulary.merges }],
    ["tokenizer.ggml.bos_token_id", id(END_OF_TEXT)],
    ["tokenizer.ggml.eos_token_id", id(TURN_END)],
    ["tokenizer.ggml.padding_token_id", id(PADDING)],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: false }],
    ...(template === false ? [] : [["tokenizer.chat_template", { type: "string", value: template }] as const]),
  ]);
}
