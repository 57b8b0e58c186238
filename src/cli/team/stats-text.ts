/**
 * What the team was worth, for a screen of 80 columns.
 *
 * @module
 */
import type { TeamStats } from "../../protocol/team-api.ts";
import { table } from "../table.ts";
import { wrapped } from "../wrap.ts";
import { plainLine } from "./plain.ts";
import { counted, percent, REASON_TEXTS } from "./words.ts";

type Mode = TeamStats["modes"][number];

export function statsText({ modes, damaged }: TeamStats): string {
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
  return `${table([heading, ...rows])}${wrapped([...modes.map(talkLine), ...unread])}`.trimEnd();
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** How it went, and why it was chosen. */
function talkLine({ mode, contributions, passes, failures, rejected, roundsToConsensus, reasons, whys }: Mode): string {
  const ends = reasons.map(({ reason, discussions }) => `${REASON_TEXTS[reason]} (${discussions})`).join(", ");
  const why = whys[0] === undefined ? "" : ` Chosen most often because: ${plainLine(whys[0].why)}.`;
  const rounds = roundsToConsensus === undefined ? "" : ` Agreed in ${counted(roundsToConsensus, "round")}, as a rule.`;
  const turns = [
    counted(contributions, "contribution"),
    counted(passes, "pass", "passes"),
    counted(failures, "failure"),
  ];
  return `${mode}: ${turns.join(", ")}, ${rejected} rejected. Ended by: ${ends}.${rounds}${why}`;
}
