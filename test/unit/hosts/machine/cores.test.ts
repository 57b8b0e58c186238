/**
 * Goal: workers are given the cores that there are, not the threads that share them.
 * Method: folders as the kernel has them.
 *
 * @see src/hosts/machine/cores.ts, CO1 CO2
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { usableCores } from "../../../../src/hosts/machine/cores.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

function machine(siblings: readonly string[]): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "cpufreq"));
  for (const [at, list] of siblings.entries()) {
    mkdirSync(join(folder, `cpu${at}`, "topology"), { recursive: true });
    writeFileSync(join(folder, `cpu${at}`, "topology", "thread_siblings_list"), `${list}\n`);
  }
  return folder;
}

const cores = (siblings: readonly string[], parallelism: number, allowed?: string): number =>
  usableCores({
    folder: machine(siblings),
    status: allowed === undefined ? "" : `Name:\tnode\nCpus_allowed_list:\t${allowed}\nMems_allowed_list:\t0\n`,
    parallelism,
  });

test("CO1 threads that share a core count once", () => {
  expect(cores(["0,2", "1,3", "0,2", "1,3"], 4)).toBe(2);
  expect(cores(["0", "1"], 2)).toBe(2);
});

test("CO1 where nobody says who shares, every processor counts", () => {
  expect(usableCores({ folder: join(temporaryFolder(), "none"), status: "", parallelism: 6 })).toBe(6);
});

test("CO2 never more than this process may use: of time, and of processors", () => {
  expect(cores(["0", "1", "2", "3"], 1)).toBe(1);
  expect(cores(["0,2", "1,3", "0,2", "1,3"], 3, "0-2")).toBe(2);
  expect(cores(["0,2", "1,3", "0,2", "1,3"], 2, "0,2")).toBe(1);
});

test("of this machine at least one", () => {
  expect(usableCores()).toBeGreaterThanOrEqual(1);
});
