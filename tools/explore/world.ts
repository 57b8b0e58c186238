/**
 * A configuration as a whole, and every move it has.
 *
 * Owns: which moves there are, and what they cost. Does not own: what follows from one (effects.ts), rules (rules.ts).
 *
 *  M1 Anything under way may arrive next, as its lane allows; any host may do next what it can do by itself.
 *  M2 Time passes when nothing else is left to happen. Before that, as when something goes wrong, it costs.
 *  M3 A durable host may end at any moment, also right after the commit of a turn of which nothing has left yet.
 *
 * @module
 */
import type { Frame } from "../../src/runtime/envelope.ts";
import type { Channel } from "./channels.ts";
import { Effects } from "./effects.ts";
import type { Facts, OwnMove } from "./facts.ts";
import type { HostSpec } from "./host-image.ts";
import type { TurnRule } from "./host-steps.ts";
import { EMPTY, ENV, hostAt, type State } from "./state.ts";
import { type Budget, type Surroundings, surroundings } from "./surroundings.ts";

/** `fair`: it happens by itself in the end. */
export type Visit = (next: State, fair: boolean, told: () => string, broken: string | undefined) => void;

export interface WorldOptions {
  readonly durable: readonly HostSpec[];
  readonly workers: readonly HostSpec[];
  readonly budget: Budget;
  readonly rules: readonly TurnRule[];
  /** Two things may arrive before a turn. */
  readonly pairs: boolean;
  /** Hosts that hear at once what workers and ports tell them: a coarser walk, for configurations that are larger. */
  readonly prompt: readonly string[];
}

export class World {
  readonly hosts: readonly HostSpec[];
  readonly #options: WorldOptions;
  readonly #effects: Effects;
  readonly #prompt: readonly Channel[];
  readonly #spent: Readonly<Record<"early" | "faults", number>>;

