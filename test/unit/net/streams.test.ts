/**
 * Goal: readers of a job see each index once and in order, whatever becomes of its attempts, and nobody grows without
 *       bound (S1 to S6 of streams.ts; RJ2).
 * Method: a spool driven directly, in the order in which jobs and workers would; a property over interleavings.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { Said } from "../../../machines/job.ts";
import type { SpoolLog, SpoolRecord } from "../../../src/net/spool.ts";
import { Streams } from "../../../src/net/streams.ts";
import type { StreamEnd, StreamItem } from "../../../src/protocol/ports.ts";
import { type Chunk, CREDIT_CHUNKS } from "../../../src/protocol/worker.ts";

const NOTHING: Said = { pieces: [], tokens: 0 };
const END: StreamEnd = { type: "error", failure: { code: "job.cancelled", class: "cancelled", message: "" } };
const forever = (): AbortSignal => new AbortController().signal;

const chunk = (index: number, attempt = 1, job = "j"): Chunk => {
  return { job, attempt, index, kind: "text", text: `${attempt}:${index} `, tokens: 2 };
};

function world(bounds: { readonly endedMax?: number; readonly bytesMax?: number } = {}) {
  const granted: number[] = [];
  const streams = new Streams({ credit: (_worker, _job, _attempt, chunks) => granted.push(chunks), ...bounds });
  const begin = (attempt: number, said: Said = NOTHING, job = "j"): void =>
    streams.begin({
      type: "begin",
      job,
      attempt,
      said,
      worker: `w${attempt}`,
      note: { type: "assigned", worker: `w${attempt}`, attempt, why: "" },
    });
  return { streams, begin, granted, total: () => granted.reduce((sum, n) => sum + n, 0) };
}

async function readAll(streams: Streams, from = 0, job = "j"): Promise<StreamItem[]> {
  const items: StreamItem[] = [];
  for await (const item of streams.read(job, from, forever()) ?? []) items.push(item);
  return items;
}

/** Every reader has been given what there is. */
const shown = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** One that takes only what it is made to take. */
function readerOf(streams: Streams, job: string): AsyncIterator<StreamItem> {
  const items = streams.read(job, 0, forever());
  if (items === undefined) throw new Error(`nothing is kept of ${job}`);
  return items[Symbol.asyncIterator]();
}

const indexesIn = (items: readonly StreamItem[]): number[] =>
  items.flatMap((item) => (item.type === "chunk" ? [item.chunk.index] : []));
const textIn = (items: readonly StreamItem[]): string =>
  items.map((item) => (item.type === "chunk" ? item.chunk.text : "")).join("");

