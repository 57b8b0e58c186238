/**
 * Discussions under fire, on the real program: some always run, while the node, its worker and the threads of the team
 * are killed, broken and wedged at moments drawn from a seed.
 *
 * Owns: the faults, their moments, how long it takes until a discussion goes on. Does not own: what must hold of each
 * in the end (followed.ts), what thinkers say (thinking-server.ts), how long it lasts.
 *
 * @see ../../machines/README.md for TS1 to TL9
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import { waitUntil, waitUntilGone } from "./children.ts";
import { Followed } from "./followed.ts";
import { type NodeSetup, startNode, type TestNode } from "./node-harness.ts";
import { Prng } from "./prng.ts";
import { obeying, sabotage } from "./saboteur.ts";
import { begin } from "./team-node.ts";
import { temporaryFolder } from "./temporary.ts";
import { type ThinkingNode, thinkingNode } from "./thinking-node.ts";
import { watched, waysIn } from "./way-watch.ts";
import type { ServerCall, ThinkingServer } from "./thinking-server.ts";

/** Each takes a moment. */
export const QUICK_FAULTS = [
  "kill node",
  "kill node",
  "kill worker",
  "throw in store",
  "throw in thinkers",
  "throw in queen",
] as const;
/** A thread that does not turn any more is found out after ten seconds. */
export const FAULTS = [...QUICK_FAULTS, ...QUICK_FAULTS, ...QUICK_FAULTS, "hang in store", "spin in store"] as const;
export type Fault = (typeof FAULTS)[number];

const AT_ONCE = 2;
const MODES = ["discuss", "discuss", "discuss", "discuss", "vote", "alone"] as const;
const GONE_WITHIN_MS = 500;
const SOON_MS = 20_000;
/** What was asked last by a process that is dead may be heard so much later. */
const HEARD_LATE_MS = 250;
const OVER_WITHIN_MS = 60_000;
/** A thread that breaks more often than that in a minute is the end of its node, as is a worker's of its model. */
const STRIKES_MAX = 3;
const ENV = { RBEE_TEAM_CONTRIBUTIONS_MAX: "2", RBEE_TEAM_IDLE: "300ms", RBEE_JOB_ATTEMPTS_MAX: "100" };

/** Of one strike and one discussion: how long it was from the moment that all was there again until it went on. */
export interface Resumed {
  readonly fault: Fault;
  readonly ms: number;
}

export interface Ended {
  readonly discussions: number;
  readonly resumed: readonly Resumed[];
  /** How long each node took to its first word. */
  readonly startsMs: readonly number[];
}

export class TeamFire {
  readonly #chance: Prng;
  readonly #server: ThinkingServer;
  readonly #setup: NodeSetup;
  /** The file that a saboteur reads. */
  readonly #commands: string;
  /** The folder of what its hosts saw. */
  readonly #seen: string;
  readonly #all: Followed[] = [];
  readonly #resumed: Resumed[] = [];
  readonly #startsMs: number[] = [];
  readonly #struck: { readonly fault: Fault; readonly fromMs: number; readonly toMs: number }[] = [];
  #node: TestNode;
  /** In the life of this node. */
  #strikes = new Map<Fault, number>();

  private constructor(seed: number, commands: string, seen: string, { server, setup, node }: ThinkingNode) {
    this.#chance = new Prng(seed);
    this.#server = server;
    this.#setup = setup;
    this.#commands = commands;
    this.#seen = seen;
    this.#node = node;
  }

  static async begin(seed: number): Promise<TeamFire> {
    const commands = join(temporaryFolder(), "command");
    const seen = temporaryFolder();
    const [obeys, shows] = [obeying(commands), watched(seen)];
    const both = { NODE_OPTIONS: `${obeys["NODE_OPTIONS"]} ${shows["NODE_OPTIONS"]}` };
    const node = await thinkingNode({ env: { ...ENV, ...obeys, ...shows, ...both } });
    return new TeamFire(seed, commands, seen, node);
  }

