/**
 * A folder that is gone when its test ends.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rbee-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A home that lasts until it is removed: for programs that several tests share. */
export function temporaryHome(): { readonly home: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "rbee-home-"));
  return { home: join(folder, "home"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
