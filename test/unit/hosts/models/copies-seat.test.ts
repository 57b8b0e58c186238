/**
 * Goal: a machine that wants a model hears of every machine that has it at that moment, and is given no more files at a
 *       time than there is room for.
 * Method: a real catalog; a door of the cluster that refuses, breaks off, or is not there.
 *
 * @see src/hosts/models/copies-seat.ts, CS1 CS2; src/hosts/models/models-seat.ts, MS3; src/hosts/models/neighbours.ts,
 *   NB1; src/net/cluster-door.ts, CO1
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import type { AskMachine } from "../../../../src/hosts/seats/machines-seat.ts";
import { Catalog } from "../../../../src/hosts/models/catalog.ts";
import { copiesSeat, GIVING_MAX } from "../../../../src/hosts/models/copies-seat.ts";
import { together } from "../../../../src/hosts/models/models-seat.ts";
import { neighboursBehind } from "../../../../src/hosts/models/neighbours.ts";
import { errorData, RbeeError } from "../../../../src/protocol/errors.ts";
import { waitUntil } from "../../../support/children.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const MODEL = "hf:o/r/f-Q8_0.gguf";
const NEVER = new AbortController().signal;
const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "answered",
    (thrown: unknown) => errorData(thrown).code,
  );

function stage(linked: readonly string[] = []) {
  const folder = temporaryFolder();
  const path = join(folder, "hf", "o", "r", "f-Q8_0.gguf");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "0123456789");
  const asked: string[] = [];
  const ask = ((machine: string) => {
    asked.push(machine);
    if (machine === "gamma") return Promise.reject(new RbeeError("machine.away", "it went"));
    return Promise.resolve(machine === "delta" ? {} : { offer: { name: MODEL, files: [] } });
  }) as AskMachine;
  const openAfar = () => Promise.resolve(Readable.from([Buffer.from("afar")]));
  const seat = copiesSeat({ catalog: new Catalog(folder), name: "alpha", linked: () => linked, ask, openAfar });
  return { seat, asked };
}
const file = { machine: "alpha", model: MODEL, part: 0, fromByte: 4 };

test("CS1 every machine but the one that asks is asked; who has nothing, or cannot say, is left out", async () => {
  const { seat, asked } = stage(["beta", "gamma", "delta"]);
  const named = async (asker?: string) => (await seat.offers(MODEL, asker)).map(({ machine }) => machine);
  expect([await named("beta"), asked.splice(0)]).toEqual([["alpha"], ["alpha", "gamma", "delta"]]);
  expect([await named(), asked.splice(0)]).toEqual([["beta"], ["beta", "gamma", "delta"]]);
});

test("CS2 mailbox.full: so many files are given at a time, from here or from afar, and each makes room when it ends", async () => {
  const { seat } = stage(["beta"]);
  expect(String(await buffer(await seat.open(file, NEVER)))).toBe("456789");
  expect(String(await buffer(await seat.open({ ...file, machine: "beta" }, NEVER)))).toBe("afar");
  expect(await codeOf(seat.open({ ...file, model: "hf:o/r/none.gguf" }, NEVER))).toBe("model.absent");
  const open = await Promise.all(Array.from({ length: GIVING_MAX }, () => seat.open(file, NEVER)));
  expect(await codeOf(seat.open(file, NEVER))).toBe("mailbox.full");
  for (const each of open) each.destroy();
  await waitUntil(async () => (await codeOf(seat.open(file, NEVER))) === "answered", 20_000);
});

test("MS3 a model that several machines have stands in the list once, with all of them", () => {
  const view = { bytes: 1, quant: "", addedAtMs: 0, source: "", machines: [] };
  const mine = { ...view, id: MODEL, path: "/a" };
  const all = together([
    { machine: "alpha", models: [mine] },
    {
      machine: "beta",
      models: [
        { ...mine, path: "/b" },
        { ...view, id: "file:/c", path: "/c" },
      ],
    },
  ]);
  expect(all.map(({ id, path, machines }) => [id, path, machines])).toEqual([
    [MODEL, "/a", ["alpha", "beta"]],
    ["file:/c", "/c", ["beta"]],
  ]);
});

test("CO1 NB1 a door that is not there has no offers; one that refuses or breaks off says so by its code", async () => {
  const socketPath = join(temporaryFolder(), "door.sock");
  const neighbours = neighboursBehind({ socketPath });
  const from = { machine: "beta", model: MODEL, part: 0, byte: 0 };
  expect(await neighbours.offers(MODEL, NEVER)).toEqual([]);
  expect(await codeOf(neighbours.open(from, NEVER))).toBe("machine.away");

  const server = createServer((asked, response) => {
    if (asked.url?.startsWith("/v1/cluster/models?")) return void response.end('{"something":"else"}');
    if (asked.url?.includes("part=1") === true) {
      const error = { code: "mailbox.full", message: "later", advice: "" };
      return void response.writeHead(429).end(JSON.stringify({ error }));
    }
    response.writeHead(200, { "content-length": "10" }).write("half");
    setImmediate(() => response.destroy());
  }).listen(socketPath);
  onTestFinished(() => void server.close());
  expect(await neighbours.offers(MODEL, NEVER)).toEqual([]);
  expect(await codeOf(neighbours.open({ ...from, part: 1 }, NEVER))).toBe("mailbox.full");
  const read = async (): Promise<void> => {
    for await (const piece of await neighbours.open(from, NEVER)) expect(String(piece)).toBe("half");
  };
  expect(await codeOf(read())).toBe("machine.away");
});
