/**
 * Goal: a name of a hub's model says which files are meant, and no name leads anywhere else.
 *
 * @see src/protocol/model-name.ts, MN1 MN2
 * @module
 */
import { fc } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { hubName, isModelFile, means, partsOf, quantOf } from "../../../src/protocol/model-name.ts";

describe("a name of a hub", () => {
  test.each([
    ["hf:o/r/f.gguf", { owner: "o", repo: "r", file: "f.gguf", quant: undefined }],
    ["hf:o/r/sub/f.GGUF", { owner: "o", repo: "r", file: "sub/f.GGUF", quant: undefined }],
    ["hf:o/r:q4_k_m", { owner: "o", repo: "r", file: undefined, quant: "Q4_K_M" }],
    ["hf:o/r", { owner: "o", repo: "r", file: undefined, quant: undefined }],
  ])("%s is read", (text, name) => {
    expect(hubName(text)).toEqual(name);
  });

  test.each([
    "starter",
    "file:/x.gguf",
    "hf:",
    "hf:o",
    "hf:o/",
    "hf:/r/f.gguf",
    "hf:o/r/f.bin",
    "hf:o/r/../f.gguf",
    "hf:../r/f.gguf",
    "hf:o/r//f.gguf",
    "hf:o/r/.hidden.gguf",
    "hf:o/r/-f.gguf",
    "hf:o/r:Q4:Q5",
    "hf:o/r:Q4/f.gguf",
    "hf:o/r/f\u0000.gguf",
    "hf:o/r/%2e%2e/f.gguf",
    `hf:o/r/${"x".repeat(500)}.gguf`,
  ])("MN1 %j is none", (text) => {
    expect(hubName(text)).toBeUndefined();
  });

  test("MN1 whatever is typed, no part of what is read leads out of its folder", () => {
    const piece = fc.constantFrom("..", ".", "/", "\\", ":", "hf:", "a", "b.gguf", "%2e", "\u0000", "-", "~", " ");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const name = hubName(`hf:${pieces.join("")}`);
        for (const part of [name?.owner, name?.repo, ...(name?.file ?? "").split("/")]) {
          if (part !== undefined && part !== "") expect(part).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._+-]*$/);
        }
      }),
    );
  });

  test.each([
    ["Qwen3-4B-Q4_K_M.gguf", "Q4_K_M"],
    ["Qwen3-4B-UD-IQ2_XXS.gguf", "IQ2_XXS"],
    ["model.Q8_0.gguf", "Q8_0"],
    ["gemma-3-1b-it-bf16.gguf", "BF16"],
    ["Q6_K/big-Q6_K-00002-of-00003.gguf", "Q6_K"],
    ["gpt-oss-20b-MXFP4.gguf", "MXFP4"],
    ["Qwen2-0.5B.gguf", ""],
    ["stories260K.gguf", ""],
  ])("of %s tells the quantization %j", (file, quant) => {
    expect(quantOf(file)).toBe(quant);
  });

  test("MN2 the first part of a split model stands for all of it", () => {
    expect(partsOf("a-00002-of-00003.gguf")).toEqual([1, 2, 3].map((part) => `a-0000${part}-of-00003.gguf`));
    expect(["a-00001-of-00003.gguf", "a-00002-of-00003.gguf", "mmproj-a-f16.gguf"].map(isModelFile)).toEqual([
      true,
      false,
      false,
    ]);
    expect(means("hf:o/r/a-Q4_0-00002-of-00003.gguf", "hf:o/r/a-Q4_0-00001-of-00003.gguf")).toBe(true);
    expect(means("hf:o/r:Q4_0", "hf:o/r/a-Q4_0-00001-of-00003.gguf")).toBe(true);
    expect(means("hf:o/other:Q4_0", "hf:o/r/a-Q4_0-00001-of-00003.gguf")).toBe(false);
  });
});
