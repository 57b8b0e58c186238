/**
 * What is under way from one host to another, in the order it was sent.
 *
 *  C1 Within a lane first in is first out; lanes are independent: data, control, and answers.
 *  C2 News of the connection itself stands behind all that was sent before it, and before all that was sent after.
 *
 * @module
 */
import { PORTER } from "../../src/protocol/ports.ts";
import type { Frame } from "../../src/runtime/envelope.ts";
import type { Numbered } from "./facts.ts";
import { type Input, INPUTS_MAX } from "./host-steps.ts";
import { Interned } from "./interned.ts";
import { EMPTY, hostAt, type State } from "./state.ts";

export type Carried =
  | Frame
  /** The sender's host is there, in this life; or it is gone. */
  | { readonly kind: "up"; readonly life: number }
  | { readonly kind: "down" };

/** Something that a host may hear next. */
export interface Arrival {
  readonly channel: number;
  /** What is left in the channel then. */
  readonly rest: number;
  readonly input: Input;
  /** The input by itself, as a number. */
  readonly alone: number;
  readonly told: () => string;
}

/** One way from a host to another: where its content stands in a state. */
export interface Channel {
  readonly at: number;
  readonly from: string;
  readonly to: string;
}

const FRAMES_MAX = 2 ** 20;
const CHANNELS_MAX = 2 ** 10;

export class Channels {
  readonly all: readonly Channel[];
  readonly #byName = new Map<string, Channel>();
  readonly #into = new Map<string, readonly Channel[]>();
  readonly #frames = new Interned<Carried>();
  readonly #contents = new Interned<readonly number[]>();
  readonly #inputs: Interned<readonly Input[]>;
  readonly #appended = new Map<number, number>();
  readonly #arrivals = new Map<number, readonly Arrival[]>();
  readonly #numbered: (readonly Numbered[])[] = [];
  readonly #renumbered = new Map<number, number>();

  constructor(hosts: readonly string[], durable: ReadonlySet<string>, inputs: Interned<readonly Input[]>) {
    this.#inputs = inputs;
    const pairs = [PORTER, ...hosts].flatMap((from) => hosts.map((to) => ({ from, to })));
    // Workers do not talk to each other.
    const used = pairs.filter(({ from, to }) => from !== to && (durable.has(from) || durable.has(to)));
    this.all = used.map((pair, i) => ({ ...pair, at: hostAt(hosts.length) + i }));
    for (const channel of this.all) this.#byName.set(`${channel.from}>${channel.to}`, channel);
    for (const host of hosts)
      this.#into.set(
        host,
        this.all.filter(({ to }) => to === host),
      );
    this.#contents.id([]);
  }

  between(from: string, to: string): Channel | undefined {
    return this.#byName.get(`${from}>${to}`);
  }

  frame(carried: Carried): number {
    return this.#frames.id(carried);
  }

  carriedIn(content: number): readonly Carried[] {
    return this.#contents.at(content).map((frame) => this.#frames.at(frame));
  }

  append(state: State, { at }: Channel, frame: number): void {
    const content = state[at] as number;
    const key = content * FRAMES_MAX + frame;
    let after = this.#appended.get(key);
    if (after === undefined) {
      after = this.#contents.id([...this.#contents.at(content), frame]);
      this.#appended.set(key, after);
    }
    state[at] = after;
  }

  /** Whatever may reach a host next. */
  arrivals(state: State, host: string): readonly Arrival[] {
    return (this.#into.get(host) ?? []).flatMap((channel) => this.heads(state, channel));
  }

  heads(state: State, channel: Channel): readonly Arrival[] {
    const content = state[channel.at] as number;
    if (content === EMPTY) return [];
    const key = content * CHANNELS_MAX + channel.at;
    let heads = this.#arrivals.get(key);
    if (heads === undefined) this.#arrivals.set(key, (heads = this.#headsIn(content, channel)));
    return heads;
  }

  #headsIn(content: number, { at: channel, from }: Channel): readonly Arrival[] {
    const frames = this.#contents.at(content);
    return deliverable(this.carriedIn(content)).map((at) => {
      const carried = this.#frames.at(frames[at] as number);
      const rest = this.#contents.id(frames.toSpliced(at, 1));
      const input = inputOf(from, carried);
      return { channel, rest, input, alone: this.#inputs.id([input]), told: () => `${from}: ${tellCarried(carried)}` };
    });
  }

  /** What is under way with a number of that host. */
  numberedFrom(state: State, host: string): readonly Numbered[] {
    return this.all.flatMap(({ at, from }) => (from === host ? this.#numbersIn(state[at] as number) : []));
  }

  #numbersIn(content: number): readonly Numbered[] {
    return (this.#numbered[content] ??= this.carriedIn(content).flatMap((carried) =>
      carried.kind === "mail" && isNumbered(carried) ? [carried.envelope] : [],
    ));
  }

  /** @param input the recount itself, as a number */
  renumber(state: State, host: string, input: number, numbers: readonly number[]): void {
    for (const { at, from } of this.all) {
      const content = state[at] as number;
      if (from !== host || this.#numbersIn(content).length === 0) continue;
      const key = content * INPUTS_MAX + input;
      let after = this.#renumbered.get(key);
      if (after === undefined) {
        after = this.#contents.id(this.carriedIn(content).map((carried) => this.frame(renumbered(carried, numbers))));
        this.#renumbered.set(key, after);
      }
      state[at] = after;
    }
  }
}

type Lane = "control" | "data" | "answer" | "all";

function laneOf(carried: Carried): Lane {
  switch (carried.kind) {
    case "mail":
      return carried.envelope.lane;
    case "answer":
      return "answer";
    // A drop must not overtake what it drops.
    case "drop":
    case "up":
    case "down":
    case "ack":
    case "gate":
      return "all";
  }
}

const LANES = 3;

/** Which of them may arrive next. */
function deliverable(content: readonly Carried[]): readonly number[] {
  const found: number[] = [];
  const blocked = new Set<Lane>();
  for (const [index, carried] of content.entries()) {
    const lane = laneOf(carried);
    if (lane === "all") {
      if (index === 0) found.push(index);
      break;
    }
    if (!blocked.has(lane)) found.push(index);
    blocked.add(lane);
    if (blocked.size === LANES) break;
  }
  return found;
}

export const isNumbered = (carried: Carried): boolean => carried.kind === "mail" && carried.envelope.n > 0;

const renumbered = (carried: Carried, numbers: readonly number[]): Carried =>
  carried.kind === "mail" && isNumbered(carried)
    ? { ...carried, envelope: { ...carried.envelope, n: numbers.indexOf(carried.envelope.n) + 1 } }
    : carried;

function inputOf(from: string, carried: Carried): Input {
  switch (carried.kind) {
    case "up":
      return { do: "up", host: from, life: carried.life };
    case "down":
      return { do: "down", host: from };
    default:
      return { do: "frame", from, frame: carried };
  }
}

function tellCarried(carried: Carried): string {
  switch (carried.kind) {
    case "mail": {
      const { type, ...facts } = carried.envelope.event;
      const small = Object.entries(facts).filter(([, value]) => typeof value !== "object");
      return [type, ...small.map(([key, value]) => `${key}=${String(value)}`)].join(" ");
    }
    case "answer":
      return carried.result.ok ? `answer ${carried.result.event.type}` : `failure ${carried.result.error.code}`;
    case "up":
      return "it is there";
    case "down":
      return "it is gone";
    default:
      return carried.kind;
  }
}
