/**
 * How a token is chosen, from the names that clients know it by. Most dialects share them.
 *
 * @module
 */
import type { Sampling } from "../../machines/request.ts";

export interface SamplingFields {
  readonly top_k?: number | null | undefined;
  readonly top_p?: number | null | undefined;
  readonly min_p?: number | null | undefined;
  readonly repeat_penalty?: number | null | undefined;
  readonly presence_penalty?: number | null | undefined;
  readonly frequency_penalty?: number | null | undefined;
}

/** @returns nothing where nothing is asked for */
export function samplingOf(asked: SamplingFields): Sampling | undefined {
  const sampling: Sampling = {
    topK: asked.top_k ?? undefined,
    topP: asked.top_p ?? undefined,
    minP: asked.min_p ?? undefined,
    repeatPenalty: asked.repeat_penalty ?? undefined,
    presencePenalty: asked.presence_penalty ?? undefined,
    frequencyPenalty: asked.frequency_penalty ?? undefined,
  };
  return Object.values(sampling).some((value) => value !== undefined) ? sampling : undefined;
}
