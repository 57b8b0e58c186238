/**
 * Goal: what a thinker answers is put together from its steps, with what all of them cost and the job that said it.
 *
 * @see machines/specialist.ts, SP1 to SP6; machines/rules/standing.ts, DS5; machines/rules/event-cost.ts, MO5
 * @module
 */
import { describe, expect, test } from "vitest";
import { NO_USAGE, UNTOLD } from "../../../../machines/rules/usage.ts";
import { type Duty, type SpecialistEvent, specialistMachine, type Step } from "../../../../machines/specialist.ts";
import type { Timed } from "../../../../src/actors/team/assignment.ts";
import { type Assigned, specialistBehaviour } from "../../../../src/actors/team/specialist.ts";
import { thinkersTables, works } from "../../../../src/actors/team/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import type { Message } from "../../../../src/runtime/envelope.ts";
import { Run } from "../../../support/run-machine.ts";
import { ASKER, Stage } from "../../../support/stage.ts";
import { assignment, SOURCE, USAGE } from "../../../support/team-rows.ts";

const { handlers } = specialistBehaviour({ ttlMs: 1_000 });
const SELF = "thinkers/specialist/d1-a-1";

/** The machine with its handlers, raised events folded at once; whatever it commands is kept. */
class Thinker {
  readonly #run = new Run<SpecialistEvent>(specialistMachine);
  readonly stage = new Stage(SELF, thinkersTables);
  readonly commands: Command[] = [];

  get state(): string {
    return this.#run.state;
  }

  given(duty: Duty, its: Partial<Timed> = {}): this {
    const made: Assigned = { type: "assigned", duty, task: { re: ASKER, assignment: assignment({ duty, ...its }) } };
    return this.hears(made);
  }

  called(step: Step, text: string, job = "j1"): this {
    return this.hears({ type: "called", step, text, usage: USAGE, source: { ...SOURCE, job } });
  }

  hears(event: SpecialistEvent): this {
    const actions = this.#run.send(event);
    for (const { type, params } of actions) {
      const handler = handlers[type] as (given: unknown, scope: Scope) => readonly Command[];
      for (const command of this.stage.play(handler, params ?? {}, { event })) {
        if (command.do === "raise") this.hears(command.event as SpecialistEvent);
        else this.commands.push(command);
      }
    }
    return this;
  }

  get answers(): readonly (Message | string)[] {
    return this.commands.flatMap((command) => {
      if (command.do !== "reply") return [];
      return [command.result.ok ? command.result.event : command.result.error.code];
    });
  }

  get calls(): readonly Message[] {
    return this.commands.flatMap((command) => (command.do === "ask" ? [command.event] : []));
  }
}

const failure = (code: string): SpecialistEvent => ({
  type: "call.failed",
  key: "",
  code,
  class: "transient",
  message: "",
});

/** Behind a part of its answer. */
const broke = (code: string): SpecialistEvent => ({
  type: "broke",
  code,
  message: "",
  usage: { promptTokens: 0, completionTokens: 5, costMicros: 3, isPart: true },
});
/** What a step took that was billed seven, and one that broke so. */
const broken = { promptTokens: 3, completionTokens: 7, costMicros: 10, isPart: true } as const;

const CLAIM = [{ id: "c1", text: "It is near." }];
const both = { promptTokens: 6, completionTokens: 4 };

