/**
 * Goal: RM9 and RC5 for what comes over a link: any words and any bytes, before and after the handshake, end it with a
 *       reason or do nothing; nothing is thrown, nothing is believed before it is paid for, and no stranger is heard.
 * Method: hostile words, hostile bytes, hostile messages in frames that are right, at a link on virtual time.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameWriter, LANES, PIECES_BYTES_MAX } from "../../../src/net/link/frame.ts";
import { readMessage } from "../../../src/net/link/messages.ts";
import { hear, say } from "../../../src/net/link/words.ts";
import { errorData, isErrorCode } from "../../../src/protocol/errors.ts";
import { helloFrom } from "../../support/link-net.ts";
import { linkedHosts, linkStage } from "../../support/link-stage.ts";
import { anyBytes, anyValue, msgpackBytes } from "./hostile.ts";
import { within } from "./limits.ts";
import { pack } from "../../../src/runtime/journal.ts";

const SEED = process.env["RBEE_SEED"];

const hello = helloFrom("a");
const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  anyValue.map((value) => JSON.stringify(value) ?? ""),
  fc.constantFrom(say(hello), '{"word":"welcome"}', '{"word":"refused","error":{"code":"x","message":""}}'),
  fc
    .tuple(fc.constantFrom(...Object.keys(hello)), anyValue)
    .map(([key, value]) => JSON.stringify({ ...hello, [key]: value })),
  fc.constantFrom("[".repeat(4000), " ".repeat(100_000), '{"__proto__":{"word":"welcome"}}'),
);

const name = fc.oneof(fc.constantFrom("here", "there", "here/cell/1", "there/cell/1"), anyValue);
const count = fc.oneof(fc.nat(3), anyValue);
/** Nearly what a link says. */
const nearMessages = fc
  .oneof(
    fc.record(
      {
        kind: fc.constantFrom("ping", "up", "down", "open", "credit", "cut"),
        host: name,
        life: count,
        pipe: count,
        bytes: count,
        name,
        reason: name,
      },
      { requiredKeys: ["kind"] },
    ),
    fc.record({
      kind: fc.constant("mail"),
      from: name,
      fromLife: count,
      to: name,
      toLife: count,
      frames: fc.array(
        fc.oneof(
          anyValue,
          fc.record({
            kind: fc.constantFrom("ack", "gate", "answer", "drop"),
            to: name,
            n: count,
            ns: fc.array(count),
            id: name,
            open: fc.boolean(),
            result: anyValue,
          }),
          fc.record({
            kind: fc.constant("run"),
            from: name,
            lane: fc.constantFrom("data", "x"),
            label: fc.constantFrom("private", "x"),
            first: count,
            to: fc.oneof(anyValue, fc.array(name, { maxLength: 3 })),
            at: fc.oneof(anyValue, fc.array(count, { maxLength: 3 })),
            n: fc.oneof(anyValue, fc.array(count, { maxLength: 3 })),
            event: fc.oneof(anyValue, fc.array(fc.constant({ type: "e" }), { maxLength: 3 })),
          }),
          fc.record({
            kind: fc.constant("mail"),
            envelope: fc.record({
              to: name,
              from: name,
              lane: fc.constantFrom("data", "x"),
              n: count,
              label: fc.constantFrom("private", "x"),
              event: fc.oneof(anyValue, fc.constant({ type: "e" })),
              re: anyValue,
            }),
          }),
        ),
        { maxLength: 8 },
      ),
    }),
  )
  .map((value) => Buffer.from(pack(value)));

const hostilePieces = fc.array(
  fc.record({
    lane: fc.constantFrom(...LANES),
    pipe: fc.nat(3),
    more: fc.boolean(),
    end: fc.boolean(),
    bytes: fc.oneof(
      msgpackBytes.filter(({ length }) => length < 2000),
      nearMessages,
    ),
  }),
  { maxLength: 4 },
);

describe("what comes over a link", () => {
  test(`RM9 any text is a word or nothing (seed ${SEED})`, () =>
    within({ ms: 20_000, mebibytes: 96 }, () =>
      fc.assert(
        fc.property(words, (text) => void hear(text)),
        { numRuns: 2000 },
      ),
    ));

  test(`RM9 any bytes are a message or link.invalid (seed ${SEED})`, () =>
    within({ ms: 20_000, mebibytes: 128 }, () =>
      fc.assert(
        fc.property(fc.oneof(msgpackBytes, nearMessages), (bytes) => {
          try {
            const message = readMessage(bytes);
            for (const frame of message.kind === "mail" ? message.frames : []) {
              if (frame.kind !== "mail") continue;
              const { to, from, n, event } = frame.envelope;
              expect([to, from].every((each) => /^[^/]+\/[^/]+\/./.test(each))).toBe(true);
              expect([typeof n, typeof event.type]).toEqual(["number", "string"]);
            }
          } catch (thrown) {
            expect(errorData(thrown).code).toBe("link.invalid");
          }
        }),
        { numRuns: 3000 },
      ),
    ));

  test(`RC5 whatever a stranger says, it is heard by nobody before it was welcomed (seed ${SEED})`, () =>
    within({ ms: 30_000, mebibytes: 128 }, () =>
      fc.assert(
        fc.property(fc.array(fc.oneof(words, anyBytes), { maxLength: 6 }), (said) => {
          const { net, a, b } = linkStage({ b: { expected: { node: "nobody" } } });
          a.socket.isCut = true;
          for (const each of said) b.socket.hear(each);
          net.run(6000);
          expect([b.up, b.heard, b.hosts.size, b.closed.length]).toEqual([undefined, [], 0, 1]);
          expect(b.closed.every(({ code }) => isErrorCode(code))).toBe(true);
        }),
        { numRuns: 400 },
      ),
    ));

  test(`RM9 whatever a machine sends that was welcomed, the link goes on or ends with its reason (seed ${SEED})`, () =>
    within({ ms: 30_000, mebibytes: 128 }, () =>
      fc.assert(
        fc.property(fc.array(fc.oneof(hostilePieces, anyBytes), { maxLength: 6 }), (said) => {
          const { net, a, b } = linkedHosts();
          b.onPipe = () => ({ onBytes() {}, onEnd() {}, onCut() {} });
          const writer = new FrameWriter();
          let { framesSent } = a.socket;
          for (const each of said) {
            if (!Array.isArray(each)) {
              b.socket.hear(each);
              continue;
            }
            for (const piece of each)
              if (writer.room(piece.lane, PIECES_BYTES_MAX) > piece.bytes.length) writer.add(piece);
            framesSent += 1;
            b.socket.hear(writer.finish(framesSent, 0));
          }
          net.run(100);
          const codes = b.closed.map(({ code }) => code);
          expect(codes.length === 0 || codes.join() === "link.invalid").toBe(true);
          for (const { frame } of b.heard) expect(frame.kind).toBeTypeOf("string");
        }),
        { numRuns: 400 },
      ),
    ));
});
