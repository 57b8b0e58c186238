/**
 * Goal: a call is recognised in a text by what no text begins with, and nothing of it is told, however it comes.
 *
 * @see src/actors/engines/call-syntax.ts, CX1; stop-reader.ts, ST1
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { beginningOf } from "../../../../src/actors/engines/call-syntax.ts";
import { StopReader } from "../../../../src/actors/engines/stop-reader.ts";

test.each([
  ['<tool_call>\n{"name": "', "<tool_call>"],
  ['[TOOL_CALLS][{"name": "', "[TOOL_CALLS]"],
  ["<function=", "<function="],
  ["\n<|tool_call>call:", "<|tool_call>"],
  ["||call: ", "||call:"],
  ['{"name": "', '{"name": "'],
  ["[a](b)", "[a](b)"],
])("CX1 a call that opens with %j begins at %j", (opening, beginning) => {
  expect(beginningOf(opening)).toBe(beginning);
});

const beginnings = ["<tool_call>", "||call:"];
const pieces = fc.array(fc.stringMatching(/^[<>|a:_tol]{0,3}$/), { maxLength: 6 });

test.prop([pieces, fc.constantFrom(...beginnings), fc.array(fc.nat({ max: 4 }), { maxLength: 20 })])(
  "CX1 what comes before a call is told whole, and of the call nothing, wherever the pieces are cut",
  (before, beginning, cuts) => {
    const text = before.join("");
    fc.pre(beginnings.every((one) => !text.includes(one)));
    const reader = new StopReader(beginnings);
    const all = `${text}${beginning}\n{"name": "act"`;
    let told = "";
    for (let at = 0, i = 0; at < all.length; i++) {
      const length = (cuts[i % Math.max(1, cuts.length)] ?? 0) + 1;
      told += reader.push(all.slice(at, at + length));
      at += length;
    }
    expect(beginnings).toContain(reader.found);
    expect(`${text}${beginning}`.startsWith(told)).toBe(true);
    expect(beginnings.some((one) => told.includes(one))).toBe(false);
    if (reader.found === beginning) expect(told).toBe(all.slice(0, all.indexOf(beginning)));
  },
);
