/**
 * Every checker over one cluster: they hear everything, believe little and change nothing.
 *
 * Owns: who hears what, and the line of the trace that tells of a step. Does not own: any rule (check-*.ts).
 *
 * @module
 */
import type { QueenContext } from "../../machines/queen.ts";
import type { HiveEvent } from "../../machines/hive.ts";
import { type Address, hostOf, kindOf } from "../../machines/words.ts";
import type { ErrorCode } from "../../src/protocol/errors.ts";
import type { StreamItem } from "../../src/protocol/ports.ts";
import type { Chunk } from "../../src/protocol/worker.ts";
import type { Observation } from "../../src/runtime/core.ts";
import type { Frame, Message } from "../../src/runtime/envelope.ts";
import type { Host } from "../../src/runtime/host.ts";
import { AwaitedChecker } from "./check-awaited.ts";
import { CellChecker } from "./check-cells.ts";
import { DeliveryChecker } from "./check-delivery.ts";
import { JobChecker } from "./check-jobs.ts";
import { lookAtKeys } from "./check-keys.ts";
import { Ledger } from "./check-ledger.ts";
import { MemoryChecker } from "./check-memory.ts";
import { OutputChecker } from "./check-output.ts";
import { unquiet } from "./check-quiet.ts";
import { PlacementChecker } from "./check-placement.ts";
import { RestoreChecker } from "./check-restore.ts";
import { RoomChecker } from "./check-room.ts";
import { NEXT_ONE, type NemesisEar } from "./nemesis.ts";
import type { ClientScript, Fault, Scenario } from "./scenario.ts";
import { type ClientEar, isAwaited } from "./sim-client.ts";
import { type ClusterEar, FINISH_MS, SimCluster, STOP_MS } from "./sim-cluster.ts";
import type { SimDisk } from "./sim-journal.ts";
import type { HowDown } from "./sim-node.ts";
import type { NextFault } from "./sim-workers.ts";
import { pathOf } from "./sometimes.ts";
import { Verdict } from "./verdict.ts";

type ProcessGone = Extract<HiveEvent, { type: "process.gone" }>;

/** From the answer of a port, or a door, to the end of the phase at hand: messages take time too. */
const DRAIN_SLACK_MS = 1500;

export class Invariants implements ClusterEar, ClientEar, NemesisEar {
  readonly cluster: SimCluster;
  readonly verdict: Verdict;
  /** Steps of cells, in all lives of all hosts. */
  steps = 0;
  readonly #delivery: DeliveryChecker;
  readonly #cells: CellChecker;
  readonly #restore: RestoreChecker;
  readonly #jobs: JobChecker;
  readonly #memory: MemoryChecker;
  readonly #room: RoomChecker;
  readonly #placement: PlacementChecker;
  readonly #output: OutputChecker;
  readonly #awaited = new Set<string>();
  readonly #abandoned: AwaitedChecker;
  readonly #ledger: Ledger;
  /** Of each kind of cell: where it has been. */
  readonly #paths = new Map<string, Set<string>>();
  /** Who said an event. */
  readonly #from = new WeakMap<Message, string>();

  constructor(scenario: Scenario) {
    this.cluster = new SimCluster(scenario, this);
    const { world } = this.cluster;
    this.verdict = new Verdict(
      () => world.clock.monotonicMs(),
      () => (world.stopped = true),
    );
    const diskOf = (host: string): SimDisk | undefined => (this.#isBee(host) ? world.disk(host) : undefined);
    this.#ledger = new Ledger(diskOf);
    this.#delivery = new DeliveryChecker(this.verdict, this.#ledger, diskOf, (host) => world.thawedAtMs(host));
    this.#cells = new CellChecker(this.verdict, this.#ledger);
    this.#restore = new RestoreChecker(this.verdict);
    this.#jobs = new JobChecker(this.verdict, scenario.config.queueLengthMax);
    this.#ledger.onLost = (host) => {
      this.#restore.forget(host);
      if (host === "queen") this.#jobs.unpromised(this.#awaited);
    };
    this.#memory = new MemoryChecker(this.verdict);
    this.#room = new RoomChecker(this.verdict);
    this.#placement = new PlacementChecker(this.verdict);
    this.#output = new OutputChecker(this.verdict, this.#jobs);
    this.#abandoned = new AwaitedChecker(this.verdict, this.#jobs);
  }

