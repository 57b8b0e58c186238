/**
 * Goal: a model comes from the machines that have it before the hub, and only what was named ever enters the catalog.
 * Method: the real fetcher, machine and disk; machines that give what a test has them give, a hub that counts.
 *
 * @see src/hosts/models/copy.ts, CP1 CP2; src/hosts/models/fetcher.ts, FE4 FE5; src/hosts/models/catalog.ts, CA5;
 *   src/hosts/models/offers.ts, OF1
 */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { locate } from "../../src/hosts/machine/machine.ts";
import { Catalog } from "../../src/hosts/models/catalog.ts";
import type { FetchProgress } from "../../src/hosts/models/fetcher.ts";
import type { Neighbours } from "../../src/hosts/models/neighbours.ts";
import { Offers } from "../../src/hosts/models/offers.ts";
import { RbeeError } from "../../src/protocol/errors.ts";
import type { MachineOffer } from "../../src/protocol/machine-api.ts";
import { download, fetchStage } from "../support/fetch-stage.ts";
import { startHub } from "../support/hub.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const MODEL = "hf:o/r/f-Q8_0.gguf";
const bytes = (): Buffer => readFileSync(randomModel());
const hashOf = (data: Buffer): string => createHash("sha256").update(data).digest("hex");
const NEVER = new AbortController().signal;

interface Giver {
  readonly machine: string;
  readonly gives: (from: number) => Buffer;
  /** Breaks off there. */
  readonly until?: number;
}

/** Machines that all say they have it, in this order; `asked` is who was asked for bytes, and from where. */
function machines(givers: readonly Giver[], name = MODEL, path = "f-Q8_0.gguf") {
  const asked: [string, number][] = [];
  const offers = givers.map(({ machine }): MachineOffer => {
    const files = [{ path, bytes: bytes().length, sha256: hashOf(bytes()) }];
    return { machine, name, files };
  });
  async function* said({ gives, until }: Giver, from: number): AsyncGenerator<Buffer> {
    const data = gives(from).subarray(from);
    if (until === undefined) return yield data;
    yield data.subarray(0, until - from);
    throw new RbeeError("machine.away", "it broke off");
  }
  const neighbours: Neighbours = {
    offers: () => Promise.resolve(offers),
    open: ({ machine, byte }) => {
      asked.push([machine, byte]);
      const giver = givers.find((each) => each.machine === machine);
      return giver === undefined ? Promise.reject(new Error(machine)) : Promise.resolve(said(giver, byte));
    },
  };
  return { neighbours, asked };
}

const spoilt = (): Buffer => {
  const data = Buffer.from(bytes());
  data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
  return data;
};

test("FE5 who waits is told which machine gives, and how far it is, as with the hub", async () => {
  const hub = await startHub();
  hub.put("o/r", "f-Q8_0.gguf", bytes());
  const { neighbours } = machines([{ machine: "beta", gives: bytes, until: 50_000 }]);
  const { fetcher } = fetchStage(hub, temporaryFolder(), { neighbours });
  const told: string[] = [];
  const hear = ({ from, presentBytes, totalBytes }: FetchProgress): void => {
    told.push(`${from ?? "hub"} ${presentBytes} of ${totalBytes === bytes().length ? "all" : totalBytes}`);
  };
  await fetcher.fetch(await fetcher.resolve(MODEL, NEVER), hear, NEVER);
  expect(told.slice(0, 3)).toEqual(["beta 0 of all", "beta 50000 of all", "hub 50000 of all"]);
  expect(told.at(-1)).toBe(`hub ${bytes().length} of all`);
});

test("FE5 CP2 what one machine began the next goes on with, and then the hub: no byte comes twice", async () => {
  const hub = await startHub();
  hub.put("o/r", "f-Q8_0.gguf", bytes());
  const { neighbours, asked } = machines([
    { machine: "beta", gives: bytes, until: 50_000 },
    { machine: "gamma", gives: bytes, until: 80_000 },
  ]);
  const stage = fetchStage(hub, temporaryFolder(), { neighbours });
  expect(await download(stage, MODEL)).toEqual({ done: true });
  expect(asked).toEqual([
    ["beta", 0],
    ["gamma", 50_000],
  ]);
  expect(hub.served.map(({ from }) => from)).toEqual([80_000]);
  const entry = await stage.catalog.find(MODEL);
  expect([readFileSync(entry?.path ?? "").equals(bytes()), entry?.note?.source]).toEqual([true, hub.url]);
});

