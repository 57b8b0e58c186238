/**
 * Goal: the logs of workers do not grow in number for ever.
 * Method: a folder with files of known age.
 */
import { appendFileSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { logTold, pruneLogs } from "../../../../src/hosts/processes/worker-logs.ts";
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

const last = async (folder: string, worker: string, lines: number): Promise<readonly string[]> =>
  (await logTold(folder, { worker, lines })).lines;

test("WL2 whoever knows a part of a log is told the whole lines behind it, each once, however it grew", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "w1.log");
  writeFileSync(path, "one\ntwo\n");
  let { next } = await logTold(folder, { worker: "w1", lines: 1 });
  const told: string[] = [];
  for (const piece of ["th", "ree\nfour\n", "", "ünf\n", "x".repeat(2 ** 19 + 10), "\nlast\n", ""]) {
    appendFileSync(path, piece);
    for (let more = await logTold(folder, { worker: "w1", lines: 1, from: next }); ;) {
      told.push(...more.lines);
      if (more.next === next) break;
      ({ next } = more);
      more = await logTold(folder, { worker: "w1", lines: 1, from: next });
    }
  }
  expect(told).toEqual(["three", "four", "ünf", "x".repeat(2 ** 19), "x".repeat(10), "last"]);
  // It was begun anew, and is shorter than what was known.
  writeFileSync(path, "");
  expect(await logTold(folder, { worker: "w1", lines: 1, from: next })).toEqual({ lines: [], next: 0 });
});

test("WL1 request.not.found: of a log its last lines are told, and of nothing outside the folder any", async () => {
  const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(join(folder, "w1.log"), "one\ntwo\nthree\n");
  expect(await last(folder, "w1", 2)).toEqual(["two", "three"]);
  expect(await last(folder, "w1", 0)).toEqual([]);
  // Longer than is told: the line in which it was cut is left out.
  writeFileSync(join(folder, "w2.log"), `${"x".repeat(2 ** 20)}\nlast\n`);
  expect(await last(folder, "w2", 100)).toEqual(["last"]);
  writeFileSync(join(elsewhere, "secret.log"), "secret\n");
  symlinkSync(join(elsewhere, "secret.log"), join(folder, "w3.log"));
  for (const worker of ["w3", "w9", "../secret", ""]) {
    await expect(last(folder, worker, 5)).rejects.toMatchObject({ code: "request.not.found" });
  }
});
