/**
 * The contract of the journal port (J1-J4 of src/runtime/journal.ts) held to the simulated journal and to real LMDB,
 * and what only the real one can show: that a flush is one, that a thread under load can stop, what a damaged file
 * does.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import type { Journal } from "../../src/runtime/journal.ts";
import { openLmdbJournal } from "../../src/runtime/real/lmdb-journal.ts";
import { SimDisk } from "../simulation/sim-journal.ts";
import { COMMITS } from "../support/flush-program.ts";
import type { ThreadReport } from "../support/journal-thread.ts";
import { needs } from "../support/needs.ts";
import { writeRaw } from "../support/raw-journal.ts";
import { temporaryFolder } from "../support/temporary.ts";

const journals: readonly (readonly [string, () => Journal])[] = [
  ["the simulated journal", () => new SimDisk().open()],
  ["LMDB", () => openLmdbJournal(join(temporaryFolder(), "host.mdb"))],
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

describe("LMDB", () => {
  test("J3 a commit that is refused half-way writes nothing, says journal.refused, and the next one succeeds", () => {
    const journal = openLmdbJournal(join(temporaryFolder(), "host.mdb"));
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
    const journal = openLmdbJournal(join(temporaryFolder(), "host.mdb"));
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
    expect(() => rowsOf(openLmdbJournal(path))).toThrow(
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
    const journal = openLmdbJournal(wholePath);
    for (let i = 0; i < 5; i += 1) {
      journal.commit(new Map(Array.from({ length: 500 }, (_, k) => [`k${i}-${k}`, "x".repeat(200)])));
    }
    await new Promise<void>((resolve) => journal.flushed(resolve));
    const whole = readFileSync(wholePath);
    const path = join(folder, "copy.mdb");
    writeFileSync(path, whole);
    expect(rowsOf(openLmdbJournal(path))).toHaveLength(2500);
    const damaged = damage(whole);
    const damagedPath = join(folder, "damaged.mdb");
    writeFileSync(damagedPath, damaged);
    expect(() => openLmdbJournal(damagedPath)).toThrow(expect.objectContaining({ code: "journal.corrupt" }));
    expect(readFileSync(damagedPath).equals(damaged)).toBe(true);
  });

  test("RM2 `flushed` calls back only after the kernel has synced the file", needs("strace"), () => {
    const folder = temporaryFolder();
    const trace = join(folder, "trace");
    const program = new URL("../support/flush-program.ts", import.meta.url).pathname;
    execFileSync(
      "strace",
      ["-f", "-e", "trace=fdatasync,fsync,write", "-o", trace, process.execPath, program, join(folder, "host.mdb")],
      {
        stdio: "ignore",
      },
    );
    const lines = readFileSync(trace, "utf8").split("\n");
    const at = (text: string): number => lines.findIndex((line) => line.includes(`"${text}\\n"`));
    const syncs = lines.flatMap((line, i) => (/f(data)?sync(\(| resumed).*= 0$/.test(line) ? [i] : []));
    for (let i = 0; i < COMMITS; i += 1) {
      const [begin, flushed] = [at(`begin ${i}`), at(`flushed ${i}`)];
      expect(begin).toBeGreaterThan(-1);
      expect(flushed).toBeGreaterThan(begin);
      expect(
        syncs.some((sync) => sync > begin && sync < flushed),
        `commit ${i}`,
      ).toBe(true);
    }
  });

  test("a durable host in a thread stops itself under write load, twenty times, and loses nothing", async () => {
    const path = join(temporaryFolder(), "host.mdb");
    let before: ThreadReport = { kind: "stopped", clean: true, rows: 0 };
    for (let i = 0; i < 20; i += 1) {
      const reports = await liveOnce(path);
      expect(reports[0]).toEqual({ kind: "opened", clean: true, rows: before.rows });
      before = reports.at(-1) as ThreadReport;
      expect(before.kind).toBe("stopped");
      expect(before.rows).toBeGreaterThan(reports[0]?.rows ?? 0);
    }
  });
});

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
