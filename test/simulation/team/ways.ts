/**
 * The ways that thinkers and discussions may go, written down from the promises, and not from the machines.
 *
 * @see machines/README.md, TS16
 * @module
 */
type Ways = Readonly<Record<string, readonly string[]>>;

/** What comes first is where it begins. */
const THINKER_WAYS: Ways = {
  listening: ["drafting", "bidding", "answering", "sampling", "voting", "summing", "concluding", "stopped"],
  drafting: ["claiming", "listening", "stopping"],
  claiming: ["listening", "stopping"],
  bidding: ["speaking", "objecting", "listening", "stopping"],
  speaking: ["listening", "stopping"],
  objecting: ["listening", "stopping"],
  answering: ["listening", "stopping"],
  sampling: ["listening", "stopping"],
  voting: ["listening", "stopping"],
  summing: ["listening", "stopping"],
  concluding: ["stopped", "stopping"],
  stopping: ["stopped"],
};
const DISCUSSION_WAYS: Ways = {
  fresh: ["open"],
  open: ["closing"],
  closing: ["closed"],
  closed: ["concluding"],
  concluding: ["keeping"],
  keeping: ["ended"],
};

export const WAYS_OF: Readonly<Record<string, Ways>> = { specialist: THINKER_WAYS, discussion: DISCUSSION_WAYS };

/** A cell behind an event, as its host saw it. */
export interface Seen {
  readonly cell: string;
  readonly event: { readonly type: string };
  readonly state: unknown;
}

export class Wayfarers {
  /** Steps that are on no way. */
  readonly astray: string[] = [];
  /** In what states cells of a kind were. */
  readonly been = new Map<string, Set<string>>();
  readonly #at = new Map<string, string>();

  saw(seen: Seen): void {
    const { cell } = seen;
    const kind = cell.split("/")[1] ?? "";
    const ways = WAYS_OF[kind];
    if (ways === undefined) return;
    const to = nameOf(seen);
    const from = this.#at.get(cell) ?? Object.keys(ways)[0] ?? "";
    this.#at.set(cell, to);
    this.been.set(kind, (this.been.get(kind) ?? new Set()).add(to));
    if (from !== to && ways[from]?.includes(to) !== true) this.astray.push(`${cell}: ${from} to ${to}`);
  }

  /** A thread that forgets gives names again that it gave before a crash. */
  forget(cell: string): void {
    this.#at.delete(cell);
  }

  /** A host that begins goes on from what its disk has: what was not written was seen by nobody else. */
  restored(seen: Seen): void {
    this.#at.set(seen.cell, nameOf(seen));
  }
}

/** Of states within states the outer one. */
const nameOf = ({ state }: Seen): string => (typeof state === "string" ? state : (Object.keys(state ?? {})[0] ?? ""));
