/**
 * Goal: readers see whole characters, wherever tokens happen to end.
 * Method: texts cut into tokens at random bytes. Cites T1 to T3 of src/actors/engines/llama/token-text.ts.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CharacterReader, Pieces } from "../../../../../src/actors/engines/llama/token-text.ts";

/** A vocabulary of these byte strings, numbered. */
const readerOf = (tokens: readonly Buffer[]): CharacterReader<number> =>
  new CharacterReader(
    new Pieces((ids) => Buffer.concat(ids.map((id) => tokens[id] ?? Buffer.alloc(0))).toString("utf8")),
  );

const utf8 = fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !text.includes("\uFFFD"));

describe("characters", () => {
  test("T1 the pieces of a text cut into tokens at any byte are whole, and joined they are the text", () => {
    fc.assert(
      fc.property(utf8, fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1 }), (text, lengths) => {
        const bytes = Buffer.from(text);
        const tokens: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = lengths[i % lengths.length] ?? 1;
          tokens.push(bytes.subarray(at, at + length));
          at += length;
        }
        const reader = readerOf(tokens);
        const pieces = tokens.map((_, id) => reader.push(id));
        expect(pieces.join("")).toBe(text);
        expect(pieces.every((piece) => piece.isWellFormed() && !piece.includes("\uFFFD"))).toBe(true);
      }),
    );
  });

  test("T2 bytes that never make a character are not held for ever", () => {
    const reader = readerOf([Buffer.from([0xff])]);
    const pieces = Array.from({ length: 10 }, () => reader.push(0));
    expect(pieces.join("").length).toBe(9);
  });

  test("T2 a character after bytes that are none arrives whole", () => {
    const reader = readerOf([Buffer.from([0xff]), Buffer.from([0xe2]), Buffer.from([0x82]), Buffer.from([0xac])]);
    const text = [0, 0, 0, 0, 1, 2, 3].map((id) => reader.push(id)).join("");
    expect(text.endsWith("€")).toBe(true);
  });

  test("T3 half a character at the end is dropped, what came before it is not", () => {
    const reader = readerOf([Buffer.from([0x41, 0xe2]), Buffer.from([0x82])]);
    expect(reader.push(0) + reader.push(1)).toBe("A");
  });
});
