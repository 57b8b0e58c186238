/**
 * Goal and method: as explore.test.ts, for every configuration there is, up to eight million states each.
 *
 * @module
 */
import { expect, test } from "vitest";
import { configurations } from "../../tools/explore/configurations.ts";
import { run } from "../../tools/explore/main.ts";

const LONG_MS = 900_000;

test.each(configurations)(
  "every interleaving of $name keeps every rule and comes to rest, and none is left out",
  { timeout: LONG_MS },
  (each) => {
    const found = run(each);
    const { states, transitions, depth, seconds, isWhole } = found;
    console.log(each.name, { states, transitions, depth, seconds, isWhole });
    expect(found.broken).toBeUndefined();
    expect(isWhole).toBe(true);
  },
);
