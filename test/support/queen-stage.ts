/**
 * The queen's tables on a stage, with settings small enough to reach their bounds.
 *
 * @module
 */
import type { QueenEvent } from "../../machines/queen.ts";
import type { QueenSettings } from "../../src/actors/queen/settings.ts";
import { queenTables } from "../../src/actors/queen/tables.ts";
import type { Command, Scope } from "../../src/runtime/behaviour.ts";
import { type Cue, lines, Stage } from "./stage.ts";

export const HIVE = "hive/hive/main";

export const settings: QueenSettings = {
  queueLengthMax: 2,
  jobDeadlineMs: 60_000,
  attemptsMax: 3,
  defaultModel: "starter",
  hives: [HIVE],
  finishMs: 1,
  stopMs: 1,
  crowdedMs: 1000,
  endpoints: {},
};

export const queenStage = (): Stage => new Stage("queen/queen/main", queenTables);

type Handler<Params> = (params: Params, scope: Scope) => readonly Command[];

/** What a handler without parameters commands, a line each. */
export const told = (stage: Stage, handler: Handler<undefined>, cue: Cue<QueenEvent>): readonly string[] =>
  lines(stage.play(handler, undefined, cue));

/** The same for one that is told her epoch. */
export const toldIn = (
  stage: Stage,
  epoch: number,
  handler: Handler<{ readonly epoch: number }>,
  cue: Cue<QueenEvent>,
): readonly string[] => lines(stage.play(handler, { epoch }, cue));
