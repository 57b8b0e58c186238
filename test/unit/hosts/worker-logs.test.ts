/**
 * Goal: the logs of workers do not grow in number for ever.
 * Method: a folder with files of known age.
 */
import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pruneLogs } from "../../../src/hosts/worker-logs.ts";
import { temporaryFolder } from "../../support/temporary.ts";

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
