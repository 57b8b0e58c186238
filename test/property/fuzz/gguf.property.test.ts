/**
 * Goal: a model file of anything is a header, or refused by its code (H1, H2 of gguf/header.ts), before native code
 *       sees it; what a header claims is never believed before the file has paid for it.
 * Method: a small real model file, spoilt; headers of lies; files that are mostly holes.
 */
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseGgufHeader, readGgufHeader } from "../../../src/actors/engines/gguf/header.ts";
import { memoryFloorBytes } from "../../../src/actors/engines/gguf/memory.ts";
import { errorData } from "../../../src/protocol/errors.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { randomModel } from "../../support/tiny-models.ts";
import { anyBytes } from "./hostile.ts";
import { within } from "./limits.ts";

const SEED = process.env["RBEE_SEED"];
const CODES = ["model.foreign", "model.corrupt"];

const u32 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n >>> 0);
  return bytes;
};
const u64 = (n: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, n));
  return bytes;
};
const text = (words: string): Buffer => Buffer.concat([u64(BigInt(Buffer.byteLength(words))), Buffer.from(words)]);

const count = fc.oneof(
  fc.bigInt({ min: 0n, max: 4n }),
  fc.constantFrom(2n ** 20n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
);
const name = fc.constantFrom(
  "general.architecture",
  "general.alignment",
  "llama.block_count",
  "llama.context_length",
  "",
);
const value = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 14 }), anyBytes).map(([type, bytes]) => Buffer.concat([u32(type), bytes])),
  count.map((length) => Buffer.concat([u32(8), u64(length)])),
  fc.tuple(fc.integer({ min: 0, max: 13 }), count).map(([type, n]) => Buffer.concat([u32(9), u32(type), u64(n)])),
  fc.constantFrom("llama", "32", "-1", "").map((words) => Buffer.concat([u32(8), text(words)])),
  fc.double().map((number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(number);
    return Buffer.concat([u32(12), bytes]);
  }),
);
const tensor = fc
  .tuple(fc.integer({ min: 0, max: 6 }), fc.array(count, { maxLength: 6 }), fc.integer({ min: 0, max: 50 }), count)
  .map(([dimensions, sizes, type, offset]) =>
    Buffer.concat([text("t"), u32(dimensions), ...sizes.map(u64), u32(type), u64(offset)]),
  );
const lies = fc
  .tuple(fc.constantFrom(0, 1, 2, 3, 4, 0xffff_ffff), count, count, fc.array(fc.tuple(name, value), { maxLength: 4 }))
  .chain(([version, tensors, entries, pairs]) =>
    fc
      .array(tensor, { maxLength: 3 })
      .map((infos) =>
        Buffer.concat([
          ...[Buffer.from("GGUF"), u32(version), u64(tensors), u64(entries)],
          ...pairs.flatMap(([key, bytes]) => [text(key), bytes]),
          ...infos,
        ]),
      ),
  );

/** What the parser made of it is sound, or it was refused by one of the codes. */
function expectSound(bytes: Buffer, fileBytes: number): void {
  try {
    const header = parseGgufHeader(bytes, fileBytes);
    if (header === undefined) return;
    expect(header.neededBytes).toBeGreaterThanOrEqual(0);
    expect(header.tensors).toBeLessThanOrEqual(fileBytes);
    expect(header.metadata.size).toBeLessThanOrEqual(fileBytes);
    expect(memoryFloorBytes(header, 4_096, 4)).toBeGreaterThanOrEqual(0);
  } catch (thrown) {
    expect(CODES, String(thrown)).toContain(errorData(thrown).code);
  }
}

describe("a model file of anything", () => {
  test(`H1 H2 headers of lies are refused, whatever they claim (seed ${SEED})`, () =>
    within({ ms: 20_000, mebibytes: 96 }, () =>
      fc.assert(
        fc.property(fc.oneof(lies, anyBytes), fc.boolean(), (bytes, whole) =>
          expectSound(bytes, whole ? bytes.length : bytes.length + 1_000_000_000_000),
        ),
        { numRuns: 3_000 },
      ),
    ));

  test(`H1 H2 a real header with some bytes changed is sound or refused (seed ${SEED})`, () => {
    const model = readFileSync(randomModel());
    const change = fc.tuple(fc.nat(20_000), fc.nat(255));
    return within({ ms: 20_000, mebibytes: 128 }, () =>
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
          const bytes = Buffer.from(model.subarray(0, 65_536));
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          expectSound(bytes, model.length);
        }),
        { numRuns: 400 },
      ),
    );
  });

  test(`H1 H2 a file that is cut anywhere, or is mostly holes, is refused within its bound (seed ${SEED})`, async () => {
    const path = join(temporaryFolder(), "model.gguf");
    const model = readFileSync(randomModel());
    const holes = [2 ** 20, 2 ** 30, 2 ** 40];
    await within({ ms: 60_000, mebibytes: 700 }, () =>
      fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.nat(model.length - 1).map((at) => ({ bytes: model.subarray(0, at), size: at })),
            fc.record({ bytes: lies, size: fc.constantFrom(...holes) }),
          ),
          async ({ bytes, size }) => {
            writeFileSync(path, bytes);
            truncateSync(path, Math.max(size, bytes.length));
            try {
              expect((await readGgufHeader(path)).neededBytes).toBeLessThanOrEqual(size);
            } catch (thrown) {
              expect(CODES, String(thrown)).toContain(errorData(thrown).code);
            }
          },
        ),
        { numRuns: 60 },
      ),
    );
  });
});
