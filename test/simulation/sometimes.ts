/**
 * Interesting states by name: what a thousand seeds must have reached, or they prove little.
 *
 * @module
 */
import type { AnyStateMachine } from "xstate";
import { downloadMachine } from "../../machines/download.ts";
import { hiveMachine } from "../../machines/hive.ts";
import { jobMachine } from "../../machines/job.ts";
import { memberMachine } from "../../machines/member.ts";
import { processMachine } from "../../machines/process.ts";
import { queenMachine } from "../../machines/queen.ts";
import { workerMachine } from "../../machines/worker.ts";
import { FAULT_KINDS } from "./scenario.ts";

interface StateNode {
  readonly path: readonly string[];
  readonly states: Readonly<Record<string, StateNode>>;
  readonly always?: readonly unknown[];
}

/** States that nothing stays in are never seen. */
function leaves(node: StateNode): readonly string[] {
  const below = Object.values(node.states);
  if (below.length > 0) return below.flatMap(leaves);
  return (node.always?.length ?? 0) > 0 ? [] : [node.path.join(".")];
}

const statesOf = (machine: AnyStateMachine): readonly string[] =>
  leaves(machine.root as unknown as StateNode).map((path) => `state.${machine.id}.${path}`);

/** The name of a state as a snapshot has it: `{ open: "queued" }` is `open.queued`. */
export function pathOf(value: unknown): string {
  if (typeof value === "string") return value;
  const [entry] = Object.entries(value ?? {});
  return entry === undefined ? "" : `${entry[0]}.${pathOf(entry[1])}`;
}

export const DECLARED: readonly string[] = [
  ...FAULT_KINDS.map((kind) => `fault.${kind}`),
  ...[queenMachine, memberMachine, hiveMachine, downloadMachine, jobMachine, processMachine, workerMachine].flatMap(
    statesOf,
  ),
  "ask.once.failed",
  "call.gone.on.with",
  "chunk.refused",
  "chunk.said.again",
  "client.came.back",
  "duplicate.refused",
  "end.engine.failed",
  "end.interrupted",
  "end.worker.hung",
  "end.worker.idle",
  "end.worker.lost",
  "end.worker.out.of.memory",
  "epoch.rose",
  "hive.given.up",
  "host.refusing",
  "job.adopted",
  "job.cancelled.queued",
  "job.cancelled.running",
  "job.ended.with.its.client",
  "job.failed.job.attempts",
  "job.failed.hub.refused",
  "job.failed.job.deadline",
  "job.failed.memory.insufficient",
  "job.failed.worker.unstable",
  "job.pinned",
  "job.requeued",
  "key.counted",
  "key.reused",
  "letter.dead",
  "mailbox.full",
  "memory.came",
  "model.crowded",
  "model.held.back",
  "node.drained",
  "prefix.remembered",
  "refused.admission.closed",
  "refused.hive.draining",
  "refused.hive.lost",
  "refused.hive.unknown",
  "refused.host.restarted",
  "refused.mailbox.full",
  "refused.queue.full",
  "restart.limit",
  "restore.compared",
  "restore.pending.timer",
  "step.threw",
  "worker.evicted",
  "worker.grown",
];
