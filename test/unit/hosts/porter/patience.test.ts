/**
 * Goal: a question outlasts a restart of the host that it is for, and nothing else.
 *
 * @see src/hosts/porter/patience.ts, E1
 * @module
 */
import { expect, test } from "vitest";
import { patiently } from "../../../../src/hosts/porter/patience.ts";
import { RbeeError } from "../../../../src/protocol/errors.ts";

test("E1 a question to a host that starts again is put again until it is there", async () => {
  let asked = 0;
  const answer = await patiently(async () => {
    asked += 1;
    if (asked < 3) throw new RbeeError("host.restarted", "it is not there");
    return "here";
  });
  expect([answer, asked]).toEqual(["here", 3]);
});

test("E1 a refusal is an answer: the question is not put again", async () => {
  let asked = 0;
  const question = patiently(() => {
    asked += 1;
    return Promise.reject(new RbeeError("request.not.found", "there is none"));
  });
  await expect(question).rejects.toMatchObject({ code: "request.not.found" });
  expect(asked).toBe(1);
});
