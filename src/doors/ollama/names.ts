/**
 * Names of models as clients of the Ollama dialect write them, and what rbee calls the same models.
 *
 *  ON1 The name that a model is listed by means that model when it comes back, and no other.
 *  ON2 A name that says by itself where its model is, such as `hf:` and `file:`, is nobody's to change.
 *
 * @module
 */
import type { ModelView } from "../../protocol/api.ts";
import { HUB_PREFIX, hubName, means } from "../../protocol/model-name.ts";

/** The tag that clients add to a name without one. */
const LATEST = ":latest";
const HUB_HOST = /^(?:hf\.co|huggingface\.co)\//i;
const SAYS_WHERE = /^(?:hf|file|ollama|openai):/;

/** `starter:latest` is `starter`, `hf.co/OWNER/REPO:Q4_K_M` is `hf:OWNER/REPO:Q4_K_M`. */
export function modelOf(name: string): string {
  if (SAYS_WHERE.test(name)) return name;
  const untagged = name.endsWith(LATEST) ? name.slice(0, -LATEST.length) : name;
  return untagged.replace(HUB_HOST, HUB_PREFIX);
}

/** @param all the models that it is listed among */
export function listedName({ id, quant }: NamedModel, all: readonly NamedModel[]): string {
  if (!SAYS_WHERE.test(id)) return `${id}${LATEST}`;
  const hub = hubName(id);
  if (hub === undefined) return id;
  const short = `hf.co/${hub.owner}/${hub.repo}:${quant}`;
  return modelsMeant(short, all).length === 1 ? short : id;
}

/** Which of these a client means by the name. */
export const modelsMeant = <Model extends NamedModel>(name: string, all: readonly Model[]): readonly Model[] =>
  all.filter(({ id }) => means(modelOf(name), id));

/** The same for every name that means the same model. */
export const idOf = (name: string, all: readonly NamedModel[]): string =>
  modelsMeant(name, all)[0]?.id ?? modelOf(name);

export type NamedModel = Pick<ModelView, "id" | "quant">;
