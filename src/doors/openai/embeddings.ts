/**
 * Embeddings: texts in, vectors out, as numbers or as their bytes.
 *
 * @see https://platform.openai.com/docs/api-reference/embeddings
 * @module
 */
import type { Answer } from "../../protocol/route.ts";
import { vectorOf } from "../rbee.ts";
import { type Asked, gather, type Running } from "../run.ts";
import type { EmbeddingsRequest } from "./schema.ts";

export const embeddingsJob = ({ model, input }: EmbeddingsRequest): Asked => ({
  capability: "embedding",
  model,
  input: typeof input === "string" ? [input] : input,
});

export async function answerEmbeddings(request: EmbeddingsRequest, running: Running): Promise<Answer> {
  const { gathered, ended } = await gather(running);
  const data = gathered.vectors.map((bytes, index) => {
    const embedding = request.encoding_format === "base64" ? base64Of(bytes) : vectorOf(bytes);
    return { object: "embedding", index, embedding };
  });
  const tokens = ended.usage.promptTokens;
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return { status: 200, json: { object: "list", data, model: request.model, usage } };
}

const base64Of = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