describe("a spool", () => {
  test("S1 a chunk of another attempt, of a wrong index, or of a job that is unknown, is dropped and counted", async () => {
    const { streams, begin } = world();
    streams.open("j", "m");
    streams.chunk(chunk(0));
    begin(1);
    for (const index of [0, 0, 2, 1]) streams.chunk(chunk(index));
    streams.chunk(chunk(2, 2));
    streams.chunk(chunk(0, 1, "other"));
    streams.close("j", END);
    streams.chunk(chunk(2));
    expect(indexesIn(await readAll(streams))).toEqual([0, 1]);
    expect(streams.dropped).toBe(6);
  });

  test("S1 RJ2 between the recall of what was said and the next attempt nothing is shown, so that it stays all that was", async () => {
    const { streams, begin } = world();
    streams.open("j", "m");
    begin(1);
    for (const index of [0, 1, 2]) streams.chunk(chunk(index));
    const reading = readAll(streams);
    const said = streams.recall("j");
    expect(said).toEqual({ pieces: ["1:0 ", "1:1 ", "1:2 "], tokens: 6 });
    streams.chunk(chunk(3));
    await shown();
    begin(2, said);
    streams.chunk(chunk(3));
    streams.chunk(chunk(3, 2));
    streams.close("j", END);
    expect(textIn(await reading)).toBe("1:0 1:1 1:2 2:3 ");
  });

  test("RJ2 what an earlier life of the node had shown is shown again at the same indexes, and the attempt goes on behind it", async () => {
    const { streams, begin } = world();
    begin(3, { pieces: ["a", "b", "c"], tokens: 7 });
    streams.chunk(chunk(3, 3));
    expect(streams.recall("j")).toEqual({ pieces: ["a", "b", "c", "3:3 "], tokens: 9 });
    streams.close("j", END);
    expect(textIn(await readAll(streams))).toBe("abc3:3 ");
    expect(indexesIn(await readAll(streams, 2))).toEqual([2, 3]);
  });

  test("S1 a begin that is repeated, or older, changes nothing; nor does one after the end", async () => {
    const { streams, begin } = world();
    begin(2);
    streams.chunk(chunk(0, 2));
    begin(2);
    begin(1);
    streams.chunk(chunk(1, 2));
    streams.close("j", END);
    begin(3);
    expect(indexesIn(await readAll(streams))).toEqual([0, 1]);
  });

  test("S3 the end comes once and last; the first one stands", async () => {
    const { streams, begin } = world();
    streams.open("j", "m", { type: "queued", position: 0 });
    const reading = readAll(streams);
    begin(1);
    streams.chunk(chunk(0));
    streams.close("j", END);
    streams.close("j", { ...END, failure: { code: "defect", class: "defect", message: "" } });
    expect((await reading).map(({ type }) => type)).toEqual(["note", "note", "chunk", "end"]);
    expect((await readAll(streams)).at(-1)).toEqual({ type: "end", end: END });
  });

  test("an attempt that begins before its job is opened keeps the order of news, and its model is told of", async () => {
    const { streams, begin } = world();
    begin(1);
    streams.open("j", "m", { type: "queued", position: 4 });
    streams.close("j", END);
    expect((await readAll(streams))[0]).toEqual({ type: "note", note: { type: "queued", position: 4 } });
    streams.open("waits", "m", { type: "queued", position: 0 });
    for (let percent = 1; percent <= 100; percent += 1)
      streams.loading({ model: "m", fraction: percent / 100, step: "load" });
    streams.loading({ model: "other", fraction: 1, step: "load" });
    streams.close("waits", END);
    const items = await readAll(streams, 0, "waits");
    expect(items.map(({ type }) => type)).toEqual(["note", "loading", "end"]);
    expect(items[1]).toMatchObject({ fraction: 1 });
  });

  test("vectors are not recalled: the next attempt makes them all, and a reader gets each once", async () => {
    const { streams, begin } = world();
    const vector = (index: number, attempt: number): Chunk => {
      return { job: "j", attempt, index, kind: "embedding", text: "", tokens: 0, bytes: new Uint8Array(4) };
    };
    begin(1);
    const reading = readAll(streams);
    streams.chunk(vector(0, 1));
    expect(streams.recall("j")).toEqual(NOTHING);
    begin(2);
    streams.chunk(vector(0, 2));
    streams.chunk(vector(1, 2));
    streams.close("j", END);
    expect(indexesIn(await reading)).toEqual([0, 1]);
  });

  type Act = "chunk" | "late" | "lose" | "read";
  test.prop([fc.array(fc.constantFrom<Act>("chunk", "chunk", "chunk", "late", "lose", "read"), { maxLength: 120 })])(
    "S1 S2 RJ2 every reader, whenever it comes, sees every index once, in order, and the same text as all others",
    async (acts) => {
      const { streams, begin } = world();
      streams.open("j", "m");
      const readings = [readAll(streams)];
      let attempt = 1;
      let index = 0;
      begin(attempt);
      for (const act of acts) {
        if (act === "chunk") streams.chunk(chunk(index++, attempt));
        if (act === "late") streams.chunk(chunk(index, attempt - 1));
        if (act === "read") readings.push(readAll(streams));
        if (act === "lose") {
          const said = streams.recall("j");
          streams.chunk(chunk(index, attempt));
          await shown();
          begin(++attempt, said);
        }
        if (act === "read") await shown();
      }
      streams.close("j", END);
      const whole = await readAll(streams);
      expect(indexesIn(whole)).toEqual(Array.from({ length: index }, (_, place) => place));
      for (const reading of readings) expect(textIn(await reading)).toBe(textIn(whole));
    },
  );
});