  /** From time to time. */
  look(): void {
    const { world } = this.cluster;
    if (world.isUp("queen")) {
      this.#jobs.compare(world.host("queen"));
      this.#abandoned.look();
      if (!this.#jobs.hasForgotten) lookAtKeys(world.host("queen"), this.verdict);
    }
    if (this.cluster.streams.dropped > 0) this.verdict.sometimes("chunk.refused");
  }

  /** @returns what is not as it must be at the end, in words. */
  unquiet(): string | undefined {
    for (const job of this.#output.jobs) {
      const state = this.#jobs.stateOf(job);
      // Nothing was promised of it, and the power took it.
      if (state === undefined && this.#awaited.has(job)) continue;
      if (state === undefined || state === "queued" || state === "running") return `${job} is ${state ?? "lost"}`;
    }
    return unquiet(this.cluster, this.#jobs);
  }

  /** The same, when no fault is left. */
  lookHealed(): void {
    this.look();
    const { world, sites } = this.cluster;
    if (world.isUp("queen")) this.#room.look(world.host("queen"), sites);
  }

  quiet(): void {
    const { world } = this.cluster;
    this.#delivery.quiet((id) => (world.has(id) && world.isUp(id) ? world.host(id) : undefined));
    this.#cells.quiet((cell) => world.host(hostOf(cell)).core.cells.has(cell));
  }

  step(host: Host, seen: Observation): void {
    this.steps += 1;
    this.#note(host.id, seen);
    this.#delivery.step(host, seen);
    this.#cells.step(host, seen);
    if (host.id === "queen") {
      this.#jobs.step(host, seen);
      this.#room.step(host, seen);
      this.#placement.step(host, seen);
    } else if (this.#isBee(host.id)) this.#memory.step(host, this.cluster);
  }

  sent(host: Host, to: string, frames: readonly Frame[]): void {
    this.#delivery.sent(host, to, frames);
  }

  arrived(host: Host, from: string, frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (frame.kind === "mail") this.#from.set(frame.envelope.event, frame.envelope.from);
      else if (frame.kind === "answer" && frame.result.ok) this.#from.set(frame.result.event, from);
      else if (frame.kind === "gate" && !frame.open) this.verdict.sometimes("mailbox.full");
    }
    this.#delivery.arrived(host, from, frames);
  }

  opened(host: Host): void {
    this.cluster.world.note({ up: host.id });
    this.#ledger.opened(host);
    this.#restore.opened(host);
    this.#cells.opened(host);
    this.#delivery.opened(host);
    if (host.id === "queen") {
      this.#jobs.opened(host);
      this.#abandoned.opened();
      this.#placement.opened(host);
    } else if (this.#isBee(host.id)) this.#memory.opened(host);
    if (host.core.refusing !== undefined) this.verdict.sometimes("host.refusing");
  }

  down(host: Host, how: HowDown): void {
    this.cluster.world.note({ down: host.id, how });
    const { counts, deadLetters } = host.core;
    if (counts.duplicates > 0) this.verdict.sometimes("duplicate.refused");
    if (deadLetters.count > 0) this.verdict.sometimes("letter.dead");
    this.#restore.down(host, how);
    this.#cells.down(host);
    this.#ledger.down(host);
  }

  told(from: Address, event: Message): void {
    this.#from.set(event, from);
    if (event.type === "memory.came") this.verdict.sometimes("memory.came");
    if (event.type === "process.gone") this.verdict.sometimes(`end.${(event as ProcessGone).end.code}`);
  }

  said(worker: string, chunk: Chunk): void {
    this.#output.said(worker, chunk);
  }

  repeated(): void {
    this.verdict.sometimes("chunk.said.again");
  }

  forked(worker: string, hive: string): void {
    const { world } = this.cluster;
    this.#memory.forked(world.isUp(hive) ? world.host(hive) : undefined, worker);
  }

  job(key: string): void {
    this.#jobs.job(key);
    this.#placement.job(key);
  }

  worker(key: string): void {
    this.#jobs.worker(key);
    this.#placement.worker(key);
  }

  member(key: string): void {
    this.#memory.member(key);
  }

  accepted(script: ClientScript, job: string): void {
    this.cluster.world.note({ client: script.name, says: "accepted", job });
    if (isAwaited(script)) this.#awaited.add(job);
    this.#output.accept(script, job);
  }

  refused(script: ClientScript, code: ErrorCode): void {
    this.cluster.world.note({ client: script.name, says: `refused: ${code}` });
    this.#output.refused(code);
  }

  reads(job: string, reader: string, fromIndex: number): void {
    this.#output.reads(job, reader, fromIndex);
  }

  item(job: string, reader: string, item: StreamItem): void {
    if (item.type === "end") {
      const { end } = item;
      this.cluster.world.note({ client: reader, says: end.type === "done" ? "done" : end.failure.code, job });
    }
    this.#output.item(job, reader, item);
  }

  comesBack(script: ClientScript): void {
    this.cluster.world.note({ client: script.name, says: "is back" });
    this.verdict.sometimes("client.came.back");
  }

  gone(job: string): void {
    this.#abandoned.gone(job);
  }

  fault({ kind }: Fault, whom: string): void {
    this.cluster.world.note({ fault: kind, whom });
    if (whom !== "" && whom !== NEXT_ONE) this.verdict.sometimes(`fault.${kind}`);
  }

  struck(fault: NextFault): void {
    this.verdict.sometimes(`fault.${fault}`);
  }

  stopped(said: "drained" | "not", tookMs: number): void {
    this.cluster.world.note({ stopped: said, tookMs });
    if (said === "drained") this.verdict.sometimes("node.drained");
    if (said === "drained" && tookMs > FINISH_MS + STOP_MS + DRAIN_SLACK_MS) {
      this.verdict.fail("RS3", `the node took ${tookMs} ms to stop`);
    }
  }

  #note(host: string, { cell, event, outcome, state, commands }: Observation): void {
    const path = pathOf(state);
    const from = this.#from.get(event);
    // By hand, as there are so many: none of these words has anything to escape.
    const said = from === undefined ? "" : `"from":"${from}",`;
    const step = `"event":"${event.type}","outcome":"${outcome}","state":"${path}","commands":${commands}`;
    this.cluster.world.write(`"host":"${host}","cell":"${cell}",${said}${step}`);
    this.#reached(kindOf(cell), path);
    if (cell === "queen/queen/main" && event.type === "restored") this.#noteEpoch(cell);
  }

  /** There are as many as steps, and few that are new. */
  #reached(kind: string, path: string): void {
    let paths = this.#paths.get(kind);
    if (paths === undefined) this.#paths.set(kind, (paths = new Set()));
    if (paths.has(path)) return;
    paths.add(path);
    this.verdict.sometimes(`state.${kind}.${path}`);
  }

  #noteEpoch(cell: Address): void {
    const context = this.cluster.world.host("queen").core.cells.get(cell)?.snapshot?.context as
      | QueenContext
      | undefined;
    if ((context?.epoch ?? 0) > 1) this.verdict.sometimes("epoch.rose");
  }

  #isBee(host: string): boolean {
    return this.cluster.bees.includes(host);
  }
}
