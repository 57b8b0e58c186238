/**
 * Goal: a hive that was started for its queen ends when she does not come back; nothing of it is left.
 * Method: two real nodes, joined as a person joins them; kill -9 of the queen.
 *
 * @see src/hosts/member-node.ts, MN4; src/cli/commands/join.ts, JN2
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { tokenCreated } from "../../src/protocol/cluster-api.ts";
import { waitUntil } from "../support/children.ts";
import { keeper, LAUNCHER } from "../support/keeper.ts";
import { startNode, TestNode } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";

const WITHIN_MS = 60_000;
/** Each of them waits for so long, and half of it. */
const env = { RBEE_QUEEN_LEASE: "4s" };
/** It waits for a lease and the grace, twice the time that a busy machine makes of them. */
const LONG = { timeout: 300_000 };

async function registered(queen: TestNode, name: string): Promise<string> {
  const home = join(temporaryFolder(), "home");
  const { token } = tokenCreated.parse((await queen.call("POST", "/v2/tokens", {})).json());
  const joining = keeper(["join", "--stdin", "--register", "--name", name], { home, input: `${token}\n` });
  expect(await joining.exitCode).toBe(0);
  return home;
}

test("MN4 JN2 queen.gone: it works for her as long as she is there, and for nobody after", LONG, async () => {
  const queen = await startNode({ env });
  const program = [LAUNCHER, "node", "--role", "hive", "--queen-gone", "end", "--json"];
  const homes = [await registered(queen, "beta"), await registered(queen, "gamma")];
  expect((await queen.status()).hives.map(({ name }) => name)).not.toContain("beta");
  const beta = await startNode({ home: homes[0] ?? "", env, program, args: ["--name", "beta"] });
  const isServing = async (): Promise<boolean> =>
    (await queen.status()).hives.some(({ name, state }) => name === "beta" && state === "serving");
  await waitUntil(isServing, WITHIN_MS);
  await queen.call("POST", "/v1/workers/spawn", { model: "starter", node: "beta" });
  await waitUntil(() => beta.processes().length > 0, WITHIN_MS);

  await queen.kill();
  const late = new TestNode({ home: homes[1] ?? "", env, program, args: ["--name", "gamma"] });
  expect(await beta.ended).toEqual({ code: 0, signal: null });
  expect(beta.processes()).toEqual([]);
  expect((await late.ended).code).toBe(3);
  expect(late.stdout).toContain('"queen.gone"');
});
