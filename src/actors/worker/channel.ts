/**
 * What crosses the channel between a worker process and the porter, packed as msgpack, one message a frame.
 *
 * @module
 */
import type { Attempt } from "../../../machines/words.ts";
import type { Chunk, Condition } from "../../protocol/worker.ts";
import type { Frame } from "../../runtime/envelope.ts";

/** Porter -> worker process. */
export type ToWorker =
  /** This host is there, in this life. */
  | { readonly kind: "peer"; readonly host: string; readonly life: number }
  | { readonly kind: "frames"; readonly from: string; readonly frames: readonly Frame[] }
  /** The reader has taken this much: so many chunks more may be made. */
  | { readonly kind: "credit"; readonly job: string; readonly attempt: Attempt; readonly chunks: number }
  /** Prove yourself, now. -> `examined` of the same number. */
  | { readonly kind: "examine"; readonly n: number };

/** Worker process -> porter. */
export type FromWorker =
  /** Its host turns: peers may send. */
  | { readonly kind: "hello" }
  | { readonly kind: "frames"; readonly to: string; readonly frames: readonly Frame[] }
  | { readonly kind: "chunk"; readonly chunk: Chunk }
  | { readonly kind: "progress"; readonly fraction: number }
  | { readonly kind: "examined"; readonly n: number; readonly condition: Condition }
  /** The event loop turns. Sent once a second. */
  | { readonly kind: "beat" };
