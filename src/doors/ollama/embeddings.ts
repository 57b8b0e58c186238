/**
 * Embeddings: texts in, vectors out; and the older shape, of one text.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { Answer } from "../../protocol/route.ts";
import { vectorOf } from "../rbee.ts";
import type { Asked, Running, Took } from "../run.ts";
import { modelOf } from "./names.ts";
import type { EmbeddingsRequest, EmbedRequest } from "./schema.ts";
import { figuresOf } from "./text.ts";

export function embedJob(request: EmbedRequest | EmbeddingsRequest): Asked {
  const input = "prompt" in request ? request.prompt : request.input;
  return {
    capability: "embedding",
    model: modelOf(request.model),
    input: typeof input === "string" ? [input] : input,
    keepAliveMs: request.keep_alive ?? undefined,
  };
}

export async function answerEmbed({ model }: EmbedRequest, running: Running): Promise<Answer> {
  const { vectors, took } = await vectorsOf(running);
  const { total_duration, load_duration, prompt_eval_count } = figuresOf(took);
  return { status: 200, json: { model, embeddings: vectors, total_duration, load_duration, prompt_eval_count } };
}

export async function answerEmbeddings(running: Running): Promise<Answer> {
  const [embedding = []] = (await vectorsOf(running)).vectors;
  return { status: 200, json: { embedding } };
}

async function vectorsOf({ heard }: Running): Promise<{ vectors: readonly number[][]; took: Took | undefined }> {
  const vectors: number[][] = [];
  for await (const part of heard) {
    if (part.type === "vector") vectors.push(vectorOf(part.bytes));
    if (part.type === "ended") return { vectors, took: part.ended.usage };
  }
  throw new RbeeError("stream.lost", "The answer has no end.");
}
