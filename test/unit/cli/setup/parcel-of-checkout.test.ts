/**
 * Goal: of the packages of this very checkout those travel that the program needs to run.
 * Method: npm's own record of which are for development.
 *
 * @see src/cli/setup/parcel.ts, PC1
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { neededPackages } from "../../../../src/cli/setup/parcel.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");
const record = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) });

test("PC1 the packages of this checkout that travel are no development tools to npm, and none else is missing", () => {
  const text = readFileSync(join(ROOT, "node_modules/.package-lock.json"), "utf8");
  const { packages } = record.parse(JSON.parse(text));
  const production = Object.keys(packages).filter((path) => packages[path]?.dev !== true);
  // A tool of ours, which a package would use if it were there: to npm that is not for development alone.
  const isTool = (path: string): boolean => /^node_modules\/@?typescript(\/|$)/.test(path);
  const sent = neededPackages(ROOT, { hasNvidia: false, hasVulkan: false }).map(({ path }) => path);
  expect(sent.filter((path) => !production.includes(path))).toEqual([]);
  const isSent = (path: string): boolean => sent.some((one) => path === one || path.startsWith(`${one}/`));
  const other = `linux-(?!${process.arch}$)\\w+|(darwin|mac|win|win32|freebsd)-\\w+`;
  const elsewhere = new RegExp(`-(cuda|cuda-ext|vulkan)$|[-/](${other})$`);
  expect(production.filter((path) => !isSent(path) && !isTool(path) && !elsewhere.test(path))).toEqual([]);
  expect(sent).toContain("node_modules/node-llama-cpp");
});
