/**
 * The short events of a discussion in words, and what the whole of it was worth.
 *
 * @module
 */
import type { LogEvent, Logged } from "../../../machines/rules/log.ts";
import type { Standing } from "../../../machines/rules/standing.ts";

/** Nothing for what has more to say than one line, or nothing. */
export function asideText(standing: Standing, event: LogEvent): string | undefined {
  switch (event.type) {
    case "passed":
      return `${event.agent} passes: ${event.why}`;
    case "failed":
      return `${event.agent} failed: ${event.kind}: ${event.message}`;
    case "cancelled":
      return `${event.agent} was stopped${event.partial.trim() === "" ? "" : ` at: ${event.partial}`}`;
    case "rejected":
      return `${event.agent} takes it back: ${TAKEN_BACK[event.why]}`;
    case "late":
      return `${event.agent} was not done in time`;
    case "ballot":
      return `${event.agent} votes for ${optionText(standing, event)}, ${percent(event.conf)} sure`;
    case "abstained":
      return `${event.agent} casts no vote: ${event.kind}`;
    case "tallied":
      return tallyText(event);
    case "ordered":
      return orderText(event);
    case "closing":
      return `it ends by ${REASON_TEXTS[event.reason]}`;
    default:
      return undefined;
  }
}

const TAKEN_BACK = { stale: "others have said more meanwhile", twice: "it was the last to speak" } as const;

const optionText = ({ polls }: Standing, { agent, option }: Logged<"ballot">): string =>
  option === agent && polls.length > 0 ? "its own" : option;

const tallyText = ({ winner, agreement, reached }: Logged<"tallied">): string =>
  winner === undefined
    ? "the vote decides nothing"
    : `the vote: ${winner}, ${percent(agreement)} agree${reached ? "" : ", which is too few"}`;

function orderText(event: Logged<"ordered">): string {
  switch (event.order) {
    case "mute":
      return `you mute ${event.agent}`;
    case "unmute":
      return `you let ${event.agent} speak again`;
    case "extend":
      return `you give them ${Math.round(event.ms / 1_000)} s more`;
    case "vote":
      return "you call for a vote";
    case "stop":
      return "you stop them";
  }
}

export const MODE_TEXTS = { alone: "The queen alone", vote: "A vote", discuss: "A discussion" } as const;

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** What it cost and what it changed, in one line. */
export function worthText({ opened }: Standing, { worth }: Logged<"final">): string {
  const { tokens, costMicros, isPart, ms, contributions, agreement, flips } = worth;
  const least = isPart === true ? "at least " : "";
  const said = opened.mode === "vote" ? "sample" : "contribution";
  return [
    `${opened.mode === "vote" ? "vote" : "discussion"}: ${counted(contributions, said)}`,
    `${least}${tokens.toLocaleString("en")} tokens`,
    ...(costMicros === undefined ? [] : [`cost ${least}${moneyText(costMicros)}`]),
    `${(ms / 1_000).toFixed(1)} s`,
    ...(agreement === undefined ? [] : [`${percent(agreement)} agree`]),
    ...(opened.mode === "vote" ? [] : [counted(flips, "flip")]),
  ].join(", ");
}

/** In whatever money the prices are. */
export const moneyText = (micros: number): string => {
  const money = micros / 1e6;
  return money >= 0.01 || money === 0 ? money.toFixed(2) : money.toPrecision(2);
};

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

export const REASON_TEXTS = {
  cancelled: "your stop",
  budget: "its budget",
  timeout: "its time",
  all_failed: "failure: nobody is left",
  consensus: "agreement",
  max_rounds: "its rounds",
  exhausted: "everything being said",
  all_idle: "silence",
} as const;
