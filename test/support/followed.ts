/**
 * One discussion of a real node, as somebody hears it who comes back after every break; and what must hold of it in the
 * end, whatever broke.
 *
 * Owns: what was heard and said. Does not own: what breaks (team-fire.ts), what is promised of a log
 * (test/simulation/team/check-log.ts).
 *
 * @module
 */
import { expect } from "vitest";
import { endsTurn, type LogEvent, type Logged } from "../../machines/rules/log.ts";
import { replayed } from "../../machines/rules/replay.ts";
import { checkLog, told } from "../simulation/team/check-log.ts";
import type { TestNode } from "./node-harness.ts";
import { exported, type Heard, listen, logIn, ofType } from "./team-node.ts";

/** None of them is a thinker's own, nor its model's. */
const CRASHES: readonly string[] = ["host.restarted", "interrupted", "cell.gone", "ask.deadline", "worker.lost"];
/** So much later than it should a timer may tell, on a machine that others use. */
const TICK_MS = 2_000;

interface Aside {
  readonly text: string;
  seq: number | undefined;
}

export class Followed {
  readonly question: string;
  readonly discussion: string;
  readonly session: string;
  readonly heard: (Heard & { readonly atMs: number })[] = [];
  /** Why it was not told more, last. */
  trouble = "";
  /** How long it could not go on. */
  downMs = 0;
  readonly #asides: Aside[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(question: string, its: { readonly discussion: string; readonly session: string }) {
    this.question = question;
    this.discussion = its.discussion;
    this.session = its.session;
  }

  follow(node: TestNode): void {
    this.#reading = this.#reading.then(async () => {
      try {
        for await (const one of listen(node, this.discussion, this.log.at(-1)?.seq)) {
          this.heard.push({ ...one, atMs: performance.now() });
        }
      } catch (thrown) {
        // The node went before it answered: whoever follows comes back.
        this.trouble = String(thrown);
      }
    });
  }

  /** The connection is gone. */
  get read(): Promise<void> {
    return this.#reading;
  }

  get log(): readonly LogEvent[] {
    return logIn(this.heard);
  }

  get isOver(): boolean {
    return this.heard.at(-1)?.event.type === "final";
  }

  /** Says something in it. Whether that was taken is seen in the log. */
  async say(node: TestNode): Promise<void> {
    const aside: Aside = { text: `Aside ${this.#asides.length}.`, seq: undefined };
    this.#asides.push(aside);
    try {
      const reply = await node.call("POST", `/v2/discussions/${this.discussion}/say`, { text: aside.text });
      if (reply.status === 200) aside.seq = (reply.json() as { readonly seq: number }).seq;
    } catch {
      // The node went.
    }
  }

  /** Whose turn it was at that time. */
  turnsAt(at: number): readonly Logged<"granted">[] {
    const before = this.log.filter((event) => event.at <= at);
    return ofType(before, "granted").filter(({ turn }) => !before.some((one) => endsTurn(one) && one.turn === turn));
  }

  /** It is over: its log is sound and whole, has nothing twice, and is what was heard of it from the first word on. */
  async judge(node: TestNode): Promise<void> {
    await this.#reading;
    const { log, question: its } = this;
    expect(
      log.map(({ seq }) => seq),
      its,
    ).toEqual(log.map((_, place) => place));
    expect(told(checkLog(log, true, this.downMs + TICK_MS)), its).toEqual([]);
    // TD1, TD3: what threads and processes decided under fire is decided again here, from what was said and when.
    expect(replayed(log).differs, its).toBeUndefined();
    expect((await exported(node, this.session)).log, its).toEqual(log);
    expect(
      ofType(log, "failed").filter(({ kind }) => CRASHES.includes(kind)),
      its,
    ).toEqual([]);
    const said = ofType(log, "contributed");
    // Samples may come to the same answer; nothing else is said in the same words.
    const [opened] = ofType(log, "opened");
    if (opened?.mode !== "vote") expect(new Set(said.map(({ text }) => text)).size, its).toBe(said.length);
    for (const { event } of this.heard) {
      const whole = event.type === "token" ? said.find(({ turn }) => turn === event.turn)?.text : undefined;
      if (event.type !== "token" || whole === undefined) continue;
      expect(`${whole} `.slice(event.offset, event.offset + event.text.length), its).toBe(event.text);
    }
    for (const aside of this.#asides) this.#judgeAside(aside);
  }

  /** There once when somebody was told so, and never twice. */
  #judgeAside({ text, seq }: Aside): void {
    const places = ofType(this.log, "user").filter((event) => event.text === text);
    if (seq === undefined) expect(places.length, `${this.question} ${text}`).toBeLessThanOrEqual(1);
    else
      expect(
        places.map((event) => event.seq),
        `${this.question} ${text}`,
      ).toEqual([seq]);
  }
}
