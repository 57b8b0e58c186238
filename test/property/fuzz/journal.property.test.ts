/**
 * Goal: a journal with rows of anything opens, or is refused with a code of its own, and keeps its rows
 *       (R1 of restore.ts); a file of anything in its place is refused before it is mapped (D4 of checkpoint.ts).
 * Method: the journals of a node that was killed at work, on real LMDB: rows replaced, spoilt, taken out or added; and
 *       the file itself, cut, or spoilt in the pages that say where the data ends.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { behaviours } from "../../../src/actors/behaviours.ts";
import { hiveTables } from "../../../src/actors/hive/tables.ts";
import { jobTables } from "../../../src/actors/job/tables.ts";
import { queenTables } from "../../../src/actors/queen/tables.ts";
import { errorData } from "../../../src/protocol/errors.ts";
import { Host } from "../../../src/runtime/host.ts";
import { type Journal, pack, unpack } from "../../../src/runtime/journal.ts";
import { realClock } from "../../../src/runtime/real/clock.ts";
import { openJournal, realDisk } from "../../../src/runtime/real/journal/journal.ts";
import { startNode, tokensIn, type HeardEvent } from "../../support/node-harness.ts";
import { readRaw, type RawRows, writeRaw } from "../../support/raw-journal.ts";
import { randomModel } from "../../support/tiny-models.ts";
import { anyValue, msgpackBytes } from "./hostile.ts";
import { within, withoutGarbage } from "./limits.ts";

const SEED = process.env["RBEE_SEED"];
const REFUSALS = ["journal.corrupt", "journal.newer", "journal.older"];
const ROLES = ["queen", "hive"] as const;
type Role = (typeof ROLES)[number];

const folder = mkdtempSync(join(tmpdir(), "rbee-journals-"));
const fileOf = (role: Role): string => join(folder, `${role}.mdb`);
const rowsOf: Partial<Record<Role, RawRows>> = {};

/** Killed with one job done, one in the middle of its answer and some that wait. */
beforeAll(async () => {
  const node = await startNode({
    env: { RBEE_WORKER_SLOTS: "1" },
    home: join(folder, "home"),
    lastly: (end) => afterAll(end),
  });
  const model = `file:${randomModel({ endless: true })}`;
  await node.run({ prompt: "What is a hive?", max_tokens: 3, idempotency_key: "once" });
  const { job_id } = await node.submit({ prompt: "Once", model, max_tokens: 3_000 });
  for (let waiting = 0; waiting < 3; waiting += 1) await node.submit({ prompt: "Twice", model });
  const heard: HeardEvent[] = [];
  for await (const event of node.events(job_id)) if (tokensIn([...heard, event]).length > 0) break;
  await node.kill();
  for (const role of ROLES) {
    const path = join(node.home, "state", `${role}.mdb`);
    // What its log holds comes into its rows.
    openJournal(path).close();
    copyFileSync(path, fileOf(role));
    rowsOf[role] = await readRaw(fileOf(role));
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function hostOn(role: Role, journal: Journal): Host {
  return new Host({
    id: role,
    behaviours,
    tables: role === "queen" ? [...queenTables, ...jobTables] : hiveTables,
    journal,
    clock: realClock,
    transport: { send: () => {} },
    disk: realDisk(folder),
    headroomBytes: 0,
    wake: () => {},
  });
}

/**
 * Writes the rows to a journal of their own and opens a host on it, as a thread does. Its folder is its own, its name
 * is not: LMDB's library keeps 64 KiB for each name that a process ever opened.
 */
async function expectOpenedOrRefused(role: Role, rows: RawRows): Promise<void> {
  withoutGarbage();
  const own = mkdtempSync(join(folder, "fuzzed-"));
  const path = join(own, "journal.mdb");
  await writeRaw(path, rows);
  const before = await readRaw(path);
  try {
    const journal = openJournal(path);
    try {
      const restored = hostOn(role, journal).open();
      expect(restored.cells).toBeLessThanOrEqual(rows.size);
    } finally {
      journal.close();
    }
  } catch (thrown) {
    expect(REFUSALS, String(thrown)).toContain(errorData(thrown).code);
  }
  expect(await readRaw(path)).toEqual(before);
  rmSync(own, { recursive: true });
}

/** Nothing where an earlier change has spoilt it. */
function rowIn(bytes: Uint8Array): unknown {
  try {
    return unpack(bytes);
  } catch {
    return undefined;
  }
}

/** One thing in a decoded row becomes another. */
function withOneChanged(row: unknown, at: number, value: unknown): unknown {
  if (typeof row !== "object" || row === null) return value;
  const names = Object.keys(row);
  const name = names[at % Math.max(1, names.length)];
  if (name === undefined) return value;
  const inner: unknown = row[name as keyof typeof row];
  const deeper = typeof inner === "object" && inner !== null && at % 3 === 0;
  return { ...row, [name]: deeper ? withOneChanged(inner, Math.floor(at / names.length), value) : value };
}

const odd = fc.oneof(anyValue, fc.constantFrom(null, -1, Number.NaN, 1e308, "queen/queen/main", [], {}));
const change = fc.oneof(
  fc.record({ kind: fc.constant("bytes" as const), bytes: msgpackBytes }),
  fc.record({ kind: fc.constant("field" as const), at: fc.nat(1_000), value: odd }),
  fc.record({ kind: fc.constant("value" as const), value: odd }),
  fc.record({ kind: fc.constant("gone" as const) }),
  fc.record({ kind: fc.constant("moved" as const), key: fc.constantFrom("c/", "s/x", "k/|", "t/", "m/x", "zz", "!") }),
);

function changed(
  rows: RawRows,
  changes: readonly (readonly [number, typeof change extends fc.Arbitrary<infer C> ? C : never])[],
): RawRows {
  const result = new Map(rows);
  for (const [place, made] of changes) {
    const key = [...result.keys()][place % result.size];
    const bytes = key === undefined ? undefined : result.get(key);
    if (key === undefined || bytes === undefined) break;
    switch (made.kind) {
      case "bytes":
        result.set(key, made.bytes);
        break;
      case "field":
        result.set(key, pack(withOneChanged(rowIn(bytes), made.at, made.value)));
        break;
      case "value":
        result.set(key, pack(made.value));
        break;
      case "gone":
        result.delete(key);
        break;
      case "moved":
        result.set(made.key, bytes);
        break;
    }
  }
  return result;
}

describe("a journal of anything", () => {
  test.for(ROLES)(
    `R1 the %s's, with rows of anything, opens or is refused, and nothing in it is changed (seed ${SEED})`,
    (role) =>
      within({ ms: 60_000, mebibytes: 144 }, () =>
        fc.assert(
          fc.asyncProperty(fc.array(fc.tuple(fc.nat(10_000), change), { minLength: 1, maxLength: 3 }), (changes) =>
            expectOpenedOrRefused(role, changed(rowsOf[role] ?? new Map(), changes)),
          ),
          { numRuns: 150 },
        ),
      ),
  );

  test(`D4 a file that is cut or spoilt where it says how long it is, is refused (seed ${SEED})`, () => {
    const path = join(folder, "spoilt.mdb");
    const whole = readFileSync(fileOf("queen"));
    return within({ ms: 60_000, mebibytes: 192 }, () =>
      fc.assert(
        fc.property(fc.nat(whole.length - 1), fc.constantFrom(24, 144, 4096 + 24, 4096 + 144), (length, at) => {
          for (const bytes of [
            whole.subarray(0, length),
            Buffer.concat([whole.subarray(0, at), Buffer.alloc(8, 0x7f), whole.subarray(at + 8)]),
          ]) {
            writeFileSync(path, bytes);
            rmSync(`${path}-lock`, { force: true });
            try {
              openJournal(path).close();
            } catch (thrown) {
              expect(REFUSALS, String(thrown)).toContain(errorData(thrown).code);
            }
          }
        }),
        { numRuns: 60 },
      ),
    );
  });
});
