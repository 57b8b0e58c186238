/**
 * Goal: no file, however damaged, gets past the header check as whole, hangs it, or makes it throw what is not ours.
 * Method: a real header with bytes flipped and cut at random places. Cites H1 and H2 of
 * src/actors/engines/gguf/header.ts.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseGgufHeader, readGgufHeader } from "../../../../../src/actors/engines/gguf/header.ts";
import { RbeeError } from "../../../../../src/protocol/errors.ts";
import { modelFolder, randomModel } from "../../../../support/tiny-models.ts";

const whole = readFileSync(randomModel());
const headerBytes = 20_000;

describe("GGUF header", () => {
  test.each(["tiny", "150m"] as const)("says of the %s model what it is and how long it must be", async (size) => {
    const path = randomModel({ size });
    const header = await readGgufHeader(path);
    expect(header.metadata.get("general.architecture")).toBe("llama");
    expect(header.metadata.get("llama.context_length")).toBe(4_096);
    expect(header.neededBytes).toBe(statSync(path).size);
  });

  test("H1 a header cut anywhere is damaged, never whole and never believed", async () => {
    const path = join(modelFolder(), "cut-header.gguf");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: whole.length - 1 }), async (length) => {
        writeFileSync(path, whole.subarray(0, length));
        await expect(readGgufHeader(path)).rejects.toMatchObject({ code: "model.corrupt" });
      }),
      { numRuns: 60 },
    );
  });

  test("H1 a header with any bytes changed is read, refused or unfinished, quickly", () => {
    const change = fc.record({ at: fc.nat(headerBytes - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(whole.subarray(0, headerBytes));
        for (const { at, to } of changes) bytes[at] = to;
        const startedAt = performance.now();
        try {
          parseGgufHeader(bytes, whole.length);
        } catch (error) {
          expect(error).toBeInstanceOf(RbeeError);
        }
        expect(performance.now() - startedAt).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
  });

  test("H1 a count that the file is too small for is not believed", () => {
    const bytes = Buffer.from(whole.subarray(0, headerBytes));
    bytes.writeBigUInt64LE(2n ** 62n, 8);
    expect(() => parseGgufHeader(bytes, whole.length)).toThrow("more than its");
  });

  test.each([
    ["an empty file", ""],
    ["a text", "This is no model at all."],
    ["another format", "PK\u0003\u0004"],
  ])("H2 %s is foreign", async (_what, content) => {
    const path = join(modelFolder(), "foreign-file.gguf");
    writeFileSync(path, content);
    await expect(readGgufHeader(path)).rejects.toMatchObject({ code: "model.foreign" });
  });

  test("H2 nothing at the path is not found, a folder is foreign", async () => {
    await expect(readGgufHeader(join(modelFolder(), "none"))).rejects.toMatchObject({ code: "model.not.found" });
    await expect(readGgufHeader(modelFolder())).rejects.toMatchObject({ code: "model.foreign" });
  });
});
