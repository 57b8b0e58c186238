/**
 * Grammars that hold the sampler: of JSON by a schema, and of one name among several.
 *
 * @module
 */
import type { LlamaGrammar } from "node-llama-cpp";
import { RbeeError } from "../../../protocol/errors.ts";
import { grammarOf } from "../grammar/json-grammar.ts";
import type { Schema } from "../grammar/json-parts.ts";
import type { Loaded } from "./loading.ts";

/** Ends a name. */
export const NAME_END = "\n";

/**
 * @param schema one that was checked
 * @param instead what may stand in place of a document, as it is
 * @throws RbeeError schema.unsupported
 */
export async function schemaGrammar(
  { llama }: Loaded,
  schema: Schema,
  instead: readonly string[] = [],
): Promise<LlamaGrammar> {
  try {
    return await llama.createGrammar({ grammar: grammarOf(schema, instead) });
  } catch (thrown) {
    throw new RbeeError("schema.unsupported", `The schema makes no grammar: ${String(thrown)}`);
  }
}

/** @param names of letters, digits, `_` and `-` alone */
export function nameGrammar({ llama }: Loaded, names: readonly string[]): Promise<LlamaGrammar> {
  const choice = names.map((name) => `"${name}"`).join(" | ");
  return llama.createGrammar({ grammar: `root ::= [ ]? (${choice}) "\\n"` });
}
