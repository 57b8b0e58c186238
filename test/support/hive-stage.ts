/**
 * The hive's tables on a stage, with rows and measurements small enough to add up by hand.
 *
 * @module
 */
import type { Held, HiveEvent } from "../../machines/hive.ts";
import { hiveBehaviour } from "../../src/actors/hive/behaviour.ts";
import { hiveTables, type MemberRow, type PendingRow } from "../../src/actors/hive/tables.ts";
import type { Command, Scope } from "../../src/runtime/behaviour.ts";
import { cpu, needs } from "./memory.ts";
import { ASKER, type Cue, lines, Stage } from "./stage.ts";

/** Of a hundred bytes ten are kept back. */
export const TOTAL_BYTES = 100;
const { handlers } = hiveBehaviour({
  queen: "queen/queen/main",
  headroomBytes: 10,
  gpu: "auto",
  threads: 2,
});

export const hiveStage = (): Stage => new Stage("hive/hive/main", hiveTables);

/** What an action of the hive commands, a line each. */
export const told = (stage: Stage, action: string, cue: Cue<HiveEvent>, params: unknown = {}): readonly string[] => {
  const handler = handlers[action] as (given: unknown, scope: Scope) => readonly Command[];
  return lines(stage.play(handler, params, cue));
};

/** The same, with everything that is in them. */
export const commanded = (stage: Stage, action: string, cue: Cue<HiveEvent>): readonly Command[] =>
  stage.play(handlers[action] as (given: unknown, scope: Scope) => readonly Command[], {}, cue);

export const member = (worker: string, given: Partial<MemberRow> = {}): MemberRow => ({
  worker,
  model: "m",
  path: "/m.gguf",
  state: "loading",
  facts: undefined,
  pid: 0,
  port: 0,
  device: "cpu",
  reservedBytes: 40,
  threads: 2,
  profile: "p",
  ...given,
});

/** Asked for, and not decided on. */
export const asking: PendingRow = {
  re: ASKER,
  model: "m",
  epoch: 3,
  waits: "nothing",
  fetched: false,
  seq: 1,
  claim: undefined,
};

export const measured = (needBytes: number, freeBytes = TOTAL_BYTES, held: readonly Held[] = []) => {
  const machine = { devices: [cpu(TOTAL_BYTES, freeBytes)], cores: 2, held };
  const model = { path: "/m.gguf", profile: "p", needs: needs(needBytes) };
  return { event: { type: "measured", worker: "w1", ...model, ...machine } } as const;
};

/** Those that have taken all that is booked for them. */
export const holding = (...workers: readonly string[]): readonly Held[] =>
  workers.map((worker) => ({ worker, takenBytes: undefined, peakBytes: undefined }));
