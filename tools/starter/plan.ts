/**
 * What the steps of the chain hand on: the shape and the vocabulary of a model in training.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { LlamaShape } from "./llama-shape.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface TrainingPlan {
  readonly shape: LlamaShape;
  readonly vocabulary: Vocabulary;
  readonly contextTokens: number;
}

const size = z.int().positive();
const planSchema = z.object({
  shape: z.object({
    dim: size,
    layers: size,
    heads: size,
    kvHeads: size,
    ffn: size,
    vocab: size,
    tied: z.boolean(),
  }),
  vocabulary: z.object({ tokens: z.array(z.string()), merges: z.array(z.string()) }),
  contextTokens: size,
}) satisfies z.ZodType<TrainingPlan>;

const planFile = (folder: string): string => join(folder, "plan.json");

export function writePlan(folder: string, plan: TrainingPlan): void {
  writeFileSync(planFile(folder), JSON.stringify(plan));
}

export function readPlan(folder: string): TrainingPlan {
  return planSchema.parse(JSON.parse(readFileSync(planFile(folder), "utf8")));
}
