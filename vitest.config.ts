/**
 * How the tests run: every file in a process of its own but those of what is pure, one seed for the run, the counts as
 * the last line.
 *
 * What is pure or simulated is given by its seed and runs once. What starts real processes also depends on a machine
 * that others use: in CI a test of those that fails has a second try, and the reporter names each that needed it.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { gherkin } from "./test/features/gherkin/plugin.ts";
import LongKindsFirst from "./test/support/sequencer.ts";

const CI_SEED = 20_260_101;
const isCi = process.env["CI"] !== undefined || process.env["RBEE_CI"] === "1";
// Written back, so that a config that is read twice and every child sees the same one.
process.env["RBEE_SEED"] ??= String(isCi ? CI_SEED : Math.floor(Math.random() * 2 ** 31));

const WITH_PROCESSES = ["test/integration/**/*.test.ts", "test/e2e/**/*.test.ts", "test/features/*.feature"];
/**
 * What these test keeps nothing outside its arguments: files share a process, whose start and imports are most of what
 * such a file costs. The engines are not among them: they load the native library.
 */
const PURE = [
  "test/unit/{machines,protocol,doors,config}/**/*.test.ts",
  "test/unit/actors/!(engines)/**/*.test.ts",
  "test/model/**/*.test.ts",
  "test/property/{machines,doors,actors}/**/*.test.ts",
];

export default defineConfig(({ mode }) => {
  const long = mode === "long" ? [] : ["test/**/*.long.test.ts"];
  return {
    plugins: [gherkin()],
    test: {
      pool: "forks",
      // Most tests wait for processes a third of the time: two workers on two processors would let them idle for that.
      maxWorkers: Math.max(3, availableParallelism() - 1),
      sequence: { sequencer: LongKindsFirst },
      setupFiles: ["./test/support/seed.ts"],
      reporters: ["default", "./test/support/reporter.ts"],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      projects: [
        {
          extends: true,
          test: { name: "given", include: ["test/**/*.test.ts"], exclude: [...WITH_PROCESSES, ...PURE, ...long] },
        },
        { extends: true, test: { name: "pure", include: PURE, exclude: long, isolate: false } },
        { extends: true, test: { name: "real", include: WITH_PROCESSES, exclude: long, retry: isCi ? 1 : 0 } },
      ],
    },
  };
});
