/**
 * One host as a table that fills itself: state and input to the next state and what leaves, each computed once.
 *
 * A state of the whole configuration is then a few small numbers, and most of a walk is looking up. What fills the
 * table is the real host: mail is accepted, folded, committed and released by src/runtime.
 *
 *  S1 The same state and the same input give the same outcome: nothing else enters a turn.
 *  S2 A turn ends when nothing is left in a mailbox of the host, as it does in a host that has time.
 *
 * @module
 */
import type { AskResult, Envelope, Frame } from "../../src/runtime/envelope.ts";
import type { MarkRow } from "../../src/runtime/cell.ts";
import { abortAsk } from "../../src/runtime/emit.ts";
import { deliver, failure } from "../../src/runtime/core.ts";
import { KEY } from "../../src/runtime/journal.ts";
import { postAnswer } from "../../src/runtime/post.ts";
import { SERIAL_GAP } from "../../src/runtime/restore.ts";
import { renamed, SERIAL_BASE } from "./canonical.ts";
import {
  freeze,
  type Heard,
  type HostSpec,
  type Image,
  prepare,
  type Snapshots,
  thaw,
  type Thawed,
  UNBORN,
} from "./host-image.ts";
import { Interned } from "./interned.ts";

export type Input =
  | { readonly do: "frame"; readonly from: string; readonly frame: Frame }
  | { readonly do: "timer"; readonly cell: string; readonly id: string }
  | { readonly do: "deadline"; readonly ask: string }
  /** A port of the host's own thread has answered. */
  | { readonly do: "answer"; readonly id: string; readonly result: AskResult }
  | { readonly do: "up"; readonly host: string; readonly life: number }
  | { readonly do: "down"; readonly host: string }
  | { readonly do: "start" }
  /** Ends without warning and begins again with what its journal has. */
  | { readonly do: "restart" }
  /** What is numbered by a host gets the smallest numbers that keep its order. */
  | { readonly do: "recount"; readonly host: string; readonly numbers: readonly number[] };

export interface Outcome {
  readonly image: number;
  readonly sent: readonly { readonly to: string; readonly frame: Frame }[];
  readonly heard: readonly Heard[];
  /** Its first cell is gone, or the host crashed by itself. */
  readonly over: boolean;
  /** What must never happen within a turn, in words. */
  readonly broken: string | undefined;
}

/** Whatever a host says or does that no rule allows, looked for in every turn that is computed. */
export type TurnRule = (
  before: Image,
  after: Image,
  heard: readonly Heard[],
  sent: Outcome["sent"],
) => string | undefined;

export class HostSteps {
  readonly spec: HostSpec;
  readonly images = new Interned<Image>();
  readonly inputs: Interned<readonly Input[]>;
  readonly #known = new Map<number, Outcome>();
  readonly #rules: readonly TurnRule[];
  readonly #snapshots: Snapshots = new Map();
  /** Turns that were really computed. */
  turns = 0;

  constructor(spec: HostSpec, inputs: Interned<readonly Input[]>, rules: readonly TurnRule[]) {
    this.spec = spec;
    this.inputs = inputs;
    this.#rules = rules;
    this.images.id(UNBORN);
  }

  /** Inputs of one step arrive together, before the turn that folds them. */
  step(image: number, input: number): Outcome {
    const key = image * INPUTS_MAX + input;
    let outcome = this.#known.get(key);
    if (outcome === undefined) this.#known.set(key, (outcome = this.#compute(image, input)));
    return outcome;
  }

