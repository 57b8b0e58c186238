/**
 * Goal: the logs of workers do not grow in number for ever.
 * Method: a folder with files of known age.
 */
import { readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lastLines, pruneLogs } from "../../../../src/hosts/processes/worker-logs.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

test("of the logs of workers the newest are kept, up to the bound", async () => {
  const folder = temporaryFolder();
  for (let age = 1; age <= 5; age += 1) {
    const path = join(folder, `w${age}.log`);
    writeFileSync(path, "words");
    utimesSync(path, 1000 - age, 1000 - age);
  }
  await pruneLogs(folder, 2);
  expect(readdirSync(folder).toSorted()).toEqual(["w1.log", "w2.log"]);
  await pruneLogs(join(folder, "nowhere"), 2);
});

test("WL1 request.not.found: of a log its last lines are told, and of nothing outside the folder any", async () => {
  const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(join(folder, "w1.log"), "one\ntwo\nthree\n");
  expect(await lastLines(folder, "w1", 2)).toEqual(["two", "three"]);
  expect(await lastLines(folder, "w1", 0)).toEqual([]);
  // Longer than is told: the line in which it was cut is left out.
  writeFileSync(join(folder, "w2.log"), `${"x".repeat(2 ** 20)}\nlast\n`);
  expect(await lastLines(folder, "w2", 100)).toEqual(["last"]);
  writeFileSync(join(elsewhere, "secret.log"), "secret\n");
  symlinkSync(join(elsewhere, "secret.log"), join(folder, "w3.log"));
  for (const worker of ["w3", "w9", "../secret", ""]) {
    await expect(lastLines(folder, worker, 5)).rejects.toMatchObject({ code: "request.not.found" });
  }
});
