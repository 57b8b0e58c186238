/**
 * Grammars that hold the sampler: of JSON by a schema, and of one name among several.
 *
 * @module
 */
import type { LlamaGrammar } from "node-llama-cpp";
import { RbeeError } from "../../protocol/errors.ts";
import { checkSchema } from "./json-schema.ts";
import type { Loaded } from "./llama-loading.ts";

/** The converter ends every document with these, so that a model that will not stop is stopped. */
export const DOCUMENT_END = "\n\n\n\n";

/** Ends a name. */
export const NAME_END = "\n";

/** @throws RbeeError schema.unsupported */
export async function schemaGrammar({ llama }: Loaded, schema: unknown): Promise<LlamaGrammar> {
  checkSchema(schema);
  try {
    // The check above is what the parameter's type stands for.
    return await llama.createGrammarForJsonSchema(schema as Parameters<typeof llama.createGrammarForJsonSchema>[0]);
  } catch (thrown) {
    throw new RbeeError("schema.unsupported", `The schema makes no grammar: ${String(thrown)}`);
  }
}

/** @param names of letters, digits, `_` and `-` alone */
export function nameGrammar({ llama }: Loaded, names: readonly string[]): Promise<LlamaGrammar> {
  const choice = names.map((name) => `"${name}"`).join(" | ");
  return llama.createGrammar({ grammar: `root ::= [ ]? (${choice}) "\\n"` });
}
