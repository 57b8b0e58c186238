/**
 * Sentences about the metrics of a node: what they say, and by how much it has grown.
 *
 * @module
 */
import { expect } from "vitest";
import { waitUntil } from "../../support/children.ts";
import { type Family, readExposition, type Series } from "../../support/exposition.ts";
import type { TestNode } from "../../support/node-harness.ts";
import { step, type World } from "../world.ts";

const WITHIN_MS = 15_000;

/** @throws where it is not well formed */
async function scrape(node: TestNode): Promise<readonly Family[]> {
  const reply = await node.call("GET", "/metrics");
  expect(reply.status).toBe(200);
  return readExposition(reply.text);
}

const seriesIn = (families: readonly Family[]): readonly Series[] => families.flatMap(({ series }) => series);

/** The sum of all series of a name with these labels. */
function valueIn(families: readonly Family[], name: string, labels = "{}"): number {
  const wanted = Object.entries(JSON.parse(labels) as Record<string, string>);
  return seriesIn(families)
    .filter((one) => one.name === name && wanted.every(([label, value]) => one.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

const grewBy = ({ node, metrics }: World, by: number, name: string, labels?: string): Promise<unknown> =>
  waitUntil(async () => valueIn(await scrape(node), name, labels) - valueIn(metrics, name, labels) === by, WITHIN_MS);

step("the metrics are read", async (world) => {
  world.metrics = await scrape(world.node);
});
step("the metrics are asked for over TCP as Prometheus does", async (world) => {
  const reply = await fetch(new URL("/metrics", world.node.ready.url));
  world.raw = await reply.text();
  expect(reply.status).toBe(200);
  expect(reply.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
});
step("they are well formed to the last line, and each has its help and its kind", ({ raw }) => {
  const families = readExposition(raw);
  expect(families.length).toBeGreaterThan(20);
  for (const { help, kind } of families) {
    expect(help).toMatch(/\w/);
    expect(["counter", "gauge", "histogram"]).toContain(kind);
  }
});

step("{string} is {int} for {json}", ({ node }, name, value, labels) =>
  waitUntil(async () => valueIn(await scrape(node), name, labels) === value, WITHIN_MS),
);
step(
  "{string} is for the device {string} what that worker has booked, and for {string} nothing",
  async (world, ...of) => {
    const [name, device, other] = of;
    const booked = async (): Promise<number> => (await world.node.workers())[0]?.reservedBytes ?? 0;
    await waitUntil(async () => {
      const families = await scrape(world.node);
      return valueIn(families, name, JSON.stringify({ device })) === (await booked());
    }, WITHIN_MS);
    expect(await booked()).toBeGreaterThan(0);
    expect(valueIn(await scrape(world.node), name, JSON.stringify({ device: other }))).toBe(0);
  },
);
step("{string} has grown, by less than {int}", async ({ node, metrics }, name, most) => {
  const grown = valueIn(await scrape(node), name) - valueIn(metrics, name);
  expect(grown).toBeGreaterThan(0);
  expect(grown).toBeLessThan(most);
});
step("{string} has grown by {int}", (world, name, by) => grewBy(world, by, name));
step("{string} has grown by {int} for {json}", (world, name, by, labels) => grewBy(world, by, name, labels));
step("{string} has grown by all bytes of the model", (world, name) => grewBy(world, world.hub.bytesServed, name));
step("{string} has buckets that rise to their count", async ({ node }, name) => {
  const buckets = seriesIn(await scrape(node)).filter((one) => one.name === `${name}_bucket`);
  expect(buckets.length).toBeGreaterThan(10);
});
