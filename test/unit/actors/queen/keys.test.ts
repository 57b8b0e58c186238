/**
 * Goal: who has a key may come until it is revoked, is counted once for what a job took, and stopped at the limit.
 *
 * @see src/actors/queen/keys.ts, AK1 to AK4; admission.ts, A3 A4; news.ts, N6
 * @module
 */
import { describe, expect, test } from "vitest";
import type { JobUsage } from "../../../../machines/job.ts";
import { type KeyLimit, type KeyRow, newKey } from "../../../../machines/rules/quota.ts";
import { admit, cancelJob } from "../../../../src/actors/queen/admission.ts";
import { answerKeys, createKey, KEYS_MAX, revokeKey } from "../../../../src/actors/queen/keys.ts";
import { answerExplain } from "../../../../src/actors/queen/history.ts";
import { answerLookup } from "../../../../src/actors/queen/views.ts";
import { noteEnded, noteSpent, noteTerminated } from "../../../../src/actors/queen/news.ts";
import { apiKeys, jobs, keys } from "../../../../src/actors/queen/tables.ts";
import { request } from "../../../support/machine-events.ts";
import { queenStage, settings, told } from "../../../support/queen-stage.ts";
import { jobRow } from "../../../support/rows.ts";
import { lines, type Stage } from "../../../support/stage.ts";

const AT = 1000;
const keyRow = (id: string, name: string, ...limits: readonly KeyLimit[]): KeyRow =>
  newKey({ id, name, hash: "00", limits }, AT);
const withKeys = (...rows: readonly KeyRow[]): Stage =>
  queenStage().set(apiKeys, Object.fromEntries(rows.map((row) => [row.id, row])));

const create = (name: string) => ({ type: "create.key", name, hash: "ab", limits: [] }) as const;
const submit = (key: string, idempotencyKey?: string) =>
  ({ type: "submit", request: { ...request, idempotencyKey }, caller: { requestId: "r1", key } }) as const;
const wide = { ...settings, queueLengthMax: 100 };
const usage: JobUsage = { promptTokens: 7, completionTokens: 3, firstTokenMs: 1, totalMs: 2 };
const ended = { type: "job.ended", job: "j1", state: "done", usage, failure: undefined } as const;
const job = (key: string) =>
  jobRow({ id: "j1", seq: 1, state: "running", attempt: 1, caller: { requestId: "r1", key } });
const totalOf = (stage: Stage, id: string) => stage.rows(apiKeys).get(id)?.total;

describe("keys", () => {
  test("AK2 one that is made is in the books, told when the disk has it, and listed with what was used", () => {
    const stage = queenStage();
    expect(told(stage, createKey, { event: create("phone"), asked: true, serial: 4 })).toEqual([
      "reply key.created, flushed",
    ]);
    expect(stage.rows(apiKeys).get("k4")).toMatchObject({ name: "phone", hash: "ab", total: { requests: 0 } });
    expect(stage.play(answerKeys, undefined, { event: { type: "keys" }, asked: true })[0]).toMatchObject({
      result: { event: { type: "keys.told", keys: [{ id: "k4", name: "phone" }] } },
    });
  });

  test("AK1 key.taken: a name is one key's at a time, and free again with another id when that is revoked", () => {
    const stage = withKeys(keyRow("k1", "phone"));
    expect(told(stage, createKey, { event: create("phone"), asked: true })).toEqual(["refuse key.taken"]);
    const revoke = { event: { type: "revoke.key", name: "phone" }, asked: true } as const;
    expect(told(stage, revokeKey, revoke)).toEqual(["reply key.revoked, flushed"]);
    expect(told(stage, revokeKey, revoke)).toEqual(["refuse request.not.found"]);
    told(stage, createKey, { event: create("phone"), asked: true, serial: 9 });
    expect([...stage.rows(apiKeys).entries()].map(([id]) => id)).toEqual(["k9"]);
  });

  test("key.many: there are no more of them than the guard can look at", () => {
    const stage = withKeys(...Array.from({ length: KEYS_MAX }, (_, at) => keyRow(`k${at}`, `n${at}`)));
    expect(told(stage, createKey, { event: create("phone"), asked: true })).toEqual(["refuse key.many"]);
  });
});