  /** One strike, at some moment of discussions that run. */
  async round(drawn: Fault): Promise<void> {
    do {
      await this.#beginSome();
      await this.#someMoment();
    } while (this.#open.length === 0);
    const open = this.#open;
    const asides = open.filter(() => this.#chance.chance(0.3)).map((one) => one.say(this.#node));
    const fault = (this.#strikes.get(drawn) ?? 0) < STRIKES_MAX ? drawn : "kill node";
    this.#strikes.set(fault, (this.#strikes.get(fault) ?? 0) + 1);
    const [struckMs, struckAt] = [performance.now(), Date.now()];
    await this.#strike(fault);
    const upMs = performance.now();
    this.#struck.push({ fault, fromMs: struckMs, toMs: upMs });
    for (const one of open) one.downMs += upMs - struckMs;
    await Promise.all(asides);
    await Promise.all(open.map((one) => this.#resumes(one, fault, struckAt, upMs)));
  }

  /** The weather is fair again: every discussion has come to its end, and nothing is left of them but their logs. */
  async end(): Promise<Ended> {
    await waitUntil(() => this.#open.length === 0, OVER_WITHIN_MS);
    for (const one of this.#all) await one.judge(this.#node);
    this.#judgeCalls();
    expect(this.#server.running).toBe(0);
    const { queue } = (await this.#node.status()).queen;
    expect(queue).toMatchObject({ length: 0, running: 0 });
    await this.#node.stop();
    expect(this.#node.processes()).toEqual([]);
    expect(waysIn(this.#seen).flatMap(({ astray }) => astray)).toEqual([]);
    await this.#server.close();
    return { discussions: this.#all.length, resumed: this.#resumed, startsMs: this.#startsMs };
  }

  get #open(): readonly Followed[] {
    return this.#all.filter(({ isOver }) => !isOver);
  }

  async #beginSome(): Promise<void> {
    while (this.#open.length < AT_ONCE) {
      const question = `Question ${this.#all.length}:`;
      const mode = this.#chance.pick(MODES);
      const begun = await begin(this.#node, { request: `${question} which way?`, mode });
      const one = new Followed(question, begun);
      this.#all.push(one);
      one.follow(this.#node);
    }
  }

  /** So many words or events later, or so much time. */
  async #someMoment(): Promise<void> {
    if (this.#chance.chance(0.3)) return pause(this.#chance.int(0, 500));
    const heard = (): number => this.#all.reduce((sum, one) => sum + one.heard.length, 0);
    const until = heard() + this.#chance.int(1, 200);
    await waitUntil(() => heard() >= until || this.#open.length === 0, SOON_MS);
  }

  async #strike(fault: Fault): Promise<void> {
    switch (fault) {
      case "kill node":
        await this.#node.kill();
        return this.#startAgain();
      case "hang in store":
      case "spin in store":
        await this.#order(fault === "hang in store" ? "store hang" : "store spin");
        expect(await this.#node.ended).toMatchObject({ signal: "SIGKILL" });
        expect(this.#node.stderr).toContain("host.wedged");
        return this.#startAgain();
      case "throw in store":
      case "throw in thinkers":
      case "throw in queen":
        return this.#break(fault.slice("throw in ".length));
      case "kill worker": {
        const [worker] = (await this.#node.workers()).filter(({ pid }) => pid !== 0);
        if (worker !== undefined) tryKill(worker.pid);
      }
    }
  }

  async #startAgain(): Promise<void> {
    await waitUntilGone(() => this.#node.processes(), GONE_WITHIN_MS);
    await Promise.all(this.#all.map(({ read }) => read));
    const begunMs = performance.now();
    this.#node = await startNode(this.#setup);
    this.#startsMs.push(performance.now() - begunMs);
    this.#strikes = new Map();
    for (const one of this.#open) one.follow(this.#node);
  }

  /** Its node starts the thread again by itself. */
  async #break(role: string): Promise<void> {
    const ends = (): number => this.#node.stderr.split(`${role}: its thread ended`).length;
    const before = ends();
    await this.#order(`${role} throw`);
    await waitUntil(() => ends() > before, SOON_MS);
  }

  async #order(text: string): Promise<void> {
    sabotage(this.#commands, text);
    await waitUntil(() => !existsSync(this.#commands), SOON_MS);
  }

  /** It goes on by itself, with somebody whose turn it was. */
  async #resumes(one: Followed, fault: Fault, struckAt: number, upMs: number): Promise<void> {
    const calls = () => this.#server.calls.filter(({ atMs, prompt }) => atMs >= upMs && prompt.includes(one.question));
    const first = (): number | undefined => {
      // What was written before the strike may be heard only now.
      const news = one.heard.filter(({ atMs, event }) => atMs >= upMs && !("at" in event && event.at <= struckAt));
      const signs = [...calls(), ...news].map(({ atMs }) => atMs);
      return signs.length === 0 ? undefined : Math.min(...signs);
    };
    try {
      await waitUntil(() => first() !== undefined || one.isOver, SOON_MS);
    } catch {
      const last = one.log.slice(-6).map((event) => JSON.stringify(event).slice(0, 200));
      const how = this.#node.isOver ? "its node is over" : "its node is there";
      const what = `behind ${fault}: ${one.question} stands still (${one.trouble}; ${how})`;
      throw new Error([what, ...last, this.#node.stderr].join("\n"));
    }
    // Its last word may have been written before the strike.
    const firstMs = first();
    if (firstMs === undefined) return;
    this.#resumed.push({ fault, ms: firstMs - upMs });
    const speakers = one.turnsAt(struckAt).map(({ agent }) => agent);
    const [call] = calls();
    const isTurn = call?.agent !== undefined && call.agent !== "summarizer";
    if (fault === "kill node" && isTurn && speakers.length > 0) expect(speakers, one.question).toContain(call.agent);
  }

  /** No model is asked the same again, unless what it would have answered was lost. */
  #judgeCalls(): void {
    const last = new Map<string, ServerCall>();
    for (const call of this.#server.calls) {
      const key = `${call.seed} ${call.prompt}`;
      const before = last.get(key);
      last.set(key, call);
      if (before === undefined) continue;
      const between = this.#struck.filter(
        ({ fromMs, toMs }) => toMs + HEARD_LATE_MS >= before.atMs && fromMs <= call.atMs,
      );
      const { atMs, endedMs } = before;
      const when = `asked at ${atMs}, ended at ${endedMs}, again at ${call.atMs}; ${JSON.stringify(this.#struck)}`;
      const isLost = between.some(({ fault }) => !fault.startsWith("throw"));
      expect(isLost, `${when}\n${call.prompt.slice(-300)}`).toBe(true);
    }
  }
}

/** It may have ended by itself meanwhile. */
function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    return;
  }
}

/** How long it took until discussions went on, as a table. */
export function toldOf({ discussions, resumed, startsMs }: Ended): string {
  const line = (what: string, ms: readonly number[]): string => {
    const sorted = ms.toSorted((a, b) => a - b).map(Math.round);
    return `${what}: ${sorted.length}, median ${sorted[sorted.length >> 1]} ms, at most ${sorted.at(-1)} ms`;
  };
  const faults = [...new Set(resumed.map(({ fault }) => fault))].toSorted();
  const each = faults.map((fault) =>
    line(
      fault,
      resumed.filter((one) => one.fault === fault).map(({ ms }) => ms),
    ),
  );
  return [`${discussions} discussions`, ...each, line("starts of the node", startsMs)].join("\n");
}

export const median = (ms: readonly number[]): number => ms.toSorted((a, b) => a - b)[ms.length >> 1] ?? 0;
