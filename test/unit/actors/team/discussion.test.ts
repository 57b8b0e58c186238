/**
 * Goal: a log is written in order by its one owner, asks follow from what is written, late answers write nothing.
 *
 * @see machines/discussion.ts, DI1 to DI5; src/actors/team/{discussion,noting,log-writing}.ts, DB1, NO1-3, LW1-2
 * @module
 */
import { describe, expect, test } from "vitest";
import { type DiscussionEvent, discussionMachine, type TurnResult } from "../../../../machines/discussion.ts";
import type { LogEvent } from "../../../../machines/rules/log.ts";
import { NO_USAGE } from "../../../../machines/rules/usage.ts";
import { discussionBehaviour } from "../../../../src/actors/team/discussion.ts";
import { discussions, logs, storeTables } from "../../../../src/actors/team/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import { Run } from "../../../support/run-machine.ts";
import { lines, Stage } from "../../../support/stage.ts";
import { type OpenedBody, openedBody, roster, SOURCE, USAGE } from "../../../support/team-rows.ts";

const [summarizer] = roster("summarizer");
if (summarizer === undefined) throw new Error("there is one");
const { handlers } = discussionBehaviour({ crew: "thinkers/crew/main", summarizer, frame: "A team." });

/** A discussion between two events: its machine and handlers, raised events folded at once. */
class Talk {
  readonly #run: Run<DiscussionEvent>;
  readonly stage = new Stage("store/discussion/d1", storeTables);
  at = 1_000;
  commands: readonly Command[] = [];

  constructor(opened: OpenedBody = openedBody()) {
    this.#run = new Run<DiscussionEvent>(discussionMachine, { graceMs: 5_000 });
    const opening = { type: "question", opened } as const;
    this.hears({
      type: "begin",
      session: "s1",
      opening,
      roster: roster("a", "b"),
      model: undefined,
      caller: undefined,
    });
  }

  get state(): string {
    return this.#run.state;
  }

  get log(): readonly LogEvent[] {
    return [...this.stage.rows(logs).entries()].map(([, row]) => row);
  }

  get types(): string {
    return this.log.map(({ type }) => type).join(" ");
  }

  /** @returns what is commanded, a line each */
  hears(event: DiscussionEvent, asked = false): readonly string[] {
    this.commands = [];
    this.#fold(event, asked, this.#run.send(event));
    return lines(this.commands);
  }

  #fold(event: DiscussionEvent, asked: boolean, actions: readonly { type: string; params: unknown }[]): void {
    for (const { type, params } of actions) {
      const handler = handlers[type] as (given: unknown, scope: Scope) => readonly Command[];
      for (const command of this.stage.play(handler, params ?? {}, { event, asked, at: this.at })) {
        if (command.do !== "raise") this.commands = [...this.commands, command];
        else this.#fold(command.event as DiscussionEvent, false, this.#run.send(command.event as DiscussionEvent));
      }
    }
  }

  /** The first of its timers that are due. */
  ticks(): readonly string[] {
    this.commands = [];
    this.#fold({ type: "look" }, false, this.#run.tick());
    return lines(this.commands);
  }

  said(turn: number, text: string, more: Partial<Extract<TurnResult, { type: "said" }>> = {}): readonly string[] {
    return this.hears({ type: "turned", turn, result: { type: "said", text, usage: USAGE, source: SOURCE, ...more } });
  }

  passed(turn: number): readonly string[] {
    return this.hears({ type: "turned", turn, result: { type: "passed", why: "said", usage: USAGE } });
  }
}

const lost = { code: "worker.lost", class: "transient", message: "gone" } as const;
const stop = { type: "order", order: { order: "stop" } } as const;
const published = (command: Command): readonly number[] =>
  command.do === "ask" && command.options.name === "publish"
    ? (command.event as unknown as { events: readonly LogEvent[] }).events.map(({ seq }) => seq)
    : [];

