/**
 * Goal: a stop string ends a text before itself, however the text comes in pieces.
 *
 * @see src/actors/engines/stop-reader.ts, ST1 ST2
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { StopReader } from "../../../../src/actors/engines/stop-reader.ts";

/** Few letters, so that stops and their beginnings are everywhere. */
const word = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength, maxLength });
const stops = fc.array(word(1, 4), { maxLength: 3 });
const pieces = fc.array(word(0, 5), { maxLength: 12 });

function through(cut: StopReader, given: readonly string[]): string {
  return given.map((piece) => cut.push(piece)).join("") + cut.rest();
}

/** Letter by letter: the text before the longest stop that it ends with, as soon as it ends with one. */
function slowly(of: readonly string[], text: string): { readonly text: string; readonly isOver: boolean } {
  for (let end = 1; end <= text.length; end += 1) {
    const whole = of.filter((stop) => text.slice(0, end).endsWith(stop));
    if (whole.length === 0) continue;
    return { text: text.slice(0, end - Math.max(...whole.map(({ length }) => length))), isOver: true };
  }
  return { text, isOver: false };
}

test.prop([stops, pieces])("ST1 what comes out is the text before the stop that is whole first", (of, given) => {
  const cut = new StopReader(of);
  const text = through(cut, given);
  expect({ text, isOver: cut.found !== undefined }).toEqual(slowly(of, given.join("")));
});

test.prop([stops, pieces])("ST2 held back is only what may still become a stop", (of, given) => {
  const cut = new StopReader(of);
  let [came, out] = ["", ""];
  for (const piece of given) {
    came += piece;
    out += cut.push(piece);
    if (cut.found !== undefined) return;
    const held = came.slice(out.length);
    expect(held === "" || of.some((stop) => stop !== held && stop.startsWith(held))).toBe(true);
  }
});
