/**
 * Goal: what enters the catalog is byte for byte what the hub names, however the hub behaves; else one code says why.
 * Method: the real fetcher and machine, a hub on loopback that cuts, stalls, lies and refuses, random scripts of it.
 *
 * @see src/hosts/models/fetcher.ts FE1 to FE3, transfer.ts TR1 to TR4, part-file.ts PF1 to PF3, hub.ts HU1 to HU3,
 *   src/net/egress.ts EG1 to EG4, catalog.ts CA1 to CA4
 * @module
 */
import { createServer } from "node:http";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fc } from "@fast-check/vitest";
import { describe, expect, onTestFinished, test } from "vitest";
import { stopwatch } from "../support/children.ts";
import { download, fetchStage, type FetchStage } from "../support/fetch-stage.ts";
import { type Fault, startHub, type TestHub } from "../support/hub.ts";
import { needsDisk, smallDisk } from "../support/tmpfs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const REPO = "bees/tiny-GGUF";
const FILE = "tiny-Q8_0.gguf";
const MODEL = `hf:${REPO}/${FILE}`;
const bytesOf = (seed = 1): Buffer => readFileSync(randomModel({ seed }));
const NEVER = new AbortController().signal;

async function staged(files: Readonly<Record<string, Buffer>> = { [FILE]: bytesOf() }): Promise<[TestHub, FetchStage]> {
  const hub = await startHub();
  for (const [path, bytes] of Object.entries(files)) hub.put(REPO, path, bytes);
  return [hub, fetchStage(hub, temporaryFolder())];
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.includes("."));
const fetchedFile = ({ folder }: FetchStage, file = FILE): Buffer => readFileSync(join(folder, "hf", REPO, file));
const partIn = ({ folder }: FetchStage): string => join(folder, "hf", REPO, `${FILE}.part`);
/** How much of a cut download is kept: what was read before the connection ended. */
const begunBytes = (stage: FetchStage): number => {
  const { length } = readFileSync(partIn(stage));
  expect(length).toBeGreaterThan(0);
  return length;
};
const codeOf = async (stage: FetchStage, model = MODEL): Promise<string> => {
  const outcome = await download(stage, model);
  return outcome.done ? "done" : outcome.failure.code;
};

