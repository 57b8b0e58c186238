/**
 * The sentences of `why`: a line each, an attempt's own lines two blanks further in.
 *
 * @module
 */
import type { AttemptView, WhyView } from "../protocol/why-api.ts";
import { durationText, sizeText } from "../runtime/config/units.ts";

type Facts = Omit<WhyView, "words">;
type Other = AttemptView["alternatives"][number];
type LostLoad = NonNullable<NonNullable<AttemptView["load"]>["lost"]>[number];
type Load = NonNullable<AttemptView["load"]>;
type Choice = NonNullable<Load["choice"]>;
type Machine = Choice["machines"][number];
type Numbers = Pick<Other, "machine_jobs" | "tokens_per_second" | "cached_chars" | "doubted">;
type Waiting = NonNullable<Facts["waiting"]>;

export function whyWords(facts: Facts): string[] {
  const { attempts, waiting } = facts;
  return [
    headline(facts),
    admission(facts),
    ...callerWords(facts),
    ...attempts.flatMap((attempt) => attemptWords(attempt, facts)),
    ...(waiting === undefined ? [] : waitingWords(waiting, facts.model)),
  ];
}

function headline({ job_id: job, state, end, attempts, waiting }: Facts): string {
  if (state === "cancelled") return `${job} was cancelled${after(end)}.`;
  if (end?.error !== undefined) return `${job} failed with ${end.error.code}${after(end)}: ${end.error.message}.`;
  if (end !== undefined) return `${job} is done, ${time(end.total_ms)} after it was admitted.`;
  if (waiting !== undefined) return `${job} has been waiting for ${time(waiting.ms)}.`;
  return `${job} runs, on ${attempts.at(-1)?.worker ?? "a worker"}.`;
}

const after = (end: Facts["end"]): string => (end === undefined ? "" : ` after ${time(end.total_ms)}`);

function admission({ admitted_at: at, ahead, model, capability, priority }: Facts): string {
  const behind = ahead === 0 ? "with nobody before it" : `behind ${counted(ahead, "job")}`;
  const what = capability === "embedding" ? "an embedding" : "text";
  return `Admitted at ${at}, for ${what} of ${model}, priority ${priority}, ${behind}.`;
}

function callerWords({ request_id: request, key, traceparent }: Facts): string[] {
  if (request === undefined) return [];
  const whose = key === undefined ? "" : `, with the key ${key}`;
  return [`It came as request ${request}${whose}${traceparent === undefined ? "" : `, in trace ${traceparent}`}.`];
}

function attemptWords(attempt: AttemptView, facts: Facts): string[] {
  const { load, worker, memory_bytes: bytes } = attempt;
  const waited = attempt.waited_ms === 0 ? "at once" : `after ${time(attempt.waited_ms)} of waiting`;
  return [
    `Attempt ${attempt.attempt} was placed on ${worker} of ${attempt.hive} ${waited}.`,
    `  Why there: ${[attempt.why, ...numberWords(attempt)].join("; ")}.`,
    ...(load === undefined ? [] : loadWords(load)),
    `  ${alternativesWords(attempt)}`,
    ...(bytes === 0 ? [] : [`  ${worker} has ${sizeText(bytes)} of memory booked.`]),
    `  ${endWords(attempt, facts)}`,
  ];
}

function loadWords({ made_room: instead, why, choice, lost = [], ...load }: Load): string[] {
  const parts = [
    `${time(load.deciding_ms)} for its memory and any download`,
    `${time(load.starting_ms)} to start`,
    `${time(load.loading_ms)} to load`,
  ];
  return [
    ...lost.map(lostWords),
    `  It waited ${time(load.waited_ms)} for that worker to come up: ${parts.join(", ")}.`,
    ...(choice === undefined ? [] : choiceWords(choice)),
    ...(instead.length === 0 ? [] : [`  To make room ${instead.join(", ")} had to go.`]),
    ...(why === "" ? [] : [`  On its memory: ${why}.`]),
  ];
}

function choiceWords({
  machines: [chosen, ...others],
  more_machines: more,
  pinned,
  need_bytes: need,
}: Choice): string[] {
  if (chosen === undefined) return [];
  const needs = need === undefined ? "" : `, which needs about ${sizeText(need)}`;
  const told = `  ${machineWords(chosen)} was to load it${needs}`;
  if (pinned) return [`${told}: the job is to run there.`];
  const listed = [...others.map(machineWords), ...(more === 0 ? [] : [`${more} more`])];
  return [listed.length === 0 ? `${told}.` : `${told}, instead of ${listed.join("; ")}.`];
}

