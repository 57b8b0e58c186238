/**
 * The queen's tables on a stage, with settings small enough to reach their bounds.
 *
 * @module
 */
import type { QueenEvent } from "../../machines/queen-events.ts";
import type { QueenSettings } from "../../src/actors/queen/settings.ts";
import { hives, queenTables } from "../../src/actors/queen/tables.ts";
import type { Command, Scope } from "../../src/runtime/behaviour.ts";
import { hiveRow } from "./rows.ts";
import { type Cue, lines, Stage } from "./stage.ts";

export const HIVE = "hive/hive/main";

export const settings: QueenSettings = {
  queueLengthMax: 2,
  jobDeadlineMs: 60_000,
  attemptsMax: 3,
  defaultModel: "starter",
  hives: [HIVE],
  name: "home",
  finishMs: 1,
  stopMs: 1,
  crowdedMs: 1000,
  endpoints: {},
};

/** Her own machine is there. */
export const queenStage = (): Stage => {
  const home = hiveRow({ address: HIVE, name: "home", isLocal: true });
  return new Stage("queen/queen/main", queenTables).set(hives, { [HIVE]: home });
};

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
