/**
 * Model files of random weights for tests: made when first asked for, gone when the test file has run.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type RandomModelOptions, writeRandomModel } from "../../tools/starter/random-model.ts";

const made = new Map<string, string>();
let folder: string | undefined;

/** @returns the path; the same options give the same file */
export function randomModel(options: Partial<Omit<RandomModelOptions, "path">> = {}): string {
  const whole = { seed: 1, size: "tiny" as const, ...options };
  const key = JSON.stringify(whole);
  const path = made.get(key) ?? join(modelFolder(), `${whole.size}-${made.size}.gguf`);
  if (!made.has(key)) writeRandomModel({ path, ...whole });
  made.set(key, path);
  return path;
}

/** No time at all: the blocks of these models are as large as any. */
export const workedMs = (): number => 0;

/** Where this test file's models lie. */
export function modelFolder(): string {
  return (folder ??= mkdtempSync(join(tmpdir(), "rbee-models-")));
}

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});
