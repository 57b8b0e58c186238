/**
 * Goal: the training of a starter can go on from its file alone. Method: a file of random weights, read back.
 *
 * @see tools/starter/resume.ts
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { encodeTensor, writeGguf } from "../../../../tools/starter/gguf.ts";
import { elements, parameters, shapeMetadata, tensorPlans } from "../../../../tools/starter/llama-shape.ts";
import { vocabularyOf, weightsFor } from "../../../../tools/starter/resume.ts";
import { seeded } from "../../../../tools/starter/seeded.ts";
import { learnVocabulary, vocabularyMetadata } from "../../../../tools/starter/vocabulary.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const TEXT = "the bees of the hive and the bees of the tree ".repeat(9);
const BODY = { dim: 64, layers: 1, heads: 2, kvHeads: 1, ffn: 64, tied: true };

test("weights come back as exactly as their file has them, and a new token begins between the two it joins", async () => {
  const path = join(temporaryFolder(), "small.gguf");
  const chance = seeded(5);
  const before = learnVocabulary(TEXT, 6);
  const shape = { ...BODY, vocab: before.tokens.length };
  const all = tensorPlans(shape).map((plan) => Float32Array.from({ length: elements(plan) }, () => chance.gaussian()));
  const tensors = tensorPlans(shape).map(({ name, shape: sizes, matrix }, index) => {
    const type = matrix ? "q8_0" : "f32";
    return { name, shape: sizes, type, bytes: encodeTensor(type, all[index] ?? new Float32Array()) } as const;
  });
  const metadata = shapeMetadata(shape, { name: "small", contextTokens: 64, weights: "q8_0" });
  writeGguf(path, new Map([...metadata, ...vocabularyMetadata(before, true)]), tensors);

  expect(await vocabularyOf(path)).toEqual(before);
  const after = learnVocabulary(TEXT, 2, before.merges);
  expect(after.tokens.slice(0, before.tokens.length)).toEqual(before.tokens);
  const more = { ...BODY, vocab: after.tokens.length };
  const read = await weightsFor(path, more, after);
  expect(read).toHaveLength(parameters(more));

  const known = before.tokens.length * BODY.dim;
  const written = Float32Array.from(all.flatMap((part) => [...part]));
  const worst = (from: number, to: number, count: number): number =>
    Math.max(...Array.from({ length: count }, (_, i) => Math.abs((read[to + i] ?? NaN) - (written[from + i] ?? 0))));
  expect(worst(0, 0, known)).toBeLessThan(0.02);
  expect(worst(known, after.tokens.length * BODY.dim, written.length - known)).toBeLessThan(0.02);
  const row = (token: string): number => after.tokens.indexOf(token) * BODY.dim;
  const [left = "", right = ""] = after.merges.at(-1)?.split(" ") ?? [];
  expect(read[row(left + right)]).toBeCloseTo(((read[row(left)] ?? 0) + (read[row(right)] ?? 0)) / 2, 5);
});
