/**
 * Goal: whoever reads only the last line of a run, and its exit code, is told the truth.
 * Method: the real vitest with our reporter over small suites. C1, C2 and C3 are those of test/support/reporter.ts.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const PROJECT = resolve(import.meta.dirname, "../..");
const IMPORTS = `import { test, expect } from "vitest";
import { needs } from ${JSON.stringify(join(PROJECT, "test/support/needs.ts"))};
`;
const PASS = `test("passes", () => expect(1).toBe(1));\n`;
const FAIL = `test("fails", () => expect(1).toBe(2));\n`;

interface Run {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Runs one test file with that text and gives the exit code and what stdout held. */
function runSuite(text: string, env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const root = mkdtempSync(join(tmpdir(), "rbee-suite-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  symlinkSync(join(PROJECT, "node_modules"), join(root, "node_modules"));
  writeFileSync(join(root, "suite.test.ts"), IMPORTS + text);
  const reporter = join(PROJECT, "test/support/reporter.ts");
  const args = ["node_modules/vitest/vitest.mjs", "run", "--reporter=default", `--reporter=${reporter}`];
  return new Promise((done) => {
    const child = execFile(process.execPath, args, { cwd: root, env: { ...process.env, RBEE_SEED: "7", ...env } });
    let stdout = "";
    child.stdout?.on("data", (chunk: string) => (stdout += chunk));
    child.once("close", (code) => done({ code: code ?? -1, lines: stdout.split("\n").slice(0, -1) }));
  });
}

test.for([
  ["a green run", PASS, "1 passed, 0 failed", 0],
  ["a red test", PASS + FAIL, "1 passed, 1 failed", 1],
  ["a file that cannot be read", `throw new Error("broken");\n${PASS}`, "0 passed, 1 failed", 1],
  ["an error outside every test", `${PASS}void Promise.reject(new Error("stray"));\n`, "1 passed, 1 failed", 1],
  ["a file without tests", "", "0 passed, 1 failed", 1],
] as const)("C1 C2 %s ends in its counts", async ([, text, line, expected]) => {
  const { code, lines } = await runSuite(text);
  expect({ code, last: lines.at(-1) }).toEqual({ code: expected, last: line });
});

test("the seed stands at the beginning", async () => {
  expect((await runSuite(PASS)).lines.join("\n")).toContain("seed 7 (RBEE_SEED=7 repeats this run)");
});

test("a test whose program is absent is skipped, loudly, just before the last line", async () => {
  const { code, lines } = await runSuite(`${PASS}test("drives", needs("no-such-program"), () => {});\n`, {
    RBEE_CI: "",
  });
  expect({ code, end: lines.slice(-2) }).toEqual({
    code: 0,
    end: ["SKIPPED FOR WANT OF no-such-program: install it to run these tests", "1 passed, 0 failed, 1 skipped"],
  });
});

test("where the programs were promised its absence is a failure", async () => {
  const { code, lines } = await runSuite(`test("drives", needs("no-such-program"), () => {});\n`, { RBEE_CI: "1" });
  expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last: "0 passed, 1 failed" });
});

test("C3 a test that passed only at its second try is named just before the last line", async () => {
  const { code, lines } = await runSuite(
    `${PASS}let tries = 0;\ntest("wavers", { retry: 1 }, () => expect((tries += 1)).toBe(2));\n`,
  );
  expect({ code, end: lines.slice(-2) }).toEqual({
    code: 0,
    end: ["PASSED ONLY AT ITS SECOND TRY: suite.test.ts: wavers", "2 passed, 0 failed"],
  });
});
