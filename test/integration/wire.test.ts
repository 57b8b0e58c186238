/**
 * Goal: two machines are one cluster: work goes where there is room, outlives the machine it ran on, and ends with a
 *       queen that does not come back.
 * Method: two real nodes in homes of their own, joined as a person joins them, over a real door with TLS; kill -9.
 *
 * @see src/hosts/cluster/links.ts, LN1 LN2; queen-side.ts, LN3 LN4; src/hosts/member-node.ts, MN2 MN3;
 *   machines/hive.ts, H6
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { WorkerView } from "../../src/protocol/api.ts";
import { tokenCreated } from "../../src/protocol/cluster-api.ts";
import { waitUntil } from "../support/children.ts";
import { LAUNCHER } from "../support/keeper.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";

const WITHIN_MS = 60_000;

const joined = (home: string, ...token: readonly string[]): Promise<TestNode> =>
  startNode({ home, program: [LAUNCHER, "join", ...token, "--name", "beta", "--json"], args: [] });

const betaAt = (queen: TestNode) => queen.hive("beta");

const isServing = async (queen: TestNode): Promise<boolean> => (await betaAt(queen))?.state === "serving";

/** A worker there that takes jobs; at the queen's own machine nobody has asked for one. */
async function workerAt(queen: TestNode): Promise<WorkerView> {
  await waitUntil(() => isServing(queen), WITHIN_MS);
  await queen.call("POST", "/v1/workers/spawn", { model: "starter", node: "beta" });
  const find = async () => (await betaAt(queen))?.workers.find(({ state }) => state === "idle");
  let found: WorkerView | undefined;
  await waitUntil(async () => (found = await find()) !== undefined, WITHIN_MS);
  if (found === undefined) throw new Error("there is no worker on beta");
  return found;
}

async function linked() {
  const queen = await startNode({ args: ["--name", "alpha", "--listen", "127.0.0.1:0"] });
  const { token } = tokenCreated.parse((await queen.call("POST", "/v2/tokens", {})).json());
  const home = join(temporaryFolder(), "home");
  return { queen, home, beta: await joined(home, token) };
}

async function answered(queen: TestNode, job: string) {
  const events = [];
  for await (const event of queen.events(job)) events.push(event);
  const tokens = events.flatMap((event) => (event.type === "token" ? [event] : []));
  return {
    end: events.at(-1),
    text: tokens.map(({ token }) => token).join(""),
    indexes: tokens.map(({ index }) => index),
  };
}

const TASK = { capability: "text", prompt: "what is a hive?", max_tokens: 12, temperature: 0 } as const;

describe("two machines", () => {
  test("are one cluster: a job runs on the other one, each token once and in order", async () => {
    const { queen, beta } = await linked();
    expect(beta.ready).toMatchObject({ name: "beta", roles: ["hive"] });
    const { id: there } = await workerAt(queen);
    const { end, indexes } = await answered(queen, (await queen.submit(TASK)).job_id);
    expect(end).toMatchObject({ type: "done", worker: there, attempts: 1 });
    expect(indexes).toEqual(indexes.map((_, at) => at));
  });

  test("a job outlives the machine it was to run on, which leaves nothing, and comes back by its certificate", async () => {
    const { queen, home, beta } = await linked();
    const { id: there } = await workerAt(queen);
    const { job_id: job } = await queen.submit(TASK);
    await beta.kill();
    const { end, text } = await answered(queen, job);
    expect(end).toMatchObject({ type: "done" });
    expect(text).toBe((await answered(queen, (await queen.submit(TASK)).job_id)).text);
    await waitUntil(async () => (await betaAt(queen))?.state === "away", WITHIN_MS);
    await waitUntil(() => beta.processes().length === 0, WITHIN_MS);

    await joined(home);
    expect((await workerAt(queen)).id).not.toBe(there);
  });

  test("H6 MN3 when the queen is gone the other one lets go of its work, and works for her again", async () => {
    const queenHome = join(temporaryFolder(), "home");
    const env = { RBEE_QUEEN_LEASE: "4s" };
    const queen = await startNode({ home: queenHome, env, args: ["--name", "alpha", "--listen", "127.0.0.1:0"] });
    const { port } = new URL(queen.ready.url);
    const { token } = tokenCreated.parse((await queen.call("POST", "/v2/tokens", {})).json());
    const beta = await joined(join(temporaryFolder(), "home"), token);
    const { pid } = await workerAt(queen);
    expect(beta.processes()).toContain(pid);
    await queen.kill();
    await waitUntil(() => !beta.processes().includes(pid), WITHIN_MS);
    expect(beta.isOver).toBe(false);

    const back = await startNode({ home: queenHome, args: ["--name", "alpha", "--listen", `127.0.0.1:${port}`] });
    await workerAt(back);
  });
});