describe("what is written", () => {
  test("LW1 DB1 is published event by event, in its order, once the disk has it; its asks leave with it", () => {
    const talk = new Talk();
    expect(talk.types).toBe("opened granted granted");
    expect(talk.commands.flatMap(published)).toEqual([0, 1, 2]);
    const asks = talk.commands.filter((one) => one.do === "ask");
    expect(
      asks.filter(({ options }) => options.name === "publish").every(({ options }) => options.after === "flush"),
    ).toBe(true);
    expect(asks.flatMap(({ options }) => (options.name === "turn" ? [options.key] : []))).toEqual(["1", "2"]);
    expect(asks.every(({ options }) => options.onRestart === "again")).toBe(true);
  });

  test("LW2 TS1 is numbered without a gap, and never earlier than what stands before it", () => {
    const talk = new Talk();
    talk.at = 400;
    talk.hears({ type: "say", text: "Hurry." });
    talk.said(1, "Go left.");
    expect(talk.log.map(({ seq }) => seq)).toEqual(talk.log.map((_, place) => place));
    expect(talk.log.map(({ at }) => at)).toEqual(talk.log.map(() => 1_000));
  });

  test("DI4 is looked at again when it was restored, and writes nothing twice", () => {
    const talk = new Talk();
    const before = talk.log;
    talk.hears({ type: "restored" });
    expect(talk.log).toEqual(before);
    expect(talk.state).toBe("open.waiting");
  });
});

describe("what is heard", () => {
  test("NO1 TS7 TS8 of a turn that has ended, or never was, writes nothing", () => {
    const talk = new Talk();
    talk.said(1, "Go left.");
    const { log } = talk;
    talk.said(1, "Go left.");
    talk.passed(1);
    talk.hears({ type: "turn.failed", key: "1", ...lost });
    talk.said(77, "Who am I?");
    expect(talk.log).toEqual(log);
  });

  test.each([lost, { ...lost, code: "ask.deadline" }] as const)(
    "NO1 TL8 what comes of a turn that failed by $code, when its machine is back, changes nothing, nor a later turn",
    (failure) => {
      const talk = new Talk();
      talk.hears({ type: "turn.failed", key: "1", ...failure });
      talk.said(2, "Go right.");
      const { log, state } = talk;
      expect(talk.said(1, "Go left.")).toEqual([]);
      expect(talk.passed(1)).toEqual([]);
      expect([talk.log, talk.state]).toEqual([log, state]);
      const again = log.find((event) => event.type === "granted" && event.agent === "a" && event.turn > 2);
      // Of whom nobody heard in all of its time no more is wanted.
      expect(again === undefined).toBe(failure.code === "ask.deadline");
      if (again?.type !== "granted") return;
      talk.said(again.turn, "Go back.");
      expect(talk.log.slice(log.length)[0]).toMatchObject({ type: "contributed", turn: again.turn, text: "Go back." });
    },
  );

  test("NO1 TS14 a failure is written as one, with its code, and never as a pass", () => {
    const talk = new Talk();
    talk.hears({ type: "turn.failed", key: "1", ...lost });
    expect(talk.log[3]).toMatchObject({ type: "failed", agent: "a", turn: 1, kind: "worker.lost" });
  });

  test("a turn that ran out of time says whose it was, and names no cell", () => {
    const talk = new Talk();
    const message = "no answer in time: store/discussion/d1#turn/1@18";
    talk.hears({ type: "turn.failed", key: "1", ...lost, code: "ask.deadline", message });
    expect(talk.log[3]).toMatchObject({
      type: "failed",
      kind: "ask.deadline",
      message: "a did not answer in its time",
    });
  });

  test("NO2 TS15 a ballot counts for its round while that is open, and once", () => {
    const talk = new Talk(openedBody({ config: { contributionsMax: 1 } }));
    talk.said(1, "Go left.");
    talk.said(2, "Go right.");
    expect(talk.types).toBe("opened granted granted contributed contributed polled");
    const vote = { type: "voted", agent: "a", option: "b", conf: 1, usage: USAGE } as const;
    talk.hears({ ...vote, round: 2 });
    talk.hears({ ...vote, round: 1 });
    talk.hears({ ...vote, round: 1, option: "a" });
    talk.hears({ type: "vote.failed", key: "1/a", ...lost });
    expect(talk.types).toMatch(/polled ballot$/);
    talk.hears({ type: "vote.failed", key: "1/b", ...lost });
    expect(talk.types).toMatch(/polled ballot abstained tallied closing closed$/);
    talk.hears({ ...vote, agent: "b", round: 1 });
    expect(talk.types).toMatch(/tallied closing closed$/);
  });

  test("NO3 TS2 TS9 what was overtaken by others is refused, and said to be", () => {
    const talk = new Talk(openedBody({ config: { staleMax: 0 } }));
    talk.said(1, "Go left.", { claims: ["Left is short."] });
    talk.hears({ type: "turn.failed", key: "2", ...lost });
    const turns = talk.log.flatMap((event) => (event.type === "granted" && event.kind === "talk" ? [event] : []));
    expect(turns.map(({ agent }) => agent)).toEqual(["b"]);
    talk.said(turns[0]?.turn ?? 0, "It is far.", { objection: { claim: "c1", error: "It is far." } });
    const objection = { type: "objection", claim: "c1", quote: "Left is short.", error: "It is far." };
    expect(talk.log.find(({ type }) => type === "objection")).toMatchObject(objection);
    const next = talk.log.findLast((event) => event.type === "granted");
    talk.hears({ type: "say", text: "And by bus?" });
    const other = talk.log.findLast((event) => event.type === "granted");
    expect([next?.agent, other?.agent]).toEqual(["a", "b"]);
    talk.said(next?.turn ?? 0, "By bus.");
    talk.said(other?.turn ?? 0, "By bus as well.");
    expect(talk.log.find(({ type }) => type === "rejected")).toMatchObject({ agent: "b", why: "stale" });
  });

  test("the user's words are answered with their place once the disk has them, and refused once it is over", () => {
    const talk = new Talk();
    expect(talk.hears({ type: "say", text: "Hurry." }, true)).toContain("reply noted seq=3, flushed");
    expect(talk.hears(stop, true)).toContain("reply noted seq=4, flushed");
    expect(talk.hears({ type: "say", text: "No!" }, true)).toEqual(["refuse discussion.over"]);
  });

  test("it is read from any place, and no earlier than the disk has it", () => {
    const talk = new Talk();
    expect(talk.hears({ type: "read", from: 1 }, true)).toEqual(["reply log session=s1, flushed"]);
    expect(talk.commands[0]).toMatchObject({ result: { event: { events: talk.log.slice(1) } } });
  });
});

