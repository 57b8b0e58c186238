/**
 * Goal: money is never spent that is not there, and whoever costs none goes on without it.
 * Method: small logs played by hand on the pure rules; the bound of a call against the prompts that are really written.
 *
 * @see money.ts, MO1 to MO4 MO6; event-cost.ts, MO5; discuss.ts, DC5; standing.ts, DS5, all of them in machines/rules
 * @module
 */
import { test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { Roster } from "../../../../machines/discussion.ts";
import { extract, readyAnswer } from "../../../../machines/rules/conclude.ts";
import type { Billed, DiscussionConfig, LogEvent, Mode } from "../../../../machines/rules/log.ts";
import { usageIn } from "../../../../machines/rules/event-cost.ts";
import { boundOf } from "../../../../machines/rules/money.ts";
import { replayed } from "../../../../machines/rules/replay.ts";
import { standingOf } from "../../../../machines/rules/standing.ts";
import type { Step } from "../../../../machines/specialist.ts";
import { requestFor } from "../../../../src/actors/team/instructions.ts";
import { assignmentOf, ballotOf } from "../../../../src/actors/team/tasks.ts";
import { billedIn } from "../../../../src/hosts/team/roster.ts";
import { Owner, type Said } from "../../../simulation/team/owner.ts";
import { openedOf, play } from "../../../simulation/team/play.ts";
import { config, scripts, seatsOf } from "../../../simulation/team/scripts.ts";
import { checkLog, told } from "../../../simulation/team/check-log.ts";

const PRICE: Billed = { input: 1, output: 10, promptTokens: 100 };
/** A call that reads nothing but what its thinker is told; a turn makes two, and reads what the first said again. */
const [CALL, TURN] = [100 + 10 * 100, 2 * 100 + 2 * 100 + 10 * 100];

/** What a ballot adds to the prompts behind it. */
const FRAME = 128;

const costs = (costMicros: number, text = "x"): Said => ({
  type: "said",
  text,
  usage: { promptTokens: 0, completionTokens: 0, costMicros },
});
const dies = (kind: string): Said => ({ type: "failed", kind });

/** @param billed whose models cost */
function owner(
  billed: readonly boolean[],
  more: Partial<DiscussionConfig>,
  summarizer?: Billed,
  mode: Mode = "discuss",
) {
  const seats = seatsOf(billed.map(() => "always-new" as const)).map((seat, at) =>
    billed[at] === true ? { ...seat, billed: PRICE } : seat,
  );
  const its = { seed: 0, mode, config: { ...config, turnTokensMax: 100, ...more }, seats, summarizer, asides: [] };
  const made = new Owner(openedOf(its), 0);
  made.look(0);
  return made;
}

const thinking = ({ standing }: Owner): readonly string[] => [...standing.turns.values()].map(({ agent }) => agent);

function answer(its: Owner, agent: string, said: Said, at: number): void {
  const open = [...its.standing.turns.values()].find((turn) => turn.agent === agent);
  if (open === undefined) throw new Error(`${agent} has no turn`);
  its.turned(open.turn, said, at);
  its.look(at);
}

/** The log keeps its promises, and says all that decides it. */
function expectSound({ log }: Owner): void {
  expect(told(checkLog(log, false))).toEqual([]);
  expect(replayed(log).differs).toBeUndefined();
}

describe("money", () => {
  test("DC5 TS12 is set aside for a turn before it is given, and what it cost is spent behind it", () => {
    const its = owner([true, true, true], { costMaxMicros: 2 * TURN });
    expect(thinking(its)).toEqual(["divergent", "convergent"]);
    expect(its.standing).toMatchObject({ reservedMicros: 2 * TURN, settledMicros: 0 });
    answer(its, "divergent", costs(7), 10);
    expect(its.standing).toMatchObject({ reservedMicros: TURN, settledMicros: 7 });
    expectSound(its);
  });

  test("DC5 TS6 that pays for nobody's turn any more is the reason of the end", () => {
    const its = owner([true, true], { costMaxMicros: TURN + 100 });
    answer(its, "divergent", costs(TURN), 10);
    expect(its.standing.reason).toBe("budget");
    expectSound(its);
  });

  test.each(["free", "structured"] as const)(
    "DC10 TS6 that was spent on failures alone, with nothing left for another try, is no reason: all have failed: %s",
    (style) => {
      const its = owner([true, true], { costMaxMicros: 2 * TURN, style });
      answer(its, "divergent", dies("endpoint.lost"), 10);
      answer(its, "convergent", dies("endpoint.lost"), 20);
      expect(its.standing.reason).toBe("all_failed");
      expectSound(its);
    },
  );

  test("DC10 TS6 that is gone is the reason as long as somebody who does not fail could go on with more of it", () => {
    const its = owner([true, true], { costMaxMicros: 2 * TURN });
    answer(its, "divergent", dies("endpoint.lost"), 10);
    its.say("go on", 15);
    const usage = { promptTokens: 0, completionTokens: 0, costMicros: 10 };
    answer(its, "convergent", { type: "passed", why: "no", usage }, 20);
    expect(its.standing.reason).toBe("budget");
    expectSound(its);
  });

  test("MO5 DC5 that a server took nothing of, since it was not there, pays for somebody else", () => {
    const its = owner([true, true], { costMaxMicros: 2 * TURN - 1 });
    for (const at of [10, 20]) {
      expect(thinking(its)).toEqual(["divergent"]);
      answer(its, "divergent", dies("endpoint.unreachable"), at);
    }
    expect(thinking(its)).toEqual(["convergent"]);
    expectSound(its);
  });

  test("DC10 who failed and can be paid for another try is asked once more", () => {
    const its = owner([true], { costMaxMicros: 2 * TURN });
    answer(its, "divergent", dies("endpoint.lost"), 10);
    expect(thinking(its)).toEqual(["divergent"]);
    answer(its, "divergent", dies("endpoint.lost"), 20);
    expect(its.standing.reason).toBe("all_failed");
    expectSound(its);
  });

  test.each(["free", "structured"] as const)(
    "MO2 TS12 that is gone stops nobody whose model costs none, and is the reason only when nobody may go on: %s",
    (style) => {
      const its = owner([true, false, false], { costMaxMicros: 1, style }, PRICE);
      expect(thinking(its)).toEqual(["convergent", "critical"]);
      answer(its, "convergent", { type: "said", text: "one", usage: { promptTokens: 0, completionTokens: 0 } }, 10);
      answer(its, "critical", { type: "said", text: "two", usage: { promptTokens: 0, completionTokens: 0 } }, 20);
      expect(thinking(its)).toEqual(["convergent"]);
      for (let at = 30; its.standing.reason === undefined && at < 300; at += 10) {
        const [next] = thinking(its);
        if (next !== undefined)
          answer(its, next, { type: "passed", why: "no", usage: { promptTokens: 0, completionTokens: 0 } }, at);
      }
      expect(its.standing.reason).toBe("budget");
      expectSound(its);
    },
  );

  test("DC5 that cannot pay for all of a vote calls none", () => {
    const its = owner([true, true], { costMaxMicros: 2 * TURN, style: "structured", contributionsMax: 1 });
    answer(its, "divergent", costs(TURN - 10), 10);
    answer(its, "convergent", costs(TURN - 10), 20);
    expect(its.log.map(({ type }) => type)).not.toContain("polled");
    expect(its.standing.reason).toBe("budget");
    expectSound(its);
  });

  test("DC5 DS5 is set aside for each ballot of a vote, and kept of one that never came", () => {
    const its = owner([true, false], { costMaxMicros: 100 * TURN, style: "structured", contributionsMax: 1 });
    answer(its, "divergent", costs(5), 10);
    answer(its, "convergent", costs(0), 20);
    const [polled] = its.log.filter(({ type }) => type === "polled");
    const micros = CALL + its.standing.readBytes;
    expect(polled).toMatchObject({ reserved: [{ agent: "divergent", micros }] });
    expect(its.standing.reservedMicros).toBe(micros);
    its.voted("divergent", 1, undefined, 0, 30);
    expect(its.standing).toMatchObject({ reservedMicros: 0, settledMicros: 5 + micros });
    expectSound(its);
  });

  test.each([
    ["worker.lost", TURN],
    ["endpoint.lost", TURN],
    ["endpoint.stalled", TURN],
    ["privacy.refused", 0],
    ["endpoint.unreachable", 0],
    ["worker.unstable", 0],
  ])("DS5 MO5 behind %s is taken to be spent: %i", (kind, spent) => {
    const its = owner([true, true], { costMaxMicros: 100 * TURN });
    answer(its, "divergent", dies(kind), 10);
    expect(its.standing.settledMicros).toBe(spent);
    expectSound(its);
  });

  test("MO5 DS5 of a turn whose next step was never sent the steps before it are paid for, and nothing else", () => {
    const its = owner([true, true], { costMaxMicros: 100 * TURN });
    const usage = { promptTokens: 3, completionTokens: 5, costMicros: 53 };
    answer(its, "divergent", { type: "failed", kind: "endpoint.unreachable", usage }, 10);
    expect(its.standing).toMatchObject({ settledMicros: 53, settledTokens: 5 });
    expect(usageIn(its.log)).toEqual(usage);
    expectSound(its);
  });

  test("MO5 DS5 of a turn whose next step broke all is paid for, and its tokens are known all the same", () => {
    const its = owner([true, true], { costMaxMicros: 100 * TURN });
    const usage = { promptTokens: 3, completionTokens: 5 };
    answer(its, "divergent", { type: "failed", kind: "endpoint.lost", usage }, 10);
    expect(its.standing).toMatchObject({ settledMicros: TURN, settledTokens: 5 });
    expect(usageIn(its.log)).toEqual(usage);
    expectSound(its);
  });

  test.each([
    ["that failed", { type: "failed", kind: "ask.deadline" }],
    ["that was cut", { type: "cut", partial: "Go" }],
  ] as const)("MO5 DS5 of a turn %s in the middle of its words they are told, and all is paid for", (_how, said) => {
    const its = owner([true, true], { costMaxMicros: 100 * TURN });
    const usage = { promptTokens: 0, completionTokens: 5, costMicros: 50, isPart: true } as const;
    answer(its, "divergent", { ...said, usage }, 10);
    expect(its.standing).toMatchObject({ settledMicros: TURN, settledTokens: 5 });
    expect(usageIn(its.log)).toEqual(usage);
    expectSound(its);
  });

  test.each([
    ["worker.lost", true],
    ["endpoint.unreachable", undefined],
  ])("MO5 of a turn that ended with %s, and without a word of what it took, the sum is a part: %s", (kind, isPart) => {
    const its = owner([true, true], { costMaxMicros: 100 * TURN });
    answer(its, "divergent", dies(kind), 10);
    expect(usageIn(its.log).isPart).toBe(isPart);
  });

  test("TS12 tokens of turns that failed are spent, and end what they leave nothing of", () => {
    const its = owner([false, false], { tokensMax: 290 });
    const usage = { promptTokens: 3, completionTokens: 100 };
    answer(its, "divergent", { type: "failed", kind: "worker.lost", usage }, 10);
    answer(its, "convergent", { type: "failed", kind: "worker.lost", usage }, 20);
    expect(its.standing.reason).toBe("budget");
    expectSound(its);
  });

  test("DS5 TS12 of words whose last step broke all that was set aside is taken to be spent, and of such a ballot", () => {
    const its = owner([true, true], { costMaxMicros: 100 * TURN, style: "structured", contributionsMax: 1 });
    const unknown = { promptTokens: 1, completionTokens: 1 };
    answer(its, "divergent", { type: "said", text: "x", usage: unknown }, 10);
    expect(its.standing.settledMicros).toBe(TURN);
    answer(its, "convergent", costs(0), 20);
    its.voted("divergent", 1, "convergent", 1, 30, unknown);
    expect(its.standing.settledMicros).toBe(TURN + CALL + its.standing.readBytes - FRAME);
    expectSound(its);
  });

  test("MO3 TS12 is kept aside for the last word, which without it is put together by nobody who costs", () => {
    const last: Billed = { input: 1, output: 1, promptTokens: 500 };
    const rich = owner([true, true], { costMaxMicros: 2 * TURN + 600 }, last);
    expect(thinking(rich)).toEqual(["divergent", "convergent"]);
    const poor = owner([true, true], { costMaxMicros: 2 * TURN + 599 }, last);
    expect(thinking(poor)).toEqual(["divergent"]);
    answer(poor, "divergent", costs(TURN, "a long word".repeat(200)), 10);
    expect(poor.standing.reason).toBe("budget");
    expect(readyAnswer(poor.standing)).toEqual({ by: "extract", text: extract(poor.standing) });
    expectSound(poor);
  });

  test("DS5 a summary is paid for in advance, and one that never came was paid all the same", () => {
    const its = owner([false, false], { costMaxMicros: 100_000 }, PRICE);
    const before = its.log.length;
    const behind = (...types: readonly object[]): LogEvent[] =>
      types.map((one, at) => ({ seq: before + at, at: 10, ...one }) as LogEvent);
    const summing = { type: "summing", basis: 0, reservedMicros: CALL };
    const summary = {
      type: "summary",
      upTo: 0,
      text: "so",
      cites: [],
      usage: { promptTokens: 1, completionTokens: 1, costMicros: 11 },
    };
    expect(standingOf([...its.log, ...behind(summing)])).toMatchObject({ reservedMicros: CALL, settledMicros: 0 });
    const lost = standingOf([...its.log, ...behind(summing, summing)]);
    expect(lost).toMatchObject({ reservedMicros: CALL, settledMicros: CALL });
    const came = standingOf([...its.log, ...behind(summing, summary)]);
    expect(came).toMatchObject({ reservedMicros: 0, settledMicros: 11 });
  });

  test("is no matter in a log that says no bound to it", () => {
    const seats = seatsOf(["always-new"]).map((seat) => ({ ...seat, billed: PRICE }));
    const its = new Owner(openedOf({ seed: 0, mode: "discuss", config, seats, asides: [] }), 0);
    its.look(0);
    expect(its.log.at(-1)).toEqual(expect.not.objectContaining({ reservedMicros: expect.anything() as unknown }));
  });
});

/** Every call that a turn may make, with what was said in the first of them. */
const STEPS = {
  draft: ["draft", "claims"],
  talk: ["bid", "speak", "object"],
  answer: ["answer"],
  sample: ["sample"],
} as const;

describe("what a call may cost", () => {
  prop.prop([scripts], { numRuns: 150 })("MO1 is never less than what its prompt has in bytes", (script) => {
    const roster = script.seats.map(({ name }): Roster => ({
      name,
      colour: "blue",
      hash: "0",
      place: "any",
      tools: ["arithmetic"],
      body: `You are ${name}, and très précis.`,
    }));
    const summarizer: Roster = { name: "summarizer", colour: "blue", hash: "0", place: "any", body: "Sum it up." };
    const frame = "A team discusses. ".repeat(20);
    const memory = script.seats.map(({ name }) => ({ agent: name, notes: ["a note", "日本語のメモ"] }));
    const bounded = { ...script, config: { ...script.config, costMaxMicros: Number.MAX_SAFE_INTEGER } };
    const billing = { priceOf: () => ({ input: 1, output: 0 }), frame, summarizer };
    const opened = { ...openedOf(bounded), before: [{ request: "Vorher?", answer: "Ja <<<<" }] };
    const first = billedIn(opened, roster, billing, { asked: undefined, fallback: "m" });
    const [, ...rest] = play(script).log;
    const log: readonly LogEvent[] = [{ ...first, memory, seq: 0, at: 0 }, ...rest];
    const facts = { discussion: "d", frame, row: undefined };
    const most = (step: Step, made: ReturnType<typeof assignmentOf>): number => {
      const { messages = [], jsonSchema } = requestFor(step, made, "k", "said".repeat(10));
      return Buffer.byteLength(messages.map(({ content }) => content).join("") + (JSON.stringify(jsonSchema) ?? ""));
    };
    for (const [at, event] of log.entries()) {
      const events = log.slice(0, at);
      const standing = standingOf(events);
      if (standing === undefined) continue;
      const kept = { events, standing };
      if (event.type === "granted") {
        const its = roster.find(({ name }) => name === event.agent);
        const { agent, turn, basis, kind } = event;
        if (its === undefined) throw new Error(`${agent} has no seat`);
        const made = assignmentOf(kept, facts, its, { duty: kind, basis, turn });
        const sum = STEPS[kind].slice(0, 2).reduce((all, step) => all + most(step, made), 0);
        expect(boundOf(standing, standing.thinkers.get(agent)?.billed, kind)).toBeGreaterThanOrEqual(sum);
      }
      if (event.type === "polled" && script.mode === "discuss") {
        const [its] = roster;
        if (its === undefined) throw new Error("nobody has a seat");
        const bound = boundOf(standing, standing.thinkers.get(its.name)?.billed, "vote");
        expect(bound).toBeGreaterThanOrEqual(most("vote", ballotOf(kept, facts, its, event)));
      }
      if (event.type === "contributed" && script.mode === "discuss") {
        const made = assignmentOf(kept, facts, summarizer, { duty: "final", basis: events.length - 1 });
        expect(boundOf(standing, standing.opened.summarizer, "final")).toBeGreaterThanOrEqual(most("final", made));
      }
    }
  });
});
