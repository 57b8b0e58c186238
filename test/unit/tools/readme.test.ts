/**
 * Goal: what the README says about errors and the version is what the code does.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RBEE_VERSION } from "../../../src/protocol/version.ts";
import { withErrors } from "../../../tools/errors-table.ts";

const readme = readFileSync("README.md", "utf8");

test("the README's table of errors is the table of the code (npm run readme writes it)", () => {
  expect(readme).toBe(withErrors(readme));
});

test("the program's version is the package's", () => {
  expect(RBEE_VERSION).toBe((JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version);
});
