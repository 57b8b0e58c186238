/**
 * Goal: what a discussion writes next is what its rules say, one small log for each of them.
 * Method: logs that are played by hand on the pure rules; every order of them is in test/model and test/property.
 *
 * @see machines/rules/log.ts, DL1 to DL3; machines/rules/standing.ts, DS1 to DS4; machines/rules/discuss.ts, DC1 to
 *   DC9; machines/rules/replay.ts, RP1 RP2
 * @module
 */
import { describe, expect, test } from "vitest";
import type { DiscussionConfig, LogEvent, Mode } from "../../../../machines/rules/log.ts";
import { next } from "../../../../machines/rules/discuss.ts";
import { bridge, forkOf, replayed } from "../../../../machines/rules/replay.ts";
import { standingOf } from "../../../../machines/rules/standing.ts";
import { Owner, type Said } from "../../../simulation/team/owner.ts";
import { openedOf } from "../../../simulation/team/play.ts";
import { config, seatsOf } from "../../../simulation/team/scripts.ts";

const usage = { promptTokens: 10, completionTokens: 10 };
const says = (text: string, more: Partial<Said> = {}): Said => ({ type: "said", text, usage, ...more }) as Said;
const passes: Said = { type: "passed", why: "nothing new", usage };
const dies: Said = { type: "failed", kind: "worker.lost" };

function owner(thinkers: number, mode: Mode = "discuss", more: Partial<DiscussionConfig> = {}): Owner {
  const seats = seatsOf(Array.from({ length: thinkers }, () => "always-new" as const));
  const its = new Owner(openedOf({ seed: 0, mode, config: { ...config, ...more }, seats, asides: [] }), 0);
  its.look(0);
  return its;
}

/** Who has a turn, in the order of the roster. */
const thinking = ({ standing }: Owner): readonly string[] => [...standing.turns.values()].map(({ agent }) => agent);

function answer(its: Owner, agent: string, said: Said, at: number): void {
  const open = [...its.standing.turns.values()].find((turn) => turn.agent === agent);
  if (open === undefined) throw new Error(`${agent} has no turn`);
  its.turned(open.turn, said, at);
  its.look(at);
}

const types = (log: readonly LogEvent[]): readonly string[] => log.map(({ type }) => type);

describe("turns", () => {
  test("everybody is asked at once: one who thinks long holds up nobody", () => {
    const its = owner(3);
    expect(thinking(its)).toEqual(["divergent", "convergent", "critical"]);
    answer(its, "divergent", says("one"), 10);
    answer(its, "convergent", passes, 20);
    expect(thinking(its)).toEqual(["critical", "convergent"]);
  });

  test("DC1 DL2 a draft is founded on the question, and nobody talks before all of them are in (TS15)", () => {
    const its = owner(3, "discuss", { style: "structured" });
    answer(its, "divergent", says("one"), 10);
    answer(its, "convergent", says("two"), 20);
    expect(thinking(its)).toEqual(["critical"]);
    expect([...its.standing.turns.values()]).toMatchObject([{ kind: "draft", basis: 0 }]);
    answer(its, "critical", says("three"), 30);
    expect(thinking(its)).toEqual(["divergent", "convergent"]);
  });

  test("DC2 nobody is asked who spoke last, has a turn, or has no contribution left (TS2, TS3, TS4)", () => {
    const its = owner(2, "discuss", { contributionsMax: 1 });
    answer(its, "divergent", says("one"), 10);
    expect(thinking(its)).toEqual(["convergent"]);
    answer(its, "convergent", says("two"), 20);
    expect(its.standing.reason).toBe("exhausted");
  });

  test("DC3 whoever passed is asked again when there is news, and not before", () => {
    const its = owner(2);
    answer(its, "divergent", passes, 10);
    expect(thinking(its)).toEqual(["convergent"]);
    answer(its, "convergent", says("news"), 20);
    expect(thinking(its)).toEqual(["divergent"]);
  });

  test("DC5 a turn that the budget does not pay is not given, and that is the reason of the end (TS12)", () => {
    const its = owner(3, "discuss", { turnTokensMax: 100, tokensMax: 250 });
    expect(thinking(its)).toEqual(["divergent", "convergent"]);
    answer(its, "divergent", says("one", { usage: { promptTokens: 0, completionTokens: 90 } }), 10);
    answer(its, "convergent", says("two", { usage: { promptTokens: 0, completionTokens: 90 } }), 20);
    expect(its.standing.reason).toBe("budget");
  });

  test("DS2 a turn is open until it has ended, and its reservation with it (TS7)", () => {
    const its = owner(2);
    expect(its.standing.reservedTokens).toBe(2 * config.turnTokensMax);
    answer(its, "divergent", dies, 10);
    answer(its, "divergent", dies, 20);
    expect(its.standing.reservedTokens).toBe(config.turnTokensMax);
    expect(its.standing.thinkers.get("divergent")?.isDead).toBe(true);
  });

  test("DL1 a turn is named by its place in the log, and what is said of one that has ended is dropped (TS8)", () => {
    const its = owner(2);
    expect([...its.standing.turns.keys()]).toEqual([1, 2]);
    answer(its, "divergent", says("one"), 10);
    const log = [...its.log];
    its.turned(1, says("one"), 11);
    expect(its.log).toEqual(log);
  });
});

