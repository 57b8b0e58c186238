/**
 * Bytes and values that no friend would send.
 *
 * @module
 */
import * as fc from "fast-check";
import { pack } from "../../../src/runtime/journal.ts";

/** Large enough to hurt when it is believed. */
const CLAIMS = [0, 1, 0xff, 0xffff, 0x0010_0001, 0x01ff_ffff, 0x7fff_ffff, 0xffff_ffff];

const claim = fc.constantFrom(...CLAIMS).map((length) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
});

/** Of msgpack: texts, bytes, lists, maps and extensions that claim a length, and nothing behind. */
const claimOfMsgpack = fc
  .tuple(fc.constantFrom(0xc6, 0xc9, 0xdb, 0xdd, 0xdf), claim)
  .map(([type, length]) => Buffer.concat([Buffer.from([type]), length]));

/** Lists that each hold the next and claim to hold many more. */
const nestedClaims = fc
  .tuple(fc.integer({ min: 1, max: 64 }), fc.constantFrom(0x1_0000, 0x10_0000, 0x01ff_ffff))
  .map(([depth, length]) => {
    const one = Buffer.from([0xdd, 0, 0, 0, 0]);
    one.writeUInt32BE(length, 1);
    return Buffer.concat(Array.from({ length: depth }, () => one));
  });

const nestedLists = fc
  .integer({ min: 1, max: 200_000 })
  .map((depth) => Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.from([0xc0])]));

export const anyBytes = fc.uint8Array({ maxLength: 256 }).map((bytes) => Buffer.from(bytes));

/** A value like those that programs send, or a little off. */
export const anyValue: fc.Arbitrary<unknown> = fc.anything({
  maxDepth: 3,
  maxKeys: 6,
  withNullPrototype: false,
  withBigInt: false,
});

/** Msgpack, whole, spoilt in one place, or a lie from the start. */
export const msgpackBytes: fc.Arbitrary<Buffer> = fc.oneof(
  anyBytes,
  anyValue.map((value) => Buffer.from(pack(value))),
  fc.tuple(anyValue, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
    const bytes = Buffer.from(pack(value));
    bytes[at % bytes.length] = byte;
    return bytes;
  }),
  claimOfMsgpack,
  nestedClaims,
  nestedLists,
);

/** The same bytes in pieces, as a stream may bring them. */
export const inPieces = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
};
