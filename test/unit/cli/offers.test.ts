/**
 * Goal: WO1-WO2 of wizard/offers.ts: what a machine is offered suits it.
 * Method: a property over machines of every size, and the machines that people have.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { offersFor } from "../../../src/cli/wizard/offers.ts";
import { hubName } from "../../../src/protocol/model-name.ts";

const GB = 1e9;
const firstFor = (memory: number, disk: number, hasGpu: boolean): string | undefined =>
  offersFor({ memoryBytes: memory * GB, diskBytes: disk * GB, hasGpu })[0]?.title;

/** Around the sizes of models, where it matters. */
const bytes = fc.integer({ min: 0, max: 250 }).map((tenths) => (tenths / 10) * GB);

test("WO1 whatever the machine, what is offered fits its memory and its disk, each once, and has name and licence", () => {
  fc.assert(
    fc.property(bytes, bytes, fc.boolean(), (memoryBytes, diskBytes, hasGpu) => {
      const offers = offersFor({ memoryBytes, diskBytes, hasGpu });
      expect(new Set(offers.map(({ model }) => model)).size).toBe(offers.length);
      for (const offer of offers) {
        expect(offer.bytes * 1.1 + 0.3 * GB).toBeLessThan(memoryBytes);
        expect(offer.bytes).toBeLessThan(diskBytes);
        expect(hubName(offer.model)?.quant).toBeDefined();
        expect(offer.licence).not.toBe("");
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  [0.3, 100, false, undefined],
  [1.5, 100, false, "Qwen2.5 0.5B"],
  [7, 100, false, "Qwen3 4B"],
  [7, 3, false, "Qwen2.5 0.5B"],
  [15, 100, false, "Qwen3 4B"],
  [30, 100, false, "Qwen3 4B"],
  [60, 100, false, "Qwen3 30B, 3B active"],
  [7, 100, true, "Qwen3 8B"],
  [15, 100, true, "Qwen3 14B"],
  [30, 100, true, "Qwen3 30B, 3B active"],
] as const)("WO2 with %d GB free, %d GB of disk, and a card: %s, first comes %s", (memory, disk, hasGpu, title) => {
  expect(firstFor(memory, disk, hasGpu)).toBe(title);
});

test("WO2 every other that fits follows, the largest first", () => {
  const titles = offersFor({ memoryBytes: 15 * GB, diskBytes: 100 * GB, hasGpu: false }).map(({ title }) => title);
  expect(titles).toEqual(["Qwen3 4B", "Qwen3 14B", "Qwen3 8B", "Qwen2.5 1.5B", "Qwen2.5 0.5B"]);
});