describe("a model that is fetched", () => {
  test("lies in the catalog with its note, and nothing of the way there is left", async () => {
    const [hub, stage] = await staged();
    expect(await download(stage, `hf:${REPO}:q8_0`)).toEqual({ done: true });
    expect(fetchedFile(stage)).toEqual(bytesOf());
    expect(filesIn(stage.folder).toSorted()).toEqual([`hf/${REPO}/${FILE}`, `hf/${REPO}/${FILE}.json`]);
    const [entry] = await stage.catalog.list();
    expect(entry).toMatchObject({ name: MODEL, quant: "Q8_0", bytes: bytesOf().length });
    expect(entry?.note).toMatchObject({ name: MODEL, source: hub.url, architecture: "llama" });
    expect(await stage.catalog.find(`hf:${REPO}:Q8_0`)).toMatchObject({ name: MODEL });
  });

  test("TR3 goes on from where it was, whoever cut it", async () => {
    const [hub, stage] = await staged();
    hub.faults.push({ cutAfter: 100_000 }, { cutAfter: 50_000 });
    expect(await codeOf(stage)).toBe("done");
    expect(fetchedFile(stage)).toEqual(bytesOf());
    const [first, second = 0, third = 0, ...more] = hub.served.map(({ from }) => from);
    expect([first, more]).toEqual([0, []]);
    // What was sent and not read when the connection ended is lost, and that alone.
    for (const [from, atMost] of [
      [second, 100_000],
      [third - second, 50_000],
    ] as const) {
      expect(from).toBeGreaterThan(0);
      expect(from).toBeLessThanOrEqual(atMost);
    }
  });

  test("TR4 takes no less time than its bytes take at the rate that its owner gives it", async () => {
    const bytesPerSecond = 4_000_000;
    const hub = (await staged())[0];
    const stage = fetchStage(hub, temporaryFolder(), { bytesPerSecond });
    const elapsed = stopwatch();
    expect(await download(stage, MODEL)).toEqual({ done: true });
    expect(elapsed()).toBeGreaterThan((bytesOf().length / bytesPerSecond) * 1_000 - 1);
  });

  test("FE1 is fetched once, however many want it at the same time", async () => {
    const [hub, stage] = await staged();
    hub.bytesPerSecond = 2_000_000;
    const wanted = [MODEL, `hf:${REPO}:Q8_0`, MODEL].map((model) => codeOf(stage, model));
    expect(await Promise.all(wanted)).toEqual(["done", "done", "done"]);
    expect(hub.bytesServed).toBe(bytesOf().length);
  });

  test("TR1 that changed at the hub between two tries is fetched afresh, and is never half of each", async () => {
    const [hub, stage] = await staged();
    hub.faults.push({ cutAfter: 100_000 });
    const plan = await stage.fetcher.resolve(MODEL, NEVER);
    await expect(stage.fetcher.fetch(plan, () => {}, NEVER)).rejects.toMatchObject({ code: "hub.unreachable" });
    hub.put(REPO, FILE, bytesOf(2));
    // With the old plan, whose size is the same: the tag tells, and the hash would.
    await stage.fetcher.fetch(plan, () => {}, NEVER);
    await expect(stage.fetcher.check(plan, () => {}, NEVER)).rejects.toMatchObject({ code: "download.corrupt" });
    expect(hub.served.at(-1)).toMatchObject({ from: 0 });
    expect(await codeOf(stage)).toBe("done");
    expect(fetchedFile(stage)).toEqual(bytesOf(2));
  });

  test("PF3 has its own name only when it was checked", async () => {
    const [, stage] = await staged();
    const plan = await stage.fetcher.resolve(MODEL, NEVER);
    await stage.fetcher.fetch(plan, () => {}, NEVER);
    expect(filesIn(stage.folder)).not.toContain(`hf/${REPO}/${FILE}`);
    expect(await stage.catalog.find(MODEL)).toBeUndefined();
    await stage.fetcher.check(plan, () => {}, NEVER);
    expect(await stage.catalog.find(MODEL)).toMatchObject({ name: MODEL });
  });

  test("PF1 counts only what is marked as flushed: what lies behind the mark is fetched again", async () => {
    const [hub, stage] = await staged();
    hub.faults.push({ cutAfter: 100_000 });
    const plan = await stage.fetcher.resolve(MODEL, NEVER);
    await expect(stage.fetcher.fetch(plan, () => {}, NEVER)).rejects.toMatchObject({ code: "hub.unreachable" });
    const part = partIn(stage);
    const keptBytes = begunBytes(stage);
    writeFileSync(part, Buffer.concat([readFileSync(part), Buffer.alloc(50_000)]));
    expect(await codeOf(stage)).toBe("done");
    expect(hub.served.map(({ from }) => from)).toEqual([0, keptBytes]);
    expect(fetchedFile(stage)).toEqual(bytesOf());
  });

  test("PF2 that is another file by now is asked for from the beginning, whatever the hub would say of it", async () => {
    const [hub, stage] = await staged();
    hub.faults.push({ cutAfter: 100_000 });
    const plan = await stage.fetcher.resolve(MODEL, NEVER);
    await expect(stage.fetcher.fetch(plan, () => {}, NEVER)).rejects.toMatchObject({ code: "hub.unreachable" });
    hub.put(REPO, FILE, bytesOf(2));
    expect(await codeOf(stage)).toBe("done");
    expect(hub.served.map(({ range }) => range)).toEqual([undefined, undefined]);
    expect(fetchedFile(stage)).toEqual(bytesOf(2));
  });

  test("PF2 whose mark is damaged is fetched from the beginning", async () => {
    const [hub, stage] = await staged();
    hub.faults.push({ cutAfter: 100_000 });
    const plan = await stage.fetcher.resolve(MODEL, NEVER);
    await expect(stage.fetcher.fetch(plan, () => {}, NEVER)).rejects.toMatchObject({ code: "hub.unreachable" });
    writeFileSync(join(stage.folder, "hf", REPO, `${FILE}.part.json`), '{"schemaVersion":1,"bytes":12');
    expect(await codeOf(stage)).toBe("done");
    expect(hub.served.map(({ from }) => from)).toEqual([0, 0]);
  });

  test("CA2 in parts is one model, here when all of its parts are", async () => {
    const parts = [1, 2, 3].map((part) => `big-Q4_K_M-0000${part}-of-00003.gguf`);
    const [, stage] = await staged(Object.fromEntries(parts.map((path, at) => [path, bytesOf(at + 1)])));
    expect(await codeOf(stage, `hf:${REPO}:Q4_K_M`)).toBe("done");
    expect(await stage.catalog.list()).toMatchObject([
      { name: `hf:${REPO}/${parts[0]}`, bytes: 3 * bytesOf().length, quant: "Q4_K_M" },
    ]);
    rmSync(join(stage.folder, "hf", REPO, parts[1] ?? ""));
    expect(await stage.catalog.list()).toEqual([]);
    expect(await stage.catalog.find(`hf:${REPO}/${parts[2]}`)).toBeUndefined();
    expect(await codeOf(stage, `hf:${REPO}/${parts[1]}`)).toBe("done");
    expect(await stage.catalog.list()).toHaveLength(1);
  });
});

