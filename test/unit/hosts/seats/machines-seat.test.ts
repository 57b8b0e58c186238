/**
 * Goal: a list of machines says of each what the status of the node says.
 *
 * @see src/hosts/seats/machines-seat.ts, MH3
 */
import { expect, test } from "vitest";
import type { MachineRow } from "../../../../src/actors/queen/tables.ts";
import { type MachinesFacts, machinesSeat } from "../../../../src/hosts/seats/machines-seat.ts";
import { hiveState, type HiveView, type StatusView } from "../../../../src/protocol/api.ts";

const hive = (state: HiveView["state"]): HiveView => ({
  ...{ id: `hive@${state}`, name: `the-${state}`, state, host: "h", pid: 1, version: "1", backends: [] },
  ...{ ram: { totalBytes: 1, freeBytes: 1 }, gpus: [], workers: [] },
});
const status: StatusView = {
  schemaVersion: 1,
  queen: { id: "q", epoch: 1, state: "open", url: "", pid: 1, uptimeMs: 1, queue: { length: 0, max: 1, running: 0 } },
  hives: hiveState.options.map(hive),
};
const rows: readonly MachineRow[] = [{ key: "k", name: "the-removed", joinedAt: 0, removedAt: 1 }];
const facts: MachinesFacts = {
  name: "alpha",
  status: async () => status,
  cluster: { machines: async () => rows, remove: async () => {} },
  ask: () => Promise.reject(new Error("nobody is asked")),
};

test("MH3 each machine stands as the status says, and those that were removed are told besides", async () => {
  const listed = await machinesSeat(facts).list();
  expect(listed.map(({ name, state }) => [name, state])).toEqual(
    [...hiveState.options, "removed"].map((state) => [`the-${state}`, state]),
  );
});
