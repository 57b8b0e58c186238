/**
 * What the porter and the fetcher's thread say to each other.
 *
 * @module
 */
import type { ClusterDoor } from "../../net/cluster-door.ts";
import type { Offer } from "../../protocol/machine-api.ts";
import type { ModelsAsk } from "../../protocol/ports.ts";
import type { AskResult } from "../../runtime/envelope.ts";
import type { FetchProgress, HubDescription } from "./fetcher.ts";

export interface FetchStart {
  readonly folder: string;
  readonly endpoint: string;
  readonly token: string | undefined;
  /** The door through which the other machines of the cluster are asked. */
  readonly neighbours: ClusterDoor;
  /** From the hub, at most. */
  readonly bytesPerSecond: number;
}

export type FetchWork = ModelsAsk | { readonly type: "describe" | "offer"; readonly model: string };

export type ToFetcher =
  | { readonly kind: "work"; readonly id: string; readonly work: FetchWork }
  | { readonly kind: "drop"; readonly id: string };

export type FromFetcher =
  | { readonly kind: "progress"; readonly id: string; readonly progress: FetchProgress & { bytesPerSecond: number } }
  | { readonly kind: "answer"; readonly id: string; readonly result: AskResult };

/** The answer to `offer`. */
export interface Offered {
  readonly type: "offered";
  readonly offer: Offer | undefined;
}

/** The answer to `describe`. */
export interface Described {
  readonly type: "described";
  readonly description: HubDescription;
}
