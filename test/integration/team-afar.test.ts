/**
 * Goal: a machine that falls silent while specialists think on it costs the discussion nothing but time: they think on
 *       elsewhere, and what it says when it is back comes too late to be said twice (TL8, TS7, TS8).
 * Method: two real machines whose models are scripted thinkers; the one that thinks is frozen, and thawed in the end.
 *
 * @see test/support/followed.ts for what must hold of the log; test/simulation/README.md for the whole list
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { waitUntil } from "../support/children.ts";
import { Followed } from "../support/followed.ts";
import { begin, ofType } from "../support/team-node.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { settingsFor, thinkingNode } from "../support/thinking-node.ts";
import { startMember, tokenFrom } from "../support/two-machines.ts";

const WITHIN_MS = 60_000;
/** Slow enough for a thought to be cut in two. */
const PIECE_MS = 25;

test("TL8 TS8 a machine that falls silent in the middle of a thought: it is thought on elsewhere, and once", async () => {
  const env = { RBEE_TEAM_CONTRIBUTIONS_MAX: "2", RBEE_TEAM_IDLE: "300ms" };
  const { server, node: queen } = await thinkingNode({ env, args: ["--name", "alpha", "--listen", "127.0.0.1:0"] });
  const home = join(temporaryFolder(), "home");
  mkdirSync(home);
  writeFileSync(join(home, "config.yaml"), settingsFor(server));
  const beta = await startMember(home, { token: await tokenFrom(queen) });
  await waitUntil(async () => (await queen.hive("beta"))?.state === "serving", WITHIN_MS);
  await queen.call("POST", "/v2/hives/drain", { name: "alpha" });
  await waitUntil(async () => (await queen.hive("alpha"))?.workers.length === 0, WITHIN_MS);

  server.pieceMs = PIECE_MS;
  const question = "Question of two machines:";
  const one = new Followed(question, await begin(queen, { request: `${question} which way?`, mode: "discuss" }));
  one.follow(queen);
  // Somebody's words have come from there, and more are under way.
  await waitUntil(() => one.heard.some(({ event }) => event.type === "token"), WITHIN_MS);
  const afar = (await queen.hive("beta"))?.workers ?? [];
  expect(afar.some(({ busySlots }) => busySlots > 0)).toBe(true);
  const thinking = one.turnsAt(Date.now());
  const frozenMs = performance.now();
  beta.freeze();
  await queen.call("POST", "/v2/hives/resume", { name: "alpha" });

  await waitUntil(async () => (await queen.hive("beta"))?.state !== "serving", WITHIN_MS);
  one.downMs += performance.now() - frozenMs;
  await waitUntil(() => one.isOver, WITHIN_MS);
  beta.thaw();
  await waitUntil(async () => (await queen.hive("beta"))?.state === "serving", WITHIN_MS);
  await waitUntil(() => server.running === 0, WITHIN_MS);
  // Whatever it had to say has been heard by now, and changed no byte.
  await one.judge(queen);
  expect(ofType(one.log, "failed")).toEqual([]);
  const cut = ofType(one.log, "contributed").filter(({ turn }) => thinking.some((its) => its.turn === turn));
  expect(cut.length).toBeGreaterThan(0);
  expect(cut.filter(({ source }) => afar.some(({ id }) => id === source?.worker))).toEqual([]);
  await server.close();
});
