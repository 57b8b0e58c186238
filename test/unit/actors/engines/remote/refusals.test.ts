/**
 * Goal: what a server refuses is told by its code, and a busy one is asked again when it wants to be, and not for ever.
 * Method: a server on loopback that refuses; the waits are on a clock of the test's.
 *
 * @see src/actors/engines/remote/failure.ts, RF1; patience.ts, PA1 to PA3; engine.ts, RE3 RE8
 * @module
 */
import { describe, expect, test } from "vitest";
import { TRIES_MAX, WAIT_MS_MAX } from "../../../../../src/actors/engines/remote/patience.ts";
import { waitUntil } from "../../../../support/children.ts";
import { answering, loaded, never, refusing, SOON_MS } from "../../../../support/remote-stage.ts";

describe("what a server refuses", () => {
  test.each([
    [400, "endpoint.refused"],
    [402, "endpoint.refused"],
    [404, "model.not.found"],
    [408, "endpoint.stalled"],
    [500, "endpoint.failed"],
    [501, "endpoint.refused"],
    [503, "endpoint.failed"],
    [504, "endpoint.stalled"],
  ])("RF1 with %i is %s, in its own words", async (status, code) => {
    const { generate, served } = await loaded();
    served.mood = { instead: refusing(1, status) };
    const refused = { code, message: expect.stringContaining("slow down") };
    await expect(generate()).rejects.toMatchObject(refused);
  });

  test.each([
    ["seconds", { "retry-after": "7" }, 7000],
    ["a date gone by", { "retry-after": "Fri, 01 Jan 2021 00:00:00 GMT" }, 0],
    ["no time", {}, 1000],
  ])("PA1 a busy server that names %s is asked again then, and not before", async (_what, headers, waitMs) => {
    const { generate, served, waits } = await loaded();
    served.mood = { instead: refusing(1, 429, headers) };
    expect((await generate()).text).not.toBe("");
    expect(waits).toEqual(waitMs === 0 ? [] : [waitMs]);
    expect(served.work).toHaveLength(2);
  });

  test("PA1 the time that one call was told holds for every other", async () => {
    const { generate, served, waits, pass } = await loaded();
    served.mood = { instead: refusing(1, 503, { "retry-after": "300" }) };
    await expect(generate()).rejects.toMatchObject({ code: "endpoint.busy", details: { retryAfterMs: 300_000 } });
    pass(200_000);
    await expect(generate()).rejects.toMatchObject({ code: "endpoint.busy", details: { retryAfterMs: 100_000 } });
    expect(served.work).toHaveLength(1);
    pass(100_000 - WAIT_MS_MAX);
    expect((await generate()).text).not.toBe("");
    expect(waits).toEqual([WAIT_MS_MAX]);
  });

  test("RE8 PA3 a server that is busy is well, and is not even asked whether it is until its time has come", async () => {
    const { engine, generate, served, waits, pass } = await loaded();
    served.mood = { instead: refusing(1, 429, { "retry-after": "300" }) };
    await expect(generate()).rejects.toMatchObject({ code: "endpoint.busy" });
    const before = served.asked.length;
    await engine.probe(never);
    expect([served.asked.length, waits]).toEqual([before, []]);
    pass(300_000);
    await engine.probe(never);
    expect(served.asked).toHaveLength(before + 1);
  });

  test("RE8 a server that is busy at the moment of a probe is well, and one that breaks is not", async () => {
    const { engine, served, waits } = await loaded();
    served.mood = { instead: answering(429, "{}") };
    await engine.probe(never);
    expect(waits).toEqual([]);
    const broken = await loaded();
    broken.served.mood = { instead: answering(500, "{}") };
    await expect(broken.engine.probe(never)).rejects.toMatchObject({ code: "endpoint.failed" });
  });

  test("PA2 nobody is patient for ever, and the pauses grow", async () => {
    const { generate, served, waits } = await loaded();
    served.mood = { instead: refusing(99, 429) };
    await expect(generate()).rejects.toMatchObject({ code: "endpoint.busy" });
    expect(served.work).toHaveLength(TRIES_MAX);
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
  });

  test("whoever leaves waits no longer", async () => {
    const { generate, served, waits } = await loaded({ isFrozen: true });
    served.mood = { instead: refusing(1, 429, { "retry-after": "50" }) };
    const abort = new AbortController();
    const asked = generate({}, abort.signal);
    await waitUntil(() => waits.length === 1, SOON_MS);
    abort.abort();
    expect((await asked).finish).toBe("abort");
    expect(served.work).toHaveLength(1);
  });
});
