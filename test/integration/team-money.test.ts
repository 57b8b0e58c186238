/**
 * Goal: a discussion whose models are billed costs no more than it may; models that are not billed go on without money.
 * Method: a real node with priced endpoints; the server behind them counts what it reads itself.
 *
 * @see machines/README.md, TS12; machines/rules/money.ts, MO1 to MO6; src/hosts/team/roster.ts, RO3
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { DiscussionConfig, LogEvent } from "../../machines/rules/log.ts";
import { standingOf } from "../../machines/rules/standing.ts";
import { checkLog, told } from "../simulation/team/check-log.ts";
import { startNode } from "../support/node-harness.ts";
import { begin, hearOut, logIn, ofType } from "../support/team-node.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { type Manner, type ServerCall, ThinkingServer } from "../support/thinking-server.ts";

const TICK_MS = 2_000;
const [INPUT, OUTPUT] = [1, 4];
const ENV = { RBEE_TEAM_IDLE: "300ms", RBEE_TEAM_SUMMARY: "500ms" };
const OWN = "---\nname: own\ncolour: cyan\nduty: knows the place\nmodel: openai:model@OWN\n---\nSay what you know.\n";

interface Given {
  readonly manners?: Readonly<Record<string, Manner>>;
  /** Of the models: that of all who name none, and that of the thinker `own`. */
  readonly shipped?: string;
  readonly own?: string;
  readonly style?: DiscussionConfig["style"];
  /** Lines of endpoints beside those two. */
  readonly endpoints?: readonly string[];
}

async function started(manners: Given["manners"] = {}): Promise<ThinkingServer> {
  const server = await ThinkingServer.start();
  onTestFinished(() => server.close());
  for (const [name, manner] of Object.entries(manners)) server.manners.set(name, manner);
  return server;
}

const priced = (url: string): string => `{url: "${url}", inputPrice: ${INPUT}, outputPrice: ${OUTPUT}}`;

/** Shipped ones are billed; the own one asks a model of the same server that is not. */
async function discussed(
  costMax: number,
  team: readonly string[],
  { manners, shipped = "box", own = "free", style = "structured", endpoints = [] }: Given = {},
): Promise<[readonly LogEvent[], ThinkingServer]> {
  const home = join(temporaryFolder(), "home");
  const server = await started(manners);
  mkdirSync(join(home, "specialists"), { recursive: true });
  writeFileSync(join(home, "specialists", "own.md"), OWN.replace("@OWN", `@${own}`));
  const config = [
    `model: {default: "openai:model@${shipped}"}`,
    "endpoints:",
    `  box: ${priced(server.url)}`,
    `  free: {url: "${server.url}"}`,
    ...endpoints,
    `team: {costMax: ${costMax}, style: ${style}, specialists: [${team.join(", ")}]}`,
  ];
  writeFileSync(join(home, "config.yaml"), config.join("\n"));
  const node = await startNode({ home, env: ENV });
  const { discussion } = await begin(node, { request: "Which way shall we go?", mode: "discuss" });
  const log = logIn(await hearOut(node, discussion));
  expect(told(checkLog(log, true, TICK_MS))).toEqual([]);
  return [log, server];
}

const billedFor = ({ prompt, completionTokens = 0 }: ServerCall): number =>
  prompt.length * INPUT + completionTokens * OUTPUT;

test("TS12 a budget that ends in the middle ends the discussion, and nothing costs more than it", async () => {
  // Less than a vote of all of them would need: in some orders of their words they would agree before it ends.
  const costMax = 0.025;
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
  const [log, server] = await discussed(1, ["divergent", "critical"], { manners: { critical: "breaks off once" } });
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

test("MO5 DS5 a server that answers the first step of a turn and is gone for the second is paid for that first one", async () => {
  const frail = await started({ own: "bids and is gone" });
  const endpoints = [`  frail: ${priced(frail.url)}`];
  const given = { shipped: "free", own: "frail", style: "free", endpoints } as const;
  const [log] = await discussed(1, ["own", "divergent"], given);
  const [bid, ...more] = frail.calls;
  if (bid === undefined || more.length > 0) throw new Error("it was asked more or less than once");
  const [failed] = ofType(log, "failed");
  expect(failed).toMatchObject({
    agent: "own",
    kind: "endpoint.unreachable",
    usage: { promptTokens: bid.prompt.length, completionTokens: bid.completionTokens, costMicros: billedFor(bid) },
  });
  expect(standingOf(log)?.settledMicros).toBe(billedFor(bid));
  expect(ofType(log, "final")[0]?.worth.costMicros).toBe(billedFor(bid));
}, 60_000);

test("MO5 TS12 a server that refuses connections spends nothing, and the budget pays for somebody else", async () => {
  const gone = await started();
  const endpoints = [`  gone: ${priced(gone.url)}`];
  await gone.close();
  const costMax = 0.009;
  const [log, server] = await discussed(costMax, ["own", "divergent"], { own: "gone", endpoints });
  const [first, other] = ["own", "divergent"].map((name) => ofType(log, "granted").find(({ agent }) => agent === name));
  // Not both of them.
  expect((first?.reservedMicros ?? 0) + (other?.reservedMicros ?? 0)).toBeGreaterThan(costMax * 1e6);
  expect(ofType(log, "failed")[0]).toMatchObject({ agent: "own", kind: "endpoint.unreachable" });
  expect(ofType(log, "contributed").map(({ agent }) => agent)).toContain("divergent");
  const billed = server.calls.reduce((all, call) => all + billedFor(call), 0);
  const [final] = ofType(log, "final");
  expect((standingOf(log)?.settledMicros ?? 0) + (final?.usage?.costMicros ?? 0)).toBe(billed);
  expect(final?.worth.costMicros).toBe(billed);
}, 60_000);
