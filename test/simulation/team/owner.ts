/**
 * An owner of a log with nothing around it: the pure rules, and what was said, in the order in which it was said.
 *
 * Owns: how a word becomes an event while a discussion is open, winding up or closed. Does not own: what is written
 * without anybody's word (machines/rules/discuss.ts), when somebody says something (play.ts).
 *
 * @module
 */
import { next, openPoll, refusalOf, wakeAt } from "../../../machines/rules/discuss.ts";
import type { Claim, LogEvent, Logged, Order, Unwritten } from "../../../machines/rules/log.ts";
import type { Usage } from "../../../machines/rules/usage.ts";
import { begun, fold, type Standing, standingOf } from "../../../machines/rules/standing.ts";

/** What comes of a turn. */
export type Said =
  | {
      readonly type: "said";
      readonly text: string;
      readonly usage: Usage;
      readonly claims?: readonly string[];
      readonly objection?: { readonly claim: string; readonly quote: string; readonly error: string };
    }
  | { readonly type: "passed"; readonly why: string; readonly usage: Usage }
  | { readonly type: "failed"; readonly kind: string; readonly usage?: Usage }
  | { readonly type: "cut"; readonly partial: string; readonly usage?: Usage };

const SOURCE = { job: "j", model: "m", worker: "w" };
/** More events than any of these discussions could have: a rule that writes for ever. */
const EVENTS_MAX = 2_000;

export class Owner {
  readonly log: LogEvent[] = [];
  standing: Standing;
  /** Words for turns and votes that had ended. */
  dropped = 0;

  constructor(opened: Extract<Unwritten, { type: "opened" }>, at: number) {
    const event: Logged<"opened"> = { ...opened, seq: 0, at };
    this.log.push(event);
    this.standing = begun(event);
  }

  /** As it stands behind a log. */
  static of(log: readonly LogEvent[]): Owner {
    const [first] = log;
    if (first?.type !== "opened") throw new Error("a log without a beginning");
    const owner = new Owner(first, first.at);
    owner.log.push(...log.slice(1));
    owner.crash();
    return owner;
  }

  get isClosing(): boolean {
    return this.standing.reason !== undefined;
  }

  /** Everything that needs nobody's word. @returns what was written */
  look(at: number): readonly LogEvent[] {
    const from = this.log.length;
    for (let due = next(this.standing, at); due !== undefined; due = next(this.standing, at)) this.#write(due, at);
    if (this.isClosing && !this.standing.isClosed && this.#isOver(at)) this.#close(at);
    return this.log.slice(from);
  }

  turned(turn: number, said: Said, at: number): void {
    const open = this.standing.turns.get(turn);
    if (open === undefined || this.standing.isClosed) return void (this.dropped += 1);
    const { agent, basis, kind } = open;
    switch (said.type) {
      case "failed": {
        const took = said.usage === undefined ? {} : { usage: said.usage };
        return this.#write({ type: "failed", agent, turn, kind: said.kind, message: "it failed", ...took }, at);
      }
      case "cut": {
        const { type: _type, ...cut } = said;
        return this.#write({ type: "cancelled", agent, turn, ...cut }, at);
      }
      case "passed":
        return this.#write({ type: "passed", agent, turn, basis, why: said.why, usage: said.usage }, at);
      case "said": {
        const { text, usage } = said;
        const why = kind === "talk" ? refusalOf(this.standing, agent, basis) : undefined;
        if (why !== undefined) return this.#write({ type: "rejected", agent, turn, why, usage }, at);
        const { objection, claims = [] } = this.isClosing ? {} : said;
        if (objection !== undefined) this.#write({ type: "objection", agent, turn, ...objection }, at);
        this.#write({ type: "contributed", agent, turn, basis, text, usage, source: SOURCE }, at);
        if (claims.length > 0) this.#write({ type: "claims", agent, turn, list: this.#numbered(claims) }, at);
      }
    }
  }

  /** A ballot, or with no option that none came. */
  voted(
    agent: string,
    round: number,
    option: string | undefined,
    conf: number,
    at: number,
    usage: Usage = { promptTokens: 1, completionTokens: 1 },
  ): void {
    const poll = openPoll(this.standing);
    const isHeard = poll?.ballots.has(agent) === true || poll?.abstained.has(agent) === true;
    if (this.isClosing || poll?.round !== round || isHeard) return void (this.dropped += 1);
    if (option === undefined) return this.#write({ type: "abstained", agent, round, kind: "worker.lost" }, at);
    this.#write({ type: "ballot", agent, round, basis: poll.seq, option, conf, usage }, at);
  }

  say(text: string, at: number): void {
    if (!this.isClosing) this.#write({ type: "user", text }, at);
  }

  order(order: Order, at: number): void {
    if (!this.isClosing) this.#write({ type: "ordered", ...order }, at);
  }

  final(at: number): void {
    const upTo = this.standing.contributions.at(-1)?.seq ?? 0;
    const worth = { tokens: 0, ms: at - this.standing.opened.at, contributions: 0, flips: 0 };
    this.#write({ type: "final", upTo, text: "So it is.", by: "extract", minority: [], worth }, at);
  }

  /** Its memory is gone; its log is not. */
  crash(): void {
    const again = standingOf(this.log);
    if (again === undefined) throw new Error("a log without a beginning");
    this.standing = again;
  }

  /** When it has to look again though nobody says anything; nothing when it is closed. */
  get wakeAt(): number | undefined {
    if (this.standing.isClosed) return undefined;
    return this.isClosing ? this.#graceEnds : wakeAt(this.standing);
  }

  get #graceEnds(): number {
    const closing = this.log.find(({ type }) => type === "closing");
    return (closing?.at ?? 0) + this.standing.opened.config.graceMs;
  }

  #isOver(at: number): boolean {
    return this.standing.turns.size === 0 || at >= this.#graceEnds;
  }

  #close(at: number): void {
    this.#write({ type: "closed" }, at);
    for (const { agent, turn } of [...this.standing.turns.values()]) this.#write({ type: "late", agent, turn }, at);
  }

  #numbered(claims: readonly string[]): readonly Claim[] {
    return claims.map((text, index) => ({ id: `c${this.standing.claims.size + index + 1}`, text }));
  }

  #write(body: Unwritten, at: number): void {
    if (this.log.length >= EVENTS_MAX) throw new Error(`it writes for ever: ${JSON.stringify(this.log.slice(-6))}`);
    const event: LogEvent = { ...body, seq: this.log.length, at: Math.max(at, this.standing.at) };
    this.log.push(event);
    fold(this.standing, event);
  }
}
