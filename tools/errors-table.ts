/**
 * Writes the table of error codes into README.md, between its markers, from src/protocol/errors.ts.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ERRORS } from "../src/protocol/errors.ts";

const BEGIN = "<!-- errors:begin -->";
const END = "<!-- errors:end -->";

export const errorsTable = (): string =>
  [
    "| code | class | HTTP | exit | what to do |",
    "| --- | --- | --- | --- | --- |",
    ...Object.entries(ERRORS).map(
      ([code, row]) => `| \`${code}\` | ${row.class} | ${row.httpStatus} | ${row.exitCode} | ${row.advice} |`,
    ),
  ].join("\n");

/** The README with its table as the code has it now. */
export function withErrors(readme: string): string {
  const from = readme.indexOf(BEGIN) + BEGIN.length;
  return `${readme.slice(0, from)}\n${errorsTable()}\n${readme.slice(readme.indexOf(END))}`;
}

if (import.meta.main) {
  const path = join(import.meta.dirname, "..", "README.md");
  writeFileSync(path, withErrors(readFileSync(path, "utf8")));
}
