/**
 * Reads a starter back from its file, so that its training can go on with more words in its vocabulary.
 *
 * Owns the way back from Q8_0. A token that is new begins as the mean of the two that it joins.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { readGgufFileInfo } from "node-llama-cpp";
import { z } from "zod";
import { elements, type LlamaShape, tensorPlans } from "./llama-shape.ts";
import { SPECIAL_TOKENS, type Vocabulary } from "./vocabulary.ts";

const Q8_BLOCK = 32;
const Q8_BLOCK_BYTES = 2 + Q8_BLOCK;
const EMBEDDING = "token_embd.weight";

const tokenizer = z.object({ tokens: z.array(z.string()), merges: z.array(z.string()) });

export async function vocabularyOf(path: string): Promise<Vocabulary> {
  const { metadata } = await readGgufFileInfo(path);
  return tokenizer.parse(metadata.tokenizer.ggml);
}

/** @returns the weights as the trainer keeps them: numbers of 32 bits in the order of the file, for this vocabulary */
export async function weightsFor(path: string, shape: LlamaShape, vocabulary: Vocabulary): Promise<Float32Array> {
  const { tensorInfo = [] } = await readGgufFileInfo(path, { readTensorInfo: true });
  const bytes = readFileSync(path);
  const known = (await vocabularyOf(path)).tokens.length;
  const parts = tensorPlans({ ...shape, vocab: known }).map((plan) => {
    const its = tensorInfo.find(({ name }) => name === plan.name);
    if (its === undefined) throw new RangeError(`${path} has no ${plan.name}`);
    const from = bytes.subarray(Number(its.fileOffset));
    const numbers = plan.matrix ? decodeQ8(from, elements(plan)) : decodeF32(from, elements(plan));
    return plan.name === EMBEDDING ? grown(numbers, shape.dim, known, vocabulary) : numbers;
  });
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

function decodeF32(bytes: Buffer, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => bytes.readFloatLE(index * 4));
}

function decodeQ8(bytes: Buffer, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => {
    const block = Math.floor(index / Q8_BLOCK) * Q8_BLOCK_BYTES;
    return half(bytes.readUInt16LE(block)) * bytes.readInt8(block + 2 + (index % Q8_BLOCK));
  });
}

/** What sixteen bits stand for, of a finite number. */
function half(bits: number): number {
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

function grown(rows: Float32Array, dim: number, known: number, { tokens, merges }: Vocabulary): Float32Array {
  const all = new Float32Array(tokens.length * dim);
  all.set(rows);
  const parts = new Map(merges.map((merge) => [merge.replace(" ", ""), merge.split(" ")]));
  for (let token = Math.max(known, SPECIAL_TOKENS.length); token < tokens.length; token++) {
    const [left, right] = (parts.get(tokens[token] ?? "") ?? []).map((part) => tokens.indexOf(part) * dim);
    if (left === undefined || right === undefined) throw new RangeError(`token ${token} joins nothing`);
    for (let i = 0; i < dim; i++) all[token * dim + i] = ((all[left + i] ?? 0) + (all[right + i] ?? 0)) / 2;
  }
  return all;
}
