/**
 * Goal: a queen whom another machine cannot reach is told before anything is sent there.
 *
 * @see src/cli/setup/letting-in.ts, LI2; LI1 is seen in test/e2e/setup.test.ts
 */
import { expect, test } from "vitest";
import { checkReachable } from "../../../../src/cli/setup/letting-in.ts";
import { errorData } from "../../../../src/protocol/errors.ts";

const ELSEWHERE = { here: "192.0.2.1", there: "192.0.2.2" };
const HERE = { here: "127.0.0.1", there: "127.0.0.1" };

const outcome = (url: string, seen: typeof HERE | undefined): string => {
  try {
    checkReachable(url, { seen });
    return "fine";
  } catch (thrown) {
    return errorData(thrown).code;
  }
};

test("LI2 setup.queen.local: a queen that only her own machine reaches is told, where the other is another", () => {
  for (const url of ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080"])
    expect([url, outcome(url, ELSEWHERE), outcome(url, HERE)]).toEqual([url, "setup.queen.local", "fine"]);
  expect([outcome("https://192.0.2.1:8080", ELSEWHERE), outcome("http://127.0.0.1:1", undefined)]).toEqual([
    "fine",
    "fine",
  ]);
});
