/**
 * Embeddings: texts in, vectors out; and the older shape, of one text.
 *
 * @module
 */
import type { Answer } from "../../protocol/route.ts";
import { vectorOf } from "../rbee.ts";
import { type Asked, gather, type Running } from "../run.ts";
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
  const { gathered, ended } = await gather(running);
  const embeddings = gathered.vectors.map(vectorOf);
  const { total_duration, load_duration, prompt_eval_count } = figuresOf(ended);
  return { status: 200, json: { model, embeddings, total_duration, load_duration, prompt_eval_count } };
}

export async function answerEmbeddings(running: Running): Promise<Answer> {
  const [embedding = []] = (await gather(running)).gathered.vectors.map(vectorOf);
  return { status: 200, json: { embedding } };
}
