/**
 * Goal: the parts of a link keep their bounds and their order for any messages: LF1 and LF2 of frames, LA1 to LA4 of
 *       lanes, TR1 to TR4 of what is under way, GA1 of gathering.
 * Method: random messages put in at random moments, frames filled and read back, acks lost to chance and late.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  FRAME_BYTES_MAX,
  FrameWriter,
  LANES,
  type LinkLane,
  type Piece,
  PIECES_BYTES_MAX,
  readFrame,
} from "../../../src/net/link/frame.ts";
import { Gather } from "../../../src/net/link/gather.ts";
import { Lanes, type MessageLane, type PipeSource, WAITING_BYTES_MAX } from "../../../src/net/link/lanes.ts";
import { Transit, WINDOW_BYTES } from "../../../src/net/link/transit.ts";
import { errorData } from "../../../src/protocol/errors.ts";
import { anyBytes } from "../fuzz/hostile.ts";
import { within } from "../fuzz/limits.ts";

const SEED = process.env["RBEE_SEED"];

const pieces: fc.Arbitrary<Piece> = fc
  .record({
    lane: fc.constantFrom(...LANES),
    pipe: fc.nat(2 ** 32 - 1),
    more: fc.boolean(),
    end: fc.boolean(),
    bytes: fc.uint8Array({ maxLength: 300 }),
  })
  .map((piece) => (piece.lane === "bulk" ? piece : { ...piece, pipe: 0 }));

/** A message whose every byte says which it is, so that order shows. */
const message = (id: number, length: number): Uint8Array => new Uint8Array(length).fill(id % 251);

interface Sent {
  readonly lane: MessageLane;
  readonly bytes: Uint8Array;
}

const sizes = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 400 }) },
  { weight: 2, arbitrary: fc.integer({ min: 30_000, max: 300_000 }) },
);
const sendings = fc.array(fc.tuple(fc.constantFrom<MessageLane>("control", "data"), sizes), { maxLength: 40 });

/** A pipe that never runs dry, and counts what was taken. */
function endless(id: number): PipeSource & { taken: number } {
  return {
    id,
    taken: 0,
    take(bytesMax) {
      this.taken += bytesMax;
      return { bytes: new Uint8Array(bytesMax), end: false };
    },
  };
}