describe("credit", () => {
  const flood = (streams: Streams, from: number, to: number): void => {
    for (let index = from; index < to; index += 1) streams.chunk(chunk(index));
  };

  test("S5 with a reader that takes nothing the worker is allowed its first window and no chunk more", async () => {
    const { streams, begin, total } = world();
    streams.open("j", "m");
    begin(1);
    const stuck = readerOf(streams, "j");
    await stuck.next();
    flood(streams, 0, CREDIT_CHUNKS);
    expect(total()).toBe(0);
    await stuck.return?.();
    expect(total()).toBe(CREDIT_CHUNKS);
  });

  test("S5 follows the reader that is furthest ahead, and with no reader the spool itself", async () => {
    const { streams, begin, total } = world();
    streams.open("j", "m");
    begin(1);
    flood(streams, 0, 200);
    expect(total()).toBeGreaterThanOrEqual(CREDIT_CHUNKS / 2);
    const stuck = readerOf(streams, "j");
    await stuck.next();
    const gone = new AbortController();
    const fast = (async () => {
      for await (const item of streams.read("j", 0, gone.signal) ?? []) void item;
    })();
    flood(streams, 200, 1000);
    await shown();
    expect(total()).toBeGreaterThan(1000 - CREDIT_CHUNKS);
    expect(total()).toBeLessThanOrEqual(1000);
    gone.abort();
    await fast;
  });

  test("S5 a reader that waits for an index that is still to come holds nobody up", async () => {
    const { streams, begin, total } = world();
    streams.open("j", "m");
    begin(1);
    const ahead = readAll(streams, 5000);
    await Promise.resolve();
    flood(streams, 0, 1000);
    expect(total()).toBeGreaterThan(1000 - CREDIT_CHUNKS);
    expect(total()).toBeLessThanOrEqual(1000);
    streams.close("j", END);
    expect(indexesIn(await ahead)).toEqual([]);
  });
});

describe("what is kept", () => {
  const ended = (streams: Streams, begin: (attempt: number, said: Said, job: string) => void, job: string): void => {
    streams.open(job, "m");
    begin(1, NOTHING, job);
    streams.chunk({ ...chunk(0, 1, job), text: "x".repeat(500) });
    streams.close(job, END);
  };
  const kept = (streams: Streams, jobs: readonly string[]): string[] =>
    jobs.filter((job) => streams.read(job, 0, AbortSignal.abort()) !== undefined);

  test("S4 of ended jobs only so many are kept, the last ended longest; open ones and those being read stay", async () => {
    const { streams, begin } = world({ endedMax: 2 });
    streams.open("open", "m");
    ended(streams, begin, "a");
    const reading = readerOf(streams, "a");
    await reading.next();
    for (const job of ["b", "c", "d"]) ended(streams, begin, job);
    expect(kept(streams, ["open", "a", "b", "c", "d"])).toEqual(["open", "a", "d"]);
    await reading.return?.();
    ended(streams, begin, "e");
    expect(kept(streams, ["open", "a", "b", "c", "d", "e"])).toEqual(["open", "d", "e"]);
  });

  test("S4 of ended jobs only so many bytes are kept", () => {
    const { streams, begin } = world({ bytesMax: 3_000 });
    const jobs = ["a", "b", "c", "d", "e"];
    for (const job of jobs) ended(streams, begin, job);
    expect(kept(streams, jobs)).toEqual(["d", "e"]);
  });
});

/** A log in memory, which another life reads as far as it was written. */
class Pages implements SpoolLog {
  readonly records: SpoolRecord[] = [];
  readonly forgotten: string[] = [];
  add(record: SpoolRecord): void {
    this.records.push(structuredClone(record));
  }
  forget(job: string): void {
    this.forgotten.push(job);
  }
  flushed(): Promise<void> {
    return Promise.resolve();
  }
}

const inLife = (log: SpoolLog, records: readonly SpoolRecord[] = []): Streams => {
  const streams = new Streams({ credit: () => {}, log });
  streams.restore(records);
  return streams;
};

const beginIn = (streams: Streams, job: string, attempt: number, said = NOTHING): void =>
  streams.begin({
    type: "begin",
    job,
    attempt,
    said,
    worker: "w",
    note: { type: "assigned", worker: "w", attempt, why: "" },
  });

