/**
 * What follows at once when a host takes an input: what it sends is under way, and what is around it has reacted.
 *
 * Owns: how hosts, channels and surroundings touch each other. Does not own: which input is taken (world.ts).
 *
 *  W1 An acknowledgement arrives at once, or never, when its host ends first: nothing else depends on when.
 *  W2 A host that ends loses what was under way to it; what it had sent arrives, and then the news of its next life.
 *
 * @module
 */
import { PORTER } from "../../src/protocol/ports.ts";
import { Around, type Reacted } from "./around.ts";
import { type Carried, type Channel, Channels, isNumbered } from "./channels.ts";
import type { HostSpec } from "./host-image.ts";
import { Hosts } from "./hosts.ts";
import type { Input, Outcome, TurnRule } from "./host-steps.ts";
import { Numbering } from "./numbering.ts";
import { EMPTY, ENV, hostAt, type State } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";

/** What leaves with an outcome, as numbers. */
interface Plan {
  readonly sends: readonly { readonly channel: Channel; readonly frame: number; readonly isNumbered: boolean }[];
  readonly acks: readonly { readonly to: number; readonly input: number }[];
  readonly occurrences: readonly number[];
}

export class Effects {
  readonly hosts: Hosts;
  readonly channels: Channels;
  readonly around = new Around();
  readonly durable: readonly HostSpec[];
  readonly #numbering: Numbering;
  readonly #plans = new Map<Outcome, Plan>();
  #broken: string | undefined;

  constructor(durable: readonly HostSpec[], workers: readonly HostSpec[], rules: readonly TurnRule[]) {
    this.durable = durable;
    this.hosts = new Hosts([...durable, ...workers], rules);
    const names = this.hosts.specs.map(({ id }) => id);
    this.channels = new Channels(names, new Set(durable.map(({ id }) => id)), this.hosts.inputs);
    this.#numbering = new Numbering(this.hosts, this.channels);
  }

  env(state: State): Surroundings {
    return this.around.states.at(state[ENV] as number);
  }

  /** A host takes an input, and everything that follows at once has followed. */
  feed(state: State, h: number, input: number): void {
    const outcome = this.hosts.step(h, state[hostAt(h)] as number, input);
    const { sends, acks, occurrences } = this.#planOf(h, outcome);
    this.#broken ??= outcome.broken;
    state[hostAt(h)] = outcome.image;
    for (const each of sends) this.#send(state, h, each);
    for (const occurrence of occurrences) this.occur(state, occurrence);
    for (const ack of acks) if (state[hostAt(ack.to)] !== EMPTY) this.feed(state, ack.to, ack.input);
    const { id, durable } = this.hosts.specs[h] as HostSpec;
    if (!outcome.over || durable) return;
    this.#kill(state, id);
    this.occur(state, this.around.occurrences.id({ do: "exit", host: id }));
  }

  feedAll(state: State, h: number, inputs: readonly Input[]): void {
    this.feed(state, h, this.hosts.inputs.id(inputs));
  }

  occur(state: State, occurrence: number): void {
    this.carryOut(state, this.around.react(state[ENV] as number, occurrence));
  }

  carryOut(state: State, reaction: Reacted): void {
    state[ENV] = reaction.env;
    for (const { to, frame } of reaction.sends) {
      const channel = this.channels.between(PORTER, to);
      if (channel !== undefined) this.channels.append(state, channel, this.channels.frame(frame));
    }
    for (const host of reaction.killed) this.#kill(state, host);
    for (const host of reaction.down) this.#tellDurable(state, host, { kind: "down" });
    for (const host of reaction.born) this.#bear(state, host);
    for (const frame of reaction.said) {
      this.feedAll(state, this.hosts.indexOf("queen") as number, [{ do: "frame", from: PORTER, frame }]);
    }
  }

  /** A durable host ends without warning, and begins again. */
  crash(state: State, h: number): void {
    const { id } = this.hosts.specs[h] as HostSpec;
    this.occur(state, this.around.occurrences.id({ do: "crashed", host: id }));
    const { lives } = this.env(state);
    const frame = this.channels.frame({ kind: "up", life: lives[id] ?? 1 });
    const ups: Input[] = [{ do: "up", host: PORTER, life: 1 }];
    for (const channel of this.channels.all) {
      const { at, from, to } = channel;
      if (to === id) state[at] = EMPTY;
      if (from !== id || state[hostAt(this.hosts.indexOf(to) as number)] === EMPTY) continue;
      this.channels.append(state, channel, frame);
      ups.push({ do: "up", host: to, life: lives[to] ?? 1 });
    }
    this.feedAll(state, h, [{ do: "restart" }, ...ups]);
  }

