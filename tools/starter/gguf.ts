/**
 * Writes GGUF version 3 files: metadata, then tensors as F32, F16 or Q8_0.
 *
 * Owns the byte layout only; what the keys and tensors mean is the business of `llama-shape.ts` and `vocabulary.ts`.
 *   G1 The same input gives the same bytes: nothing of the time, the machine or the path gets into the file.
 *   G2 A reader sees the whole file or none of it: it is written beside its place and renamed.
 *
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 * @module
 */
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

export type GgufValue =
  | { readonly type: "u32" | "i32" | "f32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "i32s"; readonly value: readonly number[] }
  | { readonly type: "strings"; readonly value: readonly string[] };

export type TensorType = "f32" | "f16" | "q8_0";

export interface GgufTensor {
  readonly name: string;
  /** Fastest-moving dimension first: a matrix of `rows` outputs and `columns` inputs is [columns, rows]. */
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** Encoded by {@link encodeTensor}; several tensors may share one array. */
  readonly bytes: Uint8Array;
}

const VERSION = 3;
const ALIGNMENT_BYTES = 32;
const VALUE_TYPES = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const TENSOR_TYPES = { f32: 0, f16: 1, q8_0: 8 } as const;
const Q8_BLOCK = 32;
const Q8_BLOCK_BYTES = 2 + Q8_BLOCK;

/** @returns the size of the file in bytes. */
export function writeGguf(
  path: string,
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensor[],
): number {
  const temporary = `${path}.${process.pid}.part`;
  const file = openSync(temporary, "w");
  let written = 0;
  const write = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    const padding = paddingAfter(bytes.length);
    if (padding > 0) writeSync(file, new Uint8Array(padding));
    written += bytes.length + padding;
  };
  try {
    write(header(metadata, tensors));
    for (const tensor of tensors) write(tensor.bytes);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  return written;
}

/** Q8_0 takes whole blocks of 32 numbers, so the fastest dimension of such a tensor must be a multiple of 32. */
export function encodeTensor(type: TensorType, numbers: Float32Array): Uint8Array {
  if (type === "f32") return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  if (type === "f16") return encodeF16(numbers);
  return encodeQ8(numbers);
}

function header(metadata: ReadonlyMap<string, GgufValue>, tensors: readonly GgufTensor[]): Buffer {
  const parts = [Buffer.from("GGUF"), u32(VERSION), u64(tensors.length), u64(metadata.size)];
  for (const [key, value] of metadata) parts.push(text(key), ...encodeValue(value));
  let offset = 0;
  for (const { name, shape, type, bytes } of tensors) {
    parts.push(text(name), u32(shape.length), ...shape.map(u64), u32(TENSOR_TYPES[type]), u64(offset));
    offset += bytes.length + paddingAfter(bytes.length);
  }
  return Buffer.concat(parts);
}

function encodeValue(given: GgufValue): Buffer[] {
  switch (given.type) {
    case "u32":
      return [u32(VALUE_TYPES.u32), u32(given.value)];
    case "i32":
      return [u32(VALUE_TYPES.i32), i32(given.value)];
    case "f32":
      return [u32(VALUE_TYPES.f32), f32(given.value)];
    case "bool":
      return [u32(VALUE_TYPES.bool), Buffer.from([given.value ? 1 : 0])];
    case "string":
      return [u32(VALUE_TYPES.string), text(given.value)];
    case "i32s":
      return [...arrayHead(VALUE_TYPES.i32, given.value.length), ...given.value.map(i32)];
    case "strings":
      break;
  }
  return [...arrayHead(VALUE_TYPES.string, given.value.length), ...given.value.map(text)];
}

const arrayHead = (element: number, length: number): Buffer[] => [u32(VALUE_TYPES.array), u32(element), u64(length)];

const paddingAfter = (length: number): number => (ALIGNMENT_BYTES - (length % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES;

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([u64(bytes.length), bytes]);
}

function encodeF16(numbers: Float32Array): Uint8Array {
  const halves = new DataView(new ArrayBuffer(numbers.length * 2));
  for (let i = 0; i < numbers.length; i++) halves.setUint16(i * 2, halfBits(numbers[i] ?? 0), true);
  return new Uint8Array(halves.buffer);
}

/** Blocks of 32: a scale as F16, then the numbers as signed bytes in units of it. */
function encodeQ8(numbers: Float32Array): Uint8Array {
  if (numbers.length % Q8_BLOCK !== 0) throw new RangeError(`Q8_0 needs a multiple of ${Q8_BLOCK} numbers`);
  const out = new DataView(new ArrayBuffer((numbers.length / Q8_BLOCK) * Q8_BLOCK_BYTES));
  for (let start = 0, at = 0; start < numbers.length; start += Q8_BLOCK, at += Q8_BLOCK_BYTES) {
    let largest = 0;
    for (let i = start; i < start + Q8_BLOCK; i++) largest = Math.max(largest, Math.abs(numbers[i] ?? 0));
    const scale = largest / 127;
    out.setUint16(at, halfBits(scale), true);
    if (scale === 0) continue;
    for (let i = 0; i < Q8_BLOCK; i++) out.setInt8(at + 2 + i, Math.round((numbers[start + i] ?? 0) / scale));
  }
  return new Uint8Array(out.buffer);
}

const bitsOf = new DataView(new ArrayBuffer(4));

/** The sixteen bits of the nearest half-precision number, ties to even. */
function halfBits(value: number): number {
  bitsOf.setFloat32(0, value);
  const bits = bitsOf.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude >= 0x7f80_0000) return sign | (magnitude > 0x7f80_0000 ? 0x7e00 : 0x7c00);
  if (magnitude >= 0x4780_0000) return sign | 0x7c00; // 65536 and above is out of range
  if (magnitude < 0x3300_0000) return sign; // below half of the smallest subnormal
  const exponent = magnitude >>> 23;
  // A normal half keeps ten bits of the fraction; below 2^-14 each step down costs one more of them.
  const subnormal = exponent < 113;
  const fraction = subnormal ? (magnitude & 0x7f_ffff) | 0x80_0000 : magnitude - (112 << 23);
  const dropped = subnormal ? 126 - exponent : 13;
  const kept = fraction >>> dropped;
  const rest = fraction & ((1 << dropped) - 1);
  const half = 1 << (dropped - 1);
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}
