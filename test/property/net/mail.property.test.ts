/**
 * Goal: ME1, ME5, RU1: whatever frames two hosts exchange come out of a link's messages as they went in, in order, with
 *       either version; and one that is too old for runs is sent none (RC6).
 * Method: random turns of frames, in which one cell often says many things in a row, packed and read back.
 */
import * as fc from "fast-check";
import { unpack } from "msgpackr";
import { describe, expect, test } from "vitest";
import type { Address } from "../../../machines/words.ts";
import { VERSIONS } from "../../../src/net/link/hello.ts";
import { MESSAGE_BYTES_MAX, packMail, readMessage } from "../../../src/net/link/messages.ts";
import type { Frame } from "../../../src/runtime/envelope.ts";

const SEED = process.env["RBEE_SEED"];

const cell = (host: string): fc.Arbitrary<Address> => fc.nat(2).map((id): Address => `${host}/cell/${id}`);
/** As they really are: born at a microsecond. */
const number = fc.oneof(fc.nat(40), fc.integer({ min: 1.7e15, max: 1.7e15 + 40 }));
const event = fc.record({ type: fc.constantFrom("said", "done"), text: fc.string({ maxLength: 20 }) });

const mail = fc
  .record(
    {
      to: cell("there"),
      from: cell("here"),
      lane: fc.constantFrom("control", "data"),
      n: number,
      label: fc.constantFrom("private", "public"),
      event,
      re: fc.record({ id: fc.constant("i"), from: cell("here") }),
    },
    { requiredKeys: ["to", "from", "lane", "n", "label", "event"] },
  )
  .map((envelope): Frame[] => [{ kind: "mail", envelope }]);

/** What one cell says in a row: numbers rise, now and then one comes again. */
const row = fc
  .record({ from: cell("here"), said: fc.array(fc.tuple(cell("there"), fc.integer({ min: -1, max: 3 }), event)) })
  .map(({ from, said }): Frame[] => {
    let n = 1.7e15;
    return said.map(([to, step, told]) => {
      n += step;
      return { kind: "mail", envelope: { to, from, lane: "data", n, label: "private", event: told } };
    });
  });

const other = fc.constantFrom<Frame>(
  { kind: "ack", ns: [1, 2, 3] },
  { kind: "gate", to: "there/cell/1", n: 4, open: false },
  { kind: "drop", to: "there/cell/1", id: "k" },
);

const turns = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: row },
      mail,
      other.map((frame) => [frame]),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.flat());

const mailOf = (frames: readonly Frame[]) =>
  ({ kind: "mail", from: "here", fromLife: 1, to: "there", toLife: 2, frames }) as const;

/** @returns the frames that are read of what was packed, and of what kinds it was packed. */
function carried(frames: readonly Frame[], version: number): { readonly came: Frame[]; readonly kinds: Set<string> } {
  const packed = packMail(mailOf(frames), { bytesMax: MESSAGE_BYTES_MAX, version });
  const came = packed.flatMap((bytes) => {
    const message = readMessage(bytes);
    return message.kind === "mail" ? message.frames : [];
  });
  const kinds = packed.flatMap((bytes) => (unpack(bytes) as { frames: Frame[] }).frames.map(({ kind }) => kind));
  return { came, kinds: new Set(kinds) };
}

describe("mail between two hosts", () => {
  test(`ME1 RU1 RC6 what is read is what was sent, with either version (seed ${SEED})`, () => {
    fc.assert(
      fc.property(turns, fc.integer(VERSIONS), (frames, version) => {
        expect(carried(frames, version).came).toEqual(frames);
      }),
      { numRuns: 1000 },
    );
  });

  test("ME5 RC6 what one cell says in a row is a run, and none for who is too old to read it", () => {
    const said = Array.from({ length: 8 }, (_, n): Frame => ({
      kind: "mail",
      envelope: { to: `there/cell/${n}`, from: "here/cell/1", lane: "data", n, label: "private", event: { type: "e" } },
    }));
    expect(carried(said, VERSIONS.max).kinds).toEqual(new Set(["run"]));
    expect(carried(said, 1).kinds).toEqual(new Set(["mail"]));
    const bytes = (version: number) => packMail(mailOf(said), { bytesMax: MESSAGE_BYTES_MAX, version })[0]?.length ?? 0;
    expect(bytes(VERSIONS.max)).toBeLessThan(bytes(1) * 0.7);
  });
});