describe("a thinker", () => {
  test("SP1 writes a draft and then its claims: the words are those of the first job, the cost is of both", () => {
    const its = new Thinker()
      .given("draft")
      .called("draft", " Go left. ")
      .called("claims", `{"claims":["It is short."]}`, "j2");
    expect(its.answers).toEqual([
      {
        type: "turned",
        turn: 4,
        result: {
          type: "said",
          text: "Go left.",
          usage: both,
          conf: undefined,
          source: SOURCE,
          claims: ["It is short."],
        },
      },
    ]);
    expect(its.calls).toMatchObject([{ key: "d1/draft/4/a/draft" }, { key: "d1/draft/4/a/claims", isHeard: false }]);
  });

  test("SP4 gives a draft without claims where none could be read, or nobody could be asked", () => {
    const drafted = (): Thinker => new Thinker().given("draft").called("draft", "Go left.");
    for (const its of [drafted().called("claims", "{"), drafted().hears(failure("worker.lost"))]) {
      expect(its.answers).toMatchObject([{ result: { type: "said", text: "Go left.", source: SOURCE } }]);
      expect(its.state).toBe("listening");
    }
  });

  test("DS5 of a draft whose claims nobody answered for nobody knows what it cost; one that was read badly did cost", () => {
    const billed = { ...USAGE, costMicros: 7 };
    const drafted = (): Thinker =>
      new Thinker()
        .given("draft")
        .hears({ type: "called", step: "draft", text: "Go left.", usage: billed, source: SOURCE });
    expect(drafted().hears(failure("worker.lost")).answers).toMatchObject([
      { result: { type: "said", usage: { ...billed, isPart: true } } },
    ]);
    expect(drafted().hears(broke("worker.lost")).answers).toMatchObject([{ result: { type: "said", usage: broken } }]);
    const badly = { type: "called", step: "claims", text: "{", usage: billed, source: SOURCE } as const;
    expect(drafted().hears(badly).answers).toMatchObject([{ result: { usage: { ...both, costMicros: 14 } } }]);
  });

  test.each([
    ["pass", `{"move":"pass","why":"said"}`, []],
    ["said", `{"move":"speak","why":""}`, [["speak", "It rains."]]],
    ["said", `{"move":"object","why":""}`, [["object", `{"claim":"c1","error":"It rains."}`]]],
  ] as const)("SP1 SP2 bids, and then it is %s after %s", (type, bid, then) => {
    const its = new Thinker().given("talk", { claims: CLAIM }).called("bid", bid);
    for (const [step, text] of then) its.called(step, text);
    const said = { type: "said", text: "It rains.", usage: both };
    expect(its.answers).toMatchObject([
      { type: "turned", turn: 4, result: type === "pass" ? { type: "passed", why: "said" } : said },
    ]);
    expect(its.state).toBe("listening");
  });

  test("SP1 an objection comes with the claim that it is against", () => {
    const its = new Thinker().given("talk", { claims: CLAIM }).called("bid", `{"move":"object","why":""}`);
    its.called("object", `{"claim":"c1","error":"It is far."}`);
    expect(its.answers).toMatchObject([{ result: { objection: { claim: "c1", error: "It is far." } } }]);
  });

  test("SP1 votes, sums up and concludes, each in its own words", () => {
    const vote = new Thinker().given("vote", { options: ["b"], turn: 2 }).called("vote", `{"choice":"b","sure":5}`);
    const sums = new Thinker().given("summary", { turn: 9 }).called("summary", "So far.");
    const ends = new Thinker().given("final").called("final", "So.");
    expect([...vote.answers, ...sums.answers, ...ends.answers]).toEqual([
      { type: "voted", agent: "a", round: 2, option: "b", conf: 0.5, usage: USAGE },
      { type: "summed", upTo: 9, text: "So far.", usage: USAGE },
      { type: "concluded", text: "So.", by: "model", usage: USAGE },
    ]);
  });

  test.each([
    ["worker.lost", "worker.lost"],
    ["defect", "of nobody's"],
  ] as const)("SP2 TS14 gives %s for what is no answer, and never a pass", (code, told) => {
    expect(new Thinker().given("talk").hears(failure(told)).answers).toEqual([code]);
    expect(new Thinker().given("vote").hears(failure(told)).answers).toEqual([code]);
  });

  test("SP2 TS14 gives a failure for words without their form, with all that they took", () => {
    const its = new Thinker().given("talk").called("bid", "I pass.");
    expect(its.answers).toMatchObject([{ result: { type: "failed", code: "thinker.malformed", usage: USAGE } }]);
    expect(new Thinker().given("vote", { turn: 2 }).called("vote", "I pass.").answers).toEqual([
      { type: "unvoted", agent: "a", round: 2, code: "thinker.malformed", usage: USAGE },
    ]);
    expect(new Thinker().given("final").hears(broke("worker.lost")).answers).toEqual(["worker.lost"]);
  });

  test.each([
    ["endpoint.unreachable", { ...USAGE, costMicros: 7 }],
    ["endpoint.lost", { ...USAGE, costMicros: 7, isPart: true }],
  ] as const)("DS5 MO5 says what its first step took where the next ends with %s", (code, usage) => {
    const billed = { ...USAGE, costMicros: 7 };
    const called = (step: Step, text: string): SpecialistEvent => ({
      type: "called",
      step,
      text,
      usage: billed,
      source: SOURCE,
    });
    const bid = new Thinker().given("talk").hears(called("bid", `{"move":"speak","why":""}`));
    expect(bid.hears(failure(code)).answers).toEqual([
      { type: "turned", turn: 4, result: { type: "failed", code, message: "", usage } },
    ]);
    const draft = new Thinker().given("draft").hears(called("draft", "Go left."));
    expect(draft.hears(failure(code)).answers).toEqual([
      expect.objectContaining({ result: expect.objectContaining({ type: "said", usage }) as unknown }),
    ]);
  });

  test("SP3 TS17 told to stop it has its job cut, gives what it had said, and goes", () => {
    const its = new Thinker().given("draft").called("draft", "Go left.").hears({ type: "cut" });
    expect(its.calls.at(-1)).toEqual({ type: "cut", key: "d1/draft/4/a/claims" });
    its.hears({ type: "partial", text: "", usage: { ...USAGE, isPart: true } });
    const took = { ...both, isPart: true };
    expect(its.answers).toMatchObject([{ result: { type: "cut", partial: "Go left.", usage: took } }]);
    expect(its.commands.at(-1)).toMatchObject({ do: "tell", event: { type: "left", thinker: "d1-a-1" } });
    const partial = { type: "partial", text: "Go l", usage: NO_USAGE } as const;
    const early = new Thinker().given("draft").hears({ type: "cut" }).hears(partial);
    expect(early.answers).toMatchObject([{ result: { type: "cut", partial: "Go l", usage: NO_USAGE } }]);
    const silent = new Thinker().given("draft").hears({ type: "cut" }).hears({ type: "cut.failed" });
    expect(silent.answers).toMatchObject([{ result: { type: "cut", partial: "", usage: UNTOLD } }]);
    expect(early.stage.all(works)).toEqual({});
  });

  test("SP6 a turn that broke off behind a part of its answer says what all of it took, as far as that is known", () => {
    const bid = { type: "called", step: "bid", text: `{"move":"speak","why":""}`, source: SOURCE } as const;
    const its = new Thinker().given("talk").hears({ ...bid, usage: { ...USAGE, costMicros: 7 } });
    expect(its.hears(broke("ask.deadline")).answers).toEqual([
      { type: "turned", turn: 4, result: { type: "failed", code: "ask.deadline", message: "", usage: broken } },
    ]);
    expect(its.state).toBe("listening");
  });

  test("DI6 each step has the time that is left, by the clock of whoever gave the turn", () => {
    const its = new Thinker().given("draft", { answerBy: 5_000 });
    expect(its.calls).toMatchObject([{ timeMs: 4_000 }]);
    const late = new Thinker().given("draft", { answerBy: 1 });
    expect(late.calls).toMatchObject([{ timeMs: 1 }]);
    const old = new Thinker().given("draft", { answerBy: undefined });
    expect(old.calls).toMatchObject([{ timeMs: 86_400_000 }]);
  });

  test("SP1 whoever has answered is free, and its crew knows", () => {
    const its = new Thinker().given("final").called("final", "So.");
    const freed = its.commands.filter((one) => one.do === "tell");
    // The last word is its last duty.
    expect(freed).toMatchObject([
      { to: "thinkers/crew/main", event: { type: "freed", thinker: "d1/a" } },
      { to: "thinkers/crew/main", event: { type: "left", thinker: "d1-a-1" } },
    ]);
    expect(its.stage.all(works)).toEqual({});
  });
});
