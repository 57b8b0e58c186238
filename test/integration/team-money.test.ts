/**
 * Goal: a discussion whose models are billed costs no more than it may; models that are not billed go on without money.
 * Method: a real node with priced endpoints; the server behind them counts what it reads itself.
 *
 * @see machines/README.md, TS12; machines/rules/money.ts, MO1 to MO4; src/hosts/team/roster.ts, RO3
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { LogEvent } from "../../machines/rules/log.ts";
import { standingOf } from "../../machines/rules/standing.ts";
import { checkLog, told } from "../simulation/team/check-log.ts";
import { startNode } from "../support/node-harness.ts";
import { begin, hearOut, logIn, ofType } from "../support/team-node.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { type Manner, ThinkingServer } from "../support/thinking-server.ts";

const TICK_MS = 2_000;
const [INPUT, OUTPUT] = [1, 4];
const ENV = { RBEE_TEAM_IDLE: "300ms", RBEE_TEAM_SUMMARY: "500ms" };
/** Shipped ones are billed; this one asks a model of the same server that is not. */
const OWN = "---\nname: own\ncolour: cyan\nduty: knows the place\nmodel: openai:model@free\n---\nSay what you know.\n";

async function discussed(
  costMax: number,
  team: readonly string[],
  manners: Readonly<Record<string, Manner>> = {},
): Promise<[readonly LogEvent[], ThinkingServer]> {
  const home = join(temporaryFolder(), "home");
  const server = await ThinkingServer.start();
  onTestFinished(() => server.close());
  for (const [name, manner] of Object.entries(manners)) server.manners.set(name, manner);
  mkdirSync(join(home, "specialists"), { recursive: true });
  writeFileSync(join(home, "specialists", "own.md"), OWN);
  const config = [
    `model: {default: "openai:model@box"}`,
    "endpoints:",
    `  box: {url: "${server.url}", inputPrice: ${INPUT}, outputPrice: ${OUTPUT}}`,
    `  free: {url: "${server.url}"}`,
    `team: {costMax: ${costMax}, specialists: [${team.join(", ")}]}`,
  ];
  writeFileSync(join(home, "config.yaml"), config.join("\n"));
  const node = await startNode({ home, env: ENV });
  const { discussion } = await begin(node, { request: "Which way shall we go?", mode: "discuss" });
  const log = logIn(await hearOut(node, discussion));
  expect(told(checkLog(log, true, TICK_MS))).toEqual([]);
  return [log, server];
}

test("TS12 a budget that ends in the middle ends the discussion, and nothing costs more than it", async () => {
  const costMax = 0.05;
  const [log, server] = await discussed(costMax, ["divergent", "convergent", "critical"]);
  expect(ofType(log, "closing")[0]?.reason).toBe("budget");
  expect(ofType(log, "contributed").length).toBeGreaterThanOrEqual(3);
  const [final] = ofType(log, "final");
  // What was kept aside for it pays the last word.
  expect(final?.by).toBe("model");
  const spent = final?.worth.costMicros ?? 0;
  console.log(`${ofType(log, "contributed").length} contributions, ${spent} of ${costMax * 1e6} millionths`);
  expect(spent).toBeGreaterThan(0);
  expect(spent).toBeLessThanOrEqual(costMax * 1e6);
  const read = server.calls.reduce((sum, { prompt }) => sum + prompt.length * INPUT, 0);
  expect(read).toBeLessThanOrEqual(costMax * 1e6);
  for (const { reservedMicros, turn } of ofType(log, "granted")) {
    const end = log.find((event) => event.type === "contributed" && event.turn === turn);
    const cost = end?.type === "contributed" ? (end.usage.costMicros ?? 0) : 0;
    expect(reservedMicros).toBeGreaterThanOrEqual(cost);
  }
}, 60_000);

test("MO6 TS12 of a model that is billed an answer that breaks off is not asked for again, and is paid for", async () => {
  const [log, server] = await discussed(1, ["divergent", "critical"], { critical: "breaks off once" });
  expect(new Set(server.calls.map(({ prompt, seed }) => `${seed} ${prompt}`)).size).toBe(server.calls.length);
  expect(ofType(log, "failed").map(({ agent }) => agent)).toContain("critical");
  const read = server.calls.reduce((sum, { prompt }) => sum + prompt.length * INPUT, 0);
  const [final] = ofType(log, "final");
  const spent = (standingOf(log)?.settledMicros ?? 0) + (final?.usage?.costMicros ?? 0);
  expect(spent).toBeGreaterThanOrEqual(read);
}, 60_000);

test("MO2 TS12 who is not billed speaks without a budget, and nobody else is asked", async () => {
  const [log, server] = await discussed(0.000_001, ["divergent", "own"]);
  expect(ofType(log, "closing")[0]?.reason).toBe("budget");
  expect(ofType(log, "contributed").map(({ agent }) => agent)).toContain("own");
  expect(new Set(server.calls.map(({ agent }) => agent))).toEqual(new Set(["own"]));
  expect(ofType(log, "final")[0]).toMatchObject({
    by: "extract",
    worth: expect.not.objectContaining({ costMicros: 1 }) as unknown,
  });
}, 60_000);
