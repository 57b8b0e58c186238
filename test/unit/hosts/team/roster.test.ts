/**
 * Goal: who sits in a discussion is who was wanted, and is bound as its mode says.
 *
 * @see src/hosts/team/roster.ts, RO1 to RO3
 * @module
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Mode } from "../../../../machines/rules/log.ts";
import { readPart } from "../../../../src/hosts/team/prompts.ts";
import {
  billedIn,
  type Billing,
  configOf,
  rosterOf,
  type RosterWish,
  seated,
  seatedAgain,
} from "../../../../src/hosts/team/roster.ts";
import { logOf, openedBody, teamConfig } from "../../../support/team-rows.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const wish = (given: Partial<RosterWish> = {}): RosterWish => ({
  config: teamConfig(),
  configFile: join(temporaryFolder(), "config.yaml"),
  model: undefined,
  loaded: [],
  ...given,
});
const names = (mode: Mode, its = wish()): readonly string[] => rosterOf(mode, its).map(({ name }) => name);
const models = (its: RosterWish): readonly unknown[] => rosterOf("vote", its).map(({ model }) => model);

describe("who sits in it", () => {
  test("RO1 is the queen alone, so many samples, or the specialists of the configuration in their order", () => {
    expect(names("alone")).toEqual(["queen"]);
    expect(names("vote")).toEqual(["sample-1", "sample-2", "sample-3"]);
    expect(names("discuss", wish({ config: teamConfig({ specialists: ["critical", "divergent"] }) }))).toEqual([
      "critical",
      "divergent",
    ]);
  });

  test("RO1 samples are drawn of different models where several are in memory, and of one that was asked for", () => {
    expect(models(wish({ loaded: ["x"] }))).toEqual([undefined, undefined, undefined]);
    expect(models(wish({ loaded: ["x", "y"] }))).toEqual(["x", "y", "x"]);
    expect(models(wish({ loaded: ["x", "y"], model: "z" }))).toEqual(["z", "z", "z"]);
  });

  test("RO1 specialist.invalid: whoever is missing is named", () => {
    expect(() => names("discuss", wish({ config: teamConfig({ specialists: ["critcal"] }) }))).toThrow(
      expect.objectContaining({ code: "specialist.invalid", message: expect.stringContaining("critical") as string }),
    );
  });

  test("RO1 whoever sat there sits there again, as the files are now", () => {
    const { configFile } = wish();
    const agents = [{ name: "sample-1", colour: "blue", hash: "old", model: "x" }];
    const [opened] = logOf(openedBody({ mode: "vote", agents }));
    if (opened?.type !== "opened") throw new Error("a log begins with its question");
    const [again] = seatedAgain(opened, configFile);
    expect(again).toMatchObject({ name: "sample-1", model: "x" });
    expect(again?.hash).not.toBe("old");
  });
});

describe("what it may cost", () => {
  const summarizer = seated(readPart("summarizer"));
  const price = { input: 2.5, output: 10 };
  const billing = (billed: string): Billing => ({
    priceOf: (model) => (model === billed ? price : undefined),
    frame: "A team.",
    summarizer,
  });
  const billed = (of: string, asked?: string, costMax = 1): readonly boolean[] => {
    const roster = rosterOf("discuss", wish()).map((its, at) => (at === 0 ? { ...its, model: "own" } : its));
    const agents = roster.map(({ name, colour, hash }) => ({ name, colour, hash }));
    const opened = openedBody({ agents, config: configOf("discuss", teamConfig({ costMax })) });
    const made = billedIn(opened, roster, billing(of), { asked, fallback: "big" });
    return [...made.agents.map((its) => its.billed !== undefined), made.summarizer !== undefined];
  };

  test("RO3 is in the log: whose model is billed, by its own name, by that which was asked for, or by the default", () => {
    expect(billed("own")).toEqual([true, false, false, false]);
    expect(billed("big")).toEqual([false, true, true, true]);
    expect(billed("big", "own")).toEqual([false, false, false, false]);
    expect(billed("own", "own")).toEqual([true, true, true, true]);
  });

  test("RO3 with no bound to it nothing of it is in the log", () => {
    expect(billed("own", "own", 0)).toEqual([false, false, false, false]);
    expect(configOf("discuss", teamConfig({ costMax: 0 }))).not.toHaveProperty("costMaxMicros");
    expect(configOf("discuss", teamConfig({ costMax: 0.05 })).costMaxMicros).toBe(50_000);
  });
});

describe("its bounds", () => {
  test.each([
    ["alone", 1],
    ["vote", 1],
    ["discuss", 3],
  ] as const)("RO2 %s: each may contribute %i times", (mode, contributionsMax) => {
    expect(configOf(mode, teamConfig())).toMatchObject({ contributionsMax, idleMs: 6_000, hardMs: 300_000 });
  });

  test("RO2 no bound of tokens is one that no discussion comes to", () => {
    expect(configOf("discuss", teamConfig({ tokensMax: 0 })).tokensMax).toBeGreaterThan(1e12);
    expect(configOf("discuss", teamConfig({ tokensMax: 7 })).tokensMax).toBe(7);
  });
});