describe("its end", () => {
  test("DI2 TS17 stopped it has its thinkers cut, writes what they had said, and closes when the last has ended", () => {
    const talk = new Talk();
    const asked = talk.hears(stop, true);
    expect(asked).toContain("ask thinkers/crew/main: cut discussion=d1");
    expect(talk.state).toBe("closing");
    const took = { ...USAGE, isPart: true } as const;
    talk.hears({ type: "turned", turn: 1, result: { type: "cut", partial: "Go l", usage: took } });
    expect(talk.state).toBe("closing");
    talk.hears({ type: "turned", turn: 2, result: { type: "cut", partial: "", usage: NO_USAGE } });
    expect(talk.types).toMatch(/ordered closing cancelled cancelled closed$/);
    expect(talk.log.flatMap((event) => (event.type === "cancelled" ? [event.usage] : []))).toEqual([took, NO_USAGE]);
  });

  test("DI2 TS7 who has not ended when the grace is over is late, and is not waited for", () => {
    const talk = new Talk();
    talk.hears(stop);
    talk.hears({ type: "over" });
    expect(talk.types).toMatch(/closing closed late late$/);
    talk.said(1, "Go left.");
    expect(talk.types).toMatch(/closing closed late late$/);
  });

  test("DI6 EN1 who still speaks when its time is up is cut before the grace is over, and what it took is written", () => {
    const talk = new Talk();
    talk.at += 300_000;
    expect(talk.hears({ type: "look" }).join()).not.toContain("cut discussion");
    expect(talk.state).toBe("closing");
    expect(talk.ticks()).toContain("ask thinkers/crew/main: cut discussion=d1");
    const took = { ...USAGE, isPart: true } as const;
    for (const turn of [1, 2]) talk.hears({ type: "turned", turn, result: { type: "cut", partial: "", usage: took } });
    expect(talk.types).toMatch(/closing cancelled cancelled closed$/);
    talk.hears({ type: "released" });
    expect(talk.log.at(-1)).toMatchObject({
      worth: { tokens: 2 * (USAGE.promptTokens + USAGE.completionTokens), isPart: true },
    });
  });

  test("NO2 a ballot that could not be read is none, and what it took is written", () => {
    const talk = new Talk(openedBody({ config: { contributionsMax: 1 } }));
    talk.said(1, "Go left.");
    talk.said(2, "Go right.");
    const took = { ...USAGE, isPart: true } as const;
    talk.hears({ type: "voted", agent: "a", round: 1, option: "a", conf: 1, usage: USAGE });
    talk.hears({ type: "unvoted", agent: "b", round: 1, code: "thinker.malformed", usage: took });
    expect(talk.log.find(({ type }) => type === "abstained")).toMatchObject({ kind: "thinker.malformed", usage: took });
  });

  test("DI3 TS18 the final word is asked for when the thinkers are gone; without a model it is what was said", () => {
    const talk = new Talk(openedBody({ config: { contributionsMax: 1 } }));
    talk.said(1, "Go left.");
    talk.said(2, "Go right.");
    for (const agent of ["a", "b"]) {
      talk.hears({ type: "voted", agent, round: 1, option: "a", conf: 1, usage: USAGE });
    }
    expect(lines(talk.commands)).toContain("ask thinkers/crew/main: release discussion=d1");
    expect(talk.state).toBe("closed");
    const concluding = talk.hears({ type: "released" });
    expect(concluding.filter((line) => line.includes("duty=final"))).toHaveLength(1);
    talk.hears({ type: "final.failed", key: "", ...lost });
    expect(talk.log.at(-1)).toMatchObject({ type: "final", by: "extract", text: "Go left.", upTo: 4 });
  });

  test("EN3 TS18 thinkers that did not go in time are told to go, before anybody is asked for the final word", () => {
    const talk = new Talk(openedBody({ config: { contributionsMax: 1 } }));
    talk.said(1, "Go left.");
    talk.said(2, "Go right.");
    for (const agent of ["a", "b"]) {
      talk.hears({ type: "voted", agent, round: 1, option: "a", conf: 1, usage: USAGE });
    }
    const concluding = talk.hears({ type: "release.failed", key: "", ...lost });
    expect(concluding[0]).toBe("tell thinkers/crew/main: release discussion=d1");
    expect(concluding[1]).toContain("duty=final");
  });

  test("DI1 DI5 it is kept whole, and goes with all that it had when it is", () => {
    const talk = new Talk();
    talk.hears(stop);
    talk.hears({ type: "over" });
    talk.hears({ type: "released" });
    expect(talk.types).toMatch(/closing closed late late final$/);
    const kept = talk.commands.find((one) => one.do === "ask" && one.options.name === "keep");
    expect(kept).toMatchObject({ event: { discussion: "d1", session: "s1", log: talk.log } });
    talk.hears({ type: "kept" });
    expect([talk.log, talk.stage.all(discussions), talk.state]).toEqual([[], {}, "ended"]);
  });
});