describe("what an earlier life of the node has written", () => {
  test("S6 is gone on from, and served to whoever comes back, when this life hears that the job goes on", async () => {
    const pages = new Pages();
    const first = inLife(pages);
    beginIn(first, "j", 1);
    for (const index of [0, 1, 2]) first.chunk(chunk(index));

    const second = inLife(pages, pages.records.slice());
    expect(second.read("j", 0, forever())).toBeUndefined();
    const said = second.recall("j");
    expect(said).toEqual({ pieces: ["1:0 ", "1:1 ", "1:2 "], tokens: 6 });
    beginIn(second, "j", 2, said);
    second.chunk(chunk(3, 2));
    expect([second.isWhole("j", 2, 4), second.isWhole("j", 2, 5), second.isWhole("j", 1, 4)]).toEqual([
      true,
      false,
      false,
    ]);
    second.close("j", END);

    const third = inLife(pages, pages.records.slice());
    expect(textIn(await readAll(third))).toBe("1:0 1:1 1:2 2:3 ");
    expect(indexesIn(await readAll(third, 2))).toEqual([2, 3]);
  });

  test("S6 is not served behind a gap: what has not ended by then is not known any more", () => {
    const pages = new Pages();
    const first = inLife(pages);
    beginIn(first, "j", 1);
    for (const index of [0, 1, 2, 3]) first.chunk(chunk(index));
    first.close("j", END);
    const records = pages.records.slice();
    records.splice(2, 1, { kind: "gap" });
    const second = inLife(new Pages(), records);
    expect(second.read("j", 0, forever())).toBeUndefined();
    expect(second.recall("j").pieces).toEqual([]);
  });

  test("S4 S6 is bounded like all that has ended, and let go of in the log", async () => {
    const pages = new Pages();
    const first = inLife(pages);
    for (const job of ["a", "b", "c"]) {
      beginIn(first, job, 1);
      first.chunk(chunk(0, 1, job));
      if (job !== "b") first.close(job, END);
    }
    const streams = new Streams({ credit: () => {}, endedMax: 1, log: pages });
    streams.restore(pages.records.slice());
    expect(pages.forgotten).toEqual(["a", "b"]);
    expect(textIn(await readAll(streams, 0, "c"))).toBe("1:0 ");
  });

  const doing = fc.record({
    job: fc.constantFrom("a", "b"),
    what: fc.constantFrom("chunk", "chunk", "chunk", "next attempt", "end"),
  });
  test.prop([fc.array(doing, { maxLength: 40 }), fc.nat()])(
    "S6 RJ2 wherever the writing stopped, each job stands as it once stood, and an ended one whole",
    async (doings, cut) => {
      const pages = new Pages();
      const first = inLife(pages);
      const attempts = new Map<string, number>();
      const texts = new Map<string, string[]>([
        ["a", []],
        ["b", []],
      ]);
      const once = new Map<string, Set<string>>([
        ["a", new Set([""])],
        ["b", new Set([""])],
      ]);
      const ended = new Set<string>();
      for (const { job, what } of doings) {
        const text = texts.get(job) ?? [];
        const attempt = attempts.get(job) ?? 0;
        if (ended.has(job)) continue;
        if (what === "next attempt" || attempt === 0) {
          // Some of what was said is not taken over: it was never known to the job.
          text.splice(text.length - (text.length > 2 ? 1 : 0));
          attempts.set(job, attempt + 1);
          beginIn(first, job, attempt + 1, { pieces: text.slice(), tokens: 2 * text.length });
        } else if (what === "chunk") {
          first.chunk(chunk(text.length, attempt, job));
          text.push(`${attempt}:${text.length} `);
        } else {
          first.close(job, END);
          ended.add(job);
        }
        once.get(job)?.add(text.join(""));
      }
      const second = inLife(new Pages(), pages.records.slice(0, cut % (pages.records.length + 1)));
      for (const job of ["a", "b"]) {
        expect(once.get(job)).toContain(second.recall(job).pieces.join(""));
        if (second.read(job, 0, forever()) === undefined) continue;
        expect(textIn(await readAll(second, 0, job))).toBe(texts.get(job)?.join(""));
      }
    },
  );
});