describe("votes", () => {
  test("DC6 a vote is counted when all have voted or failed to, and is called once for the same words (TS15)", () => {
    const its = owner(2, "discuss", { style: "structured", contributionsMax: 1, quorum: "all" });
    answer(its, "divergent", says("one"), 10);
    answer(its, "convergent", says("two"), 20);
    its.voted("divergent", 1, "divergent", 1, 30);
    its.look(30);
    expect(types(its.log).at(-1)).toBe("ballot");
    its.voted("convergent", 1, undefined, 0, 40);
    its.look(40);
    expect(types(its.log).slice(-4)).toEqual(["abstained", "tallied", "closing", "closed"]);
    expect(types(its.log).filter((type) => type === "polled")).toHaveLength(1);
  });

  test("DC8 of a vote that is decided no further sample is drawn", () => {
    const its = owner(6, "vote", { contributionsMax: 1 });
    expect(thinking(its)).toHaveLength(3);
    for (const name of ["divergent", "convergent", "critical"]) answer(its, name, says("42"), 10);
    while (thinking(its).length > 0) answer(its, thinking(its)[0] ?? "", says("42"), 20);
    expect(its.standing.reason).toBe("consensus");
    expect(its.standing.contributions.length).toBeLessThan(6);
  });
});

describe("the end", () => {
  test("DC4 of two reasons that hold at one moment the first of the fixed order is given (TS6)", () => {
    const its = owner(2, "discuss", { contributionsMax: 1, hardMs: 100 });
    answer(its, "divergent", says("one"), 10);
    answer(its, "convergent", says("two"), 100);
    expect(its.standing.reason).toBe("timeout");
  });

  test("DC4 a discussion that agreed says so, though it is out of rounds at the same moment (TS6)", () => {
    const its = owner(2, "discuss", { roundsMax: 1 });
    answer(its, "divergent", says("one"), 10);
    its.order({ order: "vote" }, 20);
    its.look(20);
    its.voted("divergent", 1, "divergent", 1, 30);
    its.voted("convergent", 1, "divergent", 1, 30);
    its.look(30);
    expect(its.standing.reason).toBeUndefined();
    answer(its, "convergent", passes, 40);
    expect(its.standing.reason).toBe("consensus");
  });

  test("DC9 out of rounds they vote on what was said before they end, and nobody speaks any more", () => {
    const its = owner(3, "discuss", { style: "structured", roundsMax: 1 });
    for (const [index, agent] of ["divergent", "convergent", "critical"].entries()) {
      answer(its, agent, says(`${index}`), 10 + index);
    }
    expect([thinking(its), types(its.log).at(-1)]).toEqual([[], "polled"]);
    for (const agent of ["divergent", "convergent", "critical"]) its.voted(agent, 1, agent, 1, 30);
    its.look(30);
    expect([its.standing.reason, types(its.log).filter((type) => type === "polled")]).toEqual([
      "max_rounds",
      ["polled"],
    ]);
  });

  test("DC9 a vote that the budget cannot pay is not called, and nobody speaks behind the last round either", () => {
    const three = { style: "structured", roundsMax: 1, turnTokensMax: 100, tokensMax: 300 } as const;
    const its = owner(3, "discuss", three);
    for (const agent of ["divergent", "convergent", "critical"]) answer(its, agent, says(agent), 10);
    expect([its.standing.reason, thinking(its)]).toEqual(["max_rounds", []]);
  });

  test("DL2 what the user says is read by every sample that is drawn from then on (TL6)", () => {
    const its = owner(5, "vote");
    its.say("in metres", 5);
    its.look(5);
    answer(its, "divergent", says("42"), 10);
    const bases = its.log.flatMap((event) => (event.type === "granted" ? [event.basis] : []));
    expect(bases).toEqual([0, 0, 0, 4]);
  });

  test("DC7 who has nobody left to talk to does not wait for the end of its time (TL2)", () => {
    const its = owner(2);
    answer(its, "convergent", dies, 10);
    answer(its, "convergent", dies, 20);
    answer(its, "divergent", says("one"), 30);
    expect(its.wakeAt).toBe(30 + config.idleMs);
    its.look(30 + config.idleMs);
    expect(its.standing.reason).toBe("all_idle");
  });

  test("where everybody passes at once it ends at once (TL2)", () => {
    const its = owner(2);
    answer(its, "divergent", passes, 10);
    answer(its, "convergent", passes, 20);
    expect(its.standing.reason).toBe("exhausted");
  });

  test("DS3 a word of the user's is news to everybody, a failure to nobody (TL6)", () => {
    const its = owner(2);
    answer(its, "divergent", passes, 10);
    answer(its, "convergent", dies, 20);
    expect(thinking(its)).toEqual(["convergent"]);
    its.say("and why?", 30);
    its.look(30);
    expect(thinking(its)).toEqual(["convergent", "divergent"]);
  });
});

