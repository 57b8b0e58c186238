/**
 * Goal: whatever thinkers, users and machines do, the log of a discussion keeps every promise, comes to its end, and is
 * a function of what was said and when.
 * Method: random discussions of the pure rules on virtual time; every prefix read by a checker that shares no code; the
 * same discussions again, changed in a way whose effect is known.
 *
 * @see machines/rules/log.ts, machines/rules/standing.ts, machines/rules/discuss.ts, machines/README.md
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { DiscussionConfig, LogEvent } from "../../../machines/rules/log.ts";
import { fold, standingOf } from "../../../machines/rules/standing.ts";
import { Prng } from "../../support/prng.ts";
import { checkLog, told } from "../../simulation/team/check-log.ts";
import { type Aside, Play, play, type Script } from "../../simulation/team/play.ts";
import { scripts, timesOf } from "../../simulation/team/scripts.ts";

const RUNS = { numRuns: 250 };

const hashOf = (log: readonly LogEvent[]): string => JSON.stringify(log);

describe("the log of a discussion", () => {
  test.prop([scripts], { numRuns: 1_500 })(
    "keeps every promise at every prefix, and ends (TS1 to TS17, TL1 to TL6)",
    (script) => {
      expect(told(checkLog(play(script).log, true, 0))).toEqual([]);
    },
  );

  test.prop([scripts], RUNS)(
    "is all there is: folded anew, or from any cut, it stands the same (TD1, TD2)",
    (script) => {
      const { log, owner } = play(script);
      expect(standingOf(log)).toEqual(owner.standing);
      const cut = new Prng(script.seed).int(1, log.length);
      const standing = standingOf(log.slice(0, cut));
      if (standing !== undefined) for (const event of log.slice(cut)) fold(standing, event);
      expect(standing).toEqual(owner.standing);
    },
  );

  test.prop([scripts], RUNS)(
    "is written again, byte for byte, when the same is said at the same times (TD1)",
    (script) => {
      const { log, heard } = play(script);
      expect(hashOf(play({ ...script, recorded: heard }).log)).toBe(hashOf(log));
    },
  );

  test.prop([scripts, scripts, fc.integer()], RUNS)(
    "is the same beside another discussion (TD4)",
    (one, other, seed) => {
      const [first, second] = [new Play(one), new Play(other)];
      const chance = new Prng(seed);
      for (let isMore = true; isMore;) isMore = (chance.chance(0.5) ? first : second).step();
      expect(hashOf(first.end().log)).toBe(hashOf(play(one).log));
      expect(hashOf(second.end().log)).toBe(hashOf(play(other).log));
    },
  );

  test.prop([scripts], RUNS)(
    "has other names in it, and nothing else, where thinkers have other names (TD5)",
    (script) => {
      const names = new Map(script.seats.map(({ name }, at) => [name, `zz ${script.seats.length - at}`]));
      const renamed = (name: string): string => names.get(name) ?? name;
      const seats = script.seats.map((seat) => ({ ...seat, name: renamed(seat.name) }));
      const asides = script.asides.map((aside): Aside => {
        if (aside.does !== "orders" || !("agent" in aside.order)) return aside;
        return { ...aside, order: { ...aside.order, agent: renamed(aside.order.agent) } };
      });
      const text = JSON.stringify(play(script).log);
      const expected: unknown = JSON.parse(text, (_key, value: unknown) =>
        typeof value === "string" ? renamed(value) : value,
      );
      expect(play({ ...script, seats, asides }).log).toEqual(expected);
    },
  );
});

const withoutBound = ({ config: { costMaxMicros: _bound, ...its } }: Script): DiscussionConfig => its;

/** Whoever talks does so in the free style, as long as there is news. */
const talks = scripts.map((script): Script => ({
  ...script,
  mode: "discuss",
  asides: [],
  config: { ...withoutBound(script), style: "free", roundsMax: 1_000, tokensMax: 1_000_000, contributionsMax: 3 },
}));

const wordsOf = (log: readonly LogEvent[]): readonly unknown[] =>
  log.flatMap((event) => (event.type === "contributed" ? [[event.agent, event.at, event.text]] : []));
const endOf = (log: readonly LogEvent[]): number => log.find(({ type }) => type === "closing")?.at ?? Number.NaN;

/** Up to the first moment at which one more turn would have been too dear. */
function untilDear(log: readonly LogEvent[], { tokensMax, turnTokensMax }: DiscussionConfig): readonly LogEvent[] {
  const [first] = log;
  const standing = first === undefined ? undefined : standingOf([first]);
  const end = log.slice(1).findIndex((event) => {
    if (standing === undefined) return true;
    fold(standing, event);
    const { thinkers, settledTokens, reservedTokens } = standing;
    return settledTokens + reservedTokens + thinkers.size * turnTokensMax > tokensMax;
  });
  return log.slice(1, end < 0 ? log.length : end + 1);
}

describe("what is changed in a discussion changes no more than it should", () => {
  test.prop([talks], RUNS)("a thinker who always passes changes nobody's words and delays no end (TD6)", (script) => {
    const passer = { name: "silent", way: "always-passes", delayMs: 0 } as const;
    const alone = play(script).log;
    const beside = play({ ...script, seats: [...script.seats, passer] }).log;
    expect(wordsOf(beside)).toEqual(wordsOf(alone));
    expect(endOf(beside)).toBeLessThanOrEqual(endOf(alone));
  });

  test.prop([scripts, fc.integer({ min: 2, max: 9 })], RUNS)(
    "all times three times as long are stamps three times as late (TD7)",
    (script, factor) => {
      const slow = { ...script, config: timesOf(script.config, factor), scale: factor };
      const asides = script.asides.map((aside): Aside => {
        if (aside.does !== "orders" || aside.order.order !== "extend") return aside;
        return { ...aside, order: { order: "extend", ms: aside.order.ms * factor } };
      });
      const [log, late] = [play(script).log, play({ ...slow, asides }).log];
      const from = log[0]?.at ?? 0;
      expect(late.map(({ type, at }) => [type, at - from])).toEqual(
        log.map(({ type, at }) => [type, (at - from) * factor]),
      );
    },
  );

  test.prop([scripts, fc.integer({ min: 1, max: 10_000 })], RUNS)(
    "more patience is never fewer words (TD8)",
    (script, more) => {
      const patient = { ...script, config: { ...script.config, idleMs: script.config.idleMs + more } };
      expect(wordsOf(play(patient).log).length).toBeGreaterThanOrEqual(wordsOf(play(script).log).length);
    },
  );

  test.prop([scripts, fc.integer({ min: 1, max: 100_000 })], RUNS)(
    "a larger budget changes nothing before the smaller one refuses something (TD8)",
    (script, more) => {
      const rich = { ...script, config: { ...script.config, tokensMax: script.config.tokensMax + more } };
      const before = untilDear(play(script).log, script.config);
      expect(play(rich).log.slice(1, before.length + 1)).toEqual(before);
    },
  );
});
