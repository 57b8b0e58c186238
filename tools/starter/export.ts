/**
 * From trained weights to the file that is shipped: Q8_0 matrices, F32 norms, vocabulary and chat template.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeTensor, type GgufTensor, writeGguf } from "./gguf.ts";
import { elements, parameters, shapeMetadata, tensorPlans } from "./llama-shape.ts";
import { readPlan } from "./plan.ts";
import { vocabularyMetadata } from "./vocabulary.ts";

const NAME = "rbee starter";

/** Reads `plan.json` and `weights.bin` of the folder. @returns the size of the file in bytes. */
export function exportStarter(folder: string, path: string): number {
  const { shape, vocabulary, contextTokens } = readPlan(folder);
  const weights = readFileSync(join(folder, "weights.bin"));
  if (weights.byteLength !== parameters(shape) * 4) throw new RangeError("the weights are not those of the plan");
  const metadata = new Map([
    ...shapeMetadata(shape, {
      name: NAME,
      contextTokens,
      weights: "q8_0",
      pooling: "mean",
      about: { description: "A very small model that knows rbee's own words and little else.", license: "MIT" },
    }),
    ...vocabularyMetadata(vocabulary, true),
  ]);
  let at = weights.byteOffset;
  const tensors = tensorPlans(shape).map((tensor): GgufTensor => {
    const count = elements(tensor);
    const type = tensor.matrix ? "q8_0" : "f32";
    // Copied, because the view of a pooled buffer need not start at a multiple of four.
    const numbers = new Float32Array(weights.buffer.slice(at, at + count * 4));
    at += count * 4;
    return { name: tensor.name, shape: tensor.shape, type, bytes: encodeTensor(type, numbers) };
  });
  return writeGguf(path, metadata, tensors);
}
