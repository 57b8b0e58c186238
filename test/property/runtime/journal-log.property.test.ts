/**
 * Goal: whatever ends a journal's process or its machine, it opens again as it was after one of its commits, and not
 *       before the last that was flushed (LG1 to LG3 of log.ts, D5 to D7 of journal.ts).
 * Method: commits of rows small and large on a real folder; then its files as the kernel had them, or as a disk may
 *         have them that lost power: of each sector what was there at the last flush, or what was written since.
 */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { Journal } from "../../../src/runtime/journal.ts";
import { openJournal } from "../../../src/runtime/real/journal/journal.ts";
import { SEGMENT_BYTES } from "../../../src/runtime/real/journal/segment.ts";

const SEED = process.env["RBEE_SEED"];
const SECTOR_BYTES = 512;
const root = mkdtempSync(join(tmpdir(), "rbee-log-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const rows = fc.dictionary(
  fc.constantFrom("a", "b", "c", "d", "e"),
  fc.option(fc.tuple(fc.nat(9), fc.constantFrom(1, 100, 40_000, 400_000))),
  { minKeys: 1 },
);
const act = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("commit" as const), rows }) },
  { weight: 2, arbitrary: fc.constant({ do: "flush" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "kill" as const }) },
);
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;
type Rows = Readonly<Record<string, string>>;

const rowsOf = (journal: Journal): Rows => Object.fromEntries(journal.rows()) as Rows;
const flushedOf = (journal: Journal): Promise<void> => new Promise((resolve) => journal.flushed(resolve));

function after(before: Rows, writes: ReadonlyMap<string, unknown>): Rows {
  const state: Record<string, unknown> = { ...before };
  for (const [key, row] of writes) {
    if (row === undefined) delete state[key];
    else state[key] = row;
  }
  return state as Rows;
}

/** A journal in a folder, and every state that it had since the last flush. */
class Lived {
  #folder = mkdtempSync(join(root, "j-"));
  #journal = this.#open();
  #states: Rows[] = [{}];
  #flushed = new Map<string, Buffer>();

  async play(acts: readonly Act[]): Promise<void> {
    for (const each of acts) await this.#act(each);
  }

  /** @param picks for each sector of a log whether it was written */
  losePower(picks: readonly boolean[]): void {
    const folder = mkdtempSync(join(root, "p-"));
    copyFileSync(this.#path, join(folder, "j.mdb"));
    for (const path of this.#logs) {
      const now = readFileSync(path);
      const then = this.#flushed.get(basename(path)) ?? Buffer.alloc(0);
      for (let sector = 0; sector * SECTOR_BYTES < then.length; sector += 1) {
        const [from, to] = [sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES];
        if (picks[sector % picks.length] === false) then.subarray(from, to).copy(now, from);
      }
      writeFileSync(join(folder, basename(path)), now);
    }
    const journal = openJournal(join(folder, "j.mdb"));
    expect(this.#states).toContainEqual(rowsOf(journal));
    journal.close();
    rmSync(folder, { recursive: true });
  }

  close(): void {
    this.#journal.close();
    rmSync(this.#folder, { recursive: true });
  }

  get #path(): string {
    return join(this.#folder, "j.mdb");
  }

  get #logs(): string[] {
    return [`${this.#path}-log-0`, `${this.#path}-log-1`].filter((path) => existsSync(path));
  }

  #open(): Journal {
    return openJournal(join(this.#folder, "j.mdb"));
  }

  async #act(given: Act): Promise<void> {
    const last = this.#states.at(-1) ?? {};
    switch (given.do) {
      case "commit": {
        const writes = new Map(
          Object.entries(given.rows).map(([key, row]) => [key, row === null ? undefined : `${row[0]}`.repeat(row[1])]),
        );
        this.#journal.commit(writes);
        this.#states.push(after(last, writes));
        return;
      }
      case "flush":
        await flushedOf(this.#journal);
        return this.#noteFlushed(last);
      case "restart":
        this.#journal.close();
        this.#journal = this.#open();
        expect(rowsOf(this.#journal)).toEqual(last);
        return this.#noteFlushed(last);
      case "kill": {
        const folder = mkdtempSync(join(root, "k-"));
        for (const path of [this.#path, ...this.#logs]) copyFileSync(path, join(folder, basename(path)));
        this.close();
        this.#folder = folder;
        this.#journal = this.#open();
        expect(rowsOf(this.#journal)).toEqual(last);
      }
    }
  }

  #noteFlushed(last: Rows): void {
    this.#states = [last];
    this.#flushed = new Map(this.#logs.map((path) => [basename(path), readFileSync(path)]));
  }
}

test(
  `LG2 LG3 D5 D6 D7 RM2 what was flushed is there again, and nothing but a whole commit (seed ${SEED})`,
  { timeout: 120_000 },
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 1, maxLength: 30 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
        async (acts, picks) => {
          const lived = new Lived();
          try {
            await lived.play(acts);
            lived.losePower(picks);
          } finally {
            lived.close();
          }
        },
      ),
      { numRuns: 60 },
    ),
);

test("D6 a file that a crash left behind, of which the checkpoint has nothing, is folded before it is written over", () => {
  const folder = (): string => mkdtempSync(join(root, "d-"));
  const at = (of: string): string => join(of, "j.mdb");
  const logs = ["j.mdb-log-0", "j.mdb-log-1"];
  const copied = (from: string, to: string, names: readonly string[]): void =>
    names.forEach((name) => copyFileSync(join(from, name), join(to, name)));
  const half = new Map([["late", "x".repeat(SEGMENT_BYTES / 2)]]);
  const [lived, crashed, killed] = [folder(), folder(), folder()];

  openJournal(at(lived)).close();
  copied(lived, crashed, ["j.mdb"]);
  const first = openJournal(at(lived));
  first.commit(new Map([["early", "kept"]]));
  first.commit(half);
  first.commit(half);
  copied(lived, crashed, logs);
  first.close();

  const second = openJournal(at(crashed));
  second.commit(half);
  second.commit(half);
  copied(crashed, killed, ["j.mdb", ...logs]);
  second.close();

  const third = openJournal(at(killed));
  expect(Object.keys(rowsOf(third))).toEqual(["early", "late"]);
  third.close();
});
