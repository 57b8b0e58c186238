/**
 * Names of models as clients of the Ollama dialect write them, and what rbee calls the same models.
 *
 *  ON1 The name that a model is listed by means that model when it comes back, and no other.
 *  ON2 A repository's name means the one model that is here of it. Of several the client has to say which.
 *  ON3 A name that says by itself where its model is, such as `hf:` and `file:`, is nobody's to change.
 *
 * @module
 */
import type { ModelView } from "../../protocol/api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { HUB_PREFIX, hubName, means } from "../../protocol/model-name.ts";

/** The tag that clients add to a name without one. */
const LATEST = ":latest";
const HUB_HOST = /^(?:hf\.co|huggingface\.co)\//i;
const NAMES_TOLD_MAX = 20;
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

/** Which of these a client may mean by the name. */
export function modelsMeant<Model extends NamedModel>(name: string, all: readonly Model[]): readonly Model[] {
  const model = modelOf(name);
  const repo = isRepo(model) ? `${model}/` : undefined;
  return all.filter(({ id }) => (repo === undefined ? means(model, id) : id.startsWith(repo)));
}

/**
 * The one that is meant, if it is among them.
 *
 * @throws RbeeError model.ambiguous
 */
export function modelMeant<Model extends NamedModel>(name: string, all: readonly Model[]): Model | undefined {
  const [first, ...more] = modelsMeant(name, all);
  if (first === undefined || more.length === 0) return first;
  const names = [first, ...more].map(({ id }) => id).slice(0, NAMES_TOLD_MAX);
  throw new RbeeError("model.ambiguous", `${name} may mean ${names.join(", ")}.`);
}

/** The same for every name that means the same model. */
export function idOf(name: string, all: readonly NamedModel[]): string {
  const meant = modelsMeant(name, all);
  return meant.length === 1 ? (meant[0]?.id ?? name) : modelOf(name);
}

/** A repository stands for its models, as far as there is one. */
export function isRepo(model: string): boolean {
  const hub = hubName(model);
  return hub !== undefined && hub.file === undefined && hub.quant === undefined;
}

export type NamedModel = Pick<ModelView, "id" | "quant">;
