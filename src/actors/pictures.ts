/**
 * Pictures of the state machines, made from their own definitions: what `rbee machines` prints and machines/README.md
 * shows.
 *
 * Owns: which machines there are to see, and the formats. Does not own: what a machine is (machines/).
 *
 * @module
 */
import type { AnyStateMachine } from "xstate";
import { agentMachine } from "../../machines/agent.ts";
import { crewMachine } from "../../machines/crew.ts";
import { discussionMachine } from "../../machines/discussion.ts";
import { downloadMachine } from "../../machines/download.ts";
import { hiveMachine } from "../../machines/hive.ts";
import { jobMachine } from "../../machines/job.ts";
import { knowledgeMachine } from "../../machines/knowledge.ts";
import { libraryMachine } from "../../machines/library.ts";
import { memberMachine } from "../../machines/member.ts";
import { processMachine } from "../../machines/process.ts";
import { queenMachine } from "../../machines/queen.ts";
import { specialistMachine } from "../../machines/specialist.ts";
import { workerMachine } from "../../machines/worker.ts";
import { RbeeError } from "../protocol/errors.ts";
import { type Chart, chartOf, isIgnored } from "./pictures/chart.ts";
import { mermaid } from "./pictures/mermaid.ts";
import { svg } from "./pictures/svg.ts";

export type PictureFormat = "svg" | "mermaid" | "json";

/** From the one who decides to the ones who do. */
const MACHINES: ReadonlyMap<string, AnyStateMachine> = new Map<string, AnyStateMachine>([
  ["queen", queenMachine],
  ["member", memberMachine],
  ["hive", hiveMachine],
  ["download", downloadMachine],
  ["process", processMachine],
  ["worker", workerMachine],
  ["job", jobMachine],
  ["library", libraryMachine],
  ["agent", agentMachine],
  ["knowledge", knowledgeMachine],
  ["discussion", discussionMachine],
  ["crew", crewMachine],
  ["specialist", specialistMachine],
]);

export const machineNames: readonly string[] = [...MACHINES.keys()];

const FORMATS: Readonly<Record<PictureFormat, (chart: Chart) => string>> = { svg, mermaid, json };

/** @throws RbeeError usage.invalid when no machine has this name */
export function picture(name: string, format: PictureFormat): string {
  const machine = MACHINES.get(name);
  if (machine === undefined) throw new RbeeError("usage.invalid", `no machine is called ${name}`);
  return FORMATS[format](chartOf(machine));
}

function json(chart: Chart): string {
  const states = chart.states.map(({ id, parent = null, kind, initial = null, entry, exit }) => ({
    id,
    parent,
    kind,
    initial,
    entry,
    exit,
  }));
  const transitions = chart.transitions.map((transition) => {
    const { from, to = null, trigger, guard = null, actions } = transition;
    return { from, to, on: trigger, guard, actions, ignored: isIgnored(transition) };
  });
  return `${JSON.stringify({ schemaVersion: 1, name: chart.name, states, transitions }, undefined, 2)}\n`;
}
