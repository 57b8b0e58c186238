/**
 * Goal: hives that are simulated for the bench of a fleet are hives to a real queen: they join by their certificates,
 * what they have is hers, and jobs are placed there.
 * Method: the bench itself on a few of them. Nothing here depends on how fast a machine is.
 *
 * @module
 */
import { expect, test } from "vitest";
import { fleetBench } from "../../tools/bench/fleet.ts";
import type { Line } from "../../tools/bench/measure.ts";

test("a queen with simulated hives knows all of them, and places jobs on their workers", async () => {
  const lines: Line[] = [];
  const fleet = { hives: 6, workersPerHive: 4, workersPerModel: 3, processes: 2 };
  const sizes = { ...fleet, settledMs: 0, quietRounds: 1, quietMs: 50, jobs: 12, jobsAtOnce: 3 };
  await fleetBench(sizes).run((line) => lines.push(line));
  expect(lines.map((line) => line.case)).toEqual(["joined", "heartbeats", "placed", "heap", "resident"]);
  expect(lines.find((line) => line.case === "placed")?.runs).toBe(sizes.jobs);
  expect(lines.every(({ value }) => Number.isFinite(value))).toBe(true);
}, 60_000);
