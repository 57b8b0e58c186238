/**
 * The last word of a discussion: what it says, who still objects, and what it was worth.
 *
 * Owns: what stands in `final` beside a model's own words, and what stands there without any. Does not own: asking one.
 *
 *  CO1 Where a model has nothing to add (one answer, a vote) it is not asked: the contribution is the answer.
 *  CO2 Without a model the final word is put together from what was said; where nothing was, it says so and why. It is
 *      never a failure that looks like an answer (TL1).
 *  CO3 Whoever voted otherwise, or objected and did not come round, is heard in it (B4).
 *  CO4 What it cost and changed is counted from the log alone; where some work never said all that it took, it says so.
 *
 * @module
 */
import type { LogEvent, Logged, Unwritten, Worth } from "./log.ts";
import { usageIn } from "./event-cost.ts";
import { isLastWordPaid } from "./money.ts";
import { plus, tokensOfUsage, type Usage } from "./usage.ts";
import type { Poll, Standing } from "./standing.ts";

type Final = Extract<Unwritten, { type: "final" }>;

/** CO1; CO2 also where no model can be paid. @returns nothing where a model is to be asked */
export function readyAnswer(standing: Standing): Pick<Final, "text" | "by"> | undefined {
  const { opened, reason, contributions } = standing;
  if (contributions.length === 0 || reason === "cancelled") return { text: extract(standing), by: "extract" };
  if (opened.mode === "discuss" && !isLastWordPaid(standing)) return { text: extract(standing), by: "extract" };
  if (opened.mode === "discuss") return undefined;
  const answer = chosen(standing) ?? contributions.at(-1);
  return { text: answer?.text ?? "", by: "contribution" };
}

const tallied = ({ polls }: Standing): Poll | undefined => polls.findLast(({ tally }) => tally !== undefined);

/** What the last vote chose. */
function chosen(standing: Standing): Logged<"contributed"> | undefined {
  const poll = tallied(standing);
  const option = poll?.options.find(({ id }) => id === poll.tally?.winner);
  return standing.contributions.find(({ seq }) => seq === option?.of);
}

/** CO2. */
export function extract(standing: Standing): string {
  const { contributions, summary, opened } = standing;
  const best = chosen(standing);
  if (best !== undefined) return best.text;
  if (summary !== undefined) return summary.text;
  if (contributions.length === 0) return `There is no answer: ${WHY_NONE[standing.reason ?? "all_failed"]}.`;
  if (opened.mode !== "discuss") return contributions.at(-1)?.text ?? "";
  return contributions.map(({ agent, text }) => `${agent}: ${text}`).join("\n");
}

const WHY_NONE: Readonly<Record<NonNullable<Standing["reason"]>, string>> = {
  cancelled: "it was stopped before anybody had spoken",
  budget: "its budget does not pay for a turn",
  timeout: "nobody had spoken when its time was up",
  all_failed: "no model could be asked, or none gave words that could be used",
  consensus: "nobody said anything",
  max_rounds: "nobody said anything in any round",
  exhausted: "everybody passed",
  all_idle: "nobody had anything to say",
};

/** @param said a model's words, or those of {@link readyAnswer}; CO3, CO4 */
export function finalOf(
  standing: Standing,
  log: readonly LogEvent[],
  said: { readonly text: string; readonly by: Final["by"]; readonly usage: Usage },
  at: number,
): Final {
  const upTo = standing.contributions.at(-1)?.seq ?? 0;
  const { text, by, usage } = said;
  return {
    type: "final",
    upTo,
    text,
    by,
    minority: minority(standing),
    ...(by === "model" ? { usage } : {}),
    worth: worth(standing, log, usage, at),
  };
}

function minority(standing: Standing): Final["minority"] {
  const poll = tallied(standing);
  const winner = poll?.tally?.winner;
  const against = [...(poll?.ballots.values() ?? [])]
    .filter(({ option }) => option !== winner)
    .map(({ agent }) => agent);
  if (standing.opened.mode === "vote") return others(standing, against);
  const objectors = standing.objections
    .filter(({ agent }) => poll?.ballots.get(agent) === undefined)
    .map(({ agent }) => agent);
  return others(standing, [...new Set([...against, ...objectors])]);
}

const others = ({ thinkers, objections }: Standing, names: readonly string[]): Final["minority"] =>
  names.flatMap((agent) => {
    const text = objections.findLast((its) => its.agent === agent)?.error ?? thinkers.get(agent)?.latest?.text;
    return text === undefined ? [] : [{ agent, text }];
  });

function worth(standing: Standing, log: readonly LogEvent[], last: Usage, at: number): Worth {
  const all = plus(usageIn(log), last);
  const poll = tallied(standing);
  return {
    tokens: tokensOfUsage(all),
    ...(all.costMicros === undefined ? {} : { costMicros: all.costMicros }),
    ...(all.isPart === true || isVoting(standing) ? { isPart: true } : {}),
    ms: Math.max(0, at - standing.opened.at),
    contributions: standing.contributions.length,
    ...(poll?.tally === undefined ? {} : { agreement: poll.tally.agreement }),
    flips: flips(standing, poll),
  };
}

/** Ballots were asked for that nobody waited for. */
const isVoting = ({ opened, polls }: Standing): boolean =>
  opened.mode === "discuss" && polls.some(({ tally }) => tally === undefined);

/** Votes for another than the voter's own draft. */
const flips = ({ thinkers, opened }: Standing, poll: Poll | undefined): number =>
  opened.mode !== "discuss" || poll === undefined
    ? 0
    : [...poll.ballots.values()].filter(
        ({ agent, option }) => thinkers.get(agent)?.draft !== undefined && option !== agent,
      ).length;
