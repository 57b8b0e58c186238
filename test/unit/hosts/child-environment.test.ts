/**
 * Goal: a child gets what it needs of this process's environment and nothing that is secret.
 *
 * @see src/hosts/real/child-environment.ts, CE1
 * @module
 */
import { enableCompileCache, getCompileCacheDir } from "node:module";
import { expect, onTestFinished, test } from "vitest";
import { childEnvironment } from "../../../src/hosts/real/child-environment.ts";
import { temporaryFolder } from "../../support/temporary.ts";

test("CE1 a child finds what this process has compiled, its programs, and no token", () => {
  process.env["HF_TOKEN"] = "hf_secret";
  onTestFinished(() => void delete process.env["HF_TOKEN"]);
  enableCompileCache(temporaryFolder());
  const env = childEnvironment();
  expect(env["PATH"]).toBe(process.env["PATH"]);
  expect(getCompileCacheDir()?.startsWith(`${env["NODE_COMPILE_CACHE"]}/`)).toBe(true);
  expect(JSON.stringify(env)).not.toContain("secret");
});
