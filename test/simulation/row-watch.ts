/**
 * Tables that tell a checker of every change of theirs: the same rows and indexes, with an ear at the index.
 *
 * @module
 */
import { Fleet, type WorkerRow } from "../../machines/rules/fleet.ts";
import { type JobRow, Queue } from "../../machines/rules/queue.ts";
import { hiveTables, members } from "../../src/actors/hive/tables.ts";
import { jobTables } from "../../src/actors/job/tables.ts";
import { jobs, queenTables, workers } from "../../src/actors/queen/tables.ts";
import type { Table } from "../../src/runtime/tables.ts";

/** Hears the key of each row that is put or deleted, in the step that does it. */
export interface RowEar {
  job(key: string): void;
  worker(key: string): void;
  member(key: string): void;
}

type AnyTable = Table<unknown, unknown>;

class HeardQueue extends Queue {
  readonly #heard: (key: string) => void;

  constructor(heard: (key: string) => void) {
    super();
    this.#heard = heard;
  }

  override put(key: string, row: JobRow, before: JobRow | undefined): void {
    super.put(key, row, before);
    this.#heard(key);
  }

  override del(key: string, before: JobRow): void {
    super.del(key, before);
    this.#heard(key);
  }
}

class HeardFleet extends Fleet {
  readonly #heard: (key: string) => void;

  constructor(heard: (key: string) => void) {
    super();
    this.#heard = heard;
  }

  override put(key: string, row: WorkerRow, before: WorkerRow | undefined): void {
    super.put(key, row, before);
    this.#heard(key);
  }

  override del(key: string, before: WorkerRow): void {
    super.del(key, before);
    this.#heard(key);
  }
}

export function heardQueenTables(ear: RowEar): readonly AnyTable[] {
  return [...queenTables, ...jobTables].map((table): AnyTable => {
    if (table.name === jobs.name) return { ...jobs, index: () => new HeardQueue((key) => ear.job(key)) };
    if (table.name === workers.name) return { ...workers, index: () => new HeardFleet((key) => ear.worker(key)) };
    return table;
  });
}

export function heardHiveTables(ear: RowEar): readonly AnyTable[] {
  const heard = { put: (key: string) => ear.member(key), del: (key: string) => ear.member(key) };
  return hiveTables.map((table): AnyTable =>
    table.name === members.name ? { ...members, index: () => heard } : table,
  );
}
