/**
 * Goal: a model is fetched to any machine of the cluster from any other, as it is to one's own: seen on its way, left,
 *       taken up again, refused with its code, removed.
 * Method: two real nodes, the keeper in the home of each, a hub on loopback; kill -9.
 *
 * @see src/doors/models.ts, MD4; src/hosts/models/far-download.ts, FD1; src/hosts/models/own-models.ts, OM1;
 *   src/cli/session/arrival.ts, AR2 AR3
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { waitUntil } from "../support/children.ts";
import { startHub, type TestHub } from "../support/hub.ts";
import { keeper, type Keeper } from "../support/keeper.ts";
import type { TestNode } from "../support/node-harness.ts";
import { randomModel } from "../support/tiny-models.ts";
import { startMember, twoMachines } from "../support/two-machines.ts";

const WITHIN_MS = 60_000;
/** Several nodes come up, one after the other. */
const LONG_MS = 240_000;
const SLOW = 60_000;

const REPO = "bees/tiny-GGUF";
const FILE = "tiny-Q8_0.gguf";
const MODEL = `hf:${REPO}/${FILE}`;

const pathIn = (home: string): string => join(home, "models", "hf", REPO, FILE);
const bytes = (): Buffer => readFileSync(randomModel());
const isAt = (home: string): boolean => existsSync(pathIn(home)) && readFileSync(pathIn(home)).equals(bytes());
const lastLine = ({ stdout }: Keeper): unknown => JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");

async function cluster() {
  const hub = await startHub();
  hub.put(REPO, FILE, bytes());
  const { queen, beta, home } = await twoMachines({ queen: { env: hub.env }, member: { env: hub.env } });
  await waitUntil(() => betaIs(queen, "serving"), WITHIN_MS);
  return { hub, queen, beta, home };
}

const betaIs = async (queen: TestNode, wanted: string): Promise<boolean> =>
  (await queen.status()).hives.some(({ name, state }) => name === "beta" && state === wanted);

/** To its end. */
async function rbee(home: string, ...args: readonly string[]): Promise<Keeper & { readonly code: number }> {
  const called = keeper(args, { home });
  return Object.assign(called, { code: await called.exitCode });
}

/** What is told first of all downloads of the machine at whose door that is asked. */
async function firstOfAll({ ready: { door } }: TestNode): Promise<string> {
  const all = await fetch(`${door}/v1/models/download/progress`, { signal: AbortSignal.timeout(WITHIN_MS) });
  let said = "";
  for await (const piece of all.body ?? []) {
    said += Buffer.from(piece).toString();
    if (said.includes("event: progress") && said.includes("\n\n")) break;
  }
  return said;
}

const halfWay = (hub: TestHub): Promise<unknown> => waitUntil(() => hub.bytesServed > 70_000, WITHIN_MS);

test(
  "MD4 OM1 AR2 AR3 from the queen's machine: seen, left to that one, joined again, removed, fetched for a job there",
  async () => {
    const { hub, queen, beta, home } = await cluster();
    hub.bytesPerSecond = SLOW;
    const left = keeper(["model", "download", MODEL, "--node", "beta"], { home: queen.home });
    await left.shows("fetching");
    left.process.kill("SIGINT");
    expect([await left.exitCode, left.stderr]).toEqual([
      130,
      expect.stringMatching(/beta goes on with it[^]*rbee model download hf:\S+ --node beta/),
    ]);
    await halfWay(hub);
    expect((await rbee(queen.home, "model", "list")).stdout).toMatch(/tiny-Q8_0\.gguf +fetching \d+ % .* beta\n/);

    expect(await firstOfAll(beta)).toContain(MODEL);

    const followed = keeper(["model", "download", MODEL, "--node", "beta", "--json"], { home: queen.home });
    await waitUntil(() => /"bytesPerSecond":[1-9]/.test(followed.stdout), WITHIN_MS);
    hub.bytesPerSecond = 0;
    expect([await followed.exitCode, lastLine(followed)]).toEqual([0, { type: "done", model: MODEL }]);
    expect([isAt(home), existsSync(pathIn(queen.home)), hub.bytesServed]).toEqual([true, false, bytes().length]);
    const again = await rbee(queen.home, "model", "download", MODEL, "--node", "beta");
    expect([again.code, again.stdout]).toEqual([0, `${MODEL} is on beta\n`]);

    const removed = await rbee(queen.home, "model", "remove", MODEL, "--node", "beta");
    expect([removed.code, removed.stdout]).toEqual([0, expect.stringContaining("removed from beta")]);
    expect(existsSync(pathIn(home))).toBe(false);

    const args = ["infer", "--model", MODEL, "--node", "beta", "--prompt", "hello", "--max-tokens", "2", "--json"];
    const answered = await rbee(queen.home, ...args);
    expect([answered.code, lastLine(answered)]).toEqual([0, expect.objectContaining({ type: "done" })]);
    expect([isAt(home), existsSync(pathIn(queen.home))]).toEqual([true, false]);
  },
  LONG_MS,
);

