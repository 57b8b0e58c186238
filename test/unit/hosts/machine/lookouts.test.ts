/**
 * Goal: memory that other programs leave is noticed, and nothing is measured for nobody.
 * Method: a machine whose memory the test sets, looked at every few milliseconds.
 *
 * @see src/hosts/machine/lookouts.ts, LO1 LO2
 * @module
 */
import { expect, test } from "vitest";
import { Lookouts } from "../../../../src/hosts/machine/lookouts.ts";
import type { MachineAsk } from "../../../../src/protocol/ports.ts";
import { waitUntil } from "../../../support/children.ts";
import { cpu } from "../../../support/memory.ts";

type Lookout = Extract<MachineAsk, { type: "lookout" }>;

class Machine {
  freeBytes = 0;
  looks = 0;
  readonly told: string[] = [];
  readonly lookouts = new Lookouts(() => {
    this.looks += 1;
    return [cpu(100, this.freeBytes)];
  }, 2);

  lookOut(key: string, untilFreeBytes: number, booked: Lookout["booked"] = []): void {
    const asked: Lookout = { type: "lookout", key, device: "cpu", untilFreeBytes, booked };
    this.lookouts.add(key, { asked, answer: (result) => void (result.ok && this.told.push(key)) });
  }

  async more(looks: number): Promise<void> {
    const until = this.looks + looks;
    await waitUntil(() => this.looks >= until, 5000);
  }
}

test("each who waits is told once, as soon as so much is free as it needs", async () => {
  const machine = new Machine();
  machine.lookOut("large", 60);
  machine.lookOut("small", 30);
  await machine.more(2);
  machine.freeBytes = 59;
  await machine.more(2);
  expect(machine.told).toEqual(["small"]);
  machine.freeBytes = 60;
  await waitUntil(() => machine.told.length === 2, 5000);
  expect(machine.told).toEqual(["small", "large"]);
});

test("LO1 nothing is measured while nobody waits", async () => {
  const machine = new Machine();
  machine.lookOut("gone", 60);
  machine.lookOut("told", 10);
  machine.freeBytes = 10;
  await machine.more(2);
  machine.lookouts.drop("gone");
  const { looks } = machine;
  const other = new Machine();
  other.lookOut("beside it", 100);
  await other.more(5);
  expect([machine.looks, machine.told]).toEqual([looks, ["told"]]);
  other.lookouts.drop("beside it");
});

test("LO2 what is booked counts as taken where that cannot be told", async () => {
  const machine = new Machine();
  machine.freeBytes = 50;
  machine.lookOut("m", 50, [{ worker: "w1", pid: 0, reservedBytes: 1000 }]);
  await waitUntil(() => machine.told.length === 1, 5000);
});
