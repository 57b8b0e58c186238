/**
 * What both shapes of text say of how it is made, as a job.
 *
 * @module
 */
import type { Asked } from "../run.ts";
import { modelOf } from "./names.ts";
import { optionsOf } from "./options.ts";
import type { ChatRequest, GenerateRequest } from "./schema.ts";

/** What `json` stands for: an object, whatever is in it. */
const ANY_OBJECT = { type: "object", additionalProperties: true };

export function makingOf({ model, format, options, keep_alive: keepAliveMs }: ChatRequest | GenerateRequest): Asked {
  const asksNoForm = format === undefined || format === null || format === "";
  return {
    capability: "text",
    model: modelOf(model),
    ...optionsOf(options),
    jsonSchema: asksNoForm ? undefined : format === "json" ? ANY_OBJECT : format,
    keepAliveMs: keepAliveMs ?? undefined,
  };
}
