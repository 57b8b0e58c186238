/**
 * Goal: a person says which machine does what: this one, not that one, and one that goes hands over what it had.
 * Method: two real nodes joined over a real door with TLS, asked by the real command line; a restart of the queen in
 *         between.
 *
 * @see src/actors/queen/pins.ts, PN1; draining.ts, DR1 DR2; src/hosts/cluster/member-side.ts, LN6;
 *   machines/member.ts, M1
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { HiveView } from "../../src/protocol/api.ts";
import { tokenCreated } from "../../src/protocol/cluster-api.ts";
import { whyView } from "../../src/protocol/why-api.ts";
import { waitUntil } from "../support/children.ts";
import { keeper, LAUNCHER } from "../support/keeper.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";

const WITHIN_MS = 60_000;
const QUEEN = ["--name", "alpha", "--listen"];

async function told(home: string, ...args: readonly string[]) {
  const run = keeper(args, { home });
  const exitCode = await run.exitCode;
  return { exitCode, stdout: run.stdout, stderr: run.stderr };
}

const betaAt = (queen: TestNode): Promise<HiveView | undefined> => queen.hive("beta");
const betaIs = (queen: TestNode, state: string): Promise<unknown> =>
  waitUntil(async () => (await betaAt(queen))?.state === state, WITHIN_MS);

async function linked() {
  const queen = await startNode({ args: [...QUEEN, "127.0.0.1:0"] });
  const { token } = tokenCreated.parse((await queen.call("POST", "/v2/tokens", {})).json());
  const program = [LAUNCHER, "join", token, "--name", "beta", "--json"];
  const beta = await startNode({ home: join(temporaryFolder(), "home"), program, args: [] });
  await betaIs(queen, "serving");
  return { queen, beta };
}

/** @returns the last event, and where it ran */
async function inferred(home: string, ...args: readonly string[]) {
  const { exitCode, stdout } = await told(home, "infer", "--prompt", "what is a hive?", "--json", ...args);
  const last = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as { type: string; code?: string; job_id?: string };
  return { exitCode, ...last };
}

async function ranOn(queen: TestNode, job: string | undefined): Promise<string | undefined> {
  const why = whyView.parse((await queen.call("GET", `/v2/tasks/${job}/why`)).json());
  return why.attempts.at(-1)?.hive;
}

describe("two machines, one of which is named", () => {
  test("PN1 a job runs where it is to run, and is refused with the reason where it cannot", async () => {
    const { queen } = await linked();
    const there = await inferred(queen.home, "--node", "beta");
    expect(there).toMatchObject({ type: "done", exitCode: 0 });
    expect(await ranOn(queen, there.job_id)).toBe("hive@beta");
    const words = (await told(queen.home, "why", there.job_id ?? "")).stdout;
    expect(words).toContain("beta (has its file");
    expect(words).toContain("the job is to run there");
    expect(await ranOn(queen, (await inferred(queen.home, "--node", "alpha")).job_id)).toBe("hive");
    expect(await inferred(queen.home, "--node", "gamma")).toMatchObject({ code: "hive.unknown", exitCode: 2 });
    const spawned = await told(queen.home, "worker", "spawn", "--model", "starter", "--node", "gamma");
    expect([spawned.exitCode, spawned.stderr.includes("there are alpha, beta")]).toEqual([2, true]);
  });

  test("DR1 DR2 is drained until it is resumed, over a restart of the queen: it becomes empty and is given nothing", async () => {
    const { queen: first, beta } = await linked();
    await inferred(first.home, "--node", "beta");
    const pid = (await betaAt(first))?.workers[0]?.pid ?? 0;
    expect(beta.processes()).toContain(pid);
    expect(await told(first.home, "hive", "drain", "beta")).toMatchObject({ exitCode: 0, stdout: "beta draining\n" });
    await betaIs(first, "drained");
    expect((await told(first.home, "hive", "list")).stdout).toMatch(/^beta +drained/m);
    await waitUntil(() => !beta.processes().includes(pid), WITHIN_MS);
    expect(await inferred(first.home, "--node", "beta")).toMatchObject({ code: "hive.draining", exitCode: 5 });
    expect(await ranOn(first, (await inferred(first.home)).job_id)).toBe("hive");
    await first.kill();

    const queen = await startNode({ home: first.home, args: [...QUEEN, new URL(first.ready.url).host] });
    await betaIs(queen, "drained");
    expect((await told(queen.home, "hive", "drain", "nobody")).exitCode).toBe(2);
    expect((await told(queen.home, "hive", "resume", "beta")).stdout).toBe("beta serving\n");
    await betaIs(queen, "serving");
    expect(await inferred(queen.home, "--node", "beta")).toMatchObject({ type: "done" });
  });

  test("M1 that is told to stop says goodbye: it is away, and what it had goes on elsewhere", async () => {
    const { queen, beta } = await linked();
    await inferred(queen.home, "--node", "beta");
    const task = { capability: "text", prompt: "what is a hive?", max_tokens: 12 } as const;
    const jobs = await Promise.all(Array.from({ length: 6 }, () => queen.submit(task)));
    beta.signal("SIGTERM");
    expect((await beta.ended).signal).toBeNull();
    await betaIs(queen, "away");
    for (const { job_id: job } of jobs) {
      await waitUntil(async () => (await queen.task(job)).state === "done", WITHIN_MS);
    }
    expect(await inferred(queen.home, "--node", "beta")).toMatchObject({ code: "hive.lost" });
  });
});
