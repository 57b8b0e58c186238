/**
 * What the Ollama dialect answers, as schemas for the document of the API: text and its lines, vectors, models.
 *
 * Nothing is parsed by them: tests hold what is sent against them, and against the types of the official client.
 *
 * @see https://github.com/ollama/ollama/blob/main/docs/api.md
 * @module
 */
import { z } from "zod";
import { ollamaRefusal } from "./refusal.ts";

/** An ISO 8601 time; the first there is, where it is not known. */
const date = z.string();

/** The last line of a stream, or the whole answer, says how it ended; times are in ns. */
const ending = {
  done: z.boolean(),
  done_reason: z.enum(["stop", "length", "load", "unload"]).optional(),
  total_duration: z.int().optional(),
  load_duration: z.int().optional(),
  prompt_eval_count: z.int().optional(),
  prompt_eval_duration: z.int().optional(),
  eval_count: z.int().optional(),
  eval_duration: z.int().optional(),
};
const head = { model: z.string(), created_at: date };

export const generated = z.object({ ...head, response: z.string(), ...ending });
export const generatedLine = z.union([generated, ollamaRefusal]);

const toolCall = z.object({
  function: z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }),
});
export const chatted = z.object({
  ...head,
  message: z.object({ role: z.literal("assistant"), content: z.string(), tool_calls: z.array(toolCall).optional() }),
  ...ending,
});
export const chattedLine = z.union([chatted, ollamaRefusal]);

export const embedded = z.object({
  model: z.string(),
  embeddings: z.array(z.array(z.number())),
  total_duration: z.int(),
  load_duration: z.int(),
  prompt_eval_count: z.int(),
});
export const embeddedOne = z.object({ embedding: z.array(z.number()) });

const details = z.object({
  parent_model: z.string(),
  format: z.literal("gguf"),
  family: z.string(),
  families: z.array(z.string()),
  parameter_size: z.string(),
  quantization_level: z.string(),
});
const identity = { name: z.string(), model: z.string(), digest: z.string(), details, size: z.int() };

export const tagsView = z.object({ models: z.array(z.object({ ...identity, modified_at: date })) });
export const runningView = z.object({
  models: z.array(z.object({ ...identity, size_vram: z.int(), expires_at: date })),
});
export const shown = z.object({
  license: z.string(),
  parameters: z.string(),
  template: z.string(),
  details,
  /** By the keys of a GGUF header. */
  model_info: z.record(z.string(), z.unknown()),
  capabilities: z.array(z.string()),
  modified_at: date,
});
export const versionView = z.object({ version: z.string() });

export const done = z.object({ status: z.literal("success") });
export const pulledLine = z.union([
  z.object({
    status: z.string(),
    digest: z.string().optional(),
    total: z.int().optional(),
    completed: z.int().optional(),
  }),
  ollamaRefusal,
]);
