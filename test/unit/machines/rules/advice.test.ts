/**
 * Goal: what a machine says of itself is read for no more than it is.
 *
 * @see machines/rules/advice.ts, AD1 AD2
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type Advice, roomBytes, Stocks } from "../../../../machines/rules/advice.ts";
import { cpu } from "../../../support/memory.ts";

const nothing = { bookedBytes: 0, comingBytes: 0 };
const bytes = fc.nat(1000);

describe("the room of a machine", () => {
  test.prop([bytes, bytes, bytes, bytes])(
    "AD1 is no more than is free less what is coming, nor than there is less what is booked",
    (total, free, booked, coming) => {
      const advice: Advice = { devices: [cpu(total, Math.min(free, total))], models: [] };
      const room = roomBytes(advice, () => ({ bookedBytes: booked, comingBytes: coming })) ?? -1;
      expect(room).toBe(Math.max(0, Math.min(total - booked, Math.min(free, total) - coming)));
    },
  );

  test("AD1 is that of the device that has most, each with its own books", () => {
    const gpu = { ...cpu(100, 90), id: "cuda0", kind: "cuda" } as const;
    const advice: Advice = { devices: [cpu(50, 50), gpu], models: [] };
    expect(roomBytes(advice, () => nothing)).toBe(90);
    expect(roomBytes(advice, (device) => (device === "cuda0" ? { ...nothing, comingBytes: 60 } : nothing))).toBe(50);
  });

  test("AD2 is not known of one that has said nothing", () => {
    expect(roomBytes(undefined, () => nothing)).toBeUndefined();
  });
});

describe("who has which model", () => {
  const told = fc.record({
    hive: fc.constantFrom("a", "b", "c"),
    models: fc.option(fc.subarray(["m", "n", "o"]), { nil: undefined }),
  });

  test.prop([fc.array(told, { maxLength: 20 })])("is what each said last", (says) => {
    const rows = new Map<string, Advice>();
    const stocks = new Stocks();
    for (const { hive, models } of says) {
      const before = rows.get(hive);
      const row = models && { devices: [], models: models.map((name) => ({ name, bytes: name.length })) };
      if (row !== undefined) {
        stocks.put(hive, row, before);
        rows.set(hive, row);
      } else if (before !== undefined) {
        stocks.del(hive, before);
        rows.delete(hive);
      }
    }
    for (const model of ["m", "n", "o"]) {
      const holders = ["a", "b", "c"].filter((hive) => rows.get(hive)?.models.some(({ name }) => name === model));
      expect(["a", "b", "c"].filter((hive) => stocks.has(hive, model))).toEqual(holders);
      expect(stocks.needBytes(model) !== undefined).toBe(holders.length > 0);
    }
  });

  test("tells about what a model takes: more than its file", () => {
    const stocks = new Stocks();
    const row: Advice = { devices: [], models: [{ name: "m", bytes: 1000 }] };
    stocks.put("a", row, undefined);
    expect(stocks.needBytes("m")).toBe(1100);
    // Said again, it is looked at no more.
    stocks.put("a", { ...row, devices: [cpu(1, 1)] }, row);
    expect(stocks.has("a", "m")).toBe(true);
  });
});
