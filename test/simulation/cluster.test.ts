/**
 * Goal: a small cluster under faults keeps its promises, and a seed is the whole of a run.
 * Method: the real cells of queen, hives, jobs and workers in one thread on virtual time, under a nemesis and with
 * every checker on (invariants.ts); then the faults stop and everything must come to an end.
 */
import { describe, expect, test } from "vitest";
import { runProven } from "./bundle.ts";
import { run } from "./run.ts";
import { isAwaited } from "./sim-client.ts";
import { type ClientScript, drawScenario, type Fault, type Scenario } from "./scenario.ts";

const SEEDS = 60;
const MINUTES = 0.4;

const client = (name: string, atMs: number, more: Partial<ClientScript> = {}): ClientScript => ({
  name,
  atMs,
  model: "sim",
  priority: 5,
  maxTokens: 8,
  ...more,
});

const scenario = (clients: ClientScript[], faults: Fault[], config: Partial<Scenario["config"]> = {}): Scenario => {
  const { seed, config: drawn } = drawScenario(1, { minutes: 0.2 });
  const calm = { hives: 1, slots: 2, queueLengthMax: 20, queenMailMax: 64, workersMax: 2, attemptsMax: 5 };
  return { seed, config: { ...drawn, ...calm, ...config }, clients, faults };
};

/** What each client was told last. */
async function told(
  given: Scenario,
): Promise<{ readonly words: readonly string[]; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const outcome = await run(given, (line) => lines.push(line));
  expect(outcome.violation).toBeUndefined();
  const words = lines.flatMap((line) => {
    const { client: reader, says } = JSON.parse(line) as { client?: string; says?: string };
    return reader === undefined || says === undefined || says === "accepted" ? [] : [says];
  });
  return { words, lines };
}

describe("a small cluster on virtual time", () => {
  test("undisturbed, every client is served, and nothing lands in dead letters", async () => {
    const clients = Array.from({ length: 8 }, (_, n) => client(`c${n}`, n * 100));
    const { words, lines } = await told(scenario(clients, []));
    expect(words).toEqual(clients.map(() => "done"));
    expect(lines.filter((line) => /"outcome":"(unhandled|threw)"/.test(line))).toEqual([]);
  });

  for (let seed = 1; seed <= SEEDS; seed += 1) {
    test(`RM RL RS RJ: seed ${seed}: every invariant holds at every step, and all is quiet once the faults have stopped`, async () => {
      expect((await runProven(drawScenario(seed, { minutes: MINUTES }))).violation).toBeUndefined();
    });
  }

  // Each has shown a defect once.
  describe.each([
    [
      "CR2 RJ7: who may run anywhere is loaded for beside those of one machine, and admitted at once",
      [1_620_264_840, 1_620_266_585, 1_620_268_480],
    ],
    ["RM4 B9: a machine that lost its power begins no worker that it had turned away", [536]],
  ])("%s", (_rule, seeds) => {
    test.each(seeds)("seed %d", async (seed) => {
      expect((await runProven(drawScenario(seed, { minutes: 1 }))).violation).toBeUndefined();
    });
  });

  test("worker.load.timeout: a worker that hangs while loading is given up, and the next one answers", async () => {
    const hang: Fault = { atMs: 1, kind: "load.hang", pick: 0, forMs: 0 };
    const { words, lines } = await told(scenario([client("c", 50)], [hang]));
    expect(words).toEqual(["done"]);
    expect(lines.filter((line) => line.includes('"ended":'))).not.toEqual([]);
  });

  test("a client whose node loses power comes back and reads on to the end", async () => {
    const power: Fault = { atMs: 400, kind: "node.power", pick: 0, forMs: 0 };
    const { words } = await told(scenario([client("c", 50, { maxTokens: 12 })], [power], { tokenMs: 60 }));
    expect(words.at(-1)).toBe("done");
  });

  test("K8: a job ends with the node to which its client was connected, and one that goes on all the same is found", async () => {
    const waiting = ["a", "b", "c", "d", "e"].map((name) => client(name, 50, { maxTokens: 200 })).filter(isAwaited);
    const power: Fault = { atMs: 400, kind: "node.power", pick: 0, forMs: 0 };
    const given = scenario(waiting, [power], { tokenMs: 100 });
    const { violation, seen } = await run(given);
    expect(violation).toBeUndefined();
    expect(seen).toContain("job.ended.with.its.client");
    const kept = await run({ ...given, config: { ...given.config, saboteur: "clients.kept" } });
    expect(kept.violation?.invariant).toBe("K8");
  });

  test("RX1: a seed gives the same trace twice, and another one another", async () => {
    const hashOf = async (seed: number): Promise<string> => (await run(drawScenario(seed, { minutes: MINUTES }))).hash;
    for (const seed of [7, 8, 9]) expect(await hashOf(seed)).toBe(await hashOf(seed));
    expect(await hashOf(7)).not.toBe(await hashOf(8));
  });
});
