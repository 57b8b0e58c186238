/**
 * Embeddings: texts in, vectors out, as numbers or as their bytes.
 *
 * @see https://platform.openai.com/docs/api-reference/embeddings
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { Answer } from "../../protocol/route.ts";
import { vectorOf } from "../rbee.ts";
import type { Asked, Running } from "../run.ts";
import type { EmbeddingsRequest } from "./schema.ts";

export const embeddingsJob = ({ model, input }: EmbeddingsRequest): Asked => ({
  capability: "embedding",
  model,
  input: typeof input === "string" ? [input] : input,
});

export async function answerEmbeddings(request: EmbeddingsRequest, { heard }: Running): Promise<Answer> {
  const data: object[] = [];
  for await (const part of heard) {
    if (part.type === "vector") {
      const embedding = request.encoding_format === "base64" ? base64Of(part.bytes) : vectorOf(part.bytes);
      data.push({ object: "embedding", index: data.length, embedding });
    }
    if (part.type !== "ended") continue;
    const tokens = part.ended.usage.promptTokens;
    const usage = { prompt_tokens: tokens, total_tokens: tokens };
    return { status: 200, json: { object: "list", data, model: request.model, usage } };
  }
  throw new RbeeError("stream.lost", "The answer has no end.");
}

const base64Of = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
