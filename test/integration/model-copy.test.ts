/**
 * Goal: a model that one machine of the cluster has comes to another from there, with no hub, also when the machine
 *       that gives it dies in the middle.
 * Method: two real nodes whose hub does not answer; kill -9.
 *
 * @see src/hosts/models/copies-seat.ts, CS1; src/hosts/cluster/file-flow.ts, FF1 FF3;
 *   src/hosts/models/fetcher.ts, FE4 FE5; src/doors/copies.ts, CY1
 */
import { copyFileSync, mkdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { ModelsHere } from "../../src/protocol/api.ts";
import { waitUntil } from "../support/children.ts";
import { ask } from "../support/http.ts";
import { keeper } from "../support/keeper.ts";
import type { TestNode } from "../support/node-harness.ts";
import { randomModel } from "../support/tiny-models.ts";
import { startMember, twoMachines } from "../support/two-machines.ts";

const WITHIN_MS = 60_000;
/** Several nodes come up, one after the other. */
const LONG_MS = 240_000;
/** Nobody listens there. */
const env = { HF_ENDPOINT: "http://127.0.0.1:9" };
const HUB_MODEL = "hf:o/r/f-Q8_0.gguf";
const hubPath = (home: string, file = "f-Q8_0.gguf"): string => join(home, "models", "hf", "o", "r", file);

/** @param bytes longer than the model is by itself */
function place(path: string, bytes?: number): Buffer {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(randomModel(), path);
  if (bytes !== undefined) truncateSync(path, bytes);
  return readFileSync(path);
}

const betaServes = async (queen: TestNode): Promise<boolean> =>
  (await queen.status()).hives.some(({ name, state }) => name === "beta" && state === "serving");

test(
  "CS1 FE4 a model goes from a machine to the one that is to run it, either way, and no hub is asked",
  async () => {
    const { queen, beta, home } = await twoMachines({ queen: { env }, member: { env } });
    await waitUntil(() => betaServes(queen), WITHIN_MS);
    const mine = place(hubPath(queen.home, "mine-Q8_0.gguf"));
    const model = "hf:o/r/mine-Q8_0.gguf";
    const args = ["infer", "--model", model, "--node", "beta", "--prompt", "hello", "--max-tokens", "2", "--json"];
    const answered = keeper(args, { home: queen.home });
    expect([await answered.exitCode, answered.stderr]).toEqual([0, ""]);
    // Who waits for an answer sees how far the model is, and from where it comes.
    expect(answered.stdout).toMatch(/"step":"download".*"from":"alpha"/);
    const worker = await queen.worker(model, "idle");
    expect(beta.processes()).toContain(worker.pid);
    expect(readFileSync(hubPath(home, "mine-Q8_0.gguf")).equals(mine)).toBe(true);

    // And the other way, through a pipe of the link.
    const hers = place(hubPath(home));
    const download = keeper(["model", "download", HUB_MODEL], { home: queen.home });
    expect([await download.exitCode, download.stdout]).toEqual([0, `${HUB_MODEL} is here\n`]);
    expect(readFileSync(hubPath(queen.home)).equals(hers)).toBe(true);
    const { models } = (await queen.call("GET", "/v2/models")).json() as ModelsHere;
    const where = models.map(({ id, machines, source }) => [id, machines, source]);
    expect(where).toEqual([
      ["starter", ["alpha", "beta"], "rbee"],
      [HUB_MODEL, ["alpha", "beta"], "beta"],
      [model, ["alpha", "beta"], ""],
    ]);
    // Who is of no cluster is given nothing.
    const { port } = new URL(queen.ready.url);
    const strangers = await ask({ port: Number(port), path: `/v1/cluster/models?model=${encodeURIComponent(model)}` });
    expect(strangers.status).toBe(403);
  },
  LONG_MS,
);

test(
  "FF3 FE5 the machine that gives a model is killed in the middle: what came is kept, and it goes on when it is back",
  async () => {
    const { queen, beta, home } = await twoMachines({ queen: { env }, member: { env } });
    await waitUntil(() => betaServes(queen), WITHIN_MS);
    const hers = place(hubPath(home), 96 * 2 ** 20);
    expect((await queen.call("POST", "/v1/models/download", { model: HUB_MODEL })).status).toBe(202);
    const part = `${hubPath(queen.home)}.part`;
    const arrived = (): number => statSync(part, { throwIfNoEntry: false })?.size ?? 0;
    await waitUntil(() => arrived() > 0, WITHIN_MS);
    await beta.kill();
    await waitUntil(async () => {
      const { downloads } = (await queen.call("GET", "/v2/models")).json() as ModelsHere;
      return downloads[0]?.step === "waiting";
    }, WITHIN_MS);
    const kept = arrived();
    expect([kept > 0, kept < hers.length]).toEqual([true, true]);

    await startMember(home, { env });
    const followed = keeper(["model", "download", HUB_MODEL, "--json"], { home: queen.home });
    expect(await followed.exitCode).toBe(0);
    // As it goes, so that a bar can be drawn of it.
    expect(followed.stdout).toMatch(/"bytesPerSecond":[1-9]\d*,"from":"beta"/);
    expect(readFileSync(hubPath(queen.home)).equals(hers)).toBe(true);
  },
  LONG_MS,
);
