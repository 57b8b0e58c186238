/**
 * Goal: whatever models do, a discussion ends in a plain answer that says what became of it; and whoever stops one, or
 *       goes away from it, leaves no model at work.
 * Method: a real node, and thinkers scripted at a server on loopback, which sees what still runs.
 *
 * @see machines/README.md, TS14 TS17 TL1 TL2 TL5; src/hosts/team/as-model.ts, TMO3 TMO4
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { checkLog, told } from "../simulation/team/check-log.ts";
import { waitUntil } from "../support/children.ts";
import type { TestNode } from "../support/node-harness.ts";
import { begin, hearOut, hearUntil, logIn, ofType } from "../support/team-node.ts";
import { type ThinkingNode, thinkingNode } from "../support/thinking-node.ts";
import type { Manner, ThinkingServer } from "../support/thinking-server.ts";

const SOON_MS = 20_000;
const TICK_MS = 2_000;
/** From the moment that somebody was told it is stopped. */
const AT_WORK_MS_MAX = 250;
/** Jobs that wait behind the discussion, handed in so many at a time. */
const [QUEUED, TOGETHER] = [300, 50];

const TIMES = { RBEE_TEAM_IDLE: "300ms", RBEE_TEAM_DRAFT: "2500ms", RBEE_TEAM_TURN: "2500ms", RBEE_TEAM_FINAL: "2s" };
const folders: string[] = [];
const ends: (() => Promise<void>)[] = [];

async function started(style: "free" | "structured", times: Readonly<Record<string, string>>): Promise<ThinkingNode> {
  const folder = mkdtempSync(join(tmpdir(), "rbee-manners-"));
  folders.push(folder);
  const env = { RBEE_TEAM_STYLE: style, RBEE_TEAM_CONTRIBUTIONS_MAX: "2", ...times };
  const made = await thinkingNode({ env, lastly: (end) => void ends.push(end) }, folder);
  ends.push(() => made.server.close());
  // No turn waits for a worker that is being made.
  await hearOut(made.node, (await begin(made.node, { request: "Are you there?", mode: "alone" })).discussion);
  return made;
}

