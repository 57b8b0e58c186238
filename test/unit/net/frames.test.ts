/**
 * F1 to F3 of src/net/frames.ts, with random frames, random cuts and random bytes.
 *
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { afterEach, describe, expect, vi } from "vitest";
import { FRAME_BYTES_MAX, FrameDecoder, assertFrameLength } from "../../../src/net/frames.ts";

/** The plainest encoder there is, to hold the decoder against. */
function encode(frames: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    frames.flatMap((frame) => {
      const header = Buffer.alloc(4);
      header.writeUInt32BE(frame.length);
      return [header, frame];
    }),
  );
}

/** Cuts the bytes at the given places, taken round the length. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])];
  cuts.sort((a, b) => a - b);
  return cuts.map((start, index) => bytes.subarray(start, cuts[index + 1] ?? bytes.length));
}

const frames = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 });
const places = fc.array(fc.nat(), { maxLength: 30 });

afterEach(() => vi.restoreAllMocks());

describe("frames", () => {
  test.prop([frames, places])("F1 however a stream is cut, the same frames come out in order", (sent, cuts) => {
    const got: Buffer[] = [];
    const decoder = new FrameDecoder((bytes) => got.push(bytes));
    for (const chunk of cut(encode(sent), cuts)) decoder.push(chunk);
    expect(got.map((frame) => [...frame])).toEqual(sent.map((frame) => [...frame]));
  });

  test.prop([fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 50 })])(
    "F2 F3 no garbage crashes the decoder or makes it allocate beyond one frame at a time",
    (chunks) => {
      const allocated = vi.spyOn(Buffer, "allocUnsafe");
      const decoder = new FrameDecoder(() => {});
      try {
        for (const chunk of chunks) decoder.push(Buffer.from(chunk));
      } catch (error) {
        expect(error).toMatchObject({ code: "frame.invalid" });
      }
      const sizes = allocated.mock.calls.map(([size]) => size);
      allocated.mockRestore();
      for (const size of sizes) expect(size).toBeLessThanOrEqual(FRAME_BYTES_MAX);
      const bytesPushed = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      expect(sizes.length).toBeLessThanOrEqual(1 + bytesPushed / 4);
    },
  );

  test.prop([fc.integer({ min: FRAME_BYTES_MAX + 1, max: 2 ** 32 - 1 }), frames])(
    "F2 after a length that no frame has, nothing is read any more",
    (length, later) => {
      const got: Buffer[] = [];
      const decoder = new FrameDecoder((bytes) => got.push(bytes));
      const header = Buffer.alloc(4);
      header.writeUInt32BE(length);
      const refusal = expect.objectContaining({ code: "frame.invalid" });
      expect(() => decoder.push(Buffer.concat([encode([Buffer.from("before")]), header]))).toThrow(refusal);
      expect(() => decoder.push(encode(later))).toThrow(refusal);
      expect(got.map(String)).toEqual(["before"]);
    },
  );

  test("F1 the largest frame passes, and one byte more is refused before it is sent", () => {
    const got: Buffer[] = [];
    const decoder = new FrameDecoder((bytes) => got.push(bytes));
    decoder.push(encode([Buffer.alloc(FRAME_BYTES_MAX, 7)]));
    expect(got[0]?.equals(Buffer.alloc(FRAME_BYTES_MAX, 7))).toBe(true);
    expect(() => assertFrameLength(FRAME_BYTES_MAX)).not.toThrow();
    expect(() => assertFrameLength(FRAME_BYTES_MAX + 1)).toThrow(expect.objectContaining({ code: "frame.invalid" }));
  });
});
