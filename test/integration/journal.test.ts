/**
 * The contract of the journal port (J1-J5 of src/runtime/journal.ts) held to the simulated journal and to the real one,
 * and what only the real one can show: that a flush is one, that a thread under load can stop, what a damaged file
 * does.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import type { Journal } from "../../src/runtime/journal.ts";
import { openJournal } from "../../src/runtime/real/journal/journal.ts";
import { SEGMENT_BYTES } from "../../src/runtime/real/journal/segment.ts";
import { SimDisk } from "../simulation/sim-journal.ts";
import { COMMITS } from "../support/flush-program.ts";
import type { ThreadReport } from "../support/journal-thread.ts";
import { needs } from "../support/needs.ts";
import { writeRaw } from "../support/raw-journal.ts";
import { temporaryFolder } from "../support/temporary.ts";

const journals: readonly (readonly [string, () => Journal])[] = [
  ["the simulated journal", () => new SimDisk().open()],
  ["the one on disk", () => openJournal(join(temporaryFolder(), "host.mdb"))],
];
const rowsOf = (journal: Journal): (readonly [string, unknown])[] => [...journal.rows()];

describe.each(journals)("%s", (_name, open) => {
  test("J1 rows come back in the order of their keys, as they were put", () => {
    const journal = open();
    journal.commit(
      new Map(["m/0000000000000010", "c/a/b/c", "m/0000000000000009", "!meta"].map((key) => [key, { key }])),
    );
    const keys = ["!meta", "c/a/b/c", "m/0000000000000009", "m/0000000000000010"];
    expect(rowsOf(journal)).toEqual(keys.map((key) => [key, { key }]));
  });

  test("J2 the last value put stands, and a deleted row is gone", () => {
    const journal = open();
    journal.commit(
      new Map([
        ["a", 1],
        ["b", 1],
      ]),
    );
    journal.commit(
      new Map([
        ["a", 2],
        ["b", undefined],
        ["never", undefined],
      ]),
    );
    expect(rowsOf(journal)).toEqual([["a", 2]]);
  });

  test("J4 what is kept is a copy, and what is read is the reader's own", () => {
    const journal = open();
    const row = { mark: { data: 1 }, list: [1], nothing: null };
    journal.commit(new Map([["k", row]]));
    row.mark.data = 2;
    row.list.push(2);
    const kept = { mark: { data: 1 }, list: [1], nothing: null };
    const [[, read] = []] = rowsOf(journal);
    expect(read).toEqual(kept);
    (read as typeof row).mark.data = 3;
    expect(rowsOf(journal)).toEqual([["k", kept]]);
  });

  test("a flush calls back after the commits before it, in order", async () => {
    const journal = open();
    const order: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      journal.commit(new Map([["a", i]]));
      journal.flushed(() => order.push(i));
    }
    await new Promise<void>((resolve) => journal.flushed(resolve));
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("the journal on disk", () => {
  test("J3 a commit that is refused half-way writes nothing, says journal.refused, and the next one succeeds", () => {
    const journal = openJournal(join(temporaryFolder(), "host.mdb"));
    journal.commit(new Map([["a", "before"]]));
    const tooLong = "k".repeat(5000);
    const half = new Map([
      ["a", "half"],
      ["b", "half"],
      [tooLong, "half"],
    ]);
    expect(() => journal.commit(half)).toThrow(expect.objectContaining({ code: "journal.refused" }));
    expect(rowsOf(journal)).toEqual([["a", "before"]]);
    journal.commit(new Map([["a", "after"]]));
    expect(rowsOf(journal)).toEqual([["a", "after"]]);
  });

  test("J3 a row that no codec takes is a defect, not the disk's fault, and nothing is written", () => {
    const journal = openJournal(join(temporaryFolder(), "host.mdb"));
    const rows = new Map<string, unknown>([
      ["a", "before"],
      ["b", { size: 2n ** 80n }],
    ]);
    expect(() => journal.commit(rows)).toThrow(expect.objectContaining({ code: "defect" }));
    expect(rowsOf(journal)).toEqual([]);
  });

  test("rule 11: a row that cannot be read is refused as corrupt, by its name", async () => {
    const path = join(temporaryFolder(), "host.mdb");
    await writeRaw(path, new Map([["m/1", Uint8Array.of(0xc1, 0xff, 0x00)]]));
    expect(() => rowsOf(openJournal(path))).toThrow(
      expect.objectContaining({ code: "journal.corrupt", message: expect.stringContaining("m/1") }),
    );
  });

  test.each([
    ["a file that is no journal", () => Buffer.alloc(64 * 1024, "not a journal ")],
    ["a few bytes", () => Buffer.from("short")],
    ["a journal that was cut short", (whole: Buffer) => whole.subarray(0, whole.length / 2)],
  ])("D4 %s is refused as corrupt and left as it is", async (_what, damage) => {
    const folder = temporaryFolder();
    const wholePath = join(folder, "whole.mdb");
    const journal = openJournal(wholePath);
    for (let i = 0; i < 5; i += 1) {
      journal.commit(new Map(Array.from({ length: 500 }, (_, k) => [`k${i}-${k}`, "x".repeat(200)])));
    }
    journal.close();
    const whole = readFileSync(wholePath);
    const path = join(folder, "copy.mdb");
    writeFileSync(path, whole);
    expect(rowsOf(openJournal(path))).toHaveLength(2500);
    const damaged = damage(whole);
    const damagedPath = join(folder, "damaged.mdb");
    writeFileSync(damagedPath, damaged);
    expect(() => openJournal(damagedPath)).toThrow(expect.objectContaining({ code: "journal.corrupt" }));
    expect(readFileSync(damagedPath).equals(damaged)).toBe(true);
  });

  test("LG3 a log that is damaged before what was flushed is refused, never read as if that had not been", async () => {
    const path = join(temporaryFolder(), "host.mdb");
    const journal = openJournal(path);
    journal.commit(new Map([["a", "first"]]));
    journal.commit(new Map([["b", "second"]]));
    await new Promise<void>((resolve) => journal.flushed(resolve));
    journal.commit(new Map([["c", "third"]]));
    const copy = copied(path);
    expect(rowsOf(openJournal(copy))).toHaveLength(3);
    const damaged = copied(path);
    spoil(`${damaged}-log-1`, 60);
    expect(() => openJournal(damaged)).toThrow(
      expect.objectContaining({ code: "journal.corrupt", message: expect.stringContaining("log is damaged") }),
    );
  });

  test("LG2 nothing behind a gap is read, and what stood there is not taken for what follows later", () => {
    const path = join(temporaryFolder(), "host.mdb");
    const journal = openJournal(path);
    journal.commit(new Map([["a", "first"]]));
    const large = "x".repeat(700_000);
    for (const key of ["b", "c"]) journal.commit(new Map([[key, large]]));
    const copy = copied(path);
    // The checkpoint lost what was folded last, too.
    rmSync(copy);
    spoil(`${copy}-log-1`, 1000);
    const second = openJournal(copy);
    expect(rowsOf(second)).toEqual([["a", "first"]]);
    second.commit(new Map([["b", "x".repeat(700_000)]]));
    expect(rowsOf(openJournal(copied(copy))).map(([key]) => key)).toEqual(["a", "b"]);
  });

  test("LG2 of a log whose first commit was torn nothing comes back behind the next one", () => {
    const path = join(temporaryFolder(), "host.mdb");
    const journal = openJournal(path);
    for (const key of ["a", "b"]) journal.commit(new Map([[key, "lost"]]));
    const copy = copied(path);
    spoil(`${copy}-log-1`, 38);
    const second = openJournal(copy);
    expect(rowsOf(second)).toEqual([]);
    second.commit(new Map([["c", "kept"]]));
    expect(rowsOf(openJournal(copied(copy)))).toEqual([["c", "kept"]]);
  });

  test("D7 reading leaves every file as it is", () => {
    const path = join(temporaryFolder(), "host.mdb");
    const journal = openJournal(path);
    journal.commit(new Map([["a", "x".repeat(2_000_000)]]));
    journal.commit(new Map([["b", "x"]]));
    const copy = copied(path);
    const before = filesOf(copy);
    expect(rowsOf(openJournal(copy))).toHaveLength(2);
    expect(filesOf(copy)).toEqual(before);
  });

  test("a commit larger than a file of the log is kept, and the file is small again after it", () => {
    const path = join(temporaryFolder(), "host.mdb");
    const journal = openJournal(path);
    for (let i = 0; i < 4; i += 1) journal.commit(new Map([[`k${i}`, "x".repeat(3_000_000)]]));
    for (let i = 0; i < 4; i += 1) journal.commit(new Map([[`k${i}`, "x".repeat(600_000)]]));
    expect(rowsOf(openJournal(copied(path)))).toEqual([0, 1, 2, 3].map((i) => [`k${i}`, "x".repeat(600_000)]));
    expect([0, 1].map((i) => statSync(`${path}-log-${i}`).size)).toEqual([SEGMENT_BYTES, SEGMENT_BYTES]);
  });

  test(
    "RM2 LG1 LG4 J5 `flushed` calls back only after the kernel has synced what was written, in both files",
    needs("strace"),
    () => {
      const folder = temporaryFolder();
      const trace = join(folder, "trace");
      const program = new URL("../support/flush-program.ts", import.meta.url).pathname;
      execFileSync(
        "strace",
        ["-f", "-y", "-e", "trace=fdatasync,write", "-o", trace, process.execPath, program, join(folder, "host.mdb")],
        { stdio: "ignore" },
      );
      const lines = readFileSync(trace, "utf8").split("\n");
      const at = (text: string): number => lines.findIndex((line) => line.includes(`"${text}\\n"`));
      // The first two begin files, and sync them for that.
      for (let i = 2; i < COMMITS; i += 1) {
        const between = lines.slice(at(`begin ${i}`), at(`flushed ${i}`));
        for (const file of ["log-0", "log-1"])
          expect(between.join("\n"), `commit ${i}`).toMatch(new RegExp(`fdatasync\\(\\d+<[^>]*${file}>`));
        const [begun, done] = [between.filter((line) => /fdatasync\(/.test(line)), between.filter(isSynced)];
        expect(done).toHaveLength(begun.length);
      }
      const unasked = lines.slice(at("begin unasked"), at("end unasked"));
      expect(unasked.some(isSynced), "J5 LG4").toBe(true);
    },
  );

  test(
    "a durable host in a thread stops itself under write load, twenty times, and loses nothing",
    { timeout: 60_000 },
    async () => {
      const path = join(temporaryFolder(), "host.mdb");
      let before: ThreadReport = { kind: "stopped", clean: true, rows: 0 };
      for (let i = 0; i < 20; i += 1) {
        const reports = await liveOnce(path);
        expect(reports[0]).toEqual({ kind: "opened", clean: true, rows: before.rows });
        before = reports.at(-1) as ThreadReport;
        expect(before.kind).toBe("stopped");
        expect(before.rows).toBeGreaterThan(reports[0]?.rows ?? 0);
      }
    },
  );
});

const FILES = ["", "-log-0", "-log-1"];

const isSynced = (line: string): boolean => /fdatasync(\(.*\)| resumed.*) += 0$/.test(line);

/** As a process that is killed leaves it. */
function copied(path: string): string {
  const copy = join(temporaryFolder(), "host.mdb");
  for (const end of FILES) if (existsSync(path + end)) copyFileSync(path + end, copy + end);
  return copy;
}

function spoil(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(path, bytes);
}

const filesOf = (path: string): string[] =>
  FILES.map((end) => (existsSync(path + end) ? readFileSync(path + end).toString("base64") : "none"));

/** One life of the thread: told to stop in the midst of its third turn. Ends when the thread has, by itself. */
function liveOnce(path: string): Promise<ThreadReport[]> {
  const worker = new Worker(new URL("../support/journal-thread.ts", import.meta.url), { workerData: { path } });
  const reports: ThreadReport[] = [];
  return new Promise((resolve, reject) => {
    worker.on("message", (report: ThreadReport) => {
      reports.push(report);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      if (reports.length === 3) worker.postMessage("stop");
    });
    worker.on("error", reject);
    worker.on("exit", () => resolve(reports));
  });
}
