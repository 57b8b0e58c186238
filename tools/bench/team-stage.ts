/**
 * A store and its thinkers as a node has them: threads of their own, a journal on disk, the archive; and instead of a
 * model somebody who takes a known time and then says what fits the step.
 *
 * Owns: carrying between the two threads and this one, and how long each thought took. Does not own: the lines.
 *
 * @module
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Roster } from "../../machines/discussion.ts";
import type { LibraryEvent } from "../../machines/library.ts";
import type { LogEvent, Mode } from "../../machines/rules/log.ts";
import { UNTOLD } from "../../machines/rules/usage.ts";
import type { SpecialistEvent, Step } from "../../machines/specialist.ts";
import { address } from "../../machines/words.ts";
import type { Called, CallsAsk } from "../../src/actors/team/assignment.ts";
import { beeStarts, type TeamStart } from "../../src/hosts/bees/bee-start.ts";
import { Desk } from "../../src/hosts/porter/desk.ts";
import { Archive } from "../../src/hosts/team/archive.ts";
import { Audience } from "../../src/hosts/team/audience.ts";
import { readPart } from "../../src/hosts/team/prompts.ts";
import { configOf, rosterOf, seated } from "../../src/hosts/team/roster.ts";
import { BeeThread } from "../../src/hosts/bees/thread.ts";
import { introduce } from "../../src/hosts/bees/ways.ts";
import { PORTER } from "../../src/protocol/ports.ts";
import { type Config, loadConfig } from "../../src/runtime/config/load.ts";
import type { Paths } from "../../src/runtime/config/paths.ts";
import type { AskResult, Frame } from "../../src/runtime/envelope.ts";
import type { Port, PortCall } from "../../src/runtime/ports.ts";
import { event } from "../../src/runtime/reading.ts";

const ANSWER_MS = 30_000;
const STORE = "store";
const SESSION = "bench";
const toLibrary = event<LibraryEvent>();
const toThinker = event<SpecialistEvent>();

/** When somebody began to think, and when that was said. */
export interface Thought {
  readonly beganMs: number;
  readonly endedMs: number;
}

export interface Held {
  readonly tookMs: number;
  readonly log: readonly LogEvent[];
  readonly thoughts: readonly Thought[];
}

export class TeamStage {
  readonly archive: Archive;
  readonly #config: Config;
  readonly #paths: Paths;
  readonly #audience = new Audience();
  readonly #model = new StandIn();
  readonly #desk: Desk;
  readonly #threads: ReadonlyMap<string, BeeThread>;
  #held = 0;

  /** Resolves when both threads are there. */
  static async start(home: string): Promise<TeamStage> {
    const open = Promise.withResolvers<void>();
    const stage = new TeamStage(home, open);
    await open.promise;
    return stage;
  }

  private constructor(home: string, { resolve, reject }: PromiseWithResolvers<void>) {
    const { config, paths } = loadConfig({ flags: {}, env: { RBEE_HOME: home }, cwd: home });
    this.#config = config;
    this.#paths = paths;
    mkdirSync(paths.state, { recursive: true });
    this.archive = new Archive(join(paths.data, "sessions"));
    const ports = { calls: this.#model, audience: this.#audience, archive: this.archive };
    this.#desk = new Desk(ports, (to, frames, canWait) => {
      if (canWait) this.#threads.get(to)?.sayWithNext({ kind: "frames", from: PORTER, frames });
      else this.#route(PORTER, to, frames);
    });
    const team: TeamStart = { frame: readPart("frame").body, summarizer: seated(readPart("summarizer")) };
    const starts = beeStarts({ config, paths, hive: "hive", team }).filter(({ role }) => ROLES.has(role));
    const opened = (): void => {
      if (![...this.#threads.values()].every(({ isOpen }) => isOpen)) return;
      this.#introduce();
      resolve();
    };
    const lost = (error: object): void => reject(new Error(JSON.stringify(error)));
    this.#threads = new Map(
      starts.map((start) => [
        start.host,
        new BeeThread(start, {
          opened,
          frames: (to, _life, frames) => this.#route(start.host, to, frames),
          crashed: lost,
          wedged: () => lost({ code: "host.wedged" }),
          hopeless: lost,
        }),
      ]),
    );
  }

