/**
 * Goal: a machine is asked once, answers once, and nobody waits for one that is gone or silent.
 * Method: two ends that hand each other what they say.
 *
 * @see src/hosts/cluster/questions.ts, QA1 to QA4
 * @module
 */
import { expect, test } from "vitest";
import { checkKnown, OPEN_MAX, Questions } from "../../../../src/hosts/cluster/questions.ts";
import { readTalk } from "../../../../src/hosts/cluster/talk.ts";
import { errorData, RbeeError } from "../../../../src/protocol/errors.ts";
import type { Question } from "../../../../src/protocol/machine-api.ts";

const LOGS = { type: "logs", worker: "w1", lines: 2 } as const;
const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "answered",
    (thrown: unknown) => errorData(thrown).code,
  );

/** @param answer of the machine `beta`; nobody else is linked */
function ends(answer: (asked: Question) => Promise<object>) {
  const there: Questions = new Questions((_machine, talk) => {
    const read = readTalk(structuredClone(talk));
    if (read.kind === "answer") here.answered("beta", read);
    return true;
  });
  const here: Questions = new Questions((machine, talk) => {
    const read = readTalk(structuredClone(talk));
    if (machine !== "beta") return false;
    if (read.kind === "question") void there.answer("alpha", read, answer);
    return true;
  });
  return here;
}

test("QA2 a question is answered by the machine that was asked, in its shape, and a refusal keeps its code", async () => {
  const here = ends(async (asked) => {
    if (asked.type === "logs") return { lines: ["one", "two"] };
    if (asked.type === "health") throw new RbeeError("worker.hung", "it says nothing");
    return { something: "else" };
  });
  expect(await here.ask("beta", LOGS)).toEqual({ lines: ["one", "two"] });
  expect(await codeOf(here.ask("beta", { type: "health", worker: "w1" }))).toBe("worker.hung");
  expect(await codeOf(here.ask("beta", { type: "hive" }))).toBe("link.invalid");
});

test("QA1 machine.away, ask.deadline: of a machine that is not linked, that goes, or that says nothing", async () => {
  const here = ends(() => new Promise(() => {}));
  expect(await codeOf(here.ask("gamma", LOGS))).toBe("machine.away");
  const asked = here.ask("beta", LOGS);
  here.lost("gamma");
  here.answered("gamma", { kind: "answer", id: 2, result: { ok: true, value: { lines: [] } } });
  here.lost("beta");
  expect(await codeOf(asked)).toBe("machine.away");
  expect(await codeOf(here.ask("beta", LOGS, 1))).toBe("ask.deadline");
});

test("QA3 mailbox.full: so many are open at a time for one machine, and so many it answers at a time", async () => {
  const here = new Questions(() => true);
  const open = Array.from({ length: OPEN_MAX }, () => codeOf(here.ask("beta", LOGS)));
  expect(await codeOf(here.ask("beta", LOGS))).toBe("mailbox.full");
  here.lost("beta");
  expect(new Set(await Promise.all(open))).toEqual(new Set(["machine.away"]));

  const said: unknown[] = [];
  const there = new Questions((_machine, talk) => said.push(talk) > 0);
  const never = (): Promise<object> => new Promise(() => {});
  for (let id = 0; id < OPEN_MAX; id += 1) void there.answer("alpha", { kind: "question", id, question: LOGS }, never);
  await there.answer("alpha", { kind: "question", id: OPEN_MAX, question: LOGS }, never);
  expect(said).toMatchObject([{ id: OPEN_MAX, result: { ok: false, error: { code: "mailbox.full" } } }]);
});

test("QA4 link.version: a machine of an earlier version is asked what that knew, and nothing else", () => {
  const info = { type: "info", model: "starter" } as const;
  const speaks = (max: number) => ({ versions: { min: 1, max } });
  expect(() => checkKnown("beta", info, speaks(1))).toThrow(expect.objectContaining({ code: "link.version" }));
  for (const [asked, peer] of [
    [info, speaks(2)],
    [info, undefined],
    [LOGS, speaks(1)],
  ] as const) {
    expect(() => checkKnown("beta", asked, peer)).not.toThrow();
  }
});
