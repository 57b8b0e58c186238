/**
 * Goal: what is changed about a discussion of the real cells changes in its log what it should, and nothing else: a
 * crash, another discussion beside it, other names, other times.
 * Method: the real library, discussion, crew and specialists on virtual time; the same script again with one thing
 * changed, over wires and disks that take no time, so that nothing else is.
 *
 * @see machines/README.md, TD2 TD4 TD5 TD7; voices.test.ts for TD6 TD8 TD10
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { isDeepStrictEqual } from "node:util";
import { describe, expect } from "vitest";
import type { LogEvent } from "../../../machines/rules/log.ts";
import { fold, standingOf } from "../../../machines/rules/standing.ts";
import { type Kept, logs } from "../../../src/actors/team/tables.ts";
import type { Aside, Script } from "./play.ts";
import { scripts, shortScripts, timesOf } from "./scripts.ts";
import type { SimTeam } from "./sim-team.ts";
import { DISCUSSION, DOWN_MS_MAX, fault, human, logOf, type Staged, staged } from "./staged.ts";

const RUNS = { numRuns: 100 };
const CELL = `store/discussion/${DISCUSSION}`;
const FLUSH_MS = 20;
const DOWN_MS = 50;

/** What the cell itself remembers. */
const rememberedBy = ({ world }: SimTeam): Kept | undefined =>
  world.host("store").core.tables.rows(logs).index.of(DISCUSSION);

const withoutCrashes = (script: Script): Script => ({
  ...script,
  asides: script.asides.filter(({ does }) => does !== "crashes"),
});

/** Nothing but thinkers and timers takes time. */
const CALM = { isCalm: true } as const;
function lived(script: Script): readonly LogEvent[] {
  const log = logOf(staged(script, "always-new", [], CALM));
  expect(log.at(-1)?.type).toBe("final");
  return log;
}

interface Cut {
  /** Behind which step of the store. */
  readonly step: number;
  readonly downMs: number;
}

const ROW = `r/logs/${DISCUSSION}/`;

/** What the store's disk has of the log. */
const logOnDisk = ({ world }: SimTeam): readonly LogEvent[] =>
  [...world.disk("store").rows]
    .filter(([key]) => key.startsWith(ROW))
    .map(([, row]) => (row as { readonly row: LogEvent }).row)
    .toSorted((one, other) => one.seq - other.seq);

interface CutOff {
  readonly stage: Staged;
  /** As it stood whenever it had begun again. */
  readonly begun: readonly Kept[];
  /** Where its memory was not what its log comes to. */
  readonly astray: readonly Kept[];
  /** How many the store has taken. */
  readonly steps: number;
}

/** The store dies behind some of its steps, and begins again. @param how it dies, and with it its machine or not */
function cutOff(script: Script, how: "kill" | "power", cuts: readonly Cut[]): CutOff {
  const begun: Kept[] = [];
  const astray: Kept[] = [];
  let steps = 0;
  const prepare = (team: SimTeam): void => {
    const { world } = team;
    world.disk("store").flushMs = FLUSH_MS;
    const die = ({ downMs }: Cut): void => {
      if (!world.isUp("store")) return;
      if (how === "power") team.powerLoss(downMs);
      else team.kill("store", downMs);
      world.clock.after(downMs, () => {
        const kept = rememberedBy(team);
        expect(kept?.events ?? []).toEqual(logOnDisk(team));
        if (kept !== undefined) begun.push(structuredClone(kept));
      });
    };
    world.watch = (host, { cell }) => {
      if (host !== "store") return;
      steps += 1;
      const kept = cell === CELL ? rememberedBy(team) : undefined;
      if (kept !== undefined && !isDeepStrictEqual(kept.standing, standingOf(kept.events))) astray.push(kept);
      const cut = cuts.find(({ step }) => step === steps);
      if (cut !== undefined) world.clock.after(0, () => die(cut));
    };
  };
  const stage = staged(script, "always-new", [], { prepare });
  stage.team.world.run(cuts.reduce((sum, { downMs }) => sum + downMs, 0));
  return { stage, begun, astray, steps };
}

