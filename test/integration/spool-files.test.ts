/**
 * Goal: what jobs said is read back as it was written, and no disk can hold the node up (SF1 to SF3 of spool-files.ts).
 * Method: real files, torn at every byte; a small disk filled to the last byte; segments rolled by size.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { SpoolFiles } from "../../src/hosts/real/spool-files.ts";
import type { SpoolRecord } from "../../src/net/spool.ts";
import { waitUntil } from "../support/children.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { needsDisk, smallDisk } from "../support/tmpfs.ts";

const chunk = (job: string, index: number, text = `${index} `): SpoolRecord => ({
  kind: "chunk",
  chunk: { job, attempt: 1, index, kind: "text", text, tokens: 1 },
});

function opened(folder: string): {
  readonly files: SpoolFiles;
  readonly lines: string[];
  readonly found: SpoolRecord[];
} {
  const lines: string[] = [];
  const files = new SpoolFiles({ folder, log: (line) => lines.push(line) });
  const found = [...files.earlier()];
  onTestFinished(() => files.close());
  return { files, lines, found };
}

const spools = (folder: string): string[] => readdirSync(folder).toSorted();
const only = (folder: string): string => join(folder, spools(folder)[0] ?? "");

describe("the files of the spool", () => {
  test("SF1 what was written comes back in order, behind which the next life writes on", async () => {
    const folder = join(temporaryFolder(), "spool");
    const written = [chunk("a", 0), chunk("b", 0), chunk("a", 1)];
    const first = opened(folder);
    for (const record of written) first.files.add(record);
    await first.files.close();
    const second = opened(folder);
    expect(second.found).toEqual(written);
    second.files.add(chunk("a", 2));
    await second.files.close();
    expect(spools(folder)).toHaveLength(1);
    expect(opened(folder).found).toEqual([...written, chunk("a", 2)]);
    expect(statSync(only(folder)).mode & 0o777).toBe(0o600);
  });

  test("what is said is written within a tenth of a second, asked or not", async () => {
    const folder = join(temporaryFolder(), "spool");
    const { files } = opened(folder);
    files.add(chunk("a", 0));
    await waitUntil(() => spools(folder).length === 1 && statSync(only(folder)).size > 20, 2_000);
  });

  test("SF1 torn at any byte, or with a byte damaged, it gives whole frames up to there and is written on", async () => {
    const folder = join(temporaryFolder(), "spool");
    const { files } = opened(folder);
    const written = [0, 1, 2].map((index) => chunk("a", index));
    for (const record of written) {
      files.add(record);
      await files.flushed();
    }
    await files.close();
    const bytes = readFileSync(only(folder));
    let most = 0;
    for (let length = 0; length <= bytes.length; length += 1) {
      const torn = join(temporaryFolder(), "spool");
      opened(torn);
      writeFileSync(join(torn, "00000001.spool"), bytes.subarray(0, length));
      const again = opened(torn);
      expect(again.found).toEqual(written.slice(0, again.found.length));
      expect(again.found.length).toBeGreaterThanOrEqual(most);
      most = again.found.length;
      again.files.add(chunk("a", 9));
      await again.files.close();
      expect(opened(torn).found).toEqual([...again.found, chunk("a", 9)]);
    }
    expect(most).toBe(3);
    const damaged = Buffer.from(bytes);
    damaged[damaged.length - 3] = (damaged.at(-3) ?? 0) ^ 1;
    writeFileSync(only(folder), damaged);
    expect(opened(folder).found).toEqual(written.slice(0, 2));
  });

  test("SF3 a segment goes when nobody asks for any of its jobs any more; one of another version is left alone", async () => {
    const folder = join(temporaryFolder(), "spool");
    const { files } = opened(folder);
    writeFileSync(join(folder, "00000000.spool"), "rbee spool 99\nwhatever");
    const half = "x".repeat(5 * 2 ** 20);
    for (const job of ["a", "b", "c"]) {
      files.add(chunk(job, 0, half));
      await files.flushed();
    }
    expect(spools(folder)).toEqual(["00000000.spool", "00000001.spool", "00000002.spool"]);
    files.forget("a");
    expect(spools(folder)).toHaveLength(3);
    files.forget("b");
    expect(spools(folder)).toEqual(["00000000.spool", "00000002.spool"]);
    await files.close();
    const next = opened(folder);
    expect(next.found).toEqual([chunk("c", 0, half)]);
    expect(spools(folder)).toEqual(["00000000.spool", "00000002.spool"]);
  });

  test(
    "SF2 a full disk holds nobody up and is told once; what comes after has a gap before it",
    needsDisk(),
    async () => {
      const disk = smallDisk(2 ** 20);
      const { files, lines } = opened(join(disk.path, "spool"));
      files.add(chunk("a", 0));
      await files.flushed();
      disk.fill(0);
      for (const index of [1, 2, 3]) {
        files.add(chunk("a", index, "y".repeat(20_000)));
        await files.flushed();
      }
      expect(lines).toEqual([expect.stringContaining("ENOSPC")]);
      disk.free();
      files.add(chunk("a", 4));
      await files.close();
      expect(opened(join(disk.path, "spool")).found).toEqual([chunk("a", 0), { kind: "gap" }, chunk("a", 4)]);
    },
  );
});
