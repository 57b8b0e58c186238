/**
 * Goal: a discussion whose models are billed costs no more than it may; models that are not billed go on without money.
 * Method: a real node with priced endpoints; the server behind them counts what it reads itself.
 *
 * @see machines/README.md, TS12; machines/rules/money.ts and event-cost.ts, MO1 to MO6; src/hosts/team/roster.ts, RO3
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { DiscussionConfig, LogEvent } from "../../machines/rules/log.ts";
import { standingOf } from "../../machines/rules/standing.ts";
import type { TeamStats } from "../../src/protocol/team-api.ts";
import { checkLog, told } from "../simulation/team/check-log.ts";
import { waitUntil } from "../support/children.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { begin, hearOut, listen, logIn, ofType } from "../support/team-node.ts";
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
  readonly env?: Readonly<Record<string, string>>;
  /** Once it has begun. */
  readonly meanwhile?: (node: TestNode, discussion: string, server: ThinkingServer) => Promise<void>;
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
  { manners, shipped = "box", own = "free", style = "structured", endpoints = [], env, meanwhile }: Given = {},
): Promise<[readonly LogEvent[], ThinkingServer, TestNode]> {
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
  const node = await startNode({ home, env: { ...ENV, ...env } });
  const { discussion } = await begin(node, { request: "Which way shall we go?", mode: "discuss" });
  await meanwhile?.(node, discussion, server);
  const log = logIn(await hearOut(node, discussion));
  expect(told(checkLog(log, true, TICK_MS))).toEqual([]);
  return [log, server, node];
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
  // What came of it is known, and nobody says that this was all.
  expect(ofType(log, "failed")[0]?.usage).toMatchObject({ completionTokens: 1, costMicros: OUTPUT, isPart: true });
  expect(final?.worth.isPart).toBe(true);
}, 60_000);

/** As they came: a word each. */
const wordsIn = (text: string): number => text.trim().split(" ").length;

/** What is told of the whole of it, in the log and by the node. */
async function expectTold(log: readonly LogEvent[], node: TestNode, completionTokens: number): Promise<void> {
  const costMicros = completionTokens * OUTPUT;
  expect(ofType(log, "final")[0]?.worth).toMatchObject({ tokens: completionTokens, costMicros, isPart: true });
  const statsOf = async () => (await node.call("GET", "/v2/team/stats")).json() as TeamStats;
  await waitUntil(async () => (await statsOf()).modes.length > 0, 10_000);
  expect((await statsOf()).modes).toMatchObject([{ tokens: completionTokens, costMicros, isPart: true }]);
}

test("TS12 TS17 MO5 of a discussion that was stopped all that was heard is told, as the least that it took", async () => {
  const [log, , node] = await discussed(1, ["divergent", "critical"], {
    manners: { divergent: "never stops", critical: "never stops" },
    async meanwhile(its, discussion, server) {
      server.pieceMs = 20;
      const heard = new Map<string, number>();
      for await (const { event } of listen(its, discussion)) {
        if (event.type === "token") heard.set(event.agent, (heard.get(event.agent) ?? 0) + 1);
        if ([...heard.values()].filter((count) => count > 3).length === 2) break;
      }
      await its.call("POST", `/v2/discussions/${discussion}/say`, { order: "stop" });
    },
  });
  const cancelled = ofType(log, "cancelled");
  expect(cancelled).toHaveLength(2);
  for (const { partial, usage } of cancelled) {
    const completionTokens = wordsIn(partial);
    expect(completionTokens).toBeGreaterThan(3);
    expect(usage).toEqual({ promptTokens: 0, completionTokens, costMicros: completionTokens * OUTPUT, isPart: true });
  }
  const taken = cancelled.reduce((sum, { usage }) => sum + (usage?.completionTokens ?? 0), 0);
  await expectTold(log, node, taken);
  const { settledMicros, settledTokens } = standingOf(log) ?? {};
  // Of money all that was set aside: nobody knows what they read.
  expect(settledTokens).toBe(taken);
  expect(settledMicros).toBe(ofType(log, "granted").reduce((sum, { reservedMicros = 0 }) => sum + reservedMicros, 0));
}, 60_000);

test("TS12 TL5 MO5 of turns that ran out of their own time, or of the grace, what was heard is told as the least", async () => {
  const manners = { divergent: "never stops", critical: "never stops" } as const;
  const slow = async (_node: TestNode, _discussion: string, server: ThinkingServer) => void (server.pieceMs = 20);
  const [log, , node] = await discussed(1, ["divergent", "critical"], {
    manners,
    env: { RBEE_TEAM_DRAFT: "3s" },
    meanwhile: slow,
  });
  const failed = ofType(log, "failed");
  expect(failed.map(({ kind }) => kind)).toEqual(["ask.deadline", "ask.deadline"]);
  expect(failed.every(({ usage }) => (usage?.completionTokens ?? 0) > 10 && usage?.isPart)).toBe(true);
  await expectTold(
    log,
    node,
    failed.reduce((sum, { usage }) => sum + (usage?.completionTokens ?? 0), 0),
  );
  const [late, , other] = await discussed(1, ["divergent", "critical"], {
    manners,
    env: { RBEE_TEAM_HARD: "3s", RBEE_TEAM_GRACE: "2s" },
    meanwhile: slow,
  });
  expect(ofType(late, "closing")[0]?.reason).toBe("timeout");
  const cut = ofType(late, "cancelled");
  expect(cut).toHaveLength(2);
  expect(cut.map(({ usage }) => usage?.completionTokens)).toEqual(cut.map(({ partial }) => wordsIn(partial)));
  await expectTold(
    late,
    other,
    cut.reduce((sum, { usage }) => sum + (usage?.completionTokens ?? 0), 0),
  );
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
