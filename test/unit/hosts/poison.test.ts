/**
 * Goal: an event that the queen's code does not survive costs that event alone: her cell goes on from what it was, and
 *       whoever asked is told (kernel rule 9, RM7).
 * Method: a real host with the queen's own behaviours and a simulated disk; a request whose shape no door would let in.
 */
import { expect, test } from "vitest";
import { address } from "../../../machines/words.ts";
import { jobBehaviour } from "../../../src/actors/job/behaviour.ts";
import { jobTables } from "../../../src/actors/job/tables.ts";
import { queenBehaviour } from "../../../src/actors/queen/behaviour.ts";
import { queenTables } from "../../../src/actors/queen/tables.ts";
import type { Frame, Message } from "../../../src/runtime/envelope.ts";
import { Host } from "../../../src/runtime/host.ts";
import { SimClock } from "../../simulation/sim-clock.ts";
import { SimDisk } from "../../simulation/sim-journal.ts";

const ASKER = address("porter", "door", "main");
const QUEEN = address("queen", "queen", "main");

const SETTINGS = {
  queueLengthMax: 10,
  jobDeadlineMs: 60_000,
  attemptsMax: 3,
  defaultModel: "starter",
  hives: [],
  name: "home",
  finishMs: 1_000,
  stopMs: 1_000,
  crowdedMs: 1_000,
  endpoints: {},
};

test("RM7 a poisoned request is told as a defect, and the queen goes on with what she knew", () => {
  const answers: Frame[] = [];
  const clock = new SimClock();
  const host = new Host({
    id: "queen",
    behaviours: [queenBehaviour(SETTINGS), jobBehaviour()],
    tables: [...queenTables, ...jobTables],
    journal: new SimDisk().open(),
    clock,
    transport: { send: (_to, frames) => void answers.push(...frames) },
    wake: () => {},
  });
  const ask = (id: string, event: Message): void => {
    const re = { id, from: ASKER };
    host.receive("porter", [
      { kind: "mail", envelope: { to: QUEEN, from: ASKER, lane: "data", n: 0, label: "private", event, re } },
    ]);
    while (host.turn());
  };
  host.open();
  host.root("queen", "main", {});
  while (host.turn());
  host.peerUp("porter", 1);
  const epochOf = (id: string): unknown =>
    answers.find((frame) => frame.kind === "answer" && frame.id === id && frame.result.ok);

  ask("before", { type: "status" });
  ask("poison", { type: "submit" });
  ask("after", { type: "status" });
  expect(answers).toContainEqual(
    expect.objectContaining({
      id: "poison",
      result: { ok: false, error: expect.objectContaining({ code: "defect" }) },
    }),
  );
  expect(epochOf("before")).toMatchObject({ result: { event: { queue: { length: 0 } } } });
  expect(epochOf("after")).toMatchObject({ result: { event: { queue: { length: 0, running: 0 } } } });
  expect(host.crashed).toBeUndefined();
  expect(host.core.cells.get(QUEEN)?.incarnation).toBe(2);
});
