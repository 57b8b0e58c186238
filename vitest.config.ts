/**
 * How the tests run: every file in a process of its own, one seed for the whole run, the counts as the last line.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { gherkin } from "./test/features/gherkin/plugin.ts";

const CI_SEED = 20_260_101;
const isCi = process.env["CI"] !== undefined || process.env["RBEE_CI"] === "1";
// Written back, so that a config that is read twice and every child sees the same one.
process.env["RBEE_SEED"] ??= String(isCi ? CI_SEED : Math.floor(Math.random() * 2 ** 31));

export default defineConfig(({ mode }) => ({
  plugins: [gherkin()],
  test: {
    include: ["test/**/*.test.ts", "test/features/*.feature"],
    exclude: mode === "long" ? [] : ["test/**/*.long.test.ts"],
    pool: "forks",
    // Most tests wait for processes most of the time: one worker on two processors would idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    setupFiles: ["./test/support/seed.ts"],
    reporters: ["default", "./test/support/reporter.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
}));
