/**
 * A queen's home as a large cluster would have left it: its authority, a certificate for each machine, and in her
 * journal the workers that these machines have.
 *
 * @module
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setup } from "xstate";
import { effect } from "../../machines/effect.ts";
import type { WorkerRow } from "../../machines/rules/fleet.ts";
import { address } from "../../machines/words.ts";
import { queenTables, workers } from "../../src/actors/queen/tables.ts";
import { Authority } from "../../src/hosts/cluster/authority.ts";
import { hiveOf } from "../../src/hosts/porter/residents.ts";
import { makeKey, publicKeyOf } from "../../src/net/authority/certificates.ts";
import { type Behaviour, behaviour, put, stop } from "../../src/runtime/behaviour.ts";
import { Host } from "../../src/runtime/host.ts";
import { realClock } from "../../src/runtime/real/clock.ts";
import { openJournal } from "../../src/runtime/real/journal/journal.ts";
import { MODEL_FACTS, QUEEN_NAME, type SimulatedHive, type SimulatedWorker } from "./fleet-hive.ts";

export interface FleetSize {
  readonly hives: number;
  readonly workersPerHive: number;
  readonly workersPerModel: number;
}

/** Far from what she names herself. */
const FIRST_WORKER = 10 ** 12;

export const modelAt = (n: number): string => `model-${n}`;

/** Makes the home, and the machines that belong to it. */
export async function makeFleetHome(home: string, size: FleetSize): Promise<readonly SimulatedHive[]> {
  mkdirSync(join(home, "state"), { recursive: true, mode: 0o700 });
  const hives = await withCertificates(home, size);
  keepWorkers(join(home, "state", "queen.mdb"), hives);
  return hives;
}

async function withCertificates(home: string, size: FleetSize): Promise<readonly SimulatedHive[]> {
  const made = { home, name: QUEEN_NAME, hosts: () => ["127.0.0.1"], now: Date.now, log() {} };
  const authority = new Authority(made);
  const { certificate: signer } = await authority.authority();
  const hives: SimulatedHive[] = [];
  for (let n = 0; n < size.hives; n += 1) {
    const key = makeKey();
    const name = `hive${n}`;
    const certificate = await authority.issue({ name, role: "hive", publicKey: publicKeyOf(key) });
    hives.push({ name, identity: { key, certificate, authority: signer }, workers: workersOf(n, size) });
  }
  return hives;
}

/** Every model is on as many machines as it has workers. */
function workersOf(hive: number, { hives, workersPerHive, workersPerModel }: FleetSize): readonly SimulatedWorker[] {
  const models = Math.ceil((hives * workersPerHive) / workersPerModel);
  return Array.from({ length: workersPerHive }, (_, i) => {
    const n = i * hives + hive;
    return { id: `w${FIRST_WORKER + n}`, model: modelAt(n % models) };
  });
}

/** By a cell of her kind, whose rows stay when it has ended: hers are found by whoever begins next. */
function keepWorkers(journalPath: string, hives: readonly SimulatedHive[]): void {
  const host = new Host({
    id: "queen",
    behaviours: [keeperOf(hives)],
    tables: queenTables,
    journal: openJournal(journalPath),
    clock: realClock,
    transport: { send() {} },
    wake() {},
  });
  host.open();
  host.root("queen", "seed", {});
  while (host.turn());
  host.close();
  if (host.crashed !== undefined) throw host.crashed.error;
}

function keeperOf(hives: readonly SimulatedHive[]): Behaviour {
  const machine = setup({ actions: { keep: effect() } }).createMachine({
    id: "queen",
    initial: "keeping",
    states: { keeping: { entry: "keep" } },
  });
  return behaviour(machine, {
    keep: (_params, scope) => [
      ...hives.flatMap(({ name, workers: its }) => its.map((worker) => put(workers, worker.id, rowOf(worker, name)))),
      stop(scope.self),
    ],
  });
}

const rowOf = ({ id, model }: SimulatedWorker, hive: string): WorkerRow => ({
  id,
  address: address(id, "worker", "main"),
  hive: hiveOf(hive),
  model,
  state: "ready",
  slots: MODEL_FACTS.slots,
  isPinned: false,
  isDoubted: false,
  tokensPerS: 0,
  jobs: [],
  backend: MODEL_FACTS.backend,
  pid: 1,
  port: 1,
  device: "cpu",
  reservedBytes: MODEL_FACTS.memoryBytes,
  usedAt: 0,
  instead: [],
  refusals: [],
});
