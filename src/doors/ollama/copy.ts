/**
 * Copy: another name for a model. A model is its file here and has the name of that alone, so that only what is asked
 * for twice is there already.
 *
 * @module
 */
import type { ModelView } from "../../protocol/api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { idOf, modelMeant } from "./names.ts";
import type { CopyRequest } from "./schema.ts";

export function copy({ source, destination }: CopyRequest, all: readonly ModelView[]): object {
  const model = modelMeant(source, all);
  if (model === undefined) throw new RbeeError("model.absent", `${source} is not on this machine.`);
  if (idOf(destination, all) === model.id) return { status: "success" };
  const details = { field: "destination", found: destination.slice(0, 80), allowed: model.id };
  throw new RbeeError("request.invalid", "destination: a model has no second name here.", details);
}
