/**
 * A whole discussion on virtual time: thinkers who answer in their way, a user, and a memory that goes now and then.
 *
 * Owns: what happens when. Does not own: what thinkers say (thinkers.ts), what is written of it (owner.ts).
 *
 *  PL1 A play depends on its script alone: the same script is the same log.
 *
 * @module
 */
import type {
  Billed,
  DiscussionConfig,
  LogEvent,
  Logged,
  Mode,
  Order,
  Unwritten,
} from "../../../machines/rules/log.ts";
import { plus, UNTOLD, type Usage } from "../../../machines/rules/usage.ts";
import { Prng } from "../../support/prng.ts";
import { Owner, type Said } from "./owner.ts";
import { hashed, reply, seen, usageOf, type Way } from "./thinkers.ts";

/** From outside, at a time behind the opening. */
/** Of whoever is cut. */
const HALF = plus({ promptTokens: 0, completionTokens: 1 }, UNTOLD);

export type Aside = { readonly atMs: number } & (
  | { readonly does: "says"; readonly text: string }
  | { readonly does: "orders"; readonly order: Order }
  | { readonly does: "crashes" }
);

export interface Seat {
  readonly name: string;
  readonly way: Way;
  readonly delayMs?: number;
  readonly billed?: Billed | undefined;
}

export interface Script {
  readonly seed: number;
  readonly mode: Mode;
  readonly config: DiscussionConfig;
  readonly seats: readonly Seat[];
  /** Of whoever sums up. */
  readonly summarizer?: Billed | undefined;
  readonly asides: readonly Aside[];
  /** Everything that somebody says takes so many times as long, as do the asides. */
  readonly scale?: number;
  /** Who answers late and how: left out, by {@link reply}. */
  readonly recorded?: readonly Heard[];
}

/** Something that reached the owner, to be told again. */
export type Heard = { readonly at: number } & (
  | { readonly what: "turned"; readonly turn: number; readonly said: Said }
  | {
      readonly what: "voted";
      readonly agent: string;
      readonly round: number;
      readonly option: string | undefined;
      readonly conf: number;
      readonly usage: Usage;
    }
  | { readonly what: "aside"; readonly aside: Aside }
  | { readonly what: "wake" }
  | { readonly what: "final" }
);

export interface Played {
  readonly log: readonly LogEvent[];
  readonly heard: readonly Heard[];
  readonly owner: Owner;
}

const OPENED_AT = 1_000_000;
const STEPS_MAX = 20_000;

export const openedOf = ({ mode, config, seats, summarizer }: Script): Extract<Unwritten, { type: "opened" }> => ({
  type: "opened",
  request: "Why is the sky blue?",
  mode,
  why: "it was asked for",
  label: "private",
  agents: seats.map(({ name, billed }) => ({
    name,
    colour: "blue",
    hash: "0",
    ...(billed === undefined ? {} : { billed }),
  })),
  config,
  before: [],
  ...(summarizer === undefined ? {} : { summarizer }),
});

export class Play {
  readonly owner: Owner;
  readonly #script: Script;
  readonly #heard: Heard[] = [];
  #due: { readonly heard: Heard; readonly order: number }[] = [];
  #order = 0;
  #at: number;

  constructor(script: Script, at = OPENED_AT) {
    this.#script = script;
    this.#at = at;
    this.owner = new Owner(openedOf(script), at);
    if (script.recorded === undefined) {
      const { asides, scale = 1 } = script;
      for (const aside of asides) this.#later({ at: at + aside.atMs * scale, what: "aside", aside });
    } else for (const heard of script.recorded) this.#later(heard);
    this.#look();
  }

  /** @returns whether anything is left to happen */
  step(): boolean {
    const next = this.#next();
    if (next === undefined) return false;
    this.#at = Math.max(this.#at, next.at);
    this.#heard.push({ ...next, at: this.#at });
    this.#hear(next);
    this.#look();
    return true;
  }

  end(): Played {
    for (let steps = 0; this.step(); steps++) if (steps > STEPS_MAX) throw new Error("it never comes to its end");
    return { log: this.owner.log, heard: this.#heard, owner: this.owner };
  }

  #next(): Heard | undefined {
    const [first] = this.#due.toSorted((a, b) => a.heard.at - b.heard.at || a.order - b.order);
    const wake = this.#script.recorded === undefined ? this.owner.wakeAt : undefined;
    if (wake !== undefined && (first === undefined || wake < first.heard.at)) return { at: wake, what: "wake" };
    if (first !== undefined) this.#due = this.#due.filter((each) => each !== first);
    return first?.heard;
  }