  #compute(id: number, input: number): Outcome {
    this.turns += 1;
    const before = this.images.at(id);
    const inputs = this.inputs.at(input);
    const [first] = inputs;
    if (first?.do === "recount") return quiet(this.images.id(recounted(this.spec.id, before, first)));
    const isNew = first?.do === "start" || first?.do === "restart";
    const thawed = isNew ? this.#begin(before) : thaw(this.spec, before, this.#snapshots);
    for (const each of inputs) give(thawed, each);
    for (let turns = 0; thawed.host.turn() || turns === 0; turns += 1) {
      if (turns > TURNS_MAX) throw new Error(`${this.spec.id} does not come to rest`);
    }
    return this.#outcome(before, thawed);
  }

  #begin({ journal, counters }: Image): Thawed {
    const thawed = prepare(this.spec, { ...UNBORN, journal, counters });
    const { host } = thawed;
    host.open();
    host.core.serial = SERIAL_BASE + SERIAL_GAP;
    host.core.savedSerial = host.core.serial;
    host.root(this.spec.root, "main", {});
    return thawed;
  }

  #outcome(before: Image, thawed: Thawed): Outcome {
    const { host, sent, heard } = thawed;
    const { crashed } = host;
    const after = freeze(this.spec, thawed);
    const { text, counters } = renamed(JSON.stringify([after, sent, heard]), before.counters);
    const [image, sentNow, heardNow] = JSON.parse(text) as [Image, Outcome["sent"], readonly Heard[]];
    const kept: Image = { ...image, counters: { ...counters, generations: living(image, counters.generations) } };
    const crash = crashed === undefined ? undefined : `${this.spec.id} crashed: ${String(crashed.error)}`;
    return {
      image: this.images.id(kept),
      sent: sentNow,
      heard: heardNow,
      over: crash !== undefined || !image.cells.some(({ parent }) => parent === null),
      broken:
        crash ?? this.#rules.map((rule) => rule(before, kept, heardNow, sentNow)).find((why) => why !== undefined),
    };
  }
}

/** More inputs than any configuration here knows; the key of a step stays an exact number. */
export const INPUTS_MAX = 2 ** 22;
const TURNS_MAX = 10_000;

const quiet = (image: number): Outcome => ({ image, sent: [], heard: [], over: false, broken: undefined });

/** As the host hears it. */
function give({ host, calls }: Thawed, input: Input): void {
  const { core } = host;
  switch (input.do) {
    case "frame":
      return host.receive(input.from, [input.frame]);
    case "timer": {
      const cell = core.cells.get(input.cell as never);
      const arming = cell?.timers.get(input.id)?.arming;
      if (cell !== undefined && arming !== undefined) deliver(core, cell, { kind: "timer", id: input.id, arming });
      return;
    }
    case "deadline": {
      const open = core.asks.get(input.ask);
      if (open === undefined) return;
      postAnswer(core, input.ask, failure("ask.deadline", `no answer in time: ${open.row.name}`));
      return abortAsk(core, open.row);
    }
    case "answer":
      calls.delete(input.id);
      return postAnswer(core, input.id, input.result);
    case "up":
      return host.peerUp(input.host, input.life);
    case "down":
      return host.peerDown(input.host);
    case "start":
    case "restart":
    case "recount":
      return;
  }
}

/** Slots of cells that are gone are never asked again. */
function living({ cells }: Image, generations: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const addresses = new Set<string>(cells.map(({ address }) => address));
  return Object.fromEntries(
    Object.entries(generations)
      .filter(([slot]) => addresses.has(slot.slice(0, slot.indexOf("#"))))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A mark that nothing under way could meet is as good as none. */
function recounted(self: string, image: Image, { host, numbers }: Extract<Input, { do: "recount" }>): Image {
  const anew = (n: number): number => numbers.indexOf(n) + 1;
  if (host === self) {
    const next = numbers.length + 1;
    const journal = image.journal.map(([key, row]) => {
      if (key === KEY.meta) return [key, { ...(row as object), out: next }] as const;
      if (!key.startsWith("o/")) return [key, row] as const;
      const envelope = row as Envelope;
      return [KEY.out(anew(envelope.n)), { ...envelope, n: anew(envelope.n) }] as const;
    });
    return { ...image, next, journal };
  }
  const mark = (row: MarkRow): MarkRow => ({ control: anew(row.control), data: anew(row.data) });
  const isAny = (row: MarkRow): boolean => row.control > 0 || row.data > 0;
  const cells = image.cells.map((cell) => ({
    ...cell,
    marks: cell.marks
      .map(([from, row]) => [from, from === host ? mark(row) : row] as const)
      .filter(([, row]) => isAny(row)),
  }));
  const journal = image.journal
    .map(([key, row]) => [key, key.startsWith("k/") && key.endsWith(`|${host}`) ? mark(row as MarkRow) : row] as const)
    .filter(([key, row]) => !key.startsWith("k/") || isAny(row as MarkRow));
  return { ...image, cells, journal };
}
