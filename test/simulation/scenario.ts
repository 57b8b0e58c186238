/**
 * A run as data: seed, configuration, clients and timed faults. Whatever is in it is all that a run depends on.
 *
 * Owns: the shape, and drawing one from a seed. Does not own: carrying anything of it out.
 *
 *  SS1 The same seed draws the same scenario; a scenario that was written down is a run by itself.
 *
 * @module
 */
import { z } from "zod";
import { Prng } from "../support/prng.ts";
import { SABOTEURS } from "./saboteur.ts";

/** What can go wrong, in the order of `docs`: hosts, workers, engines, wires, disks, time, and what is said. */
export const FAULT_KINDS = [
  "queen.crash",
  "hive.crash",
  "queen.freeze",
  "hive.freeze",
  "node.crash",
  "node.power",
  "node.stop",
  "worker.kill",
  "worker.starve",
  "worker.freeze",
  "worker.deaf",
  "fork.lost",
  "fork.fails",
  "fork.late",
  "load.hang",
  "load.memory",
  "engine.slow",
  "engine.stall",
  "engine.fail",
  "engine.lie",
  "memory.tight",
  "hub.down",
  "hub.cut",
  "hub.refuse",
  "model.lost",
  "wire.delay",
  "wire.hold",
  "wire.duplicate",
  "wire.drop",
  "wire.oneway",
  "wire.cut",
  "link.drop",
  "link.cut",
  "link.leave",
  "disk.slow",
  "disk.full",
  "disk.refuse",
  "disk.deadly",
  "clock.jump",
  "poison.queen",
  "poison.job",
  "operator.stop",
  "operator.drain",
] as const;

const natural = z.number().int().nonnegative();

const faultSchema = z.strictObject({
  atMs: natural,
  kind: z.enum(FAULT_KINDS),
  /** Which of those that it could happen to at that moment. */
  pick: natural,
  /** How long it lasts, where it does. */
  forMs: natural,
});

const clientSchema = z.strictObject({
  name: z.string(),
  atMs: natural,
  model: z.enum(["sim", "other", "large"]),
  priority: z.number().int().min(0).max(9),
  maxTokens: z.number().int().positive(),
  deadlineMs: natural.optional(),
  /** Two clients with one key want one job. */
  key: z.string().optional(),
  cancelAfterMs: natural.optional(),
  /** Leaves after so many chunks and comes back a while later. */
  leaveAfter: natural.optional(),
  awayMs: natural.optional(),
  /** The machine that it insists on. */
  node: z.enum(["home", "hive2"]).optional(),
});

const configSchema = z.strictObject({
  faultsMs: natural,
  hives: z.number().int().min(1).max(2),
  slots: z.number().int().positive(),
  queueLengthMax: z.number().int().positive(),
  /** Places in the queen's mailbox, a lane each. */
  queenMailMax: z.number().int().positive(),
  /** Workers that fit into memory. */
  workersMax: z.number().int().positive(),
  tokenMs: z.number().int().positive(),
  jobDeadlineMs: natural,
  attemptsMax: z.number().int().positive(),
  idleTimeoutMs: natural,
  saboteur: z.enum(SABOTEURS).optional(),
});

export const scenarioSchema = z.strictObject({
  seed: z.number().int(),
  config: configSchema,
  clients: z.array(clientSchema),
  faults: z.array(faultSchema),
});

export type FaultKind = (typeof FAULT_KINDS)[number];
export type Fault = z.infer<typeof faultSchema>;
export type ClientScript = z.infer<typeof clientSchema>;
export type SimConfig = z.infer<typeof configSchema>;
export type Scenario = z.infer<typeof scenarioSchema>;

const CLIENTS_PER_MINUTE = 90;
const FAULTS_PER_MINUTE = 14;

export interface Drawing {
  readonly minutes: number;
  readonly saboteur?: SimConfig["saboteur"];
  readonly faults?: boolean;
}

export function drawScenario(seed: number, { minutes, saboteur, faults = true }: Drawing): Scenario {
  // Streams of their own: a fault more changes no client.
  const [settings, people, trouble] = [new Prng(seed), new Prng(seed ^ 0x5eed_c11e), new Prng(seed ^ 0x0fa_017)];
  const pins = new Prng(seed ^ 0x0b_ee5);
  const faultsMs = Math.round(minutes * 60_000);
  const config: SimConfig = {
    faultsMs,
    hives: settings.chance(0.5) ? 2 : 1,
    slots: settings.int(1, 4),
    queueLengthMax: settings.pick([4, 20, 100]),
    queenMailMax: settings.pick([2, 16, 4096]),
    workersMax: settings.int(1, 4),
    tokenMs: settings.pick([5, 20, 60]),
    jobDeadlineMs: settings.pick([20_000, 60_000]),
    attemptsMax: settings.pick([1, 2, 5, 5]),
    idleTimeoutMs: settings.pick([4000, 60_000]),
    ...(saboteur === undefined ? {} : { saboteur }),
  };
  const clients = Math.max(4, Math.round(minutes * CLIENTS_PER_MINUTE));
  const troubles = faults ? Math.max(3, Math.round(minutes * FAULTS_PER_MINUTE)) : 0;
  return {
    seed,
    config,
    clients: sorted(
      Array.from({ length: clients }, (_, at) => ({ ...drawClient(people, at, faultsMs), ...drawPin(pins) })),
    ),
    faults: sorted(Array.from({ length: troubles }, () => drawFault(trouble, faultsMs))),
  };
}

function drawClient(rng: Prng, at: number, withinMs: number): ClientScript {
  const leaves = rng.chance(0.2);
  return {
    name: `c${at}`,
    // In bursts, as people come: the queue fills and empties.
    atMs: Math.min(withinMs, rng.int(0, Math.floor(withinMs / 5000)) * 5000 + rng.int(0, 800)),
    model: rng.chance(0.75) ? "sim" : rng.pick(["other", "large"] as const),
    priority: rng.chance(0.7) ? 5 : rng.int(0, 9),
    maxTokens: rng.int(1, 12),
    ...(rng.chance(0.15) ? { deadlineMs: rng.int(50, 5000) } : {}),
    ...(rng.chance(0.3) ? { key: `k${rng.int(0, Math.ceil(withinMs / 4000))}` } : {}),
    ...(rng.chance(0.15) ? { cancelAfterMs: rng.int(0, 3000) } : {}),
    ...(leaves ? { leaveAfter: rng.int(0, 3), awayMs: rng.int(10, 4000) } : {}),
  };
}

const drawPin = (rng: Prng): Pick<ClientScript, "node"> =>
  rng.chance(0.15) ? { node: rng.pick(["home", "hive2"] as const) } : {};

const drawFault = (rng: Prng, withinMs: number): Fault => ({
  atMs: rng.int(50, withinMs),
  kind: rng.pick(FAULT_KINDS),
  pick: rng.int(0, 1000),
  forMs: rng.pick([50, 500, 3000, 8000]),
});

const sorted = <T extends { readonly atMs: number }>(timed: readonly T[]): T[] =>
  timed.toSorted((a, b) => a.atMs - b.atMs);
