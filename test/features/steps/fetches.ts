/**
 * Sentences about a hub and what is fetched from it: what it has, what goes wrong there, and how a model comes.
 *
 * @module
 */
import { createParser } from "eventsource-parser";
import { expect } from "vitest";
import type { DownloadEvent } from "../../../src/protocol/download-api.ts";
import { waitUntil } from "../../support/children.ts";
import { step, type World } from "../world.ts";
import { bytesOf, partsIn } from "./models.ts";

const WITHIN_MS = 30_000;

step("a hub", async (world) => {
  world.hub = await world.stage.hub();
});

step("the hub has {string}", ({ hub }, model) => {
  const { repo, file } = partsIn(model);
  hub.put(repo, file, bytesOf());
});
step("the hub has the files", ({ hub }, rows) => {
  for (const [model = ""] of rows) {
    const { repo, file } = partsIn(model);
    hub.put(repo, file, bytesOf(rows.length));
  }
});
step("the hub has {string} of {int} MiB", ({ hub }, model, mebibytes) => {
  const { repo, file } = partsIn(model);
  hub.put(repo, file, Buffer.alloc(mebibytes * 2 ** 20));
});

step("the hub sends {int} bytes a second", ({ hub }, rate) => (hub.bytesPerSecond = rate));
step("the hub answers the next request for bytes with {int}", ({ hub }, status) => hub.faults.push({ status }));
step("the hub answers every list with {int}", ({ hub }, status) => (hub.listFault = { status }));
step("the hub cuts the connection after {int} bytes", ({ hub }, bytes) => hub.faults.push({ cutAfter: bytes }));
step("the hub names other hashes than its files have", ({ hub }) => (hub.liesAboutHash = true));

/** The events of its progress, as long as there is somebody who tells them. */
async function progressOf({ node }: World, model: string): Promise<readonly DownloadEvent[]> {
  const told: DownloadEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => told.push({ type: event, ...(JSON.parse(data) as object) } as DownloadEvent),
  });
  const path = `/v1/models/download/progress?model=${encodeURIComponent(model)}`;
  parser.feed((await node.call("GET", path).catch(() => ({ text: "" }))).text);
  return told;
}

async function begin(world: World, model: string): Promise<void> {
  const reply = await world.node.call("POST", "/v1/models/download", { model });
  expect(reply.status, reply.text).toBe(202);
  world.fetches.set(model, progressOf(world, model));
}

step("the fetch of {string} is begun", begin);
step("{string} is fetched", async (world, model) => {
  world.sinceMs = performance.now();
  await begin(world, model);
  await world.fetches.get(model);
});
step("{int} bytes of it have been sent", ({ hub }, bytes) => waitUntil(() => hub.bytesServed >= bytes, WITHIN_MS));

const lastTold = async ({ fetches }: World): Promise<readonly DownloadEvent[]> =>
  (await [...fetches.values()].at(-1)) ?? [];

step("the fetch is done", async (world) => expect((await lastTold(world)).at(-1)).toMatchObject({ type: "done" }));
step("it took as long as all its bytes take at {int} a second", ({ sinceMs, hub }, bytesPerSecond) => {
  // A piece that a socket gives at once is let through whole.
  const atLeastMs = ((hub.bytesServed - 128 * 1024) / bytesPerSecond) * 1_000;
  expect(atLeastMs).toBeGreaterThan(500);
  expect(performance.now() - sinceMs).toBeGreaterThan(atLeastMs);
});
step("each fetch is done", async ({ fetches }) => {
  expect(fetches.size).toBeGreaterThan(1);
  for (const told of fetches.values()) expect((await told).at(-1)).toMatchObject({ type: "done" });
});
step("the fetch has failed with {string}, and it is said what to do", async (world, code) => {
  const advice = expect.stringMatching(/\w/) as string;
  expect((await lastTold(world)).at(-1)).toMatchObject({ type: "error", code, advice });
});
step("it is advised to set {string}", async (world, name) => {
  expect((await lastTold(world)).at(-1)).toMatchObject({ advice: expect.stringContaining(name) });
});

step("its progress was told step by step, from its first bytes to all of them", async (world) => {
  const told = (await lastTold(world)).filter((event) => event.type === "progress" && event.step === "fetching");
  const present = told.map((event) => (event.type === "progress" ? event.presentBytes : 0));
  expect(present.length).toBeGreaterThan(3);
  expect(present).toEqual(present.toSorted((a, b) => a - b));
  expect(present[0]).toBeLessThan(bytesOf().length);
  for (const event of told) expect(event).toMatchObject({ totalBytes: bytesOf().length });
});
step("it was told that it waits before it tries again, because of {string}", async (world, code) => {
  const trouble = expect.objectContaining({ code, message: expect.stringMatching(/\w/) }) as object;
  expect(await lastTold(world)).toContainEqual(expect.objectContaining({ type: "progress", step: "waiting", trouble }));
});

step("the last request for bytes began behind byte {int}", ({ hub }, at) => {
  expect(hub.served.at(-1)?.from).toBeGreaterThanOrEqual(at);
});
step("it was asked for bytes {int} times", ({ hub }, times) => expect(hub.served).toHaveLength(times));
step("each byte was sent once", ({ hub }) => {
  const files = new Set(hub.served.map(({ path }) => path));
  expect(hub.bytesServed).toBe(files.size * bytesOf().length);
});
