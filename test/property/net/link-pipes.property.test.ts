/**
 * Goal: PI1 to PI4 of pipes over a whole link: bytes arrive in order and whole, a slow reader holds up its own pipe
 *       alone, and what waits is bounded.
 * Method: random writes and reads of several pipes both ways, on virtual time with random delays.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PipeReader, PipeWriter } from "../../../src/net/link/pipes.ts";
import { PIPE_CREDIT_BYTES, PIPE_WAITING_BYTES_MAX } from "../../../src/net/link/pipes.ts";
import { type LinkEnd, linkedHosts } from "../../support/link-stage.ts";
import { Prng } from "../../support/prng.ts";

const SEED = process.env["RBEE_SEED"];

interface ReadPipe {
  readonly reader: PipeReader;
  readonly chunks: Uint8Array[];
  unread: number;
  ended: number;
  cut: string[];
}

/** Everything that an end reads, by the names of the pipes. @param takes whether it gives credit at once */
function readAll(end: LinkEnd, takes: (name: string) => boolean): Map<string, ReadPipe> {
  const pipes = new Map<string, ReadPipe>();
  end.onPipe = (reader) => {
    const pipe: ReadPipe = { reader, chunks: [], unread: 0, ended: 0, cut: [] };
    pipes.set(reader.name, pipe);
    return {
      onBytes(bytes) {
        pipe.chunks.push(Uint8Array.from(bytes));
        if (takes(reader.name)) reader.taken(bytes.length);
        else pipe.unread += bytes.length;
      },
      onEnd: () => void (pipe.ended += 1),
      onCut: (reason) => void pipe.cut.push(reason),
    };
  };
  return pipes;
}

const total = (pipe: ReadPipe | undefined): number => (pipe?.chunks ?? []).reduce((sum, { length }) => sum + length, 0);

/** Writes all of it, waiting for room where there is none. */
function writeAll(end: LinkEnd, name: string, bytes: Buffer, sizes: readonly number[]): void {
  let at = 0;
  let turn = 0;
  const go = (): void => {
    while (writer !== undefined && at < bytes.length) {
      const size = sizes[turn % sizes.length] ?? 1000;
      if (writer.write(bytes.subarray(at, at + size)) !== "sent") return;
      at += size;
      turn += 1;
    }
    writer?.end();
  };
  const writer: PipeWriter | undefined = end.link.openPipe(name, { onDrain: go });
  go();
}

describe("pipes of a link", () => {
  test(`PI1 bytes of many pipes both ways arrive whole and in order, and then the end, once (seed ${SEED})`, () => {
    const plans = fc.array(
      fc.record({
        from: fc.constantFrom("a", "b"),
        length: fc.integer({ min: 0, max: 900_000 }),
        sizes: fc.array(fc.integer({ min: 1, max: PIPE_WAITING_BYTES_MAX }), { minLength: 1, maxLength: 5 }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(plans, fc.integer(), (given, seed) => {
        const { net, a, b } = linkedHosts(new Prng(seed));
        const read = { a: readAll(b, () => true), b: readAll(a, () => true) };
        const sent = given.map(({ from, length, sizes }, i) => {
          const bytes = Buffer.from(Uint8Array.from({ length }, (_, at) => at + i));
          // Some sizes would be tens of thousands of writes.
          writeAll(
            from === "a" ? a : b,
            `pipe-${i}`,
            bytes,
            sizes.map((size) => Math.max(size, length >> 8, 1)),
          );
          return { from, bytes };
        });
        net.run(5000);
        for (const [i, { from, bytes }] of sent.entries()) {
          const pipe = read[from].get(`pipe-${i}`);
          expect(Buffer.concat(pipe?.chunks ?? []).equals(bytes)).toBe(true);
          expect([pipe?.ended, pipe?.cut]).toEqual([1, []]);
        }
        expect([...a.closed, ...b.closed]).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test("PI2 a reader that reads nothing is sent its credit and no more, and holds up nobody else", () => {
    const { net, a, b } = linkedHosts();
    const read = readAll(b, (name) => name === "quick");
    const bytes = Buffer.alloc(2 ** 20);
    writeAll(a, "slow", bytes, [60_000]);
    writeAll(a, "quick", bytes, [60_000]);
    net.run(2000);
    expect([total(read.get("slow")), read.get("slow")?.ended]).toEqual([PIPE_CREDIT_BYTES, 0]);
    expect([total(read.get("quick")), read.get("quick")?.ended]).toEqual([bytes.length, 1]);
    const slow = read.get("slow");
    slow?.reader.taken(slow.unread);
    net.run(2000);
    expect(total(slow)).toBe(2 * PIPE_CREDIT_BYTES);
  });

  test("PI3 a writer that is not read is told so, and what waits is bounded", () => {
    const { net, a, b } = linkedHosts();
    readAll(b, () => false);
    const writer = a.link.openPipe("p");
    let written = 0;
    while (writer?.write(Buffer.alloc(10_000)) === "sent") written += 10_000;
    net.run(1000);
    while (writer?.write(Buffer.alloc(10_000)) === "sent") written += 10_000;
    expect(written).toBeLessThanOrEqual(PIPE_CREDIT_BYTES + PIPE_WAITING_BYTES_MAX);
    expect(() => writer?.write(Buffer.alloc(PIPE_WAITING_BYTES_MAX + 1))).toThrow("too many");
  });

  test("PI1 a pipe that is cut is heard to be cut once, by whoever did not cut it", () => {
    const { net, a, b } = linkedHosts();
    const read = readAll(b, () => true);
    const cut: string[] = [];
    const mine = a.link.openPipe("mine", { onCut: (reason) => cut.push(reason) });
    const theirs = a.link.openPipe("theirs", { onCut: (reason) => cut.push(reason) });
    net.run(10);
    mine?.cut("enough");
    read.get("theirs")?.reader.cut("too much");
    net.run(10);
    expect([read.get("mine")?.cut, read.get("theirs")?.cut, cut]).toEqual([["enough"], [], ["too much"]]);
    expect([mine?.write(Buffer.alloc(1)), theirs?.write(Buffer.alloc(1))]).toEqual(["gone", "gone"]);
  });

  test("PI4 with the link every pipe is cut; a pipe that nobody reads is cut at once", () => {
    const { net, a, b } = linkedHosts();
    const cut: string[] = [];
    a.link.openPipe("unread", { onCut: (reason) => cut.push(reason) });
    net.run(10);
    expect(cut).toEqual(["nobody reads it"]);
    const read = readAll(b, () => true);
    a.link.openPipe("read", { onCut: (reason) => cut.push(reason) });
    net.run(10);
    b.link.close();
    net.run(10);
    expect([cut.length, read.get("read")?.cut.length]).toEqual([2, 1]);
  });
});
