/**
 * Goal: `npm ci` takes the committed lock, and locking again does not change it.
 * Method: the real npm over copies of package.json, package-lock.json and .npmrc, without installing anything.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../support/checkout.ts";

function copyOfManifest(): string {
  const root = mkdtempSync(join(tmpdir(), "rbee-lock-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const name of ["package.json", "package-lock.json", ".npmrc"]) cpSync(name, join(root, name));
  return root;
}

test("npm ci takes the lock", async () => {
  const { code, stderr } = await run(copyOfManifest(), "npm", ["ci", "--dry-run", "--loglevel=error"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("locking again leaves the completed lock byte for byte as it is", async () => {
  const root = copyOfManifest();
  const { code } = await run(root, "npm", ["install", "--package-lock-only", "--loglevel=error"]);
  expect(code).toBe(0);
  expect(readFileSync(join(root, "package-lock.json"), "utf8")).toBe(readFileSync("package-lock.json", "utf8"));
});
