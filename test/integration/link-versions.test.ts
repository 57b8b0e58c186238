/**
 * Goal: while a cluster is updated, a machine of the version before works with one of this: it joins, runs jobs, is
 *       drained, and lets go of its work when the queen is gone, whichever of the two is the older.
 * Method: two real nodes, one of which knows nothing of what the latest version of the link brought; both are listened
 *         to; kill -9.
 *
 * @see src/net/link/hello.ts, HE1 HE5; src/net/link/messages.ts, ME5; test/recorded/README.md
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { VERSIONS } from "../../src/net/link/hello.ts";
import { inRuns } from "../../src/net/link/runs.ts";
import { type Hello, hear } from "../../src/net/link/words.ts";
import { waitUntil } from "../support/children.ts";
import { keeper } from "../support/keeper.ts";
import { tapped } from "../support/link-tap-preload.ts";
import { textIn, tokensIn } from "../support/node-harness.ts";
import { older } from "../support/older-link-preload.ts";
import { saidIn } from "../support/record-link.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { twoMachines } from "../support/two-machines.ts";

const WITHIN_MS = 60_000;
const LONG_MS = 180_000;
/** Enough to stop at once that the latest version would say it in a run. */
const WORKERS = 4;

const versionsIn = (file: string) => (hear(saidIn(file).hello) as Hello).versions;

/** Whether the latest version would have said some of it in another way than the one before. */
const isNewlySaid = (file: string): boolean =>
  saidIn(file).messages.some(
    ({ message }) => message.kind === "mail" && inRuns(message.frames).some(({ kind }) => kind === "run"),
  );

test.each(["member", "queen"] as const)(
  "RC6 HE1 two machines work together of which the %s is of the version before",
  async (which) => {
    const folder = temporaryFolder();
    const [queens, members] = [join(folder, "queen"), join(folder, "member")];
    const [ofQueen, ofMember] = [tapped(queens), tapped(members)];
    const { queen, beta, home } = await twoMachines({
      queen: {
        env: { ...(which === "queen" ? older(ofQueen) : ofQueen), RBEE_QUEEN_LEASE: "4s" },
        args: ["--name", "alpha", "--listen", "127.0.0.1:0"],
      },
      member: { env: which === "member" ? older(ofMember) : ofMember },
    });
    const there = () => queen.hive("beta");
    const told = async (at: string, ...args: readonly string[]): Promise<string> => {
      const run = keeper(args, { home: at });
      expect([args, await run.exitCode, run.stderr]).toEqual([args, 0, ""]);
      return run.stdout;
    };
    await waitUntil(async () => (await there())?.state === "serving", WITHIN_MS);
    const [theirs, ours] = which === "member" ? [members, queens] : [queens, members];
    expect([versionsIn(theirs), versionsIn(ours)]).toEqual([{ ...VERSIONS, max: VERSIONS.max - 1 }, VERSIONS]);
    for (const at of [queen.home, home]) expect(await told(at, "status")).toMatch(/alpha[^]*beta/);

    // What came with the latest version is not asked over this link.
    const info = keeper(["model", "info", "starter", "--node", "beta"], { home: queen.home });
    expect([await info.exitCode, info.stderr]).toEqual([1, expect.stringContaining("link.version")]);

    const heard = await queen.run({ prompt: "what is a hive?", max_tokens: 12, model: "starter", node: "beta" });
    expect(heard.at(-1)).toMatchObject({ type: "done", attempts: 1 });
    expect(textIn(heard)).not.toBe("");
    expect(tokensIn(heard).map(({ index }) => index)).toEqual(tokensIn(heard).map((_, at) => at));

    const workers = async () => (await there())?.workers ?? [];
    const areIdle = async (count: number): Promise<boolean> =>
      (await workers()).filter(({ state }) => state === "idle").length === count;
    for (let more = 1; more < WORKERS; more += 1)
      await queen.call("POST", "/v1/workers/spawn", { model: "starter", node: "beta" });
    await waitUntil(() => areIdle(WORKERS), WITHIN_MS);
    await told(queen.home, "hive", "drain", "beta");
    await waitUntil(async () => (await workers()).length === 0, WITHIN_MS);
    // What is not understood ends a link.
    expect(beta.stderr).not.toContain("the link to");
    expect(isNewlySaid(ours)).toBe(true);
    await told(queen.home, "hive", "resume", "beta");

    await queen.call("POST", "/v1/workers/spawn", { model: "starter", node: "beta" });
    await waitUntil(() => areIdle(1), WITHIN_MS);
    const [{ pid } = { pid: 0 }] = await workers();
    expect(beta.processes()).toContain(pid);
    await queen.kill();
    await waitUntil(() => !beta.processes().includes(pid), WITHIN_MS);
    expect(beta.isOver).toBe(false);
  },
  LONG_MS,
);
