/**
 * One run of a scenario: faults, then healing and bounded liveness, then an orderly end.
 *
 * Owns: the phases and their bounds. Does not own: what is checked (invariants.ts), what goes wrong (nemesis.ts).
 *
 *  SR1 The same scenario gives the same hash, number of steps and verdict.
 *
 * @module
 */
import { Invariants } from "./invariants.ts";
import { Nemesis } from "./nemesis.ts";
import type { Scenario } from "./scenario.ts";
import { SimClient } from "./sim-client.ts";
import type { Violation } from "./verdict.ts";

/** The longest way: a job's deadline, after a load that hangs, after a fork that is noticed late. */
const HEAL_MS_MAX = 180_000;
const LOOK_MS = 1000;

export interface Outcome {
  readonly hash: string;
  readonly steps: number;
  readonly virtualMs: number;
  readonly violation: Violation | undefined;
  /** What interesting was reached, by name. */
  readonly seen: ReadonlySet<string>;
}

export async function run(scenario: Scenario, onLine?: (line: string) => void): Promise<Outcome> {
  const invariants = new Invariants(scenario);
  const { cluster, verdict } = invariants;
  const { world } = cluster;
  world.onLine = onLine;
  cluster.start();
  const clients = scenario.clients.map((script) => new SimClient(cluster, script, invariants));
  const nemesis = new Nemesis(cluster, scenario.faults, invariants);
  for (let ms = 0; ms < scenario.config.faultsMs && !world.stopped; ms += LOOK_MS) {
    await world.runAsync(LOOK_MS);
    invariants.look();
  }
  nemesis.heal();
  world.note({ phase: "healed" });
  const owed = (): string | undefined => (clients.some((client) => client.waits) ? "a client waits" : undefined);
  await until(invariants, () => owed() ?? invariants.unquiet(), HEAL_MS_MAX);
  if (!world.stopped) invariants.quiet();
  await stopAtEnd(invariants);
  const { hash } = world;
  const { violation, seen } = verdict;
  return { hash, steps: invariants.steps, virtualMs: world.clock.monotonicMs(), violation, seen };
}

/** Liveness: what is still owed is nothing within the bound. */
async function until(invariants: Invariants, owed: () => string | undefined, withinMs: number): Promise<void> {
  const { cluster, verdict } = invariants;
  const { world } = cluster;
  const untilMs = world.clock.monotonicMs() + withinMs;
  let left = owed();
  while (left !== undefined && !world.stopped) {
    if (world.clock.monotonicMs() > untilMs)
      return verdict.fail("liveness", `${withinMs} ms after the faults: ${left}`);
    await world.runAsync(LOOK_MS);
    invariants.lookHealed();
    left = owed();
  }
}

/** An idle node that is told to stop does, and leaves no process (RS3, H3). */
async function stopAtEnd(invariants: Invariants): Promise<void> {
  const { cluster, verdict } = invariants;
  const { world } = cluster;
  if (world.stopped) return;
  const sinceMs = world.clock.monotonicMs();
  let said: string | undefined;
  cluster.stopNode((answer) => {
    said = answer;
    invariants.stopped(answer, world.clock.monotonicMs() - sinceMs);
    const left = cluster.workers.alive;
    if (answer === "drained" && left.length > 0)
      verdict.fail("RS1", `${left.join(", ")} live on after the node has stopped`);
  });
  await world.runAsync(30_000);
  if (said !== "drained" && !world.stopped) verdict.fail("RS3", "an idle node did not stop when it was told to");
}
