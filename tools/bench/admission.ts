/**
 * From asking for a job to its accept, over the socket of a whole node, beside what the disk needs to keep 4 KiB.
 *
 * The accept leaves after the flush, so the disk's own time is in it; the two take turns in one folder.
 *
 * @module
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { TaskAccepted, TaskBody } from "../../src/protocol/api.ts";
import { type Bench, bounded, type Line, percentile } from "./measure.ts";
import { inTemporaryFolder, type NodeProcess, startNodeProcess } from "./node-process.ts";

const SAMPLES = 200;
const WARM_UP = 20;
/** What the way there and back may add to the disk's own time. */
const ADDED_MS_MAX = 5;
const TASK: TaskBody = { prompt: "a", max_tokens: 1, temperature: 0 };

export const admissionBench: Bench = {
  name: "admission",
  async run(print) {
    await inTemporaryFolder(async (folder) => {
      const node = await startNodeProcess(join(folder, "home"));
      const disk = openSync(join(folder, "probe"), "w");
      try {
        for (const streams of [1, 16]) print(await measure(node, disk, streams));
      } finally {
        closeSync(disk);
        await node.stop();
      }
    });
  },
};

async function measure(node: NodeProcess, disk: number, streams: number): Promise<Line> {
  const accepts: number[] = [];
  const flushes: number[] = [];
  for (let i = -WARM_UP; i < SAMPLES; i += streams) {
    const asked = await Promise.all(Array.from({ length: streams }, () => accept(node)));
    // The next sample finds a node at rest.
    await Promise.all(asked.map(({ accepted }) => untilEnded(node, accepted)));
    const flushMs = flush(disk);
    if (i < 0) continue;
    accepts.push(...asked.map(({ tookMs }) => tookMs));
    flushes.push(flushMs);
  }
  const baseline = percentile(flushes, 0.95);
  const value = percentile(accepts, 0.95);
  const line = { bench: "admission", case: `accept-x${streams}`, unit: "ms p95", values: accepts, value, baseline };
  return bounded(streams === 1 ? { ...line, atMost: baseline + ADDED_MS_MAX } : line);
}

async function accept({ client }: NodeProcess): Promise<{ readonly accepted: TaskAccepted; readonly tookMs: number }> {
  const startedMs = performance.now();
  const accepted = await client.submit(TASK);
  return { accepted, tookMs: performance.now() - startedMs };
}

async function untilEnded({ client }: NodeProcess, accepted: TaskAccepted): Promise<void> {
  for await (const event of client.events(accepted, new AbortController().signal)) {
    if (event.type === "error") throw new Error(`${event.code}: ${event.message}`);
  }
}

const BLOCK = Buffer.alloc(4096, 1);
let writtenBytes = 0;

function flush(disk: number): number {
  const startedMs = performance.now();
  writeSync(disk, BLOCK, 0, BLOCK.length, writtenBytes);
  fdatasyncSync(disk);
  writtenBytes += BLOCK.length;
  return performance.now() - startedMs;
}
