/**
 * What travels: envelopes between cells, and the frames that hosts exchange.
 *
 * Owns: the shape of an envelope, of an ask and its result, of a frame.
 * Does not own: how frames are carried (src/net, a MessagePort) or how they are stored (journal.ts).
 *
 * @module
 */
import type { Address, Label } from "../../machines/words.ts";
import type { ErrorData } from "../protocol/errors.ts";

/** Any event of any machine. The runtime never looks further than `type`. */
export interface Message {
  readonly type: string;
}

/** No order between lanes: control (stop, cancel, lease, credit) never waits behind data. Kernel rule 7. */
export type Lane = "control" | "data";

/** Where the answer to an ask goes. A cell keeps it among its rows to answer later. */
export interface AskRef {
  readonly id: string;
  readonly from: Address;
}

export interface Envelope {
  readonly to: Address;
  readonly from: Address;
  readonly lane: Lane;
  /** The sending durable host's outbox number; 0 for what may be lost. Kernel rules 3 and 5. */
  readonly n: number;
  readonly label: Label;
  readonly event: Message;
  /** Present when the sender waits for an answer. */
  readonly re?: AskRef;
}

/** On its way out, with n 0: whether it gets a number is for the outbox to say. */
export interface Unnumbered extends Omit<Envelope, "n"> {
  n: number;
}

/** Exactly one of these ends an ask. Kernel rule 2. */
export type AskResult =
  | { readonly ok: true; readonly event: Message }
  | { readonly ok: false; readonly error: ErrorData };

export type Frame =
  | { readonly kind: "mail"; readonly envelope: Envelope }
  /** Stored or folded, then committed: the sender may forget these. */
  | { readonly kind: "ack"; readonly ns: readonly number[] }
  /** A cell was full at number `n`: park everything for it until its gate opens. Kernel rule 6. */
  | { readonly kind: "gate"; readonly to: Address; readonly n: number; readonly open: boolean }
  | { readonly kind: "answer"; readonly to: Address; readonly id: string; readonly result: AskResult }
  /** The asker wants no answer any more. */
  | { readonly kind: "drop"; readonly to: Address; readonly id: string };

/** Tied to the connection it was meant for: the next one begins with everything that is unacknowledged. Rule 5. */
export const isNumbered = (frame: Frame): boolean =>
  frame.kind === "gate" || (frame.kind === "mail" && frame.envelope.n > 0);

/** Events the kernel itself puts to a cell. A machine may name them in `on`; else they pass unseen. */
export type KernelEvent =
  /** After a restart of the host or of the cell: state, rows, timers and asks stand again. */
  | { readonly type: "restored" }
  /** A watched cell is gone. Exactly one for each watch. */
  | {
      readonly type: "terminated";
      readonly address: Address;
      readonly kind: string;
      readonly id: string;
      readonly reason: TerminationReason;
    }
  /** An ask that this cell was asked is wanted no more. */
  | { readonly type: "ask.dropped"; readonly id: string };

export type TerminationReason = "stopped" | "done" | "defect" | "unknown";