function machineWords({ name, workers, has_file: hasFile, room_bytes: room, against, ...seen }: Machine): string {
  const pace = seen.tokens_per_second;
  const facts = [
    ...(against === undefined ? [] : [AGAINST[against]]),
    hasFile ? "has its file" : "has to fetch it",
    ...(room === undefined ? [] : [`${sizeText(room)} to give`]),
    counted(workers, "worker"),
    ...(pace === undefined ? [] : [`${pace} tokens/s`]),
  ];
  return `${name} (${facts.join(", ")})`;
}

const AGAINST = {
  away: "away",
  doubted: "not sure to be there",
  draining: "being drained",
  failed: "it has just failed there",
} as const;

const lostWords = ({ worker, ms, code, message }: LostLoad): string =>
  `  Before that ${worker} failed to come up, after ${time(ms)}, with ${code}: ${message}.`;

function alternativesWords({ alternatives, more_alternatives: more, other_machines: machines }: AttemptView): string {
  const others = alternatives.length === 0 ? "No other worker had the model" : `Instead of ${list(alternatives, more)}`;
  const elsewhere = machines === 0 ? "no other machine" : counted(machines, "other machine");
  return `${others}, and ${elsewhere} ${machines > 1 ? "were" : "was"} there.`;
}

const list = (others: readonly Other[], more: number): string =>
  [...others.map(otherWords), ...(more === 0 ? [] : [`${more} more`])].join(", ");

function otherWords({ worker, state, busy_slots: busy, slots, ...numbers }: Other): string {
  if (state === "stopping") return `${worker} (stopping)`;
  if (state !== "ready") return `${worker} (still ${state === "asked" ? "asked for" : "loading"})`;
  return `${worker} (${[`${busy} of ${slots} slots busy`, ...numberWords(numbers)].join(", ")})`;
}

function numberWords({
  machine_jobs: jobs,
  tokens_per_second: pace,
  cached_chars: cached,
  doubted,
}: Numbers): string[] {
  return [
    ...(doubted === true ? ["its machine is not sure to be there"] : []),
    ...(jobs === undefined ? [] : [`${counted(jobs, "job")} on its machine`]),
    ...(pace === undefined ? [] : [`${pace} tokens/s`]),
    ...(cached === undefined ? [] : [`${cached / 1024} Ki characters of the prompt in its cache`]),
  ];
}

function endWords({ end, said_tokens: said }: AttemptView, facts: Facts): string {
  const soFar = said === undefined ? "" : `, ${counted(said, "token")} said so far`;
  if (end === undefined) return `It runs${soFar}.`;
  if (end.code !== "done") return `It ended after ${time(end.ran_ms)} with ${end.code}: ${end.message}${soFar}.`;
  return `It was done after ${time(end.ran_ms)}${usageWords(facts.end)}.`;
}

function usageWords(end: Facts["end"]): string {
  if (end?.usage === undefined) return "";
  const { prompt_tokens: prompt, completion_tokens: completion } = end.usage;
  const first = end.first_token_ms === undefined ? "" : `, the first of them after ${time(end.first_token_ms)}`;
  const rate = end.tokens_per_second === undefined ? "" : `, ${end.tokens_per_second} tokens a second`;
  return `: ${counted(prompt, "token")} of prompt read, ${counted(completion, "token")} said${first}${rate}`;
}

function waitingWords(waiting: Waiting, model: string): string[] {
  const {
    queen,
    ahead,
    workers,
    more_workers: more,
    loads,
    failed_loads: failed,
    crowded_by: crowded,
    progress,
    pinned,
  } = waiting;
  if (queen !== "serving") return [`It waits for the queen: she is ${queen}, and places nothing.`];
  const busy = workers.filter(({ state }) => state === "ready");
  return [
    ahead === 0
      ? `It is next for ${model}.`
      : `${counted(ahead, "job")} for ${model} ${ahead === 1 ? "goes" : "go"} before it.`,
    ...(pinned === undefined ? [] : [`It is to run on ${pinned.name}${PINNED[pinned.state]}.`]),
    ...loads.map(({ worker, step, ms }) => `It waits for ${worker}, which ${STEPS[step]} since ${time(ms)}.`),
    ...(busy.length === 0 ? [] : [`It waits for a slot of ${list(busy, more)}.`]),
    ...(progress === undefined ? [] : [`The ${progress.step} is ${Math.floor(progress.fraction * 100)} % done.`]),
    ...(failed === 0 ? [] : [`${counted(failed, "load")} of the model failed just before.`]),
    ...(crowded === undefined ? [] : [`There is no room for the model now: ${crowded}.`]),
    ...(workers.length === 0 ? ["No worker has the model, and none is on its way."] : []),
  ];
}

const PINNED = {
  serving: "",
  doubted: ", which is not sure to be there",
  draining: ", which is being drained",
  away: ", which is not there",
} as const;

const STEPS = {
  deciding: "waits for memory or a download",
  starting: "starts",
  loading: "loads",
} as const;

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** With a tenth of a second where that tells more. */
const time = (ms: number): string => (ms >= 1000 && ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : durationText(ms));
