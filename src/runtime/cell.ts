/**
 * One cell: its machine's snapshot, its mailbox, and the few things the kernel remembers about it.
 *
 * Owns: the record. Does not own: any decision; fold.ts steps it, life.ts begins and ends it.
 *
 * @module
 */
import type { Address, Label } from "../../machines/words.ts";
import type { Behaviour } from "./behaviour.ts";
import type { Lane, Message } from "./envelope.ts";
import { KEY } from "./journal.ts";
import { Mailbox } from "./mailbox.ts";
import type { Snapshot } from "./step.ts";

/** An armed timer of a machine. `arming` tells it from an earlier arming of the same id. Kernel rule 8. */
export interface Armed {
  readonly arming: number;
  readonly dueWallMs: number;
  readonly event: Message;
  /** Of the step that armed it. */
  readonly label: Label;
}

/** The highest outbox number taken of one durable host, a lane each, since there is no order between lanes. */
export type MarkRow = Record<Lane, number>;

export interface Mark {
  /** Of its row in the journal. */
  readonly key: string;
  readonly row: MarkRow;
  /** The next commit writes it. */
  isUnsaved: boolean;
}

/** A host was told that this lane is full at number `n`, and must send that one first. */
export interface Gate {
  readonly n: number;
  /** It has been told that there is room again. */
  open: boolean;
}

export interface Cell {
  readonly address: Address;
  readonly behaviour: Behaviour;
  readonly parent: Address | undefined;
  /** What its machine begins with, and the label of the step that spawned it. */
  readonly input: unknown;
  readonly label: Label;
  /** Rises with each restart of the cell. */
  incarnation: number;
  /** Of its snapshot, in the journal. */
  readonly snapshotKey: string;
  /** undefined until the `start` item is folded. */
  snapshot: Snapshot | undefined;
  /** The next commit writes it. */
  isUnsaved: boolean;
  readonly mailbox: Mailbox;
  /** By durable host. Kernel rule 5. */
  readonly marks: Map<string, Mark>;
  /** Shut gates by lane and host. Kernel rule 6. */
  readonly gates: Readonly<Record<Lane, Map<string, Gate>>>;
  readonly timers: Map<string, Armed>;
  /** Open asks by `name/key`. */
  readonly asks: Map<string, string>;
  readonly watchers: Set<Address>;
  readonly watching: Set<Address>;
  readonly children: Set<Address>;
  /** Wall times of recent restarts. */
  restartedAt: number[];
  /** Stands in the host's line of cells with something hot; with data. At most once in each. */
  inHot: boolean;
  inReady: boolean;
  /** Its data waits for room in the outbox. */
  stalled: boolean;
  /** Something for it waits in the outbox of this host until it has room. */
  overflowed: boolean;
  /** Stopped: whoever still holds this record must do nothing with it. */
  gone: boolean;
}

export function createCell(
  given: Pick<Cell, "address" | "behaviour" | "parent" | "input" | "label"> & { readonly incarnation?: number },
): Cell {
  const { address, behaviour, parent, input, label, incarnation = 1 } = given;
  return {
    address,
    behaviour,
    parent,
    input,
    label,
    incarnation,
    snapshotKey: KEY.snapshot(address),
    snapshot: undefined,
    isUnsaved: false,
    mailbox: new Mailbox(behaviour.limits.mailMax),
    marks: new Map(),
    gates: { control: new Map(), data: new Map() },
    timers: new Map(),
    asks: new Map(),
    watchers: new Set(),
    watching: new Set(),
    children: new Set(),
    restartedAt: [],
    inHot: false,
    inReady: false,
    stalled: false,
    overflowed: false,
    gone: false,
  };
}

export const isGated = (cell: Cell): boolean => cell.gates.data.size > 0 || cell.gates.control.size > 0;
