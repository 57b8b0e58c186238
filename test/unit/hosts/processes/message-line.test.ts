/**
 * Goal: between porter and worker messages arrive whole and in order, whatever their size and however full the channel
 *       (L1 to L3 of message-line.ts).
 * Method: a line into a reader, through a channel that takes frames when chance says so.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { FRAME_BYTES_MAX } from "../../../../src/net/frames.ts";
import { MESSAGE_BYTES_MAX, MessageLine, MessageReader } from "../../../../src/hosts/processes/message-line.ts";
import { pack } from "../../../../src/runtime/journal.ts";

interface Numbered {
  readonly kind: string;
  readonly n: number;
  readonly text: string;
}

describe("a message line", () => {
  test.prop([fc.array(fc.nat(400_000), { maxLength: 12 }), fc.infiniteStream(fc.boolean())], { numRuns: 10 })(
    "L1 L2 delivers every message once, whole and in order, over a channel that is full at any moment",
    (sizes, moods) => {
      const reader = new MessageReader<Numbered>();
      const got: Numbered[] = [];
      const line = new MessageLine((frame) => {
        if (moods.next().value === true) return "full";
        const message = reader.push(Buffer.from(frame));
        if (message !== undefined) got.push(message);
        return "sent";
      });
      const sent = sizes.map((size, n): Numbered => ({ kind: "test", n, text: "ab".repeat(size * 3) }));
      for (const message of sent) line.send(message);
      for (let rounds = 0; got.length < sent.length && rounds < 1000; rounds += 1) line.drain();
      expect(got).toEqual(sent);
    },
  );

  test("L1 says request.too.large of what no worker could hold, before anything of it is sent", () => {
    const line = new MessageLine(() => {
      throw new Error("something was sent");
    });
    const tooLarge = { kind: "test", text: "a".repeat(MESSAGE_BYTES_MAX) };
    expect(() => line.send(tooLarge)).toThrow(expect.objectContaining({ code: "request.too.large" }));
  });

  test("L2 is empty when the channel has taken everything, and not before", async () => {
    let full = true;
    const line = new MessageLine(() => (full ? "full" : "sent"));
    await line.empty();
    line.send({ kind: "test" });
    let isEmpty = false;
    const emptied = line.empty().then(() => (isEmpty = true));
    await Promise.resolve();
    expect(isEmpty).toBe(false);
    full = false;
    line.drain();
    await emptied;
  });

  test.prop([fc.uint8Array({ maxLength: 300 })])(
    "RM9 L3 frame.invalid: any bytes are a message or are refused",
    (bytes) => {
      try {
        const message = new MessageReader().push(Buffer.from(bytes));
        if (message !== undefined) expect(typeof message.kind).toBe("string");
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: "frame.invalid" });
      }
    },
  );

  test("L3 a message that never ends is refused at its bound", () => {
    const reader = new MessageReader();
    const more = Buffer.alloc(FRAME_BYTES_MAX, 1);
    const feed = (): void => {
      for (let bytes = 0; bytes <= MESSAGE_BYTES_MAX + 2 * FRAME_BYTES_MAX; bytes += more.length) reader.push(more);
    };
    expect(feed).toThrow(expect.objectContaining({ code: "frame.invalid" }));
    const whole = pack({ kind: "test" });
    expect(new MessageReader().push(Buffer.from([0, ...whole]))).toEqual({ kind: "test" });
  });
});