describe("frames of a link", () => {
  test(`LF1 what was written is read (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 100 }), fc.nat(2 ** 40), fc.nat(2 ** 40), (all, number, acked) => {
        const writer = new FrameWriter();
        const fitting = all.filter(({ lane }) => writer.room(lane, PIECES_BYTES_MAX) > 300);
        for (const piece of fitting) writer.add(piece);
        const frame = readFrame(writer.finish(number, acked));
        expect({ number: frame.number, acked: frame.acked }).toEqual({ number, acked });
        expect(frame.pieces.map((piece) => ({ ...piece, bytes: [...piece.bytes] }))).toEqual(
          fitting.map((piece) => ({ ...piece, bytes: [...piece.bytes] })),
        );
      }),
    );
  });

  test(`LF2 RM9 any bytes are a frame or link.invalid (seed ${SEED})`, () =>
    within({ ms: 20_000, mebibytes: 96 }, () =>
      fc.assert(
        fc.property(fc.oneof(anyBytes, fc.uint8Array({ minLength: 12, maxLength: 80 }).map(Buffer.from)), (bytes) => {
          try {
            const { pieces: read, length } = readFrame(bytes);
            expect(length).toBe(bytes.length - 12);
            const [bulk, others] = [read.filter(({ lane }) => lane === "bulk").length * 7, read.length * 3];
            const heads = others - read.filter(({ lane }) => lane === "bulk").length * 3 + bulk;
            expect(read.reduce((sum, piece) => sum + piece.bytes.length, heads)).toBe(length);
          } catch (thrown) {
            expect(errorData(thrown).code).toBe("link.invalid");
          }
        }),
        { numRuns: 5_000 },
      ),
    ));
});

describe("lanes of a link", () => {
  const full = (): number => Infinity;

  test(`LA1 GA1 each lane's messages come out whole and in order, whatever lies between their pieces (seed ${SEED})`, () => {
    fc.assert(
      fc.property(sendings, fc.array(fc.nat(3), { maxLength: 60 }), (given, pauses) => {
        const [lanes, writer, gather] = [new Lanes(), new FrameWriter(), new Gather(2 ** 20)];
        const sent: Sent[] = given.map(([lane, size], id) => ({ lane, bytes: message(id, size) }));
        const got: Sent[] = [];
        const fillOne = (): void => {
          lanes.fill(writer, full);
          const bytes = writer.finish(1, 0);
          expect(bytes.length).toBeLessThanOrEqual(FRAME_BYTES_MAX);
          for (const piece of readFrame(bytes).pieces) {
            if (piece.lane === "bulk") continue;
            const whole = gather.push(piece.lane, piece);
            if (whole !== undefined) got.push({ lane: piece.lane, bytes: whole });
          }
        };
        lanes.enlist(endless(1));
        for (const [i, { lane, bytes }] of sent.entries()) {
          lanes.put(lane, bytes);
          for (let frames = pauses[i] ?? 0; frames > 0; frames -= 1) fillOne();
        }
        while (lanes.waitingBytes("control") + lanes.waitingBytes("data") > 0) fillOne();
        for (const lane of ["control", "data"] as const) {
          const of = (all: readonly Sent[]) => all.filter((one) => one.lane === lane).map(({ bytes }) => bytes);
          expect(of(got).map(({ length }) => length)).toEqual(of(sent).map(({ length }) => length));
          expect(Buffer.concat(of(got)).equals(Buffer.concat(of(sent)))).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test(`LA2 RM6 control is in the very next frame, whatever waits beside it (seed ${SEED})`, () => {
    fc.assert(
      fc.property(sendings, fc.nat(5), (given, frames) => {
        const [lanes, writer] = [new Lanes(), new FrameWriter()];
        for (const [id, [, size]] of given.entries()) lanes.put("data", message(id, size));
        lanes.enlist(endless(1));
        for (let i = 0; i < frames; i += 1) {
          lanes.fill(writer, full);
          writer.finish(1, 0);
        }
        lanes.put("control", message(7, 40));
        lanes.fill(writer, full);
        const [first] = readFrame(writer.finish(1, 0)).pieces;
        expect([first?.lane, first?.more]).toEqual(["control", false]);
      }),
    );
  });

  test("LA3 bulk gets its quarter of every frame beside endless data, data the rest; pipes take turns", () => {
    const [lanes, writer] = [new Lanes(), new FrameWriter()];
    const [one, two] = [endless(1), endless(3)];
    lanes.enlist(one);
    lanes.enlist(two);
    const bytes = { control: 0, data: 0, bulk: 0 };
    for (let i = 0; i < 40; i += 1) {
      lanes.put("data", message(i, 64_000));
      lanes.fill(writer, full);
      for (const piece of readFrame(writer.finish(1, 0)).pieces) bytes[piece.lane] += piece.bytes.length;
    }
    expect(bytes.bulk / (bytes.bulk + bytes.data)).toBeCloseTo(0.25, 1);
    expect(Math.abs(one.taken - two.taken)).toBeLessThan(PIECES_BYTES_MAX / 4);
  });

  test("LA4 what does not fit is not taken, and nothing that waits is harmed", () => {
    const lanes = new Lanes();
    expect(lanes.put("data", new Uint8Array(WAITING_BYTES_MAX.data))).toBe(true);
    expect(lanes.put("data", new Uint8Array(1))).toBe(false);
    expect(lanes.put("control", new Uint8Array(1))).toBe(true);
    expect(lanes.waitingBytes("data")).toBe(WAITING_BYTES_MAX.data);
  });
});

describe("messages put together again", () => {
  test("GA2 one that does not end is refused at the bound, in either lane", () => {
    for (const lane of ["control", "data"] as const) {
      const gather = new Gather(1000);
      const piece: Piece = { lane, pipe: 0, more: true, end: false, bytes: new Uint8Array(400) };
      expect([gather.push(lane, piece), gather.push(lane, piece)]).toEqual([undefined, undefined]);
      expect(() => gather.push(lane, piece)).toThrow("larger than 1000 bytes");
    }
  });
});

describe("what is under way", () => {
  test(`TR3 it never exceeds the window of the lane that sends, whatever is acknowledged when (seed ${SEED})`, () => {
    const moves = fc.array(fc.tuple(fc.constantFrom<LinkLane>(...LANES), sizes, fc.nat(4)), { maxLength: 200 });
    fc.assert(
      fc.property(moves, (given) => {
        const [near, far] = [new Transit(), new Transit()];
        const onItsWay: { readonly number: number; readonly bytes: number }[] = [];
        for (const [lane, size, arrivals] of given) {
          const bytes = Math.min(size, near.room(lane));
          const { number } = near.next();
          near.sent(number, bytes, 0);
          expect(near.bytes).toBeLessThanOrEqual(WINDOW_BYTES.control);
          if (bytes > 0) expect(near.bytes).toBeLessThanOrEqual(WINDOW_BYTES[lane]);
          onItsWay.push({ number, bytes });
          for (const frame of onItsWay.splice(0, arrivals)) far.received(frame.number, 0, frame.bytes, 0);
          if (arrivals === 4) {
            const back = far.next();
            near.received(back.number, back.acked, 0, 0);
          }
        }
        for (const frame of onItsWay) far.received(frame.number, 0, frame.bytes, 0);
        const last = far.next();
        near.received(last.number, last.acked, 0, 0);
        expect(near.bytes).toBe(0);
      }),
    );
  });

  test("TR1 TR2 a number or an ack that does not fit is refused", () => {
    const transit = new Transit();
    transit.received(1, 0, 10, 0);
    expect(() => transit.received(1, 0, 10, 0)).toThrow("its number is 1 and not 2");
    expect(() => transit.received(3, 0, 10, 0)).toThrow("its number is 3 and not 2");
    expect(() => transit.received(2, 1, 10, 0)).toThrow("only 0 were sent");
  });

  test("TR4 time without progress counts from the last ack of something new, and only while something is under way", () => {
    const transit = new Transit();
    expect(transit.stalledMs(9000)).toBe(0);
    transit.sent(transit.next().number, 10, 1000);
    transit.sent(transit.next().number, 10, 2000);
    expect(transit.stalledMs(4000)).toBe(3000);
    transit.received(1, 1, 0, 4000);
    transit.received(2, 1, 0, 5000);
    expect(transit.stalledMs(6000)).toBe(2000);
    transit.excuse(1500, 6000);
    expect(transit.stalledMs(6000)).toBe(500);
    transit.received(3, 2, 0, 6000);
    expect(transit.stalledMs(60_000)).toBe(0);
  });
});