describe("a hub that misbehaves", () => {
  test.each<[string, Partial<TestHub> & { readonly first?: Fault }, string]>([
    ["hub.unauthorized: 401 is told at once", { listFault: { status: 401 } }, "hub.unauthorized"],
    ["hub.refused: 403 is told at once", { first: { status: 403 } }, "hub.refused"],
    ["model.not.found: 404 is told at once", { listFault: { status: 404 } }, "model.not.found"],
    ["hub.busy: 429 without an end is given up", { listFault: { status: 429 } }, "hub.busy"],
    ["hub.unreachable: 503 without an end is given up", { listFault: { status: 503 } }, "hub.unreachable"],
    [
      "download.corrupt: a hash that never fits is given up after the second time",
      { liesAboutHash: true },
      "download.corrupt",
    ],
  ])("%s", async (_name, { first, ...given }, code) => {
    const [hub, stage] = await staged();
    Object.assign(hub, given);
    if (first !== undefined) hub.faults.push(first);
    expect(await codeOf(stage)).toBe(code);
    expect(filesIn(stage.folder)).toEqual([]);
    if (code === "download.corrupt") expect(hub.bytesServed).toBe(2 * bytesOf().length);
  });

  test("download.stalled: silence without an end is given up, and what arrived is kept", async () => {
    const [hub, stage] = await staged();
    hub.faults.push(...Array.from({ length: 20 }, () => ({ stallAfter: 0 })));
    hub.faults[0] = { stallAfter: 4096 };
    expect(await codeOf(stage)).toBe("download.stalled");
    expect(hub.served.at(-1)).toMatchObject({ from: 4096 });
  });

  test("hub.changed: TR2 lengths and ranges that are not those of the list are never believed", async () => {
    const [hub, stage] = await staged();
    const lies: Fault[] = [{ length: 10 }, { length: 9_999_999 }, { cutAfter: 1000 }, { shiftsRange: 7 }];
    hub.faults.push(...lies);
    expect(await codeOf(stage)).toBe("done");
    expect(fetchedFile(stage)).toEqual(bytesOf());
    expect(hub.served.map(({ from }) => from)).toEqual([0, 0, 0, 1000, 0]);
    hub.faults.push(...Array.from({ length: 30 }, () => ({ length: 10 })));
    hub.put(REPO, "other-Q8_0.gguf", bytesOf(2));
    expect(await codeOf(stage, `hf:${REPO}/other-Q8_0.gguf`)).toBe("hub.changed");
  });

  test("hub.foreign: HU2 what answers with no list of a hub is none, and its paths lead nowhere", async () => {
    const stranger = createServer((_request, response) => response.end("<html>hello</html>")).listen(0, "127.0.0.1");
    await once(stranger, "listening");
    onTestFinished(() => void stranger.close());
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const hub = await startHub();
    Object.defineProperty(hub, "url", { value: url });
    expect(await codeOf(fetchStage(hub, temporaryFolder()))).toBe("hub.foreign");
    const [evil, stage] = await staged({ "../../escape-Q8_0.gguf": bytesOf(), [FILE]: bytesOf() });
    expect((await stage.fetcher.describe(`hf:${REPO}`, NEVER)).models.map(({ name }) => name)).toEqual([MODEL]);
    expect(evil.served).toEqual([]);
  });

  test("model.foreign: a file that is no GGUF is deleted, though its hash is right", async () => {
    const [, stage] = await staged({ [FILE]: Buffer.from("Dear diary, ".repeat(5000)) });
    expect(await codeOf(stage)).toBe("model.foreign");
    expect(filesIn(stage.folder)).toEqual([]);
  });

  test("model.ambiguous: a quantization that several files have is asked back, with their names", async () => {
    const [, stage] = await staged({ "a-Q8_0.gguf": bytesOf(), "b-Q8_0.gguf": bytesOf() });
    const outcome = await download(stage, `hf:${REPO}:Q8_0`);
    expect(outcome).toMatchObject({
      failure: { code: "model.ambiguous", message: expect.stringContaining("b-Q8_0.gguf") },
    });
    expect(await download(stage, `hf:${REPO}:Q2_K`)).toMatchObject({
      failure: { code: "model.not.found", message: expect.stringContaining("Q8_0") },
    });
  });

  test("HU3 is waited for as long as it asks", async () => {
    const [hub, stage] = await staged();
    hub.faults.push({ status: 429, retryAfterS: 1 });
    const sinceMs = performance.now();
    expect(await codeOf(stage)).toBe("done");
    expect(performance.now() - sinceMs).toBeGreaterThan(950);
  });

  test("EG1 HU1 gets the token, and whoever it redirects to does not", async () => {
    const [hub] = await staged();
    const [elsewhere] = await staged();
    const stage = fetchStage(hub, temporaryFolder(), { token: "secret-token" });
    hub.faults.push({ redirectTo: `${elsewhere.url}/${REPO}/resolve/main/${FILE}` });
    expect(await codeOf(stage)).toBe("done");
    expect(hub.served).toMatchObject([{ authorization: "Bearer secret-token" }]);
    expect(elsewhere.served).toMatchObject([{ authorization: undefined, bytes: bytesOf().length }]);
    hub.put(REPO, "loop-Q8_0.gguf", bytesOf());
    const loop = `${hub.url}/${REPO}/resolve/main/loop-Q8_0.gguf`;
    hub.faults.push(...Array.from({ length: 100 }, () => ({ redirectTo: loop })));
    expect(await codeOf(stage, `hf:${REPO}/loop-Q8_0.gguf`)).toBe("hub.foreign");
  });
});

