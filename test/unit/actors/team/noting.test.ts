/**
 * Goal: what comes late, twice or for another round writes nothing; and a task shows no more than its basis.
 * Method: handlers on a stage, behind a log that was played by hand.
 *
 * @see src/actors/team/noting.ts, NO1 to NO4; src/actors/team/tasks.ts, TA1
 * @module
 */
import { describe, expect, test } from "vitest";
import type { LogEvent } from "../../../../machines/rules/log.ts";
import { standingOf } from "../../../../machines/rules/standing.ts";
import { noteTurn, noteVote } from "../../../../src/actors/team/noting.ts";
import { logKey, logs, storeTables } from "../../../../src/actors/team/tables.ts";
import { assignmentOf } from "../../../../src/actors/team/tasks.ts";
import type { Message } from "../../../../src/runtime/envelope.ts";
import { Owner } from "../../../simulation/team/owner.ts";
import { openedOf } from "../../../simulation/team/play.ts";
import { config, seatsOf } from "../../../simulation/team/scripts.ts";
import { lines, Stage } from "../../../support/stage.ts";

const usage = { promptTokens: 1, completionTokens: 1 };
const source = { job: "j", model: "m", worker: "w" };
const settings = { ...config, style: "structured", contributionsMax: 1, quorum: "all" } as const;

/** Two drafts are in, and a vote on them is called. */
function drafted(): Owner {
  const seats = seatsOf(["always-new", "always-new"]);
  const its = new Owner(openedOf({ seed: 0, mode: "discuss", config: settings, seats, asides: [] }), 0);
  its.look(0);
  its.turned(1, { type: "said", text: "the first thought", usage }, 10);
  its.turned(2, { type: "said", text: "the second thought", usage }, 10);
  its.look(10);
  return its;
}

const stageOf = (log: readonly LogEvent[]): Stage =>
  new Stage("store/discussion/d1", storeTables).set(
    logs,
    Object.fromEntries(log.map((event) => [logKey("d1", event.seq), event])),
  );

const said = (turn: number, more: object = {}): Message & Record<string, unknown> => ({
  type: "turned",
  turn,
  result: { type: "said", text: "so", usage, source, ...more },
});
const vote = (round: number): Message & Record<string, unknown> => ({
  type: "voted",
  agent: "divergent",
  round,
  option: "divergent",
  conf: 1,
  usage,
});

const typesOf = (stage: Stage): readonly string[] => Object.values(stage.all(logs)).map(({ type }) => type);

describe("what a discussion is told", () => {
  test("NO1 an answer for a turn that has ended writes nothing (TS7, TS8)", () => {
    const { log } = drafted();
    const stage = stageOf(log);
    expect(stage.play(noteTurn, undefined, { event: said(1) })).toEqual([]);
    expect(typesOf(stage)).toHaveLength(log.length);
  });

  test("NO2 a ballot counts for the round that is open, and once (TS15)", () => {
    const { log } = drafted();
    const stage = stageOf(log);
    expect(stage.play(noteVote, undefined, { event: vote(2) })).toEqual([]);
    expect(lines(stage.play(noteVote, undefined, { event: vote(1) })).at(-1)).toBe("raise look");
    expect(stage.play(noteVote, undefined, { event: vote(1) })).toEqual([]);
    expect(typesOf(stage)).toEqual([...log.map(({ type }) => type), "ballot"]);
  });

  test("NO3 a thought that was overtaken is rejected, and said to be (TS9)", () => {
    const seats = seatsOf(["always-new", "always-new"]);
    const its = new Owner(
      openedOf({ seed: 0, mode: "discuss", config: { ...config, staleMax: 0 }, seats, asides: [] }),
      0,
    );
    its.look(0);
    its.turned(1, { type: "said", text: "one", usage }, 10);
    const stage = stageOf(its.log);
    stage.play(noteTurn, undefined, { event: said(2) });
    expect(typesOf(stage).at(-1)).toBe("rejected");
  });

  test("NO4 behind closing a turn ends and claims nothing (TS5)", () => {
    const seats = seatsOf(["always-new"]);
    const its = new Owner(openedOf({ seed: 0, mode: "discuss", config: settings, seats, asides: [] }), 0);
    its.look(0);
    its.look(config.hardMs);
    const stage = stageOf(its.log);
    stage.play(noteTurn, undefined, { event: said(1, { claims: ["it is so"] }), at: config.hardMs });
    expect(typesOf(stage)).toEqual(["opened", "granted", "closing", "contributed"]);
  });
});

test("DS5 TS12 what a turn took that failed is written with the failure", () => {
  const seats = seatsOf(["always-new"]);
  const its = new Owner(openedOf({ seed: 0, mode: "discuss", config: settings, seats, asides: [] }), 0);
  its.look(0);
  const stage = stageOf(its.log);
  const result = { type: "failed", code: "endpoint.lost", message: "it broke", usage } as const;
  const event: Message & Record<string, unknown> = { type: "turned", turn: 1, result };
  expect(lines(stage.play(noteTurn, undefined, { event })).at(-1)).toBe("raise look");
  expect(Object.values(stage.all(logs)).at(-1)).toMatchObject({
    type: "failed",
    agent: "divergent",
    turn: 1,
    kind: "endpoint.lost",
    message: "it broke",
    usage,
  });
});

test("TA1 a draft is written from the question alone, whatever was said by then (TS9, TS15)", () => {
  const { log } = drafted();
  const standing = standingOf(log);
  if (standing === undefined) throw new Error("it stands nowhere");
  const roster = { name: "divergent", colour: "blue", hash: "0", place: "any", body: "Think." } as const;
  const facts = { discussion: "d1", frame: "You are one of a team.", row: undefined };
  const shared = (duty: "draft" | "talk", basis: number): string =>
    assignmentOf({ events: log, standing }, facts, roster, { duty, basis }).shared;
  expect([shared("draft", 0), shared("draft", 3)].join()).not.toContain("thought");
  expect(shared("talk", 3)).toContain("the first thought");
  expect(shared("talk", 3)).not.toContain("the second thought");
});