test("CP1 what was spoilt on the way is refused as soon as it is whole, and fetched anew from the next", async () => {
  const hub = await startHub();
  hub.put("o/r", "f-Q8_0.gguf", bytes());
  const longer = (): Buffer => Buffer.concat([bytes(), Buffer.alloc(9)]);
  const { neighbours, asked } = machines([
    { machine: "beta", gives: spoilt },
    { machine: "delta", gives: longer },
    { machine: "gamma", gives: bytes },
  ]);
  const stage = fetchStage(hub, temporaryFolder(), { neighbours });
  expect(await download(stage, MODEL)).toEqual({ done: true });
  expect(asked).toEqual([
    ["beta", 0],
    ["delta", 0],
    ["gamma", 0],
  ]);
  expect(hub.served).toEqual([]);
  const entry = await stage.catalog.find(MODEL);
  expect([readFileSync(entry?.path ?? "").equals(bytes()), entry?.note?.source]).toEqual([true, "gamma"]);
});

test("FE4 FE5 of another file than the hub names no machine gives bytes; without a hub, what one has is meant", async () => {
  const hub = await startHub();
  const newer = Buffer.concat([bytes(), Buffer.alloc(4096)]);
  hub.put("o/r", "f-Q8_0.gguf", newer);
  const { neighbours, asked } = machines([{ machine: "beta", gives: bytes }]);
  const stage = fetchStage(hub, temporaryFolder(), { neighbours });
  expect(await download(stage, MODEL)).toEqual({ done: true });
  expect(asked).toEqual([]);
  hub.listFault = { status: 500 };
  const other = fetchStage(hub, temporaryFolder(), { neighbours });
  expect(await download(other, MODEL)).toEqual({ done: true });
  expect(readFileSync((await other.catalog.find(MODEL))?.path ?? "").equals(bytes())).toBe(true);
});

test("CA5 a model of no hub is copied under the name that it has where it is, and is found by it", async () => {
  const name = "file:/elsewhere/models/mine.gguf";
  const { neighbours } = machines([{ machine: "beta", gives: bytes }], name, "mine.gguf");
  const stage = fetchStage(await startHub(), temporaryFolder(), { neighbours });
  await expect(locate(name, stage.catalog, false)).rejects.toThrow(expect.objectContaining({ code: "model.absent" }));
  expect(await download(stage, name)).toEqual({ done: true });
  const path = join(stage.folder, "copies", hashOf(bytes()), "mine.gguf");
  expect(await locate(name, stage.catalog, false)).toEqual({ path, bytes: bytes().length });
  expect((await stage.catalog.list()).map((entry) => [entry.name, entry.note?.source])).toEqual([[name, "beta"]]);
  const alone = fetchStage(await startHub(), temporaryFolder());
  expect(await download(alone, name)).toMatchObject({ done: false, failure: { code: "model.not.found" } });
  // A machine that would write elsewhere is not believed.
  const astray = machines([{ machine: "beta", gives: bytes }], name, "../../mine.gguf");
  const careful = fetchStage(await startHub(), temporaryFolder(), { neighbours: astray.neighbours });
  expect(await download(careful, name)).toMatchObject({ done: false, failure: { code: "link.invalid" } });
});

test("OF1 what a machine offers is what its files are, by the note's hash or by their own, and nothing outside the folder", async () => {
  const folder = temporaryFolder();
  const inHub = join(folder, "hf", "o", "r", "f-Q8_0.gguf");
  mkdirSync(dirname(inHub), { recursive: true });
  copyFileSync(randomModel(), inHub);
  copyFileSync(randomModel(), join(folder, "mine.gguf"));
  const offers = new Offers(new Catalog(folder));
  const file = { bytes: bytes().length, sha256: hashOf(bytes()) };
  expect(await offers.of("hf:o/r:Q8_0", NEVER)).toEqual({ name: MODEL, files: [{ path: "f-Q8_0.gguf", ...file }] });
  const mine = `file:${join(folder, "mine.gguf")}`;
  expect(await offers.of(mine, NEVER)).toEqual({ name: mine, files: [{ path: "mine.gguf", ...file }] });
  writeFileSync(join(folder, "mine.gguf"), spoilt());
  expect((await offers.of(mine, NEVER))?.files[0]?.sha256).toBe(hashOf(spoilt()));
  expect(await offers.of(`file:${randomModel()}`, NEVER)).toBeUndefined();
});