describe("whatever a hub does", () => {
  const fault = fc.oneof(
    fc.nat(240_000).map((cutAfter): Fault => ({ cutAfter })),
    fc.constant<Fault>({ ignoresRange: true }),
    fc.nat(240_000).map((stallAfter): Fault => ({ stallAfter })),
    fc.constantFrom(429, 500, 503).map((status): Fault => ({ status })),
    fc.constantFrom(401, 403, 404).map((status): Fault => ({ status })),
    fc.nat(500_000).map((length): Fault => ({ length })),
    fc.integer({ min: -3, max: 3 }).map((shiftsRange): Fault => ({ shiftsRange })),
  );

  test("FE2 the file is there byte for byte, or one code says why and no file is", { timeout: 60_000 }, async () => {
    const bytes = bytesOf();
    const hub = await startHub();
    hub.put(REPO, FILE, bytes);
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 12 }), async (script) => {
        const folder = mkdtempSync(join(tmpdir(), "rbee-fetch-"));
        try {
          const stage = fetchStage(hub, folder);
          hub.faults.splice(0, Infinity, ...script);
          const outcome = await download(stage, MODEL);
          if (outcome.done) expect(fetchedFile(stage).equals(bytes)).toBe(true);
          else {
            expect(await stage.catalog.list()).toEqual([]);
            expect(outcome.failure.code).toMatch(/^(hub|download|model)\./);
            hub.faults.length = 0;
            expect(await codeOf(stage)).toBe("done");
            expect(fetchedFile(stage).equals(bytes)).toBe(true);
          }
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("a disk", () => {
  test(
    "that fills up during a download is told with what is missing, and what is there is kept",
    needsDisk(),
    async () => {
      const [hub] = await staged();
      const disk = smallDisk(2 ** 20);
      disk.fill(bytesOf().length / 2);
      const stage = fetchStage(hub, disk.path);
      const plan = await stage.fetcher.resolve(MODEL, NEVER);
      await expect(stage.fetcher.fetch(plan, () => {}, NEVER)).rejects.toMatchObject({
        code: "disk.full",
        message: expect.stringMatching(/KB of tiny-Q8_0.gguf are still to come/),
      });
      disk.free();
      expect(await codeOf(stage)).toBe("done");
      expect(fetchedFile(stage)).toEqual(bytesOf());
    },
  );

  test("M1 is measured with all that is still to come", async () => {
    const [hub, stage] = await staged();
    hub.faults.push({ cutAfter: 100_000 });
    const plan = await stage.fetcher.resolve(MODEL, NEVER);
    await expect(stage.fetcher.fetch(plan, () => {}, NEVER)).rejects.toMatchObject({ code: "hub.unreachable" });
    const other = { name: `hf:${REPO}/x.gguf`, files: [{ path: "x.gguf", bytes: 5e9, sha256: undefined }] };
    expect(await stage.fetcher.room(plan, [other])).toMatchObject({
      toComeBytes: bytesOf().length - begunBytes(stage),
      othersBytes: 5e9,
    });
  });
});

describe("a removal", () => {
  test("CA3 CA4 takes the model, its note and what was begun of it, and leaves what is in use", async () => {
    const [hub, stage] = await staged();
    await download(stage, MODEL);
    const path = join(stage.folder, "hf", REPO, FILE);
    await expect(stage.fetcher.remove(MODEL, [path])).rejects.toMatchObject({ code: "model.in.use" });
    expect(await stage.fetcher.remove(`hf:${REPO}:Q8_0`, [])).toBe(bytesOf().length);
    expect(readdirSync(stage.folder)).toEqual([]);
    await expect(stage.fetcher.remove(MODEL, [])).rejects.toMatchObject({ code: "model.absent" });
    hub.faults.push({ cutAfter: 100_000 });
    const plan = await stage.fetcher.resolve(MODEL, NEVER);
    await expect(stage.fetcher.fetch(plan, () => {}, NEVER)).rejects.toMatchObject({ code: "hub.unreachable" });
    const presentBytes = begunBytes(stage);
    expect(await stage.catalog.begun()).toEqual([{ name: MODEL, presentBytes }]);
    expect(await stage.fetcher.remove(MODEL, [])).toBe(presentBytes);
    expect(readdirSync(stage.folder)).toEqual([]);
  });

  test.each([
    ["of a slow hub", 100_000, Infinity],
    ["that is held to a rate", 0, 100_000],
  ])("FE3 ends a fetch %s, and nothing of it comes back", async (_which, hubs, ours) => {
    const [hub] = await staged();
    const stage = fetchStage(hub, temporaryFolder(), { bytesPerSecond: ours });
    hub.bytesPerSecond = hubs;
    const plan = await stage.fetcher.resolve(MODEL, NEVER);
    const began = Promise.withResolvers<void>();
    const fetching = stage.fetcher.fetch(plan, ({ presentBytes }) => presentBytes > 0 && began.resolve(), NEVER);
    const ended = fetching.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    await began.promise;
    await stage.fetcher.remove(`hf:${REPO}:Q8_0`, []);
    expect(await ended).toMatchObject({ code: "model.removed" });
    expect(readdirSync(stage.folder)).toEqual([]);
  });

  test("CA1 a GGUF that was put into the folder by hand is a model like any other", async () => {
    const [, stage] = await staged();
    // What the name of a folder says of a quantization is not said of the file.
    for (const path of ["mine.gguf", join("hf", REPO, FILE), join("hf", "o", "r-Q4_0-GGUF", "plain.gguf")]) {
      mkdirSync(dirname(join(stage.folder, path)), { recursive: true });
      copyFileSync(randomModel(), join(stage.folder, path));
    }
    const names = (await stage.catalog.list()).map(({ name }) => name);
    expect(names).toEqual([`file:${join(stage.folder, "mine.gguf")}`, MODEL, "hf:o/r-Q4_0-GGUF/plain.gguf"]);
    expect(await stage.catalog.find("hf:o/r-Q4_0-GGUF:Q4_0")).toBeUndefined();
    expect(await stage.catalog.find(`hf:${REPO}:Q8_0`)).toMatchObject({ name: MODEL, note: undefined });
  });
});
