/**
 * Goal: readers see whole characters and nothing of a stop text, wherever tokens happen to end.
 * Method: texts cut into tokens at random bytes. Cites T1 to T3 of src/actors/engines/token-text.ts.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CharacterReader, Pieces, StopReader } from "../../../../src/actors/engines/token-text.ts";

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

describe("stop texts", () => {
  const through = (stops: readonly string[], pieces: readonly string[]): { text: string; stopped: boolean } => {
    const reader = new StopReader(stops);
    let text = "";
    for (const piece of pieces) {
      if (!reader.stopped) text += reader.push(piece);
    }
    return { text: reader.stopped ? text : text + reader.end(), stopped: reader.stopped };
  };

  test("a text ends before the first stop text, however it is cut into pieces", () => {
    const piece = fc.stringMatching(/^[<|>ab]{0,4}$/);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const whole = pieces.join("");
        const ends = ["<|b|>", "aab"].map((stop) => whole.indexOf(stop)).filter((at) => at >= 0);
        // A later stop text that is complete earlier may end the text, but never behind the first that is there.
        const { text, stopped } = through(["<|b|>", "aab"], pieces);
        expect(stopped).toBe(ends.length > 0);
        expect(text).toBe(ends.length === 0 ? whole : whole.slice(0, Math.min(...ends)));
      }),
      { numRuns: 500 },
    );
  });

  test("what only began like a stop text is given out when it turns out to be something else", () => {
    const reader = new StopReader(["<|end|>"]);
    expect([reader.push("a <|e"), reader.push("nd of"), reader.end()]).toEqual(["a ", "<|end of", ""]);
  });
});
