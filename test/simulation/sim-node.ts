/**
 * What a simulated world is told about a host, and what it tells about it.
 *
 * @module
 */
import type { Behaviour } from "../../src/runtime/behaviour.ts";
import type { Observation } from "../../src/runtime/core.ts";
import type { Frame } from "../../src/runtime/envelope.ts";
import type { Host } from "../../src/runtime/host.ts";
import type { Journal } from "../../src/runtime/journal.ts";
import type { Disk, Port } from "../../src/runtime/ports.ts";
import type { Table } from "../../src/runtime/tables.ts";

/** Where a host's rows are: simulated, or real. */
export interface Storage extends Disk {
  /** Every commit is refused. */
  full: boolean;
  roomBytes: number;
  open(): Journal;
  loseUnflushed(): void;
}

/** What is no host but takes and sends frames like one: the porter. */
export interface Endpoint {
  receive(from: string, frames: readonly Frame[]): void;
}

export interface NodeOptions {
  readonly id: string;
  readonly behaviours: readonly Behaviour[];
  readonly tables?: readonly Table<unknown, unknown>[];
  readonly ports?: Readonly<Record<string, Port>>;
  /** Cells that nobody spawns. */
  readonly roots?: readonly (readonly [kind: string, id: string, input: unknown])[];
  /** Hosts of one machine lose power together. Each its own if not given. */
  readonly machine?: string;
  readonly storage?: Storage | "none";
  readonly headroomBytes?: number;
  /** The only hosts it talks to. Not given: all. */
  readonly peers?: readonly string[];
  /** Started again so long after a crash. Not given: it stays down. */
  readonly restartMs?: number;
}

/** Volatile, and of the same machine: they lose power together. */
export const isForgetful = (peer: NodeOptions, of: NodeOptions): boolean =>
  peer.storage === "none" && peer.machine !== undefined && peer.machine === of.machine;

export const talks = ({ peers }: NodeOptions, to: string): boolean => peers?.includes(to) !== false;

export type HowDown = "closed" | "killed" | "crashed" | "power";

/** Whoever watches over the world: checkers. They change nothing. */
export interface WorldHooks {
  step(host: Host, seen: Observation): void;
  /** Frames leave: what decided them is committed, and flushed where it must be. */
  sent(host: Host, to: string, frames: readonly Frame[]): void;
  /** Frames arrive, before anything of them is let in. */
  arrived(host: Host, from: string, frames: readonly Frame[]): void;
  opened(host: Host): void;
  /** It turns no more; its memory is as it was left. */
  down(host: Host, how: HowDown): void;
}
