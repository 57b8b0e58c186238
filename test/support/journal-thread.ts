/**
 * A durable host in a thread, under write load until it is told to stop. It stops itself, between turns.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { put } from "../../src/runtime/behaviour.ts";
import { Host } from "../../src/runtime/host.ts";
import { openJournal } from "../../src/runtime/real/journal/journal.ts";
import { obey, paints, puppet, toyTables } from "./toy-machines.ts";

export interface ThreadReport {
  readonly kind: "opened" | "turned" | "stopped";
  readonly clean: boolean;
  readonly rows: number;
}

const host = new Host({
  id: "t",
  behaviours: [puppet()],
  tables: toyTables,
  journal: openJournal((workerData as { path: string }).path),
  clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
  transport: { send: () => {} },
  wake: () => {},
});

const { clean } = host.open();
const report = (kind: ThreadReport["kind"]): void =>
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage({ kind, clean, rows: host.core.tables.rows(paints).size } satisfies ThreadReport);

host.root("puppet", "p", {});
report("opened");

let stopping = false;
parentPort?.on("message", () => (stopping = true));

let written = host.core.tables.rows(paints).size;
const loop = (): void => {
  const rows = Array.from({ length: 50 }, () => put(paints, `k${(written += 1)}`, { colour: "red" }));
  const envelope = {
    to: "t/puppet/p",
    from: "x/y/z",
    lane: "data",
    n: 0,
    label: "private",
    event: obey(...rows),
  } as const;
  host.receive("x", [{ kind: "mail", envelope }]);
  host.turn();
  if (!stopping) {
    report("turned");
    setImmediate(loop);
    return;
  }
  host.close();
  report("stopped");
  parentPort?.close();
};
loop();
