/**
 * One life of a simulated team, from its question to its end: what a script says, and faults of hosts and wires.
 *
 * Owns: what happens when. Does not own: the team (sim-team.ts), what a script may say (scripts.ts), what is promised.
 *
 * @module
 */
import { fc } from "@fast-check/vitest";
import type { LogEvent } from "../../../machines/rules/log.ts";
import type { Script } from "./play.ts";
import { HOSTS, SimTeam, type TeamOptions } from "./sim-team.ts";
import type { Way } from "./thinkers.ts";

export const DISCUSSION = "d1";
/** Wires, turns and timers of hosts: each step of an answer takes a few ms. */
export const HOPS_MS = 60;
export const DOWN_MS_MAX = 400;
const OPENED_MS = 10;
const FIRST_MS = 10;
const CRASHED_MS = 50;

export interface Fault {
  readonly atMs: number;
  readonly downMs: number;
  readonly what: (typeof HOSTS)[number] | "power" | "wire" | "clock";
}

export const fault = (hardMs: number): fc.Arbitrary<Fault> =>
  fc.record({
    atMs: fc.integer({ min: 0, max: hardMs }),
    downMs: fc.integer({ min: 0, max: DOWN_MS_MAX }),
    what: fc.constantFrom(...HOSTS, "power" as const, "wire" as const, "clock" as const),
  });

/** Times of people, not of a tick: below them nothing but the wires would be measured. */
export const human = (script: Script): Script => ({
  ...script,
  config: {
    ...script.config,
    idleMs: Math.max(500, script.config.idleMs),
    hardMs: Math.max(1_000, script.config.hardMs),
    turnMs: Math.max(400, script.config.turnMs),
    draftMs: Math.max(400, script.config.draftMs),
  },
});

/** Longer than that no discussion may take. */
export function lifeOf({ config: { hardMs, graceMs, finalMs }, asides, scale = 1 }: Script): number {
  const extended = asides.map((aside) =>
    aside.does === "orders" && aside.order.order === "extend" ? aside.order.ms : 0,
  );
  return hardMs + graceMs + finalMs + extended.reduce((sum, ms) => sum + ms, 20_000 * scale);
}

export interface Staged {
  readonly team: SimTeam;
  readonly script: Script;
  readonly downMs: number;
}

export type More = Omit<TeamOptions, "script" | "summarizer"> & {
  /** Before anything has happened. */
  readonly prepare?: (team: SimTeam) => void;
};

export function staged(script: Script, summarizer: Way, faults: readonly Fault[], more: More = {}): Staged {
  const { prepare, ...options } = more;
  const team = new SimTeam({ script, summarizer, ...options });
  prepare?.(team);
  const all = Object.entries({ [DISCUSSION]: script, ...options.others });
  for (const [discussion, its] of all) schedule(team, discussion, its);
  const { clock } = team.world;
  for (const { atMs, downMs, what } of faults) {
    clock.after(100 + atMs, () => {
      if (what === "power") team.powerLoss(downMs);
      else if (what === "wire") team.world.loseConnection("store", "thinkers");
      else if (what === "clock") clock.jump(-downMs);
      else team.kill(what, downMs);
    });
  }
  const crashes = script.asides.filter(({ does }) => does === "crashes").length;
  const downMs = faults.length * (DOWN_MS_MAX + HOPS_MS) + crashes * (CRASHED_MS * (script.scale ?? 1) + HOPS_MS);
  team.world.run(Math.max(...all.map(([, its]) => lifeOf(its))) + downMs);
  return { team, script, downMs };
}

/** Its question, and what the user says of it and when. */
function schedule(team: SimTeam, discussion: string, { asides, scale = 1 }: Script): void {
  const { clock } = team.world;
  clock.after(OPENED_MS, () => team.open(discussion));
  for (const aside of asides) {
    clock.after(OPENED_MS + (FIRST_MS + aside.atMs) * scale, () => {
      if (aside.does === "says") team.say(discussion, { type: "say", text: aside.text } as never);
      else if (aside.does === "orders") team.say(discussion, { type: "order", order: aside.order } as never);
      else team.kill("store", CRASHED_MS * scale);
    });
  }
}

export const logOf = ({ team }: Pick<Staged, "team">, discussion = DISCUSSION): readonly LogEvent[] =>
  team.kept.get(discussion) ?? [];