describe("a log once more", () => {
  /** Two samples of three, called to a vote that was not counted yet. */
  function cut(): readonly LogEvent[] {
    const its = owner(2, "vote", { contributionsMax: 1 });
    answer(its, "divergent", says("42"), 10);
    answer(its, "convergent", says("42"), 20);
    return its.log.slice(0, types(its.log).indexOf("polled") + 1);
  }

  test("DS1 RP1 folded anew it stands the same, and every decision in it is made again (TD1)", () => {
    const its = owner(2);
    answer(its, "divergent", says("one"), 10);
    answer(its, "convergent", passes, 20);
    expect(standingOf(its.log)).toEqual(its.standing);
    expect(replayed(its.log)).toEqual({ decisions: 3 });
    const [opened, first, ...rest] = its.log;
    if (opened === undefined || first?.type !== "granted") throw new Error("no turn was given");
    expect(replayed([opened, { ...first, basis: 1 }, ...rest])).toMatchObject({ differs: { seq: 1 } });
  });

  test("RP2 what ran where a log is gone on from is cut off; samples are ballots as they stand (TD9)", () => {
    const prefix = forkOf(cut(), cut().length - 1) ?? [];
    expect(types(prefix).at(-1)).toBe("polled");
    expect(bridge(prefix, 5_020).map(({ type }) => type)).toEqual(["ordered"]);
    const open = forkOf(owner(2).log, 2) ?? [];
    expect(bridge(open, 5_000)).toMatchObject([
      { order: "extend", ms: 5_000 },
      { type: "cancelled", partial: "" },
      { type: "cancelled", partial: "" },
    ]);
  });

  test("DS4 whoever was cut off there has failed in nothing, and has its turn again", () => {
    const its = owner(2, "discuss", { style: "structured" });
    const cutOff = bridge(its.log, 5_000).map((body, index): LogEvent => ({ seq: 3 + index, at: 5_000, ...body }));
    const standing = standingOf([...its.log, ...cutOff]);
    expect([...(standing?.thinkers.values() ?? [])]).toMatchObject([
      { ended: 0, failures: 0, evaluatedTo: -1 },
      { ended: 0, failures: 0, evaluatedTo: -1 },
    ]);
    expect(standing === undefined ? undefined : next(standing, 5_000)).toMatchObject({
      type: "granted",
      kind: "draft",
    });
  });
});
