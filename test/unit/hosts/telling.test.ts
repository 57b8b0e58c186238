/**
 * Goal: a machine offers no more than it has to give, and tells it in a few words.
 *
 * @see src/hosts/machine/telling.ts, TL1 TL2
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tellingOf } from "../../../src/hosts/machine/telling.ts";
import { Catalog } from "../../../src/hosts/models/catalog.ts";
import { cpu } from "../../support/memory.ts";
import { temporaryFolder } from "../../support/temporary.ts";

function folderWith(...files: readonly string[]): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "hf", "o", "r"), { recursive: true });
  for (const file of files) writeFileSync(join(folder, "hf", "o", "r", file), "GGUF0123");
  return folder;
}
const telling = (folder: string, headroomBytes = 0) =>
  tellingOf({ room: () => [cpu(100, 80)], catalog: new Catalog(folder), headroomBytes });

test("TL1 what it keeps back for itself it does not offer, of the processor's memory alone", async () => {
  const gpu = { id: "cuda0", kind: "cuda", totalBytes: 9, freeBytes: 8 } as const;
  const { devices } = await tellingOf({
    room: () => [cpu(100, 20), gpu],
    catalog: new Catalog(folderWith()),
    headroomBytes: 30,
  });
  expect(devices).toEqual([{ ...cpu(100, 20), totalBytes: 70, freeBytes: 0 }, gpu]);
});

test("a model is told by its file and by its quantization, as a request may name it", async () => {
  const { models } = await telling(folderWith("tiny-Q4_K_M.gguf"));
  expect(models.map(({ name }) => name)).toEqual(["hf:o/r/tiny-Q4_K_M.gguf", "hf:o/r:Q4_K_M"]);
  expect(models.map(({ bytes }) => bytes)).toEqual([8, 8]);
});

test("TL2 however many models there are, their names fit into a small message", async () => {
  const files = Array.from({ length: 400 }, (_, n) => `${"long-name-".repeat(12)}${n}.gguf`);
  const { models } = await telling(folderWith(...files));
  expect(models.length).toBeGreaterThan(100);
  expect(models.reduce((sum, { name }) => sum + name.length, 0)).toBeLessThanOrEqual(32_768);
});

test("a folder that is not there has nothing to offer", async () => {
  expect((await telling(join(temporaryFolder(), "none"))).models).toEqual([]);
});