/** TD2. */
function expectWhole({ stage, begun, astray }: CutOff): void {
  const log = logOf(stage);
  expect(astray).toEqual([]);
  expect(stage.team.left).toEqual({ thinkers: 0, rows: 0 });
  for (const { events, standing } of begun) {
    expect(log.slice(0, events.length)).toEqual(events);
    expect(standing).toEqual(standingOf(events));
    for (const event of log.slice(events.length)) fold(standing, event);
    expect(standing).toEqual(standingOf(log));
  }
}

describe("a discussion", () => {
  const cut: fc.Arbitrary<Cut> = fc.record({
    step: fc.integer({ min: 1, max: 200 }),
    downMs: fc.integer({ min: 0, max: DOWN_MS_MAX }),
  });

  test.prop(
    [scripts.map(human), fc.constantFrom("kill", "power"), fc.array(cut, { minLength: 1, maxLength: 6 })],
    RUNS,
  )(
    "that is cut off anywhere stands as all of its log does, begun again from what its disk has (TD2)",
    (script, how, cuts) => expectWhole(cutOff(script, how, cuts)),
  );

  test.each(shortScripts)(
    "that decides $mode stands as its log does, cut off behind any step of the store's (TD2)",
    (script) => {
      for (const how of ["kill", "power"] as const) {
        for (let [step, isOver] = [1, false]; !isOver; step++) {
          const its = cutOff(script, how, [{ step, downMs: DOWN_MS }]);
          expectWhole(its);
          isOver = its.steps < step;
        }
      }
    },
  );

  test.prop([scripts.map(human).map(withoutCrashes), scripts.map(human).map(withoutCrashes)], RUNS)(
    "has the same log beside another, byte for byte, as without it (TD4)",
    (one, other) => {
      const both = staged(one, "always-new", [], { ...CALM, others: { d2: other } });
      expect(JSON.stringify(logOf(both))).toBe(JSON.stringify(lived(one)));
      expect(JSON.stringify(logOf(both, "d2"))).toBe(JSON.stringify(lived(other)));
    },
  );

  const OTHERS: Readonly<Record<string, string>> = {
    divergent: "zoe",
    convergent: "yan",
    critical: "wim",
    careful: "vic",
    practical: "tom",
    historical: "sam",
  };
  const named = (text: string): string =>
    text.replaceAll(/divergent|convergent|critical|careful|practical|historical/g, (name) => OTHERS[name] ?? name);

  test.prop([scripts.map(human), fc.array(fault(20_000), { maxLength: 2 })], RUNS)(
    "has other names in it, and nothing else, where its thinkers have other names (TD5)",
    (script, faults) => {
      const asides = script.asides.map((aside): Aside =>
        aside.does === "orders" && "agent" in aside.order
          ? { ...aside, order: { ...aside.order, agent: named(aside.order.agent) } }
          : aside,
      );
      const seats = script.seats.map((seat) => ({ ...seat, name: named(seat.name) }));
      const renamed = staged({ ...script, seats, asides }, "always-new", faults, CALM);
      const plain = staged(script, "always-new", faults, { ...CALM, reads: named });
      expect(logOf(renamed)).toEqual(JSON.parse(named(JSON.stringify(logOf(plain)))));
    },
  );

  /** As it would have been, had all of it taken so many times as long. */
  const stretched = (log: readonly LogEvent[], factor: number): readonly LogEvent[] => {
    const from = log[0]?.at ?? 0;
    return log.map((event): LogEvent => {
      const at = from + (event.at - from) * factor;
      if (event.type === "opened") return { ...event, at, config: timesOf(event.config, factor) };
      if (event.type === "ordered" && event.order === "extend") return { ...event, at, ms: event.ms * factor };
      if (event.type === "final") return { ...event, at, worth: { ...event.worth, ms: event.worth.ms * factor } };
      return { ...event, at };
    });
  };

  test.prop([scripts.map(human), fc.integer({ min: 2, max: 9 })], RUNS)(
    "has each stamp so many times as late where all times are so many times as long, and nothing else (TD7)",
    (script, factor) => {
      const asides = script.asides.map((aside): Aside =>
        aside.does === "orders" && aside.order.order === "extend"
          ? { ...aside, order: { order: "extend", ms: aside.order.ms * factor } }
          : aside,
      );
      const slow = { ...script, asides, config: timesOf(script.config, factor), scale: factor };
      expect(lived(slow)).toEqual(stretched(lived(script), factor));
    },
  );
});
