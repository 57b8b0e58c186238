/**
 * @see machines/rules/lease.ts, LE1 to LE3
 */
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { graceMs, letGoMs, renewMs, returnMs } from "../../../../machines/rules/lease.ts";

const LEASE = fc.integer({ min: 2000, max: 60_000 });

test.prop([LEASE])(
  "LE1 she expects what a silent hive may still run for as long as it may, and no longer",
  (leaseMs) => {
    expect(letGoMs(leaseMs)).toBe(leaseMs + graceMs(leaseMs));
  },
);

test.prop([LEASE])("LE2 two renewals in a row may be lost, and the third still comes in time", (leaseMs) => {
  expect(renewMs(leaseMs) * 3).toBeLessThanOrEqual(leaseMs);
  expect(renewMs(leaseMs) * 4).toBeGreaterThan(leaseMs);
});

test.prop([LEASE])("LE3 a machine is waited for after a break, and given up before it lets go by itself", (leaseMs) => {
  expect(returnMs(leaseMs)).toBeGreaterThan(0);
  expect(returnMs(leaseMs)).toBeLessThan(graceMs(leaseMs));
});
