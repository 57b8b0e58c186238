/**
 * A world of puppets for the tests of the kernel rules, on simulated disks and on real LMDB.
 *
 * @module
 */
import { onTestFinished } from "vitest";
import type { Address } from "../../machines/words.ts";
import type { Message } from "../../src/runtime/envelope.ts";
import type { Port, PortCall } from "../../src/runtime/ports.ts";
import type { AskResult } from "../../src/runtime/envelope.ts";
import type { NodeOptions, Storage } from "../simulation/sim-node.ts";
import { SimWorld } from "../simulation/sim-world.ts";
import { LmdbStorage } from "./lmdb-storage.ts";
import { deaf, puppet, toyTables } from "./toy-machines.ts";

export const STORAGES = ["simulated disks", "real LMDB"] as const;
export type StorageKind = (typeof STORAGES)[number];

export const PUPPET_A: Address = "a/puppet/p";
export const PUPPET_B: Address = "b/puppet/p";

/** A port that answers when it is told to. */
export class HandPort implements Port {
  readonly calls: PortCall[] = [];
  readonly dropped: string[] = [];
  readonly #answers = new Map<string, (result: AskResult) => void>();

  ask(call: PortCall, answer: (result: AskResult) => void): void {
    this.calls.push(call);
    this.#answers.set(call.id, answer);
  }

  drop(id: string): void {
    this.dropped.push(id);
  }

  answer(id: string, event: Message): void {
    this.#answers.get(id)?.({ ok: true, event });
  }
}

/** Hosts a and b, each with one puppet that nobody spawned, and a port `hand` at a. */
export class PuppetWorld {
  readonly sim: SimWorld;
  readonly port = new HandPort();
  readonly #storages = new Map<string, Storage>();

  constructor(kind: StorageKind, given: Partial<NodeOptions> = {}) {
    this.sim = new SimWorld(7);
    for (const id of ["a", "b"]) {
      const real = kind === "real LMDB" ? new LmdbStorage() : undefined;
      if (real !== undefined) {
        this.#storages.set(id, real);
        onTestFinished(() => real.dispose());
      }
      this.sim.add({
        id,
        behaviours: [puppet(), deaf],
        tables: toyTables,
        ports: { hand: this.port },
        roots: [["puppet", "p", {}]],
        ...(real === undefined ? {} : { storage: real }),
        ...given,
      });
    }
    this.sim.run(50);
  }

  storage(id: string): Storage {
    return this.#storages.get(id) ?? this.sim.disk(id);
  }

  /** What is on disk of a host, by key. */
  rows(id: string): ReadonlyMap<string, unknown> {
    return new Map(this.storage(id).open().rows());
  }

  keys(id: string, kind: string): string[] {
    return [...this.rows(id).keys()].filter((key) => key.startsWith(kind));
  }

  restart(id: string): void {
    this.sim.kill(id);
    this.sim.run(20);
    this.sim.start(id);
    this.sim.run(50);
  }
}
