/**
 * What lists and descriptions say of a model, in the fields that the dialect has for it.
 *
 *  OF1 What is not known is empty and never made up. A date that nobody noted is the first one there is, as clients
 *      know it; a digest stands for the model as it lies here, and is another one when that is another.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ModelView } from "../../protocol/api.ts";

/** "Never", to the clients. */
const NO_DATE = "0001-01-01T00:00:00Z";

export const dateOf = (atMs: number): string => (atMs > 0 ? new Date(atMs).toISOString() : NO_DATE);

/** Nobody reads gigabytes to answer a list: name, size and arrival tell one model from another. */
export const digestOf = ({ id, bytes, addedAtMs }: Pick<ModelView, "id" | "bytes" | "addedAtMs">): string =>
  createHash("sha256")
    .update(JSON.stringify([id, bytes, addedAtMs]))
    .digest("hex");

/** What headers and names of files tell. */
type Described = Partial<Pick<ModelView, "quant" | "architecture" | "parameters">>;

export function detailsOf({ quant, architecture = "", parameters = 0 }: Described) {
  return {
    parent_model: "",
    format: "gguf",
    family: architecture,
    families: architecture === "" ? [] : [architecture],
    parameter_size: parameters > 0 ? sizeOf(parameters) : "",
    quantization_level: quant ?? "",
  };
}

/** `8.0B`, `270.0M`, as the dialect writes them. */
function sizeOf(parameters: number): string {
  const [unit, letter] = parameters >= 1e9 ? ([1e9, "B"] as const) : ([1e6, "M"] as const);
  return `${(parameters / unit).toFixed(1)}${letter}`;
}
