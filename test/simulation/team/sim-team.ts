/**
 * A whole team in one thread on virtual time: the real library, discussions, crew and specialists in real hosts, over
 * simulated models, readers and a simulated archive.
 *
 * Owns: the two hosts, their ports, and faults of both. Does not own: what models answer (sim-calls.ts), what is
 * promised (check-log.ts).
 *
 * @module
 */
import type { Opening, Roster } from "../../../machines/discussion.ts";
import type { LogEvent } from "../../../machines/rules/log.ts";
import type { Address } from "../../../machines/words.ts";
import { agentBehaviour } from "../../../src/actors/team/agent.ts";
import { CREW, crewBehaviour } from "../../../src/actors/team/crew.ts";
import { discussionBehaviour } from "../../../src/actors/team/discussion.ts";
import type { KeepAsk } from "../../../src/actors/team/ending.ts";
import { knowledgeBehaviour } from "../../../src/actors/team/knowledge.ts";
import { libraryBehaviour } from "../../../src/actors/team/library.ts";
import type { PublishAsk } from "../../../src/actors/team/log-writing.ts";
import { specialistBehaviour } from "../../../src/actors/team/specialist.ts";
import { storeTables, thinkersTables } from "../../../src/actors/team/tables.ts";
import { Desk } from "../../../src/hosts/porter/desk.ts";
import type { AskResult, Message } from "../../../src/runtime/envelope.ts";
import type { Port } from "../../../src/runtime/ports.ts";
import { SimDoor } from "../sim-door.ts";
import { SimWorld } from "../sim-world.ts";
import { openedOf, type Script } from "./play.ts";
import { type CallsOptions, type Cast, SimCalls } from "./sim-calls.ts";
import type { Way } from "./thinkers.ts";

const LIBRARY: Address = "store/library/main";
const MACHINE = "machine";
const ASK_MS = 60_000;
const SUMMARIZER = "summarizer";

export const HOSTS = ["store", "thinkers"] as const;

const seated = (name: string): Roster => ({ name, colour: "blue", hash: "0", place: "any", body: `You are ${name}.` });

export interface TeamOptions extends Pick<CallsOptions, "moreWords" | "reads" | "instead"> {
  readonly script: Script;
  /** Of other discussions, by their names. */
  readonly others?: Readonly<Record<string, Script>>;
  readonly summarizer: Way;
  /** The archive refuses so many times before it keeps a log. */
  readonly refusals?: number;
  /** Nothing but thinkers and timers takes any time: two runs differ in what a test makes different. */
  readonly isCalm?: boolean;
  /** What carries frames, other than memory. */
  readonly carry?: SimWorld["carry"] | undefined;
}

export class SimTeam {
  readonly world: SimWorld;
  readonly calls: SimCalls;
  /** Of what was asked of the doors: how it ended. */
  readonly answers: AskResult[] = [];
  /** As readers were told it, in the order in which they were. */
  readonly published = new Map<string, LogEvent[]>();
  readonly kept = new Map<string, readonly LogEvent[]>();
  readonly #options: TeamOptions;
  readonly #door: SimDoor;
  readonly #desk: Desk;
  #refusals: number;

  constructor(options: TeamOptions) {
    const { script, refusals = 0, moreWords, reads, instead } = options;
    this.#options = options;
    this.#refusals = refusals;
    this.world = new SimWorld(script.seed);
    if (options.carry !== undefined) this.world.carry = options.carry;
    this.#door = new SimDoor(this.world.clock, (to, frames) => this.world.sendFrom("porter", to, frames));
    const castOf = (discussion: string): Cast => this.#castOf(this.#scriptOf(discussion));
    this.calls = new SimCalls({ world: this.world, castOf, moreWords, reads, instead });
    const ports = { calls: this.calls, audience: this.#audience(), archive: this.#archive() };
    this.#desk = new Desk(
      ports,
      (to, frames) => this.world.sendFrom("porter", to, frames),
      (send) => this.world.clock.after(0, send),
    );
    this.world.addEndpoint("porter", {
      receive: (_from, frames) => {
        for (const frame of frames) {
          if (frame.kind === "answer") this.#door.answered(frame.id, frame.result);
          else this.#desk.receive([frame]);
        }
      },
    });
    this.#addHosts();
    if (options.isCalm === true) this.#calm();
    else this.#unsettle();
  }

