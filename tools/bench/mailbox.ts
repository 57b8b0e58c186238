/**
 * Durable messages from another host, counted when folded and committed on real LMDB, beside one LMDB transaction for
 * each turn that writes the very same rows. Both on a fresh file in the temporary folder.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "lmdb";
import { assign, setup } from "xstate";
import { behaviour } from "../../src/runtime/behaviour.ts";
import type { Frame, Message } from "../../src/runtime/envelope.ts";
import { Host } from "../../src/runtime/host.ts";
import { type Journal, pack, unpack, type Writes } from "../../src/runtime/journal.ts";
import { openJournal } from "../../src/runtime/real/journal/journal.ts";
import { type Bench, compare, type Comparison } from "./measure.ts";

const CELLS = 1000;
/** Each cell gets one message a round. */
const ROUNDS = 10;
const HOT = 20_000;
/** Messages in a piece of a channel. */
const PIECE = 250;
const RUNS = 7;

type Packed = readonly (readonly [key: string, bytes: Buffer | undefined])[];

const tally = setup({
  types: { context: {} as { count: number }, events: {} as { readonly type: "count"; readonly by: number } },
}).createMachine({
  id: "tally",
  context: { count: 0 },
  on: { count: { actions: assign({ count: ({ context, event }) => context.count + event.by }) } },
});

const tallyBehaviour = behaviour(tally, {}, { limits: { mailMax: 512 } });

/** A host of tallies on a real journal. Whoever wants to know what it commits gets a copy, in bytes. */
function tallies(
  path: string,
  cells: number,
  commits: Packed[] | undefined,
): { readonly host: Host; readonly acked: () => number } {
  const real = openJournal(path);
  let acked = 0;
  const journal: Journal = {
    rows: () => real.rows(),
    flushed: (then) => real.flushed(then),
    close: () => real.close(),
    commit: (writes) => {
      commits?.push(bytesOf(writes));
      real.commit(writes);
    },
  };
  const host = new Host({
    id: "h",
    behaviours: [tallyBehaviour],
    tables: [],
    journal: commits === undefined ? real : journal,
    clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
    transport: {
      send: (_to, frames) => {
        for (const frame of frames) if (frame.kind === "ack") acked += frame.ns.length;
      },
    },
    wake: () => {},
  });
  host.open();
  for (let i = 0; i < cells; i += 1) host.root("tally", `${i}`, {});
  host.peerUp("x", 1);
  while (host.turn());
  if (commits !== undefined) commits.length = 0;
  return { host, acked: () => acked };
}

const bytesOf = (writes: Writes): Packed =>
  [...writes].map(([key, row]) => [key, row === undefined ? undefined : Buffer.from(pack(row))]);

const COUNT: Message & { readonly by: number } = { type: "count", by: 1 };

const mail = (n: number, cell: number): Frame => ({
  kind: "mail",
  envelope: { to: `h/tally/${cell}`, from: "x/person/p", lane: "data", n, label: "private", event: COUNT },
});

/** Frames as they come from a channel: packed, so many in a piece. */
function pieces(count: number, cellOf: (n: number) => number, size: number): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let n = 1; n <= count; n += size) {
    const frames = Array.from({ length: Math.min(size, count - n + 1) }, (_, i) => mail(n + i, cellOf(n + i)));
    all.push(Uint8Array.from(pack(frames)));
  }
  return all;
}

async function inFolder<T>(work: (path: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "rbee-bench-"));
  try {
    return await work(join(folder, "host.mdb"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const throughHost = (cells: number, count: number, commits?: Packed[]): Promise<number> =>
  inFolder(async (path) => {
    const { host, acked } = tallies(path, cells, commits);
    const arriving = pieces(count, (n) => n % cells, PIECE);
    const startedMs = performance.now();
    for (const [i, piece] of arriving.entries()) {
      host.receive("x", unpack(piece) as Frame[]);
      if (((i + 1) * PIECE) % Math.max(cells, PIECE) === 0) while (host.turn());
    }
    while (acked() < count) await new Promise((resolve) => setImmediate(resolve));
    const tookMs = performance.now() - startedMs;
    host.close();
    return (count * 1000) / tookMs;
  });

const throughLmdb = (commits: readonly Packed[], count: number): Promise<number> =>
  inFolder(async (path) => {
    const db = open<Buffer, string>({ path, encoding: "binary", compression: false, maxDbs: 1, noSubdir: true });
    const startedMs = performance.now();
    for (const writes of commits) {
      db.transactionSync(() => {
        for (const [key, bytes] of writes) {
          if (bytes === undefined) db.removeSync(key);
          else db.putSync(key, bytes);
        }
      });
    }
    const tookMs = performance.now() - startedMs;
    await db.close();
    return (count * 1000) / tookMs;
  });

/** The commits of a run that is not timed are what the baseline writes. */
async function measured(cells: number, count: number): Promise<Pick<Comparison, "subject" | "baseline">> {
  const commits: Packed[] = [];
  await throughHost(cells, count, commits);
  return { subject: () => throughHost(cells, count), baseline: () => throughLmdb(commits, count) };
}

export const mailboxBench: Bench = {
  name: "mailbox",
  async run(print) {
    const common = { bench: "mailbox", unit: "messages/s", runs: RUNS } as const;
    const many = await measured(CELLS, ROUNDS * CELLS);
    print(await compare({ ...common, case: "cells-1000", goal: 0.4, ...many }));
    print(await compare({ ...common, case: "cell-1", ...(await measured(1, HOT)) }));
  },
};
