/**
 * What to do about a test whose Debian tool is absent: skip it loudly, or fail where the tools were promised.
 *
 * Used as the options of a test: `test("a stopped child dies", needs("setpriv"), () => { ... })`.
 *
 * @module
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

declare module "vitest" {
  interface TaskMeta {
    /** What the test would need to run. The reporter says so just before the last line. */
    missing?: readonly string[];
  }
}

/** Options that skip a test while one of the programs is not on PATH; `.ci/run` installs them and sets RBEE_CI. */
export function needs(...programs: readonly string[]): { skip: boolean; meta: { missing: readonly string[] } } {
  const missing = programs.filter((program) => !isOnPath(program));
  if (missing.length > 0 && process.env["RBEE_CI"] === "1") {
    throw new Error(`${missing.join(", ")}: not on PATH, and with RBEE_CI=1 no test is skipped for that`);
  }
  return { skip: missing.length > 0, meta: { missing } };
}

/** Where Debian keeps servers, such as sshd; who is not root has it seldom on PATH. */
const SERVERS = "/usr/sbin";

function isOnPath(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""), SERVERS];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
