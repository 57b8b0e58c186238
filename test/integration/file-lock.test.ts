/**
 * A lock on a file: FL1 and FL2 of src/hosts/real/file-lock.ts, with real threads and a real collector.
 *
 * @module
 */
import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { lockFile } from "../../src/hosts/real/file-lock.ts";
import { collectGarbage } from "../support/collector.ts";
import type { Rounds } from "../support/lock-contender.ts";
import { temporaryFolder } from "../support/temporary.ts";

const ROUNDS = 20;
const CONTENDERS = 2;

test("FL1 of two that try at the same instant one holds, never none and never both", async () => {
  const gates = new Int32Array(new SharedArrayBuffer(2 * ROUNDS * Int32Array.BYTES_PER_ELEMENT));
  const workerData = { path: join(temporaryFolder(), "a.lock"), rounds: ROUNDS, contenders: CONTENDERS, gates };
  const entry = new URL("../support/lock-contender.ts", import.meta.url);
  const contend = async (): Promise<Rounds> => (await once(new Worker(entry, { workerData }), "message"))[0];
  const said = await Promise.all(Array.from({ length: CONTENDERS }, contend));
  const winners = Array.from({ length: ROUNDS }, (_, round) => said.filter(({ won }) => won[round]).length);
  expect(winners).toEqual(winners.map(() => 1));
});

test("FL2 a lock to which nobody refers any more is still held", () => {
  const path = join(temporaryFolder(), "a.lock");
  expect(lockFile(path)?.isHeld).toBe(true);
  collectGarbage();
  expect(lockFile(path)).toBeUndefined();
});
