/**
 * Models that the wizard may propose, and which of them suit a machine.
 *
 * Owns: the table of names, sizes and licences, and the rule. Does not own: what the hub says of them, which counts
 * when one is fetched.
 *
 *  WO1 What is offered fits into memory with its context, and onto the disk with room to spare.
 *  WO2 First comes the largest that answers about as fast as one reads and leaves the machine to its other work:
 *      without a graphics card one that reads little for each token, and takes half of the memory at most.
 *
 * @module
 */

export interface Offer {
  /** As `rbee model download` takes it. */
  readonly model: string;
  readonly title: string;
  /** Of the file, as the hub had it when {@link FIGURES_FROM}. */
  readonly bytes: number;
  readonly licence: string;
  /** What one token costs: of a mixture of experts only a part is read for each. */
  readonly bytesPerToken: number;
}

export const FIGURES_FROM = "November 2025";

const GB = 1e9;
const dense = (model: string, title: string, gigabytes: number): Offer => ({
  model,
  title,
  bytes: gigabytes * GB,
  licence: "Apache-2.0",
  bytesPerToken: gigabytes * GB,
});

const OFFERS: readonly Offer[] = [
  dense("hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q4_K_M", "Qwen2.5 0.5B", 0.49),
  dense("hf:Qwen/Qwen2.5-1.5B-Instruct-GGUF:Q4_K_M", "Qwen2.5 1.5B", 1.12),
  dense("hf:unsloth/Qwen3-4B-Instruct-2507-GGUF:Q4_K_M", "Qwen3 4B", 2.5),
  dense("hf:Qwen/Qwen3-8B-GGUF:Q4_K_M", "Qwen3 8B", 5.03),
  dense("hf:Qwen/Qwen3-14B-GGUF:Q4_K_M", "Qwen3 14B", 9),
  {
    ...dense("hf:unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF:Q4_K_M", "Qwen3 30B, 3B active", 18.6),
    bytesPerToken: 2.1 * GB,
  },
];

export interface MachineRoom {
  /** Free for models, beyond the headroom; of the graphics card where there is one. */
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly hasGpu: boolean;
}

/** Weights, their context, and the process around them. */
const CONTEXT_SHARE = 0.15;
const PROCESS_BYTES = 0.5 * GB;
const DISK_SPARE_BYTES = 2 * GB;
/** A processor's memory gives some 20 GB a second: half a dozen words. */
const CPU_BYTES_PER_TOKEN_MAX = 3 * GB;
const CPU_MEMORY_SHARE_MAX = 0.5;

export function offersFor({ memoryBytes, diskBytes, hasGpu }: MachineRoom): readonly Offer[] {
  const needs = ({ bytes }: Offer): number => bytes * (1 + CONTEXT_SHARE) + PROCESS_BYTES;
  const fits = (offer: Offer): boolean => needs(offer) <= memoryBytes && offer.bytes + DISK_SPARE_BYTES <= diskBytes;
  const isLight = (offer: Offer): boolean =>
    offer.bytesPerToken <= CPU_BYTES_PER_TOKEN_MAX && needs(offer) <= memoryBytes * CPU_MEMORY_SHARE_MAX;
  const fitting = OFFERS.filter(fits).toReversed();
  const first = hasGpu ? undefined : (fitting.find(isLight) ?? fitting.at(-1));
  return first === undefined ? fitting : [first, ...fitting.filter((offer) => offer !== first)];
}
