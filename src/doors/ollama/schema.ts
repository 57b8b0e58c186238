/**
 * What clients of the Ollama dialect send, as schemas.
 *
 *  OL1 What the engine cannot do is refused by its name, never passed over; what would change nothing is taken.
 *
 * `truncate` and `shift` change nothing: they say what may be cut when a text does not fit, and nothing ever is; what
 * does not fit is refused with both numbers.
 *
 * @see https://github.com/ollama/ollama/blob/main/docs/api.md
 * @module
 */
import { z } from "zod";
import { LIMITS } from "../../protocol/api.ts";
import { none, nothing, only, unsaid } from "../only.ts";
import { messages, tools } from "./dialogue.ts";
import { keepAlive } from "./keep-alive.ts";
import { options } from "./options.ts";

const model = z.string().min(1).max(4096);
const text = z.string().max(LIMITS.promptChars);

/** A model is not changed by a template, and thinks only as its own text does. */
const making = {
  model,
  stream: z.boolean().nullish(),
  options,
  keep_alive: keepAlive,
  format: z
    .union([z.literal(["", "json"]), z.record(z.string(), z.unknown())], { error: "json, or a schema" })
    .nullish(),
  think: only(false),
  logprobs: only(false),
  top_logprobs: only(0),
  truncate: z.boolean().nullish(),
  shift: z.boolean().nullish(),
};

export const generateRequest = z.strictObject({
  ...making,
  prompt: text.nullish(),
  system: text.nullish(),
  suffix: unsaid("suffix"),
  template: unsaid("template"),
  raw: only(false),
  images: none("images"),
  context: none("tokens of an earlier answer"),
});
export type GenerateRequest = z.output<typeof generateRequest>;

export const chatRequest = z.strictObject({
  ...making,
  messages: messages.nullish(),
  tools: tools.nullish(),
});
export type ChatRequest = z.output<typeof chatRequest>;

const embedding = { model, options, keep_alive: keepAlive, truncate: z.boolean().nullish() };

export const embedRequest = z.strictObject({
  ...embedding,
  input: z.union([text, z.array(text).min(1).max(LIMITS.embeddingTexts)], { error: "a text or a list of texts" }),
  dimensions: nothing("dimensions"),
});
export type EmbedRequest = z.output<typeof embedRequest>;

/** The older shape, of one text. */
export const embeddingsRequest = z.strictObject({ ...embedding, prompt: text });
export type EmbeddingsRequest = z.output<typeof embeddingsRequest>;

/** Older clients write `name`. */
const named = { model: model.nullish(), name: model.nullish() };
interface Named {
  readonly model?: string | null | undefined;
  readonly name?: string | null | undefined;
}

/** Of a request that was parsed, there is one. */
export const nameIn = ({ model: given, name }: Named): string => given ?? name ?? "";
const isNamed = (asked: Named): boolean => nameIn(asked) !== "";
const UNNAMED = { error: "a model is needed", path: ["model"] };

export const deleteRequest = z.strictObject(named).refine(isNamed, UNNAMED);
export const showRequest = z
  .strictObject({
    ...named,
    verbose: z.boolean().nullish(),
    system: unsaid("system"),
    template: unsaid("template"),
    options,
  })
  .refine(isNamed, UNNAMED);
export const pullRequest = z
  .strictObject({ ...named, stream: z.boolean().nullish(), insecure: only(false) })
  .refine(isNamed, UNNAMED);
export type PullRequest = z.output<typeof pullRequest>;

export const copyRequest = z.strictObject({ source: model, destination: model });
export type CopyRequest = z.output<typeof copyRequest>;