describe("a job with a key", () => {
  test("A3 remembers the id, and counts as one request however often it is sent", () => {
    const stage = withKeys(keyRow("k1", "phone"));
    for (const serial of [1, 2]) told(stage, admit(wide), { event: submit("k1", "same"), asked: true, serial });
    expect(stage.rows(jobs).get("j1")?.caller).toEqual({ requestId: "r1", key: "k1" });
    expect([stage.rows(jobs).size, totalOf(stage, "k1")?.requests]).toEqual([1, 1]);
  });

  test("A3 two callers with the same idempotency key have a job each", () => {
    const stage = withKeys(keyRow("k1", "phone"), keyRow("k2", "desk"));
    told(stage, admit(wide), { event: submit("k1", "same"), asked: true, serial: 1 });
    told(stage, admit(wide), { event: submit("k2", "same"), asked: true, serial: 2 });
    expect([stage.rows(jobs).size, stage.rows(keys).size]).toEqual([2, 2]);
  });

  test("A4 quota.exceeded: from the limit on it is refused with the time until the window ends, and nothing is kept", () => {
    const stage = withKeys(keyRow("k1", "phone", { max: 1, of: "requests", per: "minute" }));
    told(stage, admit(wide), { event: submit("k1"), asked: true, serial: 1 });
    const [refusal] = stage.play(admit(wide), undefined, { event: submit("k1"), asked: true, serial: 2, at: AT });
    expect(refusal).toMatchObject({
      result: { ok: false, error: { code: "quota.exceeded", details: { used: 1, max: 1, retryAfterMs: 59_000 } } },
    });
    expect([stage.rows(jobs).size, totalOf(stage, "k1")?.requests]).toEqual([1, 1]);
    const next = { event: submit("k1"), asked: true, serial: 3, at: 60_000 };
    expect(told(stage, admit(wide), next)).toContain("spawn job/j3");
  });

  test("A4 request.unauthorized: with a key that was revoked on its way here it is refused", () => {
    expect(told(queenStage(), admit(wide), { event: submit("k1"), asked: true })).toEqual([
      "refuse request.unauthorized",
    ]);
  });

  test("N6 what it took counts once, in the step of its end, however often that is told", () => {
    const stage = withKeys(keyRow("k1", "phone")).set(jobs, { j1: job("k1") });
    for (const _ of [1, 2]) told(stage, noteEnded, { event: ended });
    told(stage, noteTerminated, { event: { type: "terminated", kind: "job", id: "j1", reason: "final" } });
    expect(totalOf(stage, "k1")).toEqual({ requests: 0, tokensIn: 7, tokensOut: 3 });
  });

  test("N6 of one that was cut what it had said counts", () => {
    const stage = withKeys(keyRow("k1", "phone")).set(jobs, { j1: job("k1") });
    const failure = { code: "job.cancelled", class: "cancelled", message: "" } as const;
    told(stage, noteEnded, { event: { ...ended, state: "cancelled", usage: undefined, failure } });
    told(stage, noteSpent, { event: { type: "job.spent", job: "j1", saidTokens: 9 } });
    expect(totalOf(stage, "k1")).toEqual({ requests: 0, tokensIn: 0, tokensOut: 9 });
    told(stage, noteSpent, { event: { type: "job.spent", job: "j0", saidTokens: 9 } });
    expect(totalOf(stage, "k1")?.tokensOut).toBe(9);
  });

  test("AK3 after its key was revoked it counts for nobody, also not for another key of that name", () => {
    const stage = withKeys(keyRow("k2", "phone")).set(jobs, { j1: job("k1") });
    told(stage, noteEnded, { event: ended });
    expect(totalOf(stage, "k2")).toEqual({ requests: 0, tokensIn: 0, tokensOut: 0 });
    expect(stage.rows(apiKeys).size).toBe(1);
  });
});

describe("a job that came with a key", () => {
  const stage = (): Stage => withKeys(keyRow("k1", "phone"), keyRow("k2", "desk")).set(jobs, { j1: job("k1") });
  const context = { epoch: 1, phase: "serving" } as const;
  const asked = { asked: true } as const;
  /** What each question of a job is answered. */
  const answers = (name: string, key: string | undefined): readonly (readonly string[])[] => [
    told(stage(), answerLookup, { event: { type: "lookup", job: name, key }, ...asked }),
    told(stage(), cancelJob, { event: { type: "cancel", job: name, key }, ...asked }),
    lines(stage().play(answerExplain, context, { event: { type: "explain", job: name, key }, ...asked })),
  ];
  const text = (made: unknown): string => JSON.stringify(made).replaceAll("j9", "j1");

  test.each(["k1", undefined])("AK4 is known to who asks with %s", (key) => {
    const [view, cancelled, explained] = answers("j1", key);
    expect([view, explained]).toEqual([["reply job.view"], ["reply explained at=1000"]]);
    expect(cancelled).toContain("reply cancelling");
  });

  test("AK4 is to any other key as one that never was, and nothing becomes of it", () => {
    const refused = [["refuse request.not.found"], ["refuse request.not.found"], ["refuse request.not.found"]];
    expect(answers("j1", "k2")).toEqual(refused);
    expect(answers("j9", "k2")).toEqual(refused);
    for (const handler of [answerLookup, cancelJob]) {
      const type = handler === cancelJob ? "cancel" : "lookup";
      const said = (name: string) =>
        text(stage().play(handler, undefined, { event: { type, job: name, key: "k2" }, ...asked }));
      expect(said("j1")).toBe(said("j9"));
    }
  });

  test("AK4 what a machine of the cluster brings is admitted without a limit, and known to it and to no other", () => {
    const own = queenStage();
    const submitted = { event: submit("machine:desk"), asked: true, at: AT, serial: 1 } as const;
    expect(told(own, admit(settings), submitted).join()).toContain("reply accepted");
    const looked = (key: string) => told(own, answerLookup, { event: { type: "lookup", job: "j1", key }, ...asked });
    expect([looked("machine:desk"), looked("machine:lamp")]).toEqual([
      ["reply job.view"],
      ["refuse request.not.found"],
    ]);
  });

  test("AK4 one that came without a key is nobody's who has one", () => {
    const own = queenStage().set(jobs, { j1: jobRow({ id: "j1", seq: 1, state: "running" }) });
    const event = { type: "lookup", job: "j1", key: "k1" } as const;
    expect(told(own, answerLookup, { event, ...asked })).toEqual(["refuse request.not.found"]);
  });
});
