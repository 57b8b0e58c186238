/**
 * A chart as Mermaid's stateDiagram-v2.
 *
 * Ignored events are left out, for they would hide the rest. What holds in every state, of the machine or of one with
 * others in it, hangs on a box of that name: Mermaid lets neither have a text.
 *
 * @module
 */
import { type Chart, type ChartState, type ChartTransition, isIgnored, triggerText } from "./chart.ts";

/** Mermaid takes a word as an id; a path is none. */
const wordOf = (id: string): string => id.replaceAll(".", "_");
const throughout = (id: string): string => `${wordOf(id)}_throughout`;

export function mermaid(chart: Chart): string {
  const { name, states, transitions } = chart;
  const shown = transitions.filter((transition) => !isIgnored(transition));
  const root = states.find(({ id }) => id === name);
  return [
    "stateDiagram-v2",
    ...(shown.some(({ from }) => from === name) ? [`  ${throughout(name)}: in every state`] : []),
    ...stays(chart, name, throughout(name), "  "),
    ...states.filter(({ parent }) => parent === name).flatMap((state) => stateLines(chart, state, "  ")),
    ...(root?.initial === undefined ? [] : [`  [*] --> ${wordOf(root.initial)}`]),
    ...arrows(shown, name),
    ...states.filter(({ kind }) => kind === "final").map(({ id }) => `  ${wordOf(id)} --> [*]`),
    "",
  ].join("\n");
}

function stateLines(chart: Chart, state: ChartState, indent: string): readonly string[] {
  const { id, name, kind, initial, entry, exit } = state;
  const word = wordOf(id);
  if (kind === "composite") {
    const children = chart.states.filter(({ parent }) => parent === id);
    const lines = stays(chart, id, throughout(id), `${indent}  `);
    return [
      `${indent}state "${name}" as ${word} {`,
      ...(initial === undefined ? [] : [`${indent}  [*] --> ${wordOf(initial)}`]),
      ...(lines.length === 0 ? [] : [`${indent}  ${throughout(id)}: in every state of it`, ...lines]),
      ...children.flatMap((child) => stateLines(chart, child, `${indent}  `)),
      `${indent}}`,
    ];
  }
  return [
    `${indent}${word}: ${name}`,
    ...(entry.length === 0 ? [] : [`${indent}${word}: entry / ${entry.join(", ")}`]),
    ...(exit.length === 0 ? [] : [`${indent}${word}: exit / ${exit.join(", ")}`]),
    ...stays(chart, id, word, indent),
  ];
}

/** What a state does without being left. */
function stays({ transitions }: Chart, id: string, word: string, indent: string): readonly string[] {
  return transitions
    .filter((transition) => transition.from === id && transition.to === undefined && !isIgnored(transition))
    .map((transition) => `${indent}${word}: ${labelOf(transition)}`);
}

/** One arrow for each pair of states, with everything that takes one from the first to the second. */
function arrows(transitions: readonly ChartTransition[], machine: string): readonly string[] {
  const labels = new Map<string, string[]>();
  for (const transition of transitions) {
    if (transition.to === undefined) continue;
    const arrow = `${sourceOf(transition, machine)} --> ${wordOf(transition.to)}`;
    labels.set(arrow, [...(labels.get(arrow) ?? []), labelOf(transition)]);
  }
  return [...labels].map(([arrow, texts]) => `  ${arrow}: ${texts.join("<br/>")}`);
}

const sourceOf = ({ from }: ChartTransition, machine: string): string =>
  from === machine ? throughout(machine) : wordOf(from);

function labelOf({ trigger, guard, actions }: ChartTransition): string {
  const condition = guard === undefined ? "" : ` [${guard}]`;
  return `${triggerText(trigger)}${condition}${actions.length === 0 ? "" : ` / ${actions.join(", ")}`}`;
}
