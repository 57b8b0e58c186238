/**
 * One of some threads that try for a lock at the same instant, round after round, and tells which of them it won.
 *
 * All wait at a gate before a round and at another before the winner lets go.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { lockFile } from "../../src/hosts/real/file-lock.ts";

interface Task {
  readonly path: string;
  readonly rounds: number;
  readonly contenders: number;
  /** One counter a gate, two gates a round. */
  readonly gates: Int32Array;
}

export interface Rounds {
  readonly won: readonly boolean[];
}

const { path, rounds, contenders, gates } = workerData as Task;

/** Spins, so that all leave it within a microsecond or two. */
function passGate(gate: number): void {
  Atomics.add(gates, gate, 1);
  while (Atomics.load(gates, gate) < contenders);
}

const won: boolean[] = [];
for (let round = 0; round < rounds; round += 1) {
  passGate(2 * round);
  const lock = lockFile(path);
  won.push(lock !== undefined);
  passGate(2 * round + 1);
  lock?.release();
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage({ won } satisfies Rounds);
