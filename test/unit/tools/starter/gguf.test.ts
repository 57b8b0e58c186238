/**
 * Goal: what the writer writes, llama.cpp reads back. Method: write small files, read them with its own reader, and
 * decode the tensors by the published layout of each type.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fc, test } from "@fast-check/vitest";
import { readGgufFileInfo } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { encodeTensor, type GgufValue, writeGguf } from "../../../../tools/starter/gguf.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rbee-gguf-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const METADATA = new Map<string, GgufValue>([
  ["general.architecture", { type: "string", value: "llama" }],
  ["general.name", { type: "string", value: "Bienenkönigin 女王" }],
  ["llama.block_count", { type: "u32", value: 4_000_000_000 }],
  ["llama.rope.freq_base", { type: "f32", value: 0.5 }],
  ["tokenizer.ggml.add_bos_token", { type: "bool", value: true }],
  ["tokenizer.ggml.tokens", { type: "strings", value: ["a", "", "ç"] }],
  ["tokenizer.ggml.token_type", { type: "i32s", value: [1, -2, 3] }],
]);

const half = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
};

const halves = (bytes: Uint8Array): number[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 2 }, (_, index) => half(view.getUint16(index * 2, true)));
};

describe("the GGUF writer", () => {
  test("llama.cpp's own reader gets back every key and every tensor's place", async () => {
    const path = join(folder, "round-trip.gguf");
    const size = writeGguf(path, METADATA, [
      { name: "one", shape: [3], type: "f32", bytes: encodeTensor("f32", Float32Array.of(1, 2, 3)) },
      { name: "two", shape: [32, 2], type: "q8_0", bytes: encodeTensor("q8_0", new Float32Array(64).fill(1)) },
    ]);
    const info = await readGgufFileInfo(path);
    expect(info.version).toBe(3);
    expect(info.metadata.general.name).toBe("Bienenkönigin 女王");
    expect(info.metadata).toMatchObject({
      llama: { block_count: 4_000_000_000, rope: { freq_base: 0.5 } },
      tokenizer: { ggml: { add_bos_token: true, tokens: ["a", "", "ç"], token_type: [1, -2, 3] } },
    });
    expect(info.fullTensorInfo?.map(({ name, dimensions, offset }) => [name, dimensions, Number(offset)])).toEqual([
      ["one", [3], 0],
      ["two", [32, 2], 32],
    ]);
    const file = readFileSync(path);
    expect(file.length).toBe(size);
    expect(file.length % 32).toBe(0);
    // Twelve bytes and sixty-eight, each filled up to a multiple of 32.
    const data = file.subarray(file.length - 32 - 96);
    expect([data.readFloatLE(0), data.readFloatLE(4), data.readFloatLE(8)]).toEqual([1, 2, 3]);
    expect(data.readInt8(32 + 2)).toBe(127);
  });

  test("G2 no half-written file is left beside the finished one", () => {
    writeGguf(join(folder, "alone.gguf"), METADATA, []);
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
    expect(() => writeGguf(join(folder, "nowhere", "x.gguf"), METADATA, [])).toThrow("ENOENT");
  });

  test.prop([fc.float({ noNaN: true, min: -65_504, max: 65_504 })])("F16 keeps the nearest number", (number) => {
    const [kept = NaN] = halves(encodeTensor("f16", Float32Array.of(number)));
    const step = Math.max(2 ** -24, 2 ** (Math.floor(Math.log2(Math.abs(number) || 1)) - 10));
    expect(Math.abs(kept - number)).toBeLessThanOrEqual(step / 2);
  });

  test("F16 rounds ties to even and goes to infinity beyond its range", () => {
    const numbers = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 65_520, -1e9, 2 ** -25, 3 * 2 ** -25, 0);
    expect(halves(encodeTensor("f16", numbers))).toEqual([1, 1 + 2 ** -9, Infinity, -Infinity, 0, 2 ** -23, 0]);
  });

  test.prop([fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), { minLength: 32, maxLength: 32 })])(
    "Q8_0 stays within one step of a block's largest number",
    (numbers) => {
      const bytes = encodeTensor("q8_0", Float32Array.from(numbers));
      const largest = Math.max(...numbers.map(Math.abs));
      const [scale = NaN] = halves(bytes.subarray(0, 2));
      numbers.forEach((number, index) => {
        const kept = (((bytes[2 + index] ?? 0) << 24) >> 24) * scale;
        expect(Math.abs(kept - number)).toBeLessThanOrEqual(largest / 127 + 2 ** -18);
      });
    },
  );

  test("Q8_0 refuses what is not whole blocks", () => {
    expect(() => encodeTensor("q8_0", new Float32Array(33))).toThrow(RangeError);
  });
});