  /** Somebody asks for the team. */
  open(discussion: string, its?: Opening): void {
    const script = this.#scriptOf(discussion);
    const opening = its ?? { type: "question", opened: openedOf(script) };
    const roster = script.seats.map(({ name }) => seated(name));
    const made: Message & Record<string, unknown> = {
      type: "open",
      discussion,
      // What an agent keeps for itself is of its session.
      session: script === this.#options.script ? "s1" : discussion,
      opening,
      roster,
      model: undefined,
      caller: undefined,
    };
    this.ask(LIBRARY, made, () => {});
  }

  say(discussion: string, event: Message): void {
    this.ask(`store/discussion/${discussion}`, event, () => {});
  }

  ask(to: Address, event: Message, done: (result: AskResult) => void): void {
    this.#door.ask(to, event, ASK_MS, (result) => {
      this.answers.push(result);
      done(result);
    });
  }

  /** Memory is lost, and it is started again a while later. */
  kill(host: (typeof HOSTS)[number], downMs: number): void {
    if (!this.world.isUp(host)) return;
    this.world.kill(host);
    this.world.clock.after(downMs, () => this.world.start(host));
  }

  /** The machine itself: with all hosts, and with what no disk had. */
  powerLoss(downMs: number): void {
    this.world.powerLoss(MACHINE);
    this.calls.forget();
    this.world.clock.after(downMs, () => HOSTS.forEach((host) => this.world.start(host)));
  }

  /** Cells that think, and rows that the store has of discussions. */
  get left(): { readonly thinkers: number; readonly rows: number } {
    const cells = this.world.isUp("thinkers") ? [...this.world.host("thinkers").core.cells.keys()] : [];
    const rows = [...this.world.disk("store").rows.keys()].filter((key) => /logs|discussions/.test(key));
    return { thinkers: cells.filter((at) => at.includes("/specialist/")).length, rows: rows.length };
  }

  #scriptOf(discussion: string): Script {
    return this.#options.others?.[discussion] ?? this.#options.script;
  }

  #castOf({ seed, seats, config, scale = 1, summarizer }: Script): Cast {
    const seatOf = (agent: string) => seats.find(({ name }) => name === agent);
    return {
      seed,
      scale,
      turnMs: config.turnMs / scale,
      tokensMax: config.turnTokensMax,
      wayOf: (agent) => seatOf(agent)?.way ?? this.#options.summarizer,
      delayOf: (agent) => seatOf(agent)?.delayMs,
      billedOf: (agent) => (seatOf(agent) ?? { billed: summarizer }).billed,
    };
  }

  #calm(): void {
    this.world.setDelay([0, 0]);
    this.world.wakeMs = [0, 0];
    this.world.connectMs = 0;
  }

  #unsettle(): void {
    this.world.disk("store").flushMs = this.world.rng.int(0, 30);
    this.world.duplicates = this.world.rng.pick([0, 0.1, 0.5]);
  }

  #addHosts(): void {
    const { world } = this;
    world.add({
      id: "thinkers",
      behaviours: [crewBehaviour(), specialistBehaviour({ ttlMs: 600_000 })],
      tables: thinkersTables,
      roots: [["crew", "main", {}]],
      machine: MACHINE,
      storage: "none",
      restartMs: 100,
    });
    world.add({
      id: "store",
      behaviours: [
        libraryBehaviour({ discussionsMax: 8 }),
        agentBehaviour({ ttlMs: 600_000 }),
        knowledgeBehaviour(),
        discussionBehaviour({ crew: CREW, summarizer: seated(SUMMARIZER), frame: "You are one of a team." }),
      ],
      tables: storeTables,
      roots: [
        ["library", "main", {}],
        ["knowledge", "main", {}],
      ],
      machine: MACHINE,
      restartMs: 100,
    });
  }

  #audience(): Port {
    return {
      ask: ({ event }, answer) => {
        const { discussion, events } = event as unknown as PublishAsk;
        this.published.set(discussion, [...(this.published.get(discussion) ?? []), ...events]);
        this.world.clock.after(1, () => answer({ ok: true, event: { type: "heard" } }));
      },
      drop: () => {},
    };
  }

  #archive(): Port {
    return {
      ask: ({ event }, answer) => {
        const { discussion, log } = event as unknown as KeepAsk;
        const isRefused = this.#refusals-- > 0;
        if (!isRefused) this.kept.set(discussion, log);
        const refused: AskResult = { ok: false, error: { code: "disk.full", message: "no room" } };
        this.world.clock.after(2, () => answer(isRefused ? refused : { ok: true, event: { type: "kept" } }));
      },
      drop: () => {},
    };
  }
}
