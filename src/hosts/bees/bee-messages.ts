/**
 * What the porter and a bee's thread say to each other.
 *
 * @module
 */
import type { MessagePort } from "node:worker_threads";
import type { DownloadSettings } from "../../actors/hive/download.ts";
import type { MemorySettings } from "../../actors/hive/memory.ts";
import type { MemberSettings } from "../../actors/member/behaviour.ts";
import type { ProcessSettings } from "../../actors/hive/process.ts";
import type { QueenSettings } from "../../actors/queen/settings.ts";
import type { TeamSettings } from "../../actors/team/calling.ts";
import type { LibrarySettings } from "../../actors/team/library.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import type { Frame } from "../../runtime/envelope.ts";
import type { Restored } from "../../runtime/restore.ts";

/** `store` has the discussions, `thinkers` who thinks in them; what a thinker is at is forgotten with its thread. */
export type BeeRole = "queen" | "hive" | "store" | "thinkers";

export interface BeeStart {
  readonly role: BeeRole;
  readonly host: string;
  /** Nothing for a volatile host. */
  readonly journalPath: string | undefined;
  readonly headroomBytes: number;
  readonly queen: QueenSettings;
  readonly member: MemberSettings;
  readonly hive: MemorySettings;
  readonly download: DownloadSettings;
  readonly process: ProcessSettings;
  readonly team: TeamSettings & LibrarySettings;
  readonly thinker: { readonly ttlMs: number };
  readonly agent: { readonly ttlMs: number };
}

/** What a thread is given, each time it is started. */
export interface BeeLife extends BeeStart {
  /** The thread before this one ended because its journal took no commit. */
  readonly blameless: boolean;
}

export type ToBee =
  | { readonly kind: "frames"; readonly from: string; readonly frames: readonly Frame[] }
  | {
      readonly kind: "peer.up";
      readonly host: string;
      readonly life: number;
      /** It has no journal, and is of this machine. */
      readonly isForgetful: boolean;
      /** What the two say to each other goes by it, and not through the porter. */
      readonly way?: MessagePort | undefined;
    }
  | { readonly kind: "peer.down"; readonly host: string }
  | { readonly kind: "ping"; readonly n: number }
  /** Close the journal between two turns and end. */
  | { readonly kind: "close" };

export type FromBee =
  /** Its first word; what the kernel calls the thread, where that can be known. */
  | { readonly kind: "begun"; readonly task: number | undefined }
  | { readonly kind: "opened"; readonly restored: Restored }
  /** Meant for that life of the other host: the next one begins with everything that is unacknowledged. */
  | { readonly kind: "frames"; readonly to: string; readonly life: number; readonly frames: readonly Frame[] }
  | { readonly kind: "pong"; readonly n: number }
  | { readonly kind: "crashed"; readonly error: ErrorData }
  | { readonly kind: "closed" };
