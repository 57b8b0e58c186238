/**
 * Goal: why a worker ended can be asked afterwards, within bounds; a model that only dies is left alone for a while.
 *
 * @see src/actors/hive/ends.ts, B5 B6
 * @module
 */
import { describe, expect, test } from "vitest";
import type { HiveEvent } from "../../../../machines/hive.ts";
import type { ProcessEnd } from "../../../../machines/process.ts";
import { DEATHS_MAX, WINDOW_MS } from "../../../../machines/rules/intensity.ts";
import { hiveBehaviour, type HiveStatus } from "../../../../src/actors/hive/behaviour.ts";
import { gone, GONE_KEPT, hiveTables, type MemberRow, members } from "../../../../src/actors/hive/tables.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import { type Cue, lines, Stage } from "../../../support/stage.ts";
import { EXIT } from "../../../support/machine-events.ts";

const { handlers } = hiveBehaviour({
  queen: "queen/queen/main",
  headroomBytes: 10,
  threads: 0,
  gpu: "none",
});
const DIED: ProcessEnd = { code: "worker.lost", class: "transient", message: "the process ended unasked" };
const STOPPED: ProcessEnd = { code: "interrupted", class: "cancelled", message: "on request" };
const CORRUPT: ProcessEnd = { code: "model.corrupt", class: "terminal", message: "damaged" };

const member = (worker: string, model: string): MemberRow => ({
  worker,
  model,
  path: "/m.gguf",
  device: "cpu",
  threads: 1,
  profile: "p",
  state: "ready",
  facts: undefined,
  pid: 7,
  port: 0,
  reservedBytes: 40,
});

class Hive {
  readonly stage = new Stage("hive/hive/main", hiveTables);
  #named = 0;

  play(action: string, cue: Cue<HiveEvent>): readonly Command[] {
    const handler = handlers[action] as (given: unknown, scope: Scope) => readonly Command[];
    return this.stage.play(handler, {}, cue);
  }

  ends(end: ProcessEnd, at: number, model = "m", lastLines: readonly string[] = []): string {
    this.#named += 1;
    const worker = `w${this.#named}`;
    this.stage.set(members, { [worker]: member(worker, model) });
    this.play("noteGone", {
      event: { type: "process.gone", worker, end, how: "signal SIGSEGV", exit: EXIT, lastLines },
      at,
    });
    return worker;
  }

  start(at: number, model = "m"): readonly string[] {
    const event: HiveEvent = { type: "start.worker", epoch: 1, worker: "next", model, instead: [] };
    return lines(this.play("measure", { event, asked: true, at }));
  }

  get told(): HiveStatus["ends"] {
    const [command] = this.play("answerStatus", { event: { type: "status" }, asked: true });
    if (command?.do !== "reply" || !command.result.ok) return expect.fail("the hive did not answer");
    return (command.result.event as HiveStatus).ends;
  }
}

describe("the end of a worker", () => {
  test("B5 is told afterwards: its code and words, its exit, its last lines and when", () => {
    const hive = new Hive();
    const worker = hive.ends(DIED, 5000, "m", ["about to break", "broken"]);
    expect(hive.told).toEqual([
      {
        worker,
        model: "m",
        pid: 7,
        end: DIED,
        how: "signal SIGSEGV",
        exit: EXIT,
        lastLines: ["about to break", "broken"],
        atMs: 5000,
      },
    ]);
  });

  test("B5 is kept within bounds: so many ends, the newest of them told last, and of each so many lines", () => {
    const hive = new Hive();
    const long = Array.from({ length: 100 }, (_, at) => `${at} ${"x".repeat(10_000)}`);
    for (let n = 0; n < GONE_KEPT + 10; n++) hive.ends(STOPPED, 10_000 - n, "m", long);
    expect(hive.stage.rows(gone).size).toBe(GONE_KEPT);
    const { told } = hive;
    expect(told.length).toBe(50);
    expect(told.map(({ atMs }) => atMs)).toEqual(told.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    expect(told.at(-1)?.atMs).toBe(10_000 - 0);
    expect(told[0]?.lastLines.length).toBe(20);
    expect(told[0]?.lastLines.at(-1)).toMatch(/^99 x/);
    expect(JSON.stringify(told[0]).length).toBeLessThan(6000);
  });

  test("RM4 the oldest is forgotten first, whatever its name", () => {
    const hive = new Hive();
    const first = hive.ends(STOPPED, 9000);
    const oldest = hive.ends(STOPPED, 1);
    for (let n = 0; n < GONE_KEPT - 1; n++) hive.ends(STOPPED, 9001);
    expect([hive.stage.rows(gone).has(first), hive.stage.rows(gone).has(oldest)]).toEqual([true, false]);
  });
});

describe("B6 a model whose workers die", () => {
  const dying = (end: ProcessEnd): Hive => {
    const hive = new Hive();
    for (let n = 0; n < DEATHS_MAX; n++) hive.ends(end, 1000 + n);
    return hive;
  };

  test("is started at once until so many have died within the window, then refused with what killed them", () => {
    const hive = new Hive();
    for (let n = 0; n < DEATHS_MAX; n++) {
      expect(hive.start(1000 + n)[0]).toContain("measure");
      hive.ends(DIED, 1000 + n);
    }
    expect(hive.start(2000)).toEqual(["refuse worker.unstable"]);
    expect(hive.start(1000 + WINDOW_MS)[0]).toContain("measure");
  });

  test("harms no other model", () => {
    expect(dying(DIED).start(2000, "other")[0]).toContain("measure");
  });

  test.each([
    ["stopped", STOPPED],
    ["refused for good, which is told as it is", CORRUPT],
  ])("is not one whose workers were %s", (_how, end) => {
    expect(dying(end).start(2000)[0]).toContain("measure");
  });
});
