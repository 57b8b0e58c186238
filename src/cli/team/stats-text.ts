/**
 * What the team was worth, for a screen of 80 columns.
 *
 * @module
 */
import type { TeamStats } from "../../protocol/team-api.ts";
import { table } from "../terminal/table.ts";
import { wrapped } from "../terminal/wrap.ts";
import { plainLine } from "./plain.ts";
import { counted, moneyText, percent, REASON_TEXTS } from "./words.ts";

type Mode = TeamStats["modes"][number];

export function statsText({ modes, damaged, gate, agents, store }: TeamStats): string {
  if (modes.length === 0) return "no discussion is kept yet";
  const rows = modes.map((its) => [
    its.mode,
    String(its.discussions),
    percent(its.completed / its.discussions),
    String(Math.round(its.tokens / its.discussions)),
    seconds(its.ms.p50),
    seconds(its.ms.p95),
    its.agreement === undefined ? "-" : percent(its.agreement),
    String(its.flips),
  ]);
  const heading = ["", "asked", "completed", "tokens each", "p50 s", "p95 s", "agreement", "flips"];
  const unread = damaged === 0 ? [] : [`Not counted, because unreadable: ${counted(damaged, "log")}`];
  const lines = [...modes.map(talkLine), ...gateLines(gate), ...agentLines(agents), ...storeLines(store), ...unread];
  return `${table([heading, ...rows])}${wrapped(lines)}`.trimEnd();
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

const gateLines = ({ told, same }: TeamStats["gate"]): readonly string[] =>
  told === 0 ? [] : [`Where you said how to answer, the queen would have said the same: ${same} of ${told}.`];

function agentLines(agents: TeamStats["agents"]): readonly string[] {
  const kept = agents.map(({ name, memoryBytes }) => `${name} ${memoryBytes} B`);
  return kept.length === 0 ? [] : [`What agents keep for themselves: ${kept.join(", ")}.`];
}

const storeLines = (store: TeamStats["store"]): readonly string[] =>
  store === undefined
    ? []
    : [`Of the store's answers half take ${msText(store.ms.p50)} at most, 95 % ${msText(store.ms.p95)}.`];

const msText = (ms: number): string => `${ms.toFixed(1)} ms`;

/** How it went, and why it was chosen. */
function talkLine(its: Mode): string {
  const { mode, contributions, passes, failures, rejected, reasons, whys } = its;
  const ends = reasons.map(({ reason, discussions }) => `${REASON_TEXTS[reason]} (${discussions})`).join(", ");
  const why = whys[0] === undefined ? "" : ` Chosen most often because: ${plainLine(whys[0].why)}.`;
  const turns = [
    counted(contributions, "contribution"),
    counted(passes, "pass", "passes"),
    counted(failures, "failure"),
  ];
  return `${mode}: ${turns.join(", ")}, ${rejected} rejected. Ended by: ${ends}.${courseText(its)}${why}`;
}

function courseText({ roundsToConsensus, utilisation, delegationMs, costMicros, isPart }: Mode): string {
  const rounds = roundsToConsensus === undefined ? "" : ` Agreed in ${counted(roundsToConsensus, "round")}, as a rule.`;
  const first = delegationMs === undefined ? "" : `, the first turn given after ${msText(delegationMs)}`;
  const work = utilisation === undefined ? "" : ` Thinkers at work ${percent(utilisation)} of the time${first}.`;
  const cost = costMicros === undefined ? "" : ` Cost ${moneyText(costMicros)}.`;
  const least = isPart === true ? " Some work broke off, and may have taken more than is counted." : "";
  return `${rounds}${work}${cost}${least}`;
}