test(
  "MD4 from a machine that has joined: to itself where none is named, or to the queen's, from its neighbour",
  async () => {
    const { hub, queen, home } = await cluster();
    const own = await rbee(home, "model", "download", MODEL);
    expect([own.code, own.stdout]).toEqual([0, `${MODEL} is here\n`]);
    expect([isAt(home), existsSync(pathIn(queen.home))]).toEqual([true, false]);
    const other = await rbee(home, "model", "download", MODEL, "--node", "alpha");
    expect([other.code, other.stdout]).toEqual([0, `${MODEL} is on alpha\n`]);
    expect([isAt(queen.home), hub.bytesServed]).toEqual([true, bytes().length]);

    expect((await rbee(home, "model", "info", MODEL)).stdout).toContain(`here          ${pathIn(home)}\n`);
    expect((await rbee(home, "model", "info", MODEL, "--node", "alpha")).stdout).toContain(
      `on alpha      ${pathIn(queen.home)}\n`,
    );
    expect((await rbee(queen.home, "model", "info", MODEL, "--node", "beta")).stdout).toContain(pathIn(home));
    const [listed] = JSON.parse((await rbee(home, "model", "list", "--json")).stdout).models.slice(-1);
    expect(listed).toMatchObject({ id: MODEL, path: pathIn(home), machines: ["beta", "alpha"] });

    expect((await rbee(home, "model", "remove", MODEL)).code).toBe(0);
    expect([isAt(home), isAt(queen.home)]).toEqual([false, true]);
    const gone = await rbee(queen.home, "model", "info", MODEL, "--node", "beta");
    expect(gone.stdout).toContain(`no; \`rbee model download ${MODEL} --node beta\` fetches it`);
    expect((await rbee(home, "model", "info", MODEL, "--node", "gamma")).stderr).toContain("there is no machine gamma");
  },
  LONG_MS,
);

test(
  "FD1 what goes wrong there is told with its own code, and a machine that is killed goes on when it is back",
  async () => {
    const { hub, queen, beta, home } = await cluster();
    hub.listFault = { status: 401 };
    const refused = await rbee(queen.home, "model", "download", MODEL, "--node", "beta");
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining("hub.unauthorized")]);
    hub.listFault = undefined;
    const nowhere = await rbee(queen.home, "model", "download", MODEL, "--node", "gamma");
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining("there is no machine gamma")]);

    hub.bytesPerSecond = SLOW;
    const followed = keeper(["model", "download", MODEL, "--node", "beta", "--json"], { home: queen.home });
    await halfWay(hub);
    await beta.kill();
    await waitUntil(() => followed.stdout.includes('"code":"machine.away"'), WITHIN_MS);
    hub.bytesPerSecond = 0;
    await startMember(home, { env: hub.env });
    expect([await followed.exitCode, lastLine(followed)]).toEqual([0, { type: "done", model: MODEL }]);
    expect([isAt(home), (hub.served.at(-1)?.from ?? 0) > 0]).toEqual([true, true]);
  },
  LONG_MS,
);
