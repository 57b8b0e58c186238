/**
 * What the queen hears of the machines of her cluster: how they come and go, what they have to offer, and what their
 * owners want of them.
 *
 * Types alone; what follows is said by machines/queen.ts.
 *
 * @module
 */
import type { ModelTold } from "./rules/advice.ts";
import type { Device } from "./rules/reserve.ts";
import type { Address } from "./words.ts";

export type ClusterEvent =
  /** By the name that its owner calls a machine: it gets nothing new and becomes empty, or serves again. */
  | { readonly type: "drain.hive"; readonly name: string }
  | { readonly type: "resume.hive"; readonly name: string }
  /** A hive on another machine: its link stands, or is gone. Links are numbered by whoever carries them. */
  | { readonly type: "hive.linked"; readonly hive: Address; readonly name: string; readonly link: number }
  | {
      readonly type: "hive.unlinked";
      readonly hive: Address;
      readonly link: number;
      readonly message: string;
      /** It said so itself, and goes. */
      readonly isGoodbye: boolean;
    }
  /** It is about to go, of its own: what it has may end, and nothing new is given to it. */
  | { readonly type: "hive.leaving"; readonly hive: Address }
  /** What a machine has, from time to time: advice. Its models only where they are others than it said last. */
  | {
      readonly type: "hive.told";
      readonly hive: Address;
      readonly devices: readonly Device[];
      readonly models?: readonly ModelTold[];
    }
  /** From its seat: it can be asked, is doubted, or has been given up. */
  | { readonly type: "hive.present"; readonly hive: Address }
  | { readonly type: "hive.doubted"; readonly hive: Address }
  | { readonly type: "hive.away"; readonly hive: Address; readonly message: string };
