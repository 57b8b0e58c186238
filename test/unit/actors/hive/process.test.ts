/**
 * Goal: a process is forked once and never again, and whatever waits for it goes on over a restart of its hive.
 *
 * @see src/actors/hive/process.ts
 * @module
 */
import { expect, test } from "vitest";
import type { ProcessEvent } from "../../../../machines/process.ts";
import { processBehaviour } from "../../../../src/actors/hive/process.ts";
import { hiveTables, members } from "../../../../src/actors/hive/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import { member } from "../../../support/hive-stage.ts";
import { lines, Stage } from "../../../support/stage.ts";

const { handlers } = processBehaviour({ loadTimeoutMs: 1, stopTimeoutMs: 1, killTimeoutMs: 1, silentMs: 7000 });
const event: ProcessEvent = { type: "restored" };
const play = (action: string, params: unknown = {}): readonly Command[] =>
  new Stage("hive/process/w1", hiveTables)
    .set(members, { w1: member("w1", { threads: 3 }) })
    .play(handlers[action] as (given: unknown, scope: Scope) => readonly Command[], params, { event });

test("P4 a fork is asked for once: a restart must not make two processes of it", () => {
  const commands = play("fork");
  expect(lines(commands)).toEqual([
    "ask porter/port/processes: fork token=w1 model=m path=/m.gguf threads=3 device=cpu",
  ]);
  expect(commands[0]).toMatchObject({ options: { onRestart: "once" } });
});

test.each([
  ["awaitReap", {}, "porter/port/processes: reap token=w1"],
  ["awaitSilence", {}, "porter/port/processes: listen token=w1 silentMs=7000"],
  ["awaitReady", {}, "w1/worker/main: report"],
  ["awaitIdle", {}, "w1/worker/main: await.idle"],
  ["askToStop", {}, "w1/worker/main: stop"],
  ["sendSignal", { signal: "SIGKILL" }, "porter/port/processes: signal token=w1 signal=SIGKILL"],
])("P4 %s is asked again after a restart, ahead of all data", (action, params, asked) => {
  const commands = play(action, params);
  expect(lines(commands)).toEqual([`ask ${asked}`]);
  expect(commands[0]).toMatchObject({ options: { onRestart: "again", lane: "control" } });
});

test.each([
  ["announceStarting", { pid: 9 }, "process.loading worker=w1 pid=9"],
  ["announceStopping", {}, "process.stopping worker=w1"],
  ["announceGone", { how: "exit code 1", lastLines: [] }, "process.gone worker=w1 how=exit code 1"],
])("RM6 %s reaches its hive ahead of all data", (action, params, said) => {
  expect(lines(play(action, params))).toEqual([`control hive/hive/main: ${said}`]);
});