describe("a summary", () => {
  test("is asked for while there is news, one at a time, and never holds up who speaks", () => {
    const talk = new Talk();
    talk.said(1, "Go left.");
    talk.at += 4_000;
    const asked = talk.hears({ type: "look" });
    expect(asked.filter((line) => line.includes("duty=summary"))).toHaveLength(1);
    expect(talk.hears({ type: "look" }).filter((line) => line.includes("duty=summary"))).toEqual([]);
    talk.said(2, "Go right.");
    expect(talk.log.at(-1)?.type).toBe("granted");
    talk.hears({ type: "summed", upTo: 3, text: "a [3] goes left.", usage: USAGE });
    expect(talk.log.find(({ type }) => type === "summary")).toMatchObject({ upTo: 3, cites: [3] });
    talk.at += 4_000;
    expect(talk.hears({ type: "look" }).filter((line) => line.includes("duty=summary"))).toHaveLength(1);
  });

  test("that failed is asked for again, later", () => {
    const talk = new Talk();
    talk.said(1, "Go left.");
    talk.at += 4_000;
    talk.hears({ type: "look" });
    talk.hears({ type: "summary.failed", key: "", ...lost });
    expect(talk.types).not.toContain("summary");
    talk.at += 4_000;
    expect(talk.hears({ type: "look" }).filter((line) => line.includes("duty=summary"))).toHaveLength(1);
  });
});
