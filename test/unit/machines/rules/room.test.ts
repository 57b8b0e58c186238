/**
 * Goal: a download begins only where all that is still to be written fits, and says how much is missing.
 *
 * @see machines/rules/room.ts, M1
 * @module
 */
import { describe, expect, test } from "vitest";
import { diskSize, roomFor } from "../../../../machines/rules/room.ts";

describe("room on a disk", () => {
  test.each([
    ["exactly what is still to come", 100, 0, 110, true],
    ["a byte less than that", 100, 0, 109, false],
    ["what is to come, but not beside what others write", 100, 50, 159, false],
    ["both", 100, 50, 160, true],
    ["nothing, when nothing is still to come", 0, 50, 0, true],
  ])("M1 is enough or not: %s", (_name, toComeBytes, othersBytes, freeBytes, enough) => {
    expect(roomFor({ toComeBytes, othersBytes, freeBytes, reserveBytes: 10 }).enough).toBe(enough);
  });

  test("M1 that is lacking is told with every number of the sum", () => {
    const room = roomFor({ toComeBytes: 5e9, othersBytes: 2e9, freeBytes: 3e9, reserveBytes: 128e6 });
    expect(room).toEqual({
      enough: false,
      why:
        "4.13 GB are missing: 5.00 GB are still to come, 3.00 GB are free, other downloads still need 2.00 GB, " +
        "128.0 MB are kept back",
    });
  });

  test("is told in the units of disks", () => {
    expect([0, 999, 1000, 12_345_678, 4.5e12].map(diskSize)).toEqual([
      "0 bytes",
      "999 bytes",
      "1.00 KB",
      "12.3 MB",
      "4.50 TB",
    ]);
  });
});
