/**
 * Sentences about the log of a node: what stands in it, and what never does.
 *
 * @module
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { waitUntil } from "../../support/children.ts";
import type { TestNode } from "../../support/node-harness.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { step, type World } from "../world.ts";

const WITHIN_MS = 15_000;

type Line = Readonly<Record<string, unknown>>;

const textOf = ({ home }: TestNode): string => readFileSync(join(home, "logs", "node.log"), "utf8");
/** Whole ones: the last may still be written. @throws where a line is no JSON */
export const linesOf = (node: TestNode): Line[] =>
  textOf(node)
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

export const untilLine = ({ node }: World, wanted: Line): Promise<unknown> =>
  waitUntil(
    () => linesOf(node).some((line) => Object.entries(wanted).every(([key, value]) => line[key] === value)),
    WITHIN_MS,
  );

step("the log says {string}, because of {string}", (world, event, code) =>
  untilLine(world, { level: 40, "event.name": event, "error.type": code }),
);
step("the log says {string} of that worker", (world, event) =>
  untilLine(world, { "event.name": event, "rbee.worker.id": world.worker.id }),
);
step("the log says {string} of that worker, because of {string}", (world, event, code) =>
  untilLine(world, { "event.name": event, "rbee.worker.id": world.worker.id, "error.type": code }),
);
step("the log says as {string} that it ended after {string}, by {string}", (world, level, after, by) =>
  untilLine(world, {
    level: level === "a warning" ? 40 : 30,
    "event.name": "worker.ended",
    "rbee.worker.id": world.worker.id,
    "rbee.worker.ended_after": after,
    ...(by.startsWith("SIG") ? { "rbee.worker.signal": by } : { "rbee.worker.exit_code": Number(by) }),
  }),
);
step("the log says {string} of {string}", (world, event, name) =>
  untilLine(world, { "event.name": event, "rbee.job.id": world.job(name).id }),
);
step("the log says {string} of the request {string}", (world, event, request) =>
  untilLine(world, { "event.name": event, "rbee.request.id": request }),
);
step("these lines tell its model, its epoch, its process, its memory and how long it took", ({ node, worker }) => {
  const told = linesOf(node).filter((line) => line["rbee.worker.id"] === worker.id);
  expect(new Set(told.map((line) => line["gen_ai.request.model"]))).toEqual(new Set([worker.model]));
  expect(Object.assign({}, ...told)).toMatchObject({
    "rbee.queen.epoch": node.ready.epoch,
    "rbee.worker.pid": worker.pid,
    "rbee.bytes": expect.any(Number),
    "rbee.duration_ms": expect.any(Number),
  });
});
step("the log tells of this life of the node and of the one before", async (world) => {
  const { node, nodes } = world;
  const lives = nodes.filter(({ home }) => home === node.home);
  for (const { pid } of lives) await untilLine(world, { "event.name": "node.started", pid });
  expect(new Set(linesOf(node).map((line) => line["pid"]))).toEqual(new Set(lives.map(({ pid }) => pid)));
  expect(lives).toHaveLength(2);
});
step("the log says of each of them", async (world, rows) => {
  for (const [code, route] of rows) {
    await untilLine(world, { "event.name": "request.refused", "error.type": code, "http.route": route });
  }
});
step("the log says of each worker that it was stopping and that it ended, and last that the node did", ({ node }) => {
  const lines = linesOf(node);
  const workersIn = (event: string): unknown[] =>
    lines.filter((line) => line["event.name"] === event).map((line) => line["rbee.worker.id"]);
  expect(workersIn("worker.ended").length).toBeGreaterThan(1);
  expect(workersIn("worker.stopping").toSorted()).toEqual(workersIn("worker.ended").toSorted());
  expect(lines.at(-1)).toMatchObject({ "event.name": "node.stopped" });
});

step("the log tells the text {json} within one line", ({ node }, text) => {
  const { is } = JSON.parse(text) as { is: string };
  return waitUntil(() => linesOf(node).some((line) => String(line["rbee.text"]).includes(is)), WITHIN_MS);
});
step("every line of the log is news of this node, and none says {string}", ({ node }, event) => {
  for (const line of linesOf(node)) {
    expect(line).toMatchObject({ level: expect.any(Number), pid: node.pid, msg: expect.stringMatching(/^[a-z ]+$/) });
    expect(line["event.name"]).not.toBe(event);
  }
});
function expectHarmless(text: string): void {
  const bytes = [...Buffer.from(text)].filter((byte) => byte < 0x20 || byte === 0x7f);
  expect(new Set(bytes)).toEqual(new Set([0x0a]));
}
step("no character of the log could move the cursor of a terminal", ({ node }) => expectHarmless(textOf(node)));
step("no character of stdout could move the cursor of a terminal", ({ program }) => expectHarmless(program.stdout));

const OUTSIDE = "this is the file outside";

/** It leads there from below the home. */
function link({ node }: World, ...names: readonly string[]): string {
  const outside = join(temporaryFolder(), "outside");
  writeFileSync(outside, OUTSIDE);
  const path = join(node.home, ...names);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(outside, path);
  return outside;
}
step("a link {string} among the logs of workers leads to a file outside", (world, name) =>
  link(world, "logs", "workers", `${name}.log`),
);
step("a link {string} among the models leads to a file outside", (world, name) => {
  world.outside = link(world, "models", name);
});
step("stdout holds nothing of that file", ({ program }) => expect(program.stdout).not.toContain(OUTSIDE));
step("the file outside is still there", ({ outside }) => expect(readFileSync(outside, "utf8")).toBe(OUTSIDE));

step("neither the log, nor stderr, nor the metrics hold {string}", async ({ node }, secret) => {
  const metrics = await node.call("GET", "/metrics");
  expect(metrics.status).toBe(200);
  for (const text of [textOf(node), node.stderr, metrics.text]) expect(text).not.toContain(secret);
});
step("nothing that was told holds {string}", async ({ jobs, fetches, replies }, secret) => {
  const heard = [...jobs.values()].map((told) => JSON.stringify(told.heard));
  const fetched = JSON.stringify(await Promise.all(fetches.values()));
  const texts = [...heard, ...replies.map(({ text }) => text), fetched];
  for (const text of texts) expect(text).not.toContain(secret);
});