  /**
   * From the question to the final word, which is on disk by then.
   * @param thinkMs what each step of a thinker takes
   */
  async hold(mode: Mode, request: string, thinkMs: number): Promise<Held> {
    this.#held += 1;
    const discussion = `d${this.#held}`;
    const roster = this.#roster(mode);
    const log: LogEvent[] = [];
    this.#model.begin(thinkMs);
    const over = new AbortController();
    const heard = this.#audience.listen(discussion, 0, async () => [], over.signal);
    const first = heard.next();
    const beganMs = performance.now();
    await this.#desk.doors.ask(
      address(STORE, "library", "main"),
      this.#open(discussion, mode, request, roster),
      ANSWER_MS,
    );
    for (let next = await first; next.done !== true; next = await heard.next()) {
      if (next.value.type !== "token") log.push(next.value);
    }
    return { tookMs: performance.now() - beganMs, log, thoughts: this.#model.thoughts };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads.values()].map((thread) => thread.close()));
  }

  #roster(mode: Mode): readonly Roster[] {
    const { team } = this.#config;
    return rosterOf(mode, { config: team, configFile: this.#paths.configFile, model: undefined, loaded: [] });
  }

  #open(discussion: string, mode: Mode, request: string, roster: readonly Roster[]) {
    const agents = roster.map(({ body: _body, place: _place, ...its }) => its);
    const config = configOf(mode, this.#config.team);
    const opened = {
      type: "opened",
      request,
      mode,
      why: "it is measured",
      label: "private",
      agents,
      config,
      before: [],
    } as const;
    return toLibrary({
      type: "open",
      discussion,
      session: SESSION,
      opening: { type: "question", opened },
      roster,
      model: undefined,
      caller: undefined,
    });
  }

  #introduce(): void {
    for (const thread of this.#threads.values())
      thread.say({ kind: "peer.up", host: PORTER, life: 1, isForgetful: true });
    const [store, thinkers] = [...this.#threads.values()];
    if (store !== undefined && thinkers !== undefined) introduce(store, thinkers, true);
  }

  #route(from: string, to: string, frames: readonly Frame[]): void {
    if (to === PORTER) this.#desk.receive(frames);
    else this.#threads.get(to)?.say({ kind: "frames", from, frames });
  }
}

const ROLES: ReadonlySet<string> = new Set([STORE, "thinkers"]);

/** How often each speaks, its draft aside, before it passes. */
const SPEAKS = 1;

class StandIn implements Port {
  #thinkMs = 0;
  readonly #thinking = new Map<string, NodeJS.Timeout>();
  readonly #bids = new Map<string, number>();
  thoughts: Thought[] = [];

  begin(thinkMs: number): void {
    this.#thinkMs = thinkMs;
    this.thoughts = [];
    this.#bids.clear();
  }

  ask({ id, event: asked }: PortCall, answer: (result: AskResult) => void): void {
    const made = asked as unknown as CallsAsk;
    if (made.type === "cut") {
      const partial = toThinker({ type: "partial", text: "", usage: UNTOLD });
      return queueMicrotask(() => answer({ ok: true, event: partial }));
    }
    const beganMs = performance.now();
    const { step, agent } = made;
    const said = (): void => {
      this.#thinking.delete(id);
      this.thoughts.push({ beganMs, endedMs: performance.now() });
      const usage = { promptTokens: 400, completionTokens: 60 };
      const source = { job: `j${this.thoughts.length}`, model: "stand-in", worker: "w-1" };
      const called: Called = { type: "called", step, text: this.#words(step, agent), usage, source };
      answer({ ok: true, event: called });
    };
    this.#thinking.set(id, setTimeout(said, this.#thinkMs));
  }

  drop(id: string): void {
    clearTimeout(this.#thinking.get(id));
    this.#thinking.delete(id);
  }

  #words(step: Step, agent: string): string {
    if (step === "bid") {
      const before = this.#bids.get(agent) ?? 0;
      this.#bids.set(agent, before + 1);
      return JSON.stringify({ move: before < SPEAKS ? "speak" : "pass", why: "The point about the roof is missing." });
    }
    return WORDS[step];
  }
}

const SENTENCES =
  "A hive that stands in the shade of one tree is cool at noon and late to fly in the morning. Two places cost two " +
  "walks a day, yet a storm or a thief takes only one of them. I would begin with the sunny one and count in spring.";

const WORDS: Readonly<Record<Exclude<Step, "bid">, string>> = {
  draft: SENTENCES,
  claims: JSON.stringify({ claims: ["Shade keeps a hive cool at noon.", "Two places halve what a storm can take."] }),
  speak: SENTENCES,
  object: JSON.stringify({ claim: "c1", error: "At noon the shade of one tree falls elsewhere." }),
  answer: SENTENCES,
  sample: JSON.stringify({ steps: "", answer: "42", sure: 8 }),
  vote: JSON.stringify({ choice: "divergent", sure: 8 }),
  summary: SENTENCES,
  final: SENTENCES,
};
