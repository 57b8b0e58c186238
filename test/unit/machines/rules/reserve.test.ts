/**
 * Goal: what is booked never exceeds what the machine has, less what is kept back.
 * Method: random sequences of requests and ends, whatever the machine says is free.
 *
 * @see machines/rules/reserve.ts, V1 V2
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type Booked, reserve } from "../../../../machines/rules/reserve.ts";

const bytes = fc.nat(100);
const step = fc.oneof(fc.record({ needBytes: fc.nat(60), freeBytes: bytes }), fc.record({ end: fc.nat(10) }));

describe("a reservation", () => {
  test.prop([bytes, fc.nat(20), fc.array(step, { maxLength: 40, size: "max" })])(
    "V1 the sum of all never exceeds the machine less its headroom (RJ3)",
    (totalBytes, headroomBytes, steps) => {
      const booked: Booked[] = [];
      for (const each of steps) {
        if ("end" in each) {
          booked.splice(each.end, 1);
          continue;
        }
        const { needBytes, freeBytes } = each;
        const decision = reserve(needBytes, booked, { totalBytes, freeBytes, headroomBytes });
        if (decision.fits) booked.push({ reservedBytes: decision.bytes });
        const sum = booked.reduce((total, row) => total + row.reservedBytes, 0);
        expect(sum).toBeLessThanOrEqual(Math.max(0, totalBytes - headroomBytes));
        if (decision.fits) expect(needBytes).toBeLessThanOrEqual(Math.max(0, freeBytes - headroomBytes));
      }
    },
  );

  test.prop([fc.nat(60), bytes, bytes, fc.nat(20)])(
    "is given whenever both bounds leave room",
    (needBytes, totalBytes, freeBytes, headroomBytes) => {
      const decision = reserve(needBytes, [], { totalBytes, freeBytes, headroomBytes });
      expect(decision.fits).toBe(needBytes <= Math.max(0, Math.min(totalBytes, freeBytes) - headroomBytes));
    },
  );

  test.prop([fc.nat(60)])("says what it needs and what could be given, also when it is refused", (needBytes) => {
    const { why } = reserve(needBytes * 2 ** 30, [], {
      totalBytes: 2 ** 34,
      freeBytes: 2 ** 33,
      headroomBytes: 2 ** 30,
    });
    expect(why).toContain(`needs ${needBytes.toFixed(2)} GiB, 7.00 GiB can be given`);
  });
});
