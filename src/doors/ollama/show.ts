/**
 * What is known of a model of this machine. Of one that is not here nothing is said, whatever the hub may have.
 *
 * @module
 */
import type { ModelInfo } from "../../protocol/api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import type { Call } from "../../protocol/route.ts";
import type { ModelsSeat } from "../models.ts";
import { modelFrom } from "../rbee.ts";
import { QUEENBEE } from "../run.ts";
import { dateOf, detailsOf } from "./facts.ts";
import { modelMeant, modelOf } from "./names.ts";

/** Every model here makes text, and vectors. */
const CAPABILITIES = ["completion", "embedding"];

export async function show(seat: ModelsSeat, name: string, { local, peer }: Call): Promise<object> {
  const model = modelOf(name);
  if (model === QUEENBEE) return described({ quant: "" }, 0);
  modelFrom(model, local);
  const here = modelMeant(name, (await seat.list(peer?.name)).models);
  if (here === undefined && !model.startsWith("file:")) {
    throw new RbeeError("model.absent", `${name} is not on this machine.`);
  }
  return described(await seat.info(here?.id ?? model, here?.machines[0]), here?.addedAtMs ?? 0);
}

const described = (info: Partial<ModelInfo>, addedAtMs: number): object => ({
  license: "",
  parameters: "",
  template: "",
  details: detailsOf(info),
  model_info: metadataOf(info),
  capabilities: CAPABILITIES,
  modified_at: dateOf(addedAtMs),
});

/** Under the keys of a GGUF header. */
const metadataOf = ({ architecture, parameters, contextTokens }: Partial<ModelInfo>): object => ({
  ...(architecture === undefined ? {} : { "general.architecture": architecture }),
  ...(parameters === undefined || parameters === 0 ? {} : { "general.parameter_count": parameters }),
  ...(contextTokens === undefined || contextTokens === 0 ? {} : { [`${architecture}.context_length`]: contextTokens }),
});