  constructor(options: WorldOptions) {
    const { durable, workers, rules, prompt } = options;
    this.#options = options;
    this.#effects = new Effects(durable, workers, rules);
    this.hosts = this.#effects.hosts.specs;
    const { channels, around } = this.#effects;
    this.#prompt = channels.all.filter(
      ({ from, to }) => prompt.includes(to) && !durable.some((spec) => spec.id === from),
    );
    this.#spent = {
      early: around.occurrences.id({ do: "spend", what: "early" }),
      faults: around.occurrences.id({ do: "spend", what: "faults" }),
    };
  }

  /** The hosts have begun, and nothing else has happened. */
  start(): State {
    const effects = this.#effects;
    const env = effects.around.states.id(surroundings(this.#options.budget));
    const state: State = [env, ...this.hosts.map(() => EMPTY), ...effects.channels.all.map(() => EMPTY)];
    const { durable } = this.#options;
    for (const h of durable.keys()) effects.feedAll(state, h, [{ do: "start" }]);
    effects.connect(state);
    effects.finish(state);
    return state;
  }

  /** Everything that can happen has, first come first served, and no time has passed. */
  settled(state: State): State {
    let now = state;
    for (;;) {
      let next: State | undefined;
      this.#work(now, (after, fair) => {
        if (fair) next ??= after;
      });
      if (next === undefined) return now;
      now = next;
    }
  }

  /** A host has heard this, out of nowhere. */
  heard(state: State, host: string, from: string, frame: Frame): State {
    const next = state.slice();
    this.#effects.feedAll(next, this.#effects.hosts.indexOf(host) as number, [{ do: "frame", from, frame }]);
    this.#effects.finish(next);
    return next;
  }

  env(state: State): Surroundings {
    return this.#effects.env(state);
  }

  facts(state: State, host: string): Facts | undefined {
    const h = this.#effects.hosts.indexOf(host);
    const image = h === undefined ? EMPTY : (state[hostAt(h)] as number);
    return h === undefined || image === EMPTY ? undefined : this.#effects.hosts.facts(h, image);
  }

  /** Nothing is under way. */
  isSilent(state: State): boolean {
    for (let at = hostAt(this.hosts.length); at < state.length; at += 1) if (state[at] !== EMPTY) return false;
    return true;
  }

  /** Every move of this state. @returns how many more there are that need a worker this configuration does not have. */
  moves(state: State, visit: Visit): number {
    let isQuiet = true;
    const left = this.#work(state, (next, fair, told, broken) => {
      if (fair) isQuiet = false;
      visit(next, fair, told, broken);
    });
    this.#ownMoves(state, "time", isQuiet && left === 0, visit);
    if (this.#mayEnd(state, "crashes")) this.#crashes(state, visit);
    if (this.#mayEnd(state, "kills")) this.#kill(state.slice(), () => "the node", visit);
    return left;
  }

  /** All but time and crashes. */
  #work(state: State, visit: Visit): number {
    this.#deliveries(state, visit);
    this.#ownMoves(state, "work", false, visit);
    return this.#choices(state, visit);
  }

  #choices(state: State, visit: Visit): number {
    const { around, hosts } = this.#effects;
    let left = 0;
    for (const { fair, told, reaction } of around.choices(state[ENV] as number)) {
      if (reaction.born.some((host) => hosts.indexOf(host) === undefined)) {
        left += 1;
        continue;
      }
      const next = state.slice();
      this.#effects.carryOut(next, reaction);
      this.#done(next, fair, () => told, visit);
    }
    return left;
  }

  #deliveries(state: State, visit: Visit): void {
    const { channels } = this.#effects;
    for (const [h, { id }] of this.hosts.entries()) {
      if (!this.#turns(state, h)) continue;
      for (const first of channels.arrivals(state, id)) {
        const next = state.slice();
        next[first.channel] = first.rest;
        const told = (): string => `${id} hears from ${first.told()}`;
        if (this.#options.pairs) {
          for (const second of channels.arrivals(next, id)) {
            const after = next.slice();
            after[second.channel] = second.rest;
            const both = this.#effects.hosts.inputs.id([first.input, second.input]);
            this.#take(after, h, both, true, () => `${told()}, and in the same turn from ${second.told()}`, visit);
          }
        }
        this.#take(next, h, first.alone, true, told, visit);
      }
    }
  }

  /** What a host does by itself. */
  #ownMoves(state: State, wanted: "work" | "time", isQuiet: boolean, visit: Visit): void {
    const { left, lost } = this.env(state);
    for (const [h, { id }] of this.hosts.entries()) {
      if (!this.#turns(state, h)) continue;
      const { moves, inputs } = this.#effects.hosts.facts(h, state[hostAt(h)] as number);
      for (const [i, move] of moves.entries()) {
        if ((move.kind === "time" || move.kind === "luck") !== (wanted === "time")) continue;
        const isLost = move.deadline !== undefined && lost.includes(move.deadline);
        const cost = isLost ? undefined : costOf(move, isQuiet);
        if (cost !== undefined && left[cost] === 0) continue;
        const next = state.slice();
        if (cost !== undefined) this.#effects.occur(next, this.#spent[cost]);
        const fair = isLost || move.kind === "fair" || (move.kind === "time" && isQuiet);
        this.#take(next, h, inputs[i] as number, fair, () => `${id}: ${move.told}`, visit);
      }
    }
  }

  /** It is there, and does not hang. */
  #turns(state: State, h: number): boolean {
    const { id } = this.hosts[h] as HostSpec;
    return state[hostAt(h)] !== EMPTY && this.env(state).processes[id] !== "hung";
  }

  /** A host takes an input; a durable one may end right after its commit. */
  #take(next: State, h: number, input: number, fair: boolean, told: () => string, visit: Visit): void {
    if (h < this.#options.durable.length) this.#endsAfter(next, h, input, told, visit);
    this.#effects.feed(next, h, input);
    this.#done(next, fair, told, visit);
  }

  /** A node that has stopped is over. */
  #mayEnd(state: State, how: "crashes" | "kills"): boolean {
    const { left, drain } = this.env(state);
    return left[how] > 0 && drain !== "answered";
  }

  #kill(next: State, who: () => string, visit: Visit): void {
    this.#effects.kill(next);
    this.#done(next, false, () => `${who()} is killed and begins again`, visit);
  }

  #crashes(state: State, visit: Visit): void {
    for (const [h, { id }] of this.#options.durable.entries()) {
      const next = state.slice();
      this.#effects.crash(next, h);
      this.#done(next, false, () => `${id} ends without warning and begins again`, visit);
    }
  }

  /** A host has committed what came of an input, and it ends, or the whole node does, before anything of it leaves. */
  #endsAfter(before: State, h: number, input: number, told: () => string, visit: Visit): void {
    const [mayCrash, mayKill] = [this.#mayEnd(before, "crashes"), this.#mayEnd(before, "kills")];
    if (!mayCrash && !mayKill) return;
    const outcome = this.#effects.hosts.step(h, before[hostAt(h)] as number, input);
    if (outcome.sent.length === 0) return;
    const next = before.slice();
    next[hostAt(h)] = outcome.image;
    if (mayKill) this.#kill(next.slice(), () => `${told()} - right after that commit the node`, visit);
    if (!mayCrash) return;
    this.#effects.crash(next, h);
    this.#done(next, false, () => `${told()} - and ends right after its commit`, visit);
  }

  #done(next: State, fair: boolean, told: () => string, visit: Visit): void {
    for (const channel of this.#prompt) this.#deliverAll(next, channel);
    visit(next, fair, told, this.#effects.finish(next));
  }

  #deliverAll(state: State, channel: Channel): void {
    const h = this.#effects.hosts.indexOf(channel.to) as number;
    for (let [first] = this.#effects.channels.heads(state, channel); first !== undefined;) {
      state[channel.at] = first.rest;
      this.#effects.feed(state, h, first.alone);
      [first] = this.#effects.channels.heads(state, channel);
    }
  }
}

function costOf({ kind }: OwnMove, isQuiet: boolean): "early" | "faults" | undefined {
  if (kind === "fault") return "faults";
  return kind === "fair" || isQuiet ? undefined : "early";
}