afterAll(async () => {
  for (const end of ends) await end();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const busySlots = async (node: TestNode): Promise<number> =>
  (await node.workers()).reduce((sum, { busySlots: busy }) => sum + busy, 0);

async function expectRest(node: TestNode, server: ThinkingServer): Promise<void> {
  await waitUntil(async () => server.running === 0 && (await busySlots(node)) === 0, SOON_MS);
  await waitUntil(async () => {
    const { length, running } = (await node.status()).queen.queue;
    return length + running === 0;
  }, SOON_MS);
}

/** What each kind of model leaves behind: nobody's words, or some; and why the talk is over. */
const MANNERS: readonly (readonly [Manner, "free" | "structured", RegExp, RegExp])[] = [
  ["passes", "free", /^exhausted$/, /everybody passed/],
  // They vote as it comes. Where they do not agree, nobody passes on its own words: then silence ends it.
  ["passes", "structured", /consensus|exhausted|all_idle/, /Thought|so it is/],
  ["never stops", "free", /all_failed/, /no model could be asked/],
  ["never stops", "structured", /all_failed/, /no model could be asked/],
  ["garbage", "free", /all_failed/, /no model could be asked/],
  ["garbage", "structured", /all_failed/, /no model could be asked/],
  ["nothing", "free", /all_failed/, /no model could be asked/],
  ["nothing", "structured", /all_failed/, /no model could be asked/],
  ["dies", "free", /all_failed/, /no model could be asked/],
  ["dies", "structured", /all_failed/, /no model could be asked/],
  ["hangs", "free", /all_failed/, /no model could be asked/],
  ["hangs", "structured", /all_failed/, /no model could be asked/],
];

describe.each(["free", "structured"] as const)("a %s discussion", (style) => {
  let its: ThinkingNode;
  beforeAll(async () => void (its = await started(style, TIMES)), 120_000);
  afterEach(() => its.server.manners.clear());

  test.each(MANNERS.filter((each) => each[1] === style))(
    "TS14 TL1 TL5 with models of which each %s ends in a plain answer, and is true about it",
    async (manner, _style, reason, text) => {
      const { node, server } = its;
      server.manners.set(undefined, manner);
      const { discussion } = await begin(node, { request: "Which way shall we go?", mode: "discuss" });
      const log = logIn(await hearOut(node, discussion));
      expect(told(checkLog(log, true, TICK_MS))).toEqual([]);
      expect(ofType(log, "closing")[0]?.reason).toMatch(reason);
      expect(ofType(log, "final")[0]?.text).toMatch(text);
      if (manner !== "passes") expect(ofType(log, "passed")).toEqual([]);
      await expectRest(node, server);
    },
    60_000,
  );

  test("TMO3 TS14 in which nobody gave a word is an error for who asked a model, never an answer", async () => {
    const { node, server } = its;
    server.manners.set(undefined, "nothing");
    const messages = [{ role: "user", content: "Which way?" }];
    const reply = await node.call("POST", "/v1/chat/completions", { model: "queenbee:discuss", messages });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.json()).toMatchObject({ error: { code: expect.stringMatching(/^(thinker|endpoint)\./) } });
    await expectRest(node, server);
  }, 60_000);
});

describe("whoever stops a discussion", () => {
  let its: ThinkingNode;
  beforeAll(async () => {
    its = await started("structured", {});
    its.server.manners.set(undefined, "never stops");
    // So slowly that nobody comes to its last word meanwhile.
    its.server.pieceMs = 20;
  }, 120_000);

  const atWork = async (): Promise<void> => void (await waitUntil(() => its.server.running === 3, SOON_MS));
  const expectStill = async (): Promise<void> => {
    const ms = await waitUntil(() => its.server.running === 0, SOON_MS);
    console.log(`no model was at work ${Math.round(ms)} ms later`);
    expect(ms).toBeLessThan(AT_WORK_MS_MAX);
    await expectRest(its.node, its.server);
  };

  test("TS17 leaves no model at work", async () => {
    const { node } = its;
    const { discussion } = await begin(node, { request: "Which way?", mode: "discuss" });
    await atWork();
    await hearUntil(node, discussion, "granted");
    expect((await node.call("POST", `/v2/discussions/${discussion}/say`, { order: "stop" })).status).toBe(200);
    await expectStill();
    const log = logIn(await hearOut(node, discussion));
    expect(told(checkLog(log, true, TICK_MS))).toEqual([]);
    expect(ofType(log, "closing")[0]?.reason).toBe("cancelled");
    expect(ofType(log, "cancelled")).toHaveLength(3);
  }, 60_000);

  test("TMO4 TS17 by going away, where it was asked as a model, leaves no model at work", async () => {
    const { node } = its;
    const body = { model: "queenbee:discuss", messages: [{ role: "user", content: "Which way?" }] };
    const headers = { "content-type": "application/json" };
    const { socketPath } = node;
    const sent = request({ socketPath, path: "/v1/chat/completions", method: "POST", headers, agent: false });
    sent.on("error", () => {}).end(JSON.stringify(body));
    await atWork();
    sent.destroy();
    await expectStill();
  }, 60_000);

  test("TL9 TS17 is not kept waiting by a queue of jobs", async () => {
    const { node, server } = its;
    const { discussion } = await begin(node, { request: "Which way, of all?", mode: "discuss" });
    await atWork();
    for (let queued = 0; queued < QUEUED; queued += TOGETHER) {
      const tasks = Array.from({ length: TOGETHER }, () => node.submit({ prompt: "Wait.", max_tokens: 10_000 }));
      await Promise.all(tasks);
    }
    const atWorkForIt = (): number =>
      server.calls.filter(({ prompt, endedMs }) => endedMs === undefined && prompt.includes("of all?")).length;
    expect(atWorkForIt()).toBe(3);
    expect((await node.call("POST", `/v2/discussions/${discussion}/say`, { order: "stop" })).status).toBe(200);
    const ms = await waitUntil(() => atWorkForIt() === 0, SOON_MS);
    console.log(`with ${QUEUED} jobs waiting, no model was at work ${Math.round(ms)} ms later`);
    expect(ms).toBeLessThan(AT_WORK_MS_MAX);
  }, 120_000);
});
