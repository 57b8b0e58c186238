/**
 * C1 to C4 of src/net/channel.ts, over real sockets, where writes are cut and peers vanish as they please.
 *
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { afterEach, describe, expect } from "vitest";
import { PENDING_BYTES_MAX, channelOver } from "../../src/net/channel.ts";
import type { Channel } from "../../src/net/channel.ts";
import { FRAME_BYTES_MAX, FRAME_HEADER_BYTES } from "../../src/net/frames.ts";
import type { ErrorData } from "../../src/protocol/errors.ts";
import { waitUntil } from "../support/children.ts";

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

/** Two ends of one connection. */
async function socketPair(): Promise<readonly [Socket, Socket]> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const near = connect(address.port, "127.0.0.1");
  const [far]: Socket[] = await once(server, "connection");
  server.close();
  if (far === undefined) throw new Error("no connection");
  open.push(near, far);
  return [near, far];
}

class Witness {
  readonly frames: Buffer[] = [];
  readonly order: string[] = [];
  cause: ErrorData | undefined;
  drained = 0;
  onFrame(bytes: Buffer): void {
    this.frames.push(bytes);
    this.order.push("frame");
  }
  onClosed(cause?: ErrorData): void {
    this.cause = cause;
    this.order.push("closed");
  }
  onDrain(): void {
    this.drained += 1;
  }
}

async function channelPair() {
  const [near, far] = await socketPair();
  const [sender, receiver] = [new Witness(), new Witness()];
  const ends: readonly [Channel, Channel] = [channelOver(near, sender), channelOver(far, receiver)];
  return { near, far, sender, receiver, ends };
}

const sizes = fc.array(
  fc.oneof(fc.nat(300), fc.nat(80_000), fc.constantFrom(65_531, 65_532, 65_533, FRAME_BYTES_MAX)),
  {
    maxLength: 12,
  },
);

describe("channel", () => {
  test.prop([sizes], { numRuns: 30 })("C1 frames of any size arrive whole and in order", async (lengths) => {
    const { receiver, ends } = await channelPair();
    const sent = lengths.map((length, index) => Buffer.alloc(length, index + 1));
    for (const frame of sent) {
      await waitUntil(() => ends[0].send(frame) === "sent", 5_000);
    }
    await ends[0].end();
    await waitUntil(() => receiver.order.includes("closed"), 5_000);
    expect(receiver.frames.map((frame) => frame.length)).toEqual(lengths);
    expect(receiver.frames.every((frame, index) => frame.equals(sent[index] ?? Buffer.alloc(0)))).toBe(true);
  });

  test("C2 no more is taken than may wait, and the sender is told once when there is room", async () => {
    const { far, sender, receiver, ends } = await channelPair();
    far.pause();
    const frame = Buffer.alloc(FRAME_BYTES_MAX / 2);
    let taken = 0;
    while (ends[0].send(frame) === "sent") taken += 1;
    expect(ends[0].send(frame)).toBe("full");
    expect(sender.drained).toBe(0);
    far.resume();
    await waitUntil(() => sender.drained === 1, 5_000);
    expect(ends[0].send(frame)).toBe("sent");
    await waitUntil(() => receiver.frames.length === taken + 1, 5_000);
    expect(sender.drained).toBe(1);
  });

  test("C2 a frame above the bound is a bug of its sender", async () => {
    const { ends } = await channelPair();
    const tooLarge = Buffer.alloc(FRAME_BYTES_MAX + 1);
    expect(() => ends[0].send(tooLarge)).toThrow(expect.objectContaining({ code: "frame.invalid" }));
    expect(PENDING_BYTES_MAX).toBeGreaterThan(FRAME_BYTES_MAX);
  });

  test("C4 what may not wait leaves at once, and takes along what waits before it", async () => {
    const { near, receiver, ends } = await channelPair();
    ends[0].send(Buffer.from("first"));
    await new Promise(process.nextTick);
    const written = near.bytesWritten;
    expect(written).toBe(FRAME_HEADER_BYTES + "first".length);
    ends[0].send(Buffer.from("may wait"), true);
    ends[0].send(Buffer.from("may not"));
    await new Promise(setImmediate);
    expect(near.bytesWritten).toBe(written + 2 * FRAME_HEADER_BYTES + "may waitmay not".length);
    await waitUntil(() => receiver.frames.length === 3, 5_000);
    expect(receiver.frames.map(String)).toEqual(["first", "may wait", "may not"]);
  });

  test("C4 what may wait leaves in a moment, though nothing follows", async () => {
    const { receiver, ends } = await channelPair();
    for (const word of ["first", "second", "third"]) {
      ends[0].send(Buffer.from(word), true);
      await new Promise(setImmediate);
    }
    await waitUntil(() => receiver.frames.length === 3, 5_000);
  });

  test("C3 a peer that is gone closes the channel once, without a cause, and nothing more is taken", async () => {
    const { near, receiver, ends } = await channelPair();
    ends[0].send(Buffer.from("last"));
    await waitUntil(() => receiver.order.length === 1, 5_000);
    near.resetAndDestroy();
    await waitUntil(() => receiver.order.includes("closed"), 5_000);
    expect(receiver).toMatchObject({ order: ["frame", "closed"], cause: undefined });
    expect(ends[1].send(Buffer.from("anyone?"))).toBe("gone");
    ends[1].destroy();
    await ends[1].end();
    expect(receiver.order).toEqual(["frame", "closed"]);
  });

  test("C3 a peer that sends what is no frame closes the channel with frame.invalid", async () => {
    const { near, receiver } = await channelPair();
    near.write("GET / HTTP/1.1\r\n\r\n");
    await waitUntil(() => receiver.order.includes("closed"), 5_000);
    expect(receiver).toMatchObject({ order: ["closed"], cause: { code: "frame.invalid" } });
  });
});
