/**
 * Goal: RM9 for what comes over a channel: any bytes are frames, messages, or the end of the channel with its reason;
 *       nothing else is thrown, and no length is believed before it is paid for.
 * Method: bytes of all kinds, in pieces, through the decoder, the reader of messages, and a channel over a real socket.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { MessageReader } from "../../../src/hosts/processes/message-line.ts";
import { channelOver } from "../../../src/net/channel.ts";
import { FRAME_BYTES_MAX, FrameDecoder } from "../../../src/net/frames.ts";
import { type ErrorData, errorData } from "../../../src/protocol/errors.ts";
import { anyBytes, inPieces, msgpackBytes } from "./hostile.ts";
import { within } from "./limits.ts";

const SEED = process.env["RBEE_SEED"];
const cuts = fc.array(fc.nat(4096), { maxLength: 6 });

/** As a sender that keeps to the form would. */
function framed(body: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
}

const streams = fc.oneof(anyBytes, fc.array(fc.oneof(anyBytes, anyBytes.map(framed)), { maxLength: 8 }).map(concat));

function concat(parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts]);
}

describe("bytes of a channel", () => {
  test(`RM9 any bytes are whole frames, the beginning of one, or frame.invalid (seed ${SEED})`, () =>
    within({ ms: 20_000, mebibytes: 96 }, () =>
      fc.assert(
        fc.property(streams, cuts, (bytes, places) => {
          const frames: Buffer[] = [];
          const decoder = new FrameDecoder((frame) => frames.push(Buffer.from(frame)));
          let refused: ErrorData | undefined;
          try {
            for (const piece of inPieces(bytes, places)) decoder.push(piece);
          } catch (thrown) {
            refused = errorData(thrown);
          }
          if (refused !== undefined) expect(refused.code).toBe("frame.invalid");
          const read = concat(frames.map(framed));
          expect(bytes.subarray(0, read.length).equals(read)).toBe(true);
          const next = bytes.subarray(read.length);
          const isTooLong = next.length >= 4 && next.readUInt32BE(0) > FRAME_BYTES_MAX;
          expect(refused !== undefined).toBe(isTooLong);
        }),
        { numRuns: 2_000 },
      ),
    ));

  test(`RM9 a frame that is no message is frame.invalid, whatever it claims to hold (seed ${SEED})`, () =>
    within({ ms: 20_000, mebibytes: 96 }, () =>
      fc.assert(
        fc.property(fc.constantFrom(0, 1, 2, 255), msgpackBytes, (first, bytes) => {
          const reader = new MessageReader();
          try {
            const message = reader.push(Buffer.concat([Buffer.from([first]), bytes]));
            if (message !== undefined) expect(message.kind).toBeTypeOf("string");
          } catch (thrown) {
            expect(errorData(thrown).code).toBe("frame.invalid");
          }
        }),
        { numRuns: 1_000 },
      ),
    ));

  test(`RM9 a message that never ends is refused before it has taken what a message may (seed ${SEED})`, () =>
    within({ ms: 20_000, mebibytes: 200 }, () => {
      const reader = new MessageReader();
      const piece = Buffer.alloc(FRAME_BYTES_MAX, 1);
      expect(() => {
        for (let sent = 0; sent < 1_000; sent += 1) reader.push(piece);
      }).toThrow(expect.objectContaining({ code: "frame.invalid" }));
    }));

  test(`RM9 C3 a peer that sends anything and leaves is one end of the channel, told once (seed ${SEED})`, () =>
    within({ ms: 30_000, mebibytes: 96 }, () =>
      fc.assert(
        fc.asyncProperty(streams, fc.boolean(), async (bytes, rudely) => {
          const ends: (ErrorData | undefined)[] = [];
          const { near, far } = await pair();
          const closed = once(near, "close");
          channelOver(near, { onFrame: () => {}, onClosed: (cause) => ends.push(cause) });
          far.on("error", () => {});
          if (rudely) far.write(bytes, () => far.destroy());
          else far.end(bytes);
          near.end();
          await closed;
          expect(ends).toHaveLength(1);
          for (const cause of ends) expect(cause?.code ?? "frame.invalid").toBe("frame.invalid");
        }),
        { numRuns: 150 },
      ),
    ));
});

async function pair(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const far = connect({ host: "127.0.0.1", port: typeof address === "object" ? (address?.port ?? 0) : 0 });
  const [near] = (await once(server, "connection")) as [Socket];
  server.close();
  onTestFinished(() => {
    near.destroy();
    far.destroy();
  });
  return { near, far };
}