  /** The whole node ends without warning, and begins again. */
  kill(state: State): void {
    const hosts = this.durable.map(({ id }) => id);
    this.occur(state, this.around.occurrences.id({ do: "killed", hosts }));
    for (const { at } of this.channels.all) state[at] = EMPTY;
    for (let h = this.durable.length; h < this.hosts.specs.length; h += 1) state[hostAt(h)] = EMPTY;
    for (const h of hosts.keys()) this.feedAll(state, h, [{ do: "restart" }]);
    this.connect(state);
  }

  /** Durable hosts hear of each other, and of the porter. */
  connect(state: State): void {
    const { lives } = this.env(state);
    for (const [h, { id }] of this.durable.entries()) {
      const others = this.durable.filter((other) => other.id !== id);
      const ups = others.map((other): Input => ({ do: "up", host: other.id, life: lives[other.id] ?? 1 }));
      this.feedAll(state, h, [{ do: "up", host: PORTER, life: 1 }, ...ups]);
    }
  }

  /** The state as it is written down. @returns what was broken on the way to it */
  finish(state: State): string | undefined {
    this.#numbering.recount(state);
    const broken = this.#broken;
    this.#broken = undefined;
    return broken;
  }

  #send(state: State, from: number, { channel, frame, isNumbered: numbered }: Plan["sends"][number]): void {
    const { to } = channel;
    if (state[hostAt(this.hosts.indexOf(to) as number)] === EMPTY) return;
    // Numbered for a life of the other that is over: it comes again when the sender hears of the new one.
    const known = numbered ? this.hosts.facts(from, state[hostAt(from)] as number).peers.get(to) : undefined;
    if (numbered && known !== (this.env(state).lives[to] ?? 1)) return;
    this.channels.append(state, channel, frame);
  }

  #planOf(h: number, outcome: Outcome): Plan {
    let plan = this.#plans.get(outcome);
    if (plan === undefined) this.#plans.set(outcome, (plan = this.#planFor(h, outcome)));
    return plan;
  }

  #planFor(h: number, { sent }: Outcome): Plan {
    const { id: from } = this.hosts.specs[h] as HostSpec;
    const sends: Plan["sends"][number][] = [];
    const acks: Plan["acks"][number][] = [];
    const occurrences: number[] = [];
    for (const { to, frame } of sent) {
      const channel = this.channels.between(from, to);
      const other = this.hosts.indexOf(to);
      if (to === PORTER) occurrences.push(this.around.occurrences.id({ do: "frame", from, frame }));
      else if (frame.kind === "ack" && other !== undefined)
        acks.push({ to: other, input: this.hosts.inputs.id([{ do: "frame", from, frame }]) });
      // Without a channel it is to a worker that this configuration does not have: nobody is there.
      else if (channel !== undefined)
        sends.push({ channel, frame: this.channels.frame(frame), isNumbered: isNumbered(frame) });
    }
    return { sends, acks, occurrences };
  }

  #tellDurable(state: State, from: string, carried: Carried): void {
    for (const { id } of this.durable) {
      const channel = this.channels.between(from, id);
      if (channel !== undefined) this.channels.append(state, channel, this.channels.frame(carried));
    }
  }

  #bear(state: State, host: string): void {
    const { lives } = this.env(state);
    this.#tellDurable(state, host, { kind: "up", life: 1 });
    const ups = this.durable.map(({ id }): Input => ({ do: "up", host: id, life: lives[id] ?? 1 }));
    this.feedAll(state, this.hosts.indexOf(host) as number, [{ do: "start" }, ...ups]);
  }

  #kill(state: State, host: string): void {
    const h = this.hosts.indexOf(host);
    if (h === undefined) return;
    state[hostAt(h)] = EMPTY;
    for (const { at, to } of this.channels.all) if (to === host) state[at] = EMPTY;
  }
}
