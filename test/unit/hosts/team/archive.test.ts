/**
 * Goal: what was said to be kept is there whole, and a folder that somebody touched is told as it is.
 *
 * @see src/hosts/team/archive.ts, AR1 to AR7; src/hosts/team/sessions.ts, SN1 to SN3
 * @module
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { LogEvent, Unwritten } from "../../../../machines/rules/log.ts";
import { Archive } from "../../../../src/hosts/team/archive.ts";
import { exportedFrom, sessionsIn, withRunning } from "../../../../src/hosts/team/sessions.ts";
import type { SessionView } from "../../../../src/protocol/session-api.ts";
import type { AskResult } from "../../../../src/runtime/envelope.ts";
import { granted, logOf, openedBody, said } from "../../../support/team-rows.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const log = logOf(openedBody({ mode: "alone" }), granted("a", 1, { kind: "answer" }), said("a", 1, "Go left."));
const later = log.map((event): LogEvent => ({ ...event, at: event.at + 50 }));

const keep = (archive: Archive, discussion: string, session = "s1", events = log): Promise<AskResult> =>
  new Promise((resolve) => {
    const event = { type: "keep", discussion, session, log: events };
    archive.ask({ id: "x", from: "store/discussion/d1", event, deadlineMs: 0 }, resolve);
  });

describe("a log that is over", () => {
  test("AR1 is there as it was written when it is said to be kept, and no half of it beside it", async () => {
    const folder = join(temporaryFolder(), "sessions");
    expect(await keep(new Archive(folder), "d1")).toEqual({ ok: true, event: { type: "kept" } });
    expect(readdirSync(join(folder, "s1"))).toEqual(["d1.ndjson"]);
    const text = readFileSync(join(folder, "s1", "d1.ndjson"), "utf8");
    expect(text).toBe(log.map((event) => `${JSON.stringify(event)}\n`).join(""));
    expect(await new Archive(folder).find("d1")).toEqual({ discussion: "d1", session: "s1", log });
  });

  test("AR1 has nothing of what a crash had left half-written", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "s1"));
    writeFileSync(join(folder, "s1", "d1.ndjson.part"), '{"seq":0,"at":1,"ty');
    const archive = new Archive(folder);
    expect(await archive.find("d1")).toBeUndefined();
    await keep(archive, "d1");
    expect(await archive.find("d1")).toMatchObject({ log });
  });

  test("AR1 is not said to be kept where it could not be", async () => {
    const folder = join(temporaryFolder(), "sessions");
    writeFileSync(folder, "a file where the folder should be");
    expect(await keep(new Archive(folder), "d1")).toMatchObject({ ok: false });
  });

  test("AR7 another way stands behind the one that it leaves, though its question is as old", async () => {
    const archive = new Archive(temporaryFolder());
    const way = [...log.slice(0, -1), ...later.slice(-1)];
    for (const [session, first, other] of [["s1", "d1", "d2"] as const, ["s2", "d4", "d3"] as const]) {
      await keep(archive, other, session, way);
      await keep(archive, first, session);
      expect((await archive.ofSession(session)).map(({ discussion }) => discussion)).toEqual([first, other]);
    }
  });

  test("AR2 the folder is the list: what is removed is gone, and what somebody puts there is there", async () => {
    const folder = temporaryFolder();
    const archive = new Archive(folder);
    await keep(archive, "d2", "s1", later);
    await keep(archive, "d1");
    await keep(archive, "d3", "s2");
    expect((await archive.ofSession("s1")).map(({ discussion }) => discussion)).toEqual(["d1", "d2"]);
    utimesSync(join(folder, "s1"), 1, 1);
    expect(await archive.sessions()).toEqual(["s2", "s1"]);
    expect([await archive.remove("s2"), await archive.remove("s2")]).toEqual([true, false]);
    expect([await archive.sessions(), existsSync(join(folder, "s2"))]).toEqual([["s1"], false]);
    rmSync(join(folder, "s1"), { recursive: true });
    expect([await archive.sessions(), await archive.find("d1")]).toEqual([[], undefined]);
  });

  test("AR2 no name leads out of the folder", async () => {
    const folder = temporaryFolder();
    const archive = new Archive(join(folder, "sessions"));
    writeFileSync(join(folder, "d9.ndjson"), "");
    for (const session of ["..", "../x", "", ".hidden", "a/b"]) {
      await expect(archive.ofSession(session)).rejects.toMatchObject({ code: "request.not.found" });
      await expect(archive.remove(session)).rejects.toMatchObject({ code: "request.not.found" });
      expect(await keep(archive, "d1", session)).toMatchObject({ ok: false });
    }
    expect(await archive.find("../d9")).toBeUndefined();
  });

  test("AR3 who asks while it is being kept is told of it", async () => {
    const archive = new Archive(temporaryFolder());
    const kept = keep(archive, "d1");
    expect(await Promise.all([archive.ofSession("s1"), archive.find("d1"), archive.sessions()])).toMatchObject([
      [{ discussion: "d1" }],
      { discussion: "d1" },
      ["s1"],
    ]);
    await kept;
  });

  test.each([
    ["cut short", (path: string) => truncateSync(path, 600), /d1\.ndjson has no event of a log in line/],
    ["of something else", (path: string) => writeFileSync(path, '{"type":"x"}\n'), /in line 1/],
    ["with a line too few", (path: string) => writeFileSync(path, `${JSON.stringify(log[1])}\n`), /in line 1/],
    ["too large", (path: string) => truncateSync(path, 17 * 2 ** 20), /is larger than any log/],
  ])("AR4 journal.corrupt: that is %s is told by its name, and hides no other", async (_how, damage, told) => {
    const folder = temporaryFolder();
    const archive = new Archive(folder);
    await keep(archive, "d1");
    await keep(archive, "d2", "s2");
    damage(join(folder, "s1", "d1.ndjson"));
    await expect(archive.ofSession("s1")).rejects.toMatchObject({ code: "journal.corrupt", message: told });
    expect(await archive.find("d2")).toMatchObject({ log });
    const views = await sessionsIn(archive);
    expect(views.find(({ session }) => session === "s2")?.asked).toHaveLength(1);
    expect(views.find(({ session }) => session === "s1")).toMatchObject({
      asked: [],
      damaged: [expect.stringMatching(told)],
    });
  });

  test("AR6 that is damaged is set aside where it is in the way, told from then on, and hides nothing any more", async () => {
    const folder = temporaryFolder();
    const archive = new Archive(folder);
    await keep(archive, "d1");
    await keep(archive, "d2", "s1", later);
    truncateSync(join(folder, "s1", "d1.ndjson"), 600);
    const both = await Promise.all([archive.readable("s1"), archive.readable("s1")]);
    for (const { kept } of both) expect(kept.map(({ discussion }) => discussion)).toEqual(["d2"]);
    expect(both[0]?.aside).toEqual(["d1"]);
    expect(await archive.readable("s1")).toMatchObject({ aside: [] });
    expect(readdirSync(join(folder, "s1"))).toEqual(["d1.ndjson.damaged", "d2.ndjson"]);
    expect(await archive.ofSession("s1")).toHaveLength(1);
    expect(await sessionsIn(archive)).toMatchObject([
      { asked: [{ discussion: "d2" }], damaged: [expect.stringMatching(/d1\.ndjson\.damaged was damaged/)] },
    ]);
    expect(await archive.remove("s1")).toBe(true);
  });

  test("SN2 what runs is among the sessions, without an answer, and what is kept by now is there once", () => {
    const kept = [
      { session: "s1", at: 5, asked: [{ discussion: "d1", request: "one", mode: "alone", at: 5, answer: "so" }] },
      { session: "s2", at: 4, asked: [{ discussion: "d2", request: "two", mode: "vote", at: 4, answer: "4" }] },
    ] as const satisfies readonly SessionView[];
    const runs = (discussion: string, session: string, at: number) =>
      ({ discussion, session, request: discussion, mode: "discuss", at }) as const;
    const running = [runs("d2", "s2", 4), runs("d3", "s2", 9), runs("d4", "s4", 10)];
    expect(withRunning([...kept], running)).toEqual([
      { session: "s4", at: 10, asked: [{ discussion: "d4", request: "d4", mode: "discuss", at: 10 }] },
      {
        ...kept[1],
        asked: [...kept[1].asked, { discussion: "d3", request: "d3", mode: "discuss", at: 9 }],
      },
      kept[0],
    ]);
  });

  test("SN3 what the user said while they talked is told, of what is kept and of what runs, the last of it", async () => {
    const archive = new Archive(temporaryFolder());
    const user = (text: string): Unwritten => ({ type: "user", text });
    await keep(archive, "d1", "s1", logOf(openedBody(), user("Cheap."), said("a", 1, "Left."), user("Blue.")));
    const many = Array.from({ length: 300 }, (_, index) => user(`${index}`));
    await keep(archive, "d2", "s2", logOf(openedBody(), ...many));
    const views = withRunning(await sessionsIn(archive), [
      { discussion: "d3", session: "s3", request: "?", mode: "discuss", at: 9, said: ["Red."] },
    ]);
    const saidIn = (session: string): readonly string[] | undefined =>
      views.find((view) => view.session === session)?.asked[0]?.said;
    expect(saidIn("s1")).toEqual(["Cheap.", "Blue."]);
    expect(saidIn("s2")).toHaveLength(256);
    expect(saidIn("s2")?.at(-1)).toBe("299");
    expect(saidIn("s3")).toEqual(["Red."]);
  });

  test("SN1 is exported with every byte, and their hash", async () => {
    const folder = temporaryFolder();
    const archive = new Archive(folder);
    await keep(archive, "d1");
    await keep(archive, "d2", "s1", later);
    const whole = await exportedFrom(archive, "s1");
    expect(whole).toMatchObject({ discussion: "d2", request: "Which way?", earlier: [{ discussion: "d1", log }] });
    const bytes = readFileSync(join(folder, "s1", "d2.ndjson"));
    expect(whole.hash).toBe(createHash("sha256").update(bytes).digest("hex"));
    mkdirSync(join(folder, "s9"));
    await expect(exportedFrom(archive, "s9")).rejects.toMatchObject({ code: "request.not.found" });
  });
});

describe("what is forgotten", () => {
  const given = (text: string): readonly LogEvent[] =>
    logOf(
      openedBody({
        knowledge: [
          { id: "k1", text },
          { id: "k2", text: "and that" },
        ],
      }),
      granted("a", 1),
    );

  test("AR5 stands in no log that had been given it, and nothing else of any log is changed", async () => {
    const folder = join(temporaryFolder(), "sessions");
    const archive = new Archive(folder);
    await keep(archive, "d1", "s1", given("a secret"));
    await keep(archive, "d2", "s1");
    await keep(archive, "d3", "s2");
    for (const session of ["s1", "s2"]) utimesSync(join(folder, session), 1_000, session === "s1" ? 1_000 : 2_000);
    const before = readFileSync(join(folder, "s1", "d2.ndjson"), "utf8");
    expect(await archive.redact("k1")).toEqual(["s1"]);
    expect((await archive.find("d1"))?.log).toEqual(given(""));
    expect(readFileSync(join(folder, "s1", "d1.ndjson"), "utf8")).not.toContain("a secret");
    expect(readFileSync(join(folder, "s1", "d2.ndjson"), "utf8")).toBe(before);
    expect(await archive.sessions()).toEqual(["s2", "s1"]);
    expect(await archive.redact("k1")).toEqual([]);
  });
});