  #hear(heard: Heard): void {
    const { owner } = this;
    switch (heard.what) {
      case "turned":
        return owner.turned(heard.turn, heard.said, this.#at);
      case "voted":
        return owner.voted(heard.agent, heard.round, heard.option, heard.conf, this.#at, heard.usage);
      case "aside":
        return this.#aside(heard.aside);
      case "final":
        return owner.final(this.#at);
      case "wake":
    }
  }

  #aside(aside: Aside): void {
    if (aside.does === "says") this.owner.say(aside.text, this.#at);
    else if (aside.does === "orders") this.owner.order(aside.order, this.#at);
    else this.owner.crash();
  }

  #look(): void {
    const from = this.owner.log.length;
    this.owner.look(this.#at);
    if (this.#script.recorded !== undefined) return;
    for (const event of this.owner.log.slice(from)) this.#react(event);
  }

  #react(event: LogEvent): void {
    switch (event.type) {
      case "granted":
        return this.#ask(event);
      case "polled":
        for (const voter of event.voters) this.#vote(event, voter);
        return;
      case "closed": {
        const finalMs = this.#chance("final").int(0, this.#script.config.finalMs / this.#scale) * this.#scale;
        return this.#later({ at: event.at + finalMs, what: "final" });
      }
      case "closing":
        if (event.reason === "cancelled") this.#cut();
        return;
      default:
    }
  }

  get #scale(): number {
    return this.#script.scale ?? 1;
  }

  /** Chance of its own for each thing that is said, so that one more of them changes no other. */
  #chance(...of: readonly (string | number)[]): Prng {
    return new Prng(hashed(this.#script.seed, ...of));
  }

  #ask({ agent, turn, basis, kind }: Logged<"granted">): void {
    const { config, seats } = this.#script;
    const seat = seats.findIndex(({ name }) => name === agent);
    const view = seen(this.owner.log, basis, kind !== "talk");
    const ended = this.owner.standing.thinkers.get(agent)?.ended ?? 0;
    const chance = this.#chance(seat, kind, ended, ...view.words);
    const limitMs = kind === "draft" ? config.draftMs : config.turnMs;
    const { way = "hangs", delayMs, billed } = seats[seat] ?? {};
    const turnMs = limitMs / this.#scale;
    const given = reply(way, { ...view, kind, chance, turnMs, tokensMax: config.turnTokensMax, billed });
    this.#later({ at: this.#at + limitMs, what: "turned", turn, said: { type: "failed", kind: "ask.deadline" } });
    if (given === undefined) return;
    const afterMs = (delayMs ?? given.afterMs) * this.#scale;
    for (const againMs of [0, ...(given.againMs ?? [])]) {
      this.#later({ at: this.#at + afterMs + againMs * this.#scale, what: "turned", turn, said: given.said });
    }
  }

  #vote({ round, options, seq }: Logged<"polled">, agent: string): void {
    const { config, seats } = this.#script;
    const seat = seats.findIndex(({ name }) => name === agent);
    const chance = this.#chance(seat, "vote", round);
    const turnMs = config.turnMs / this.#scale;
    const afterMs = seats[seat]?.way === "hangs" ? turnMs * 2 : chance.int(0, turnMs);
    const { id: option } = chance.pick(options);
    const conf = chance.int(0, 10) / 10;
    const usage = usageOf({ ...seen(this.owner.log, seq, false), chance, tokensMax: 1, billed: seats[seat]?.billed });
    const vote = { what: "voted", agent, round, conf, usage } as const;
    this.#later({ at: this.#at + config.turnMs, ...vote, option: undefined });
    const cast = chance.chance(0.8) ? option : undefined;
    for (const againMs of chance.chance(0.3) ? [0, 1] : [0])
      this.#later({ at: this.#at + (afterMs + againMs) * this.#scale, ...vote, option: cast });
  }

  /** The user stops it: whoever is told so gives what it has, unless it hears nothing any more. */
  #cut(): void {
    for (const { turn, agent } of this.owner.standing.turns.values()) {
      const seat = this.#script.seats.find(({ name }) => name === agent);
      if (seat?.way !== "hangs")
        this.#later({ at: this.#at, what: "turned", turn, said: { type: "cut", partial: "So", usage: HALF } });
    }
  }

  #later(heard: Heard): void {
    this.#due.push({ heard, order: this.#order++ });
  }
}

export const play = (script: Script): Played => new Play(script).end();
