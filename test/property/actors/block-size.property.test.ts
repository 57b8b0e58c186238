/**
 * Goal: a call can be aborted soon whatever the model, and no prompt gets much slower for it.
 * Method: machines whose blocks cost what was drawn: a price for each token while they are few, and another for many.
 *
 * @see src/actors/engines/llama/block-size.ts, BS1 to BS3
 * @module
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_MS, BLOCK_TOKENS_MAX, blockTokens, FEW, WHOLE } from "../../../src/actors/engines/llama/block-size.ts";

interface Machine {
  readonly fewMs: number;
  readonly manyMs: number;
}

/** Prices for a token, in ms: from a large machine to one that is slower than any block could mend. */
const machine: fc.Arbitrary<Machine> = fc
  .tuple(fc.double({ min: -4, max: 3, noNaN: true }), fc.double({ min: 1, max: 8, noNaN: true }))
  .map(([exponent, gain]) => ({ fewMs: 10 ** exponent, manyMs: 10 ** exponent / gain }));

const costOf = ({ fewMs, manyMs }: Machine, tokens: number): number => tokens * (tokens < WHOLE ? fewMs : manyMs);

async function chosen(drawn: Machine): Promise<{ readonly block: number; readonly tried: readonly number[] }> {
  const tried: number[] = [];
  const block = await blockTokens((tokens) => {
    tried.push(tokens);
    return Promise.resolve(costOf(drawn, tokens));
  });
  return { block, tried };
}

test("BS1 a block is a power of two within its bounds, and ends in time where any block of its price does", async () => {
  await fc.assert(
    fc.asyncProperty(machine, async (drawn) => {
      const { block } = await chosen(drawn);
      expect([8, 16, 32, 64, 128]).toContain(block);
      const isDear = drawn.fewMs > drawn.manyMs * 1.25;
      const smallest = isDear ? WHOLE : FEW;
      if (costOf(drawn, smallest) <= BLOCK_MS) expect(costOf(drawn, block)).toBeLessThanOrEqual(BLOCK_MS);
      else expect(block).toBe(smallest);
    }),
  );
});

test("BS1 twice as large a block would take too long, or be larger than any", async () => {
  await fc.assert(
    fc.asyncProperty(machine, async (drawn) => {
      const { block } = await chosen(drawn);
      const price = drawn[block >= WHOLE ? "manyMs" : "fewMs"];
      // A fast model's block is reckoned by the price of a few.
      const certain = Math.max(price, block >= WHOLE && costOf(drawn, WHOLE) <= BLOCK_MS ? drawn.fewMs : 0);
      expect(block === BLOCK_TOKENS_MAX || 2 * block * certain > BLOCK_MS).toBe(true);
    }),
  );
});

test("BS2 no prompt gets more than a quarter slower than in the largest blocks", async () => {
  await fc.assert(
    fc.asyncProperty(machine, async (drawn) => {
      const { block } = await chosen(drawn);
      const price = costOf(drawn, block) / block;
      expect(price).toBeLessThanOrEqual((costOf(drawn, BLOCK_TOKENS_MAX) / BLOCK_TOKENS_MAX) * 1.25 * (1 + 1e-9));
    }),
  );
});

test("BS3 a fast model costs one trial of a few tokens, and none costs more than one of many beside it", async () => {
  expect((await chosen({ fewMs: 0.1, manyMs: 0.1 })).tried).toEqual([FEW]);
  await fc.assert(
    fc.asyncProperty(machine, async (drawn) => {
      expect([[FEW], [FEW, WHOLE]]).toContainEqual((await chosen(drawn)).tried);
    }),
  );
});

test("BS1 BS2 what was measured: one block of a hive's small machine, of a slow one, and of one that is dear in few", async () => {
  expect((await chosen({ fewMs: 0.2, manyMs: 0.05 })).block).toBe(128);
  expect((await chosen({ fewMs: 12, manyMs: 12 })).block).toBe(8);
  expect((await chosen({ fewMs: 4, manyMs: 4 })).block).toBe(32);
  expect((await chosen({ fewMs: 11, manyMs: 3 })).block).toBe(64);
});
