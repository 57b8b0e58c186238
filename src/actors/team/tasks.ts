/**
 * What a discussion gives its thinkers to do, written from its log.
 *
 * Owns: which part of the log is read for which duty. Does not own: how the log reads (transcript.ts), what is asked in
 * each step (instructions.ts).
 *
 *  TA1 Of a turn the log is read up to its basis, of a ballot up to the call for it: no draft or sample is written with
 *      another's before its eyes, and no ballot with another of its round (TS9, TS15). The user's words are before all.
 *  TA2 A summary cites contributions that there are, up to where it reads (TS13).
 *  TA3 Who has its place in the cluster is asked under a label that does not leave it (TS11).
 *  TA4 What is known, an agent's own notes, and what its tools find are read as anybody's words are: quoted, and behind
 *      every instruction of the system's (TS19). Notes are in the prompts of their own agent alone (TS10).
 *  TA5 The last word takes no more tokens than whoever asked allowed it.
 *  TA6 Who is billed is asked once: an answer that broke is paid for, and no money was set aside for another (TS12).
 *
 * @module
 */
import { mayGo } from "../../../machines/rules/label.ts";
import type { Roster } from "../../../machines/discussion.ts";
import type { DiscussionConfig, LogEvent, Logged, Unwritten } from "../../../machines/rules/log.ts";
import type { Usage } from "../../../machines/rules/usage.ts";
import { ANSWER_TOKENS_MAX } from "../../../machines/rules/money.ts";
import { ownNotes } from "../../../machines/rules/notes.ts";
import { foundBy } from "../../../machines/rules/tools.ts";
import type { ChatMessage } from "../../../machines/request.ts";
import type { Duty } from "../../../machines/specialist.ts";
import type { Assignment } from "./assignment.ts";
import type { DiscussionRow, Kept } from "./tables.ts";
import { known, quoted, transcript } from "./transcript.ts";

export interface TaskFacts {
  readonly discussion: string;
  readonly frame: string;
  readonly row: DiscussionRow | undefined;
}

export interface TaskOf {
  readonly duty: Duty;
  readonly basis: number;
  /** The basis where it is not said. */
  readonly turn?: number;
}

export function assignmentOf(
  { events, standing }: Kept,
  { discussion, frame, row }: TaskFacts,
  { name, body, model, place, tools = [] }: Roster,
  { duty, basis, turn = basis }: TaskOf,
): Assignment {
  const { label, config } = standing.opened;
  const isOwn = duty === "answer" || duty === "sample";
  const isSumming = duty === "summary" || duty === "final";
  const read = isOwn || duty === "draft" ? userWords(events, basis) : events;
  const claims = [...standing.claims].flatMap(([id, { agent, text }]) => (agent === name ? [] : [{ id, text }]));
  return {
    discussion,
    agent: name,
    duty,
    turn,
    chat: isOwn ? chatOf(standing.opened, read) : [],
    system: isOwn ? body : frame,
    shared: isOwn ? "" : transcript(read, basis),
    own: isOwn ? "" : ownOf(ownNotes(events, name, basis), foundBy(tools, read, basis)),
    role: isOwn ? "" : `You are ${name}. ${body}`,
    model: row?.model ?? model,
    label: place === "local" && mayGo(label, "private") ? "private" : label,
    caller: row?.caller,
    seed: turn,
    ...(config.costMaxMicros === undefined ? {} : { answerTokensMax: ANSWER_TOKENS_MAX }),
    tokensMax: duty === "final" ? answerRoom(config) : config.turnTokensMax,
    isOnce: (isSumming ? standing.opened.summarizer : standing.thinkers.get(name)?.billed) !== undefined,
    claims: duty === "talk" ? claims : [],
    options: [],
  };
}

/** TA1: of a sealed turn the question, and what the user has said since. */
const userWords = (events: readonly LogEvent[], basis: number): readonly LogEvent[] =>
  events.slice(0, basis + 1).filter(({ type }) => type === "opened" || type === "user");

/** TA5. */
const answerRoom = ({ turnTokensMax, answerTokensMax = turnTokensMax }: DiscussionConfig): number =>
  Math.min(turnTokensMax, answerTokensMax);

/** Of somebody who discusses with nobody: a chat like any other. */
const chatOf = (
  { before, knowledge, request }: Logged<"opened">,
  read: readonly LogEvent[],
): readonly ChatMessage[] => [
  ...before.flatMap(({ request: asked, answer }): readonly ChatMessage[] => [
    { role: "user", content: asked },
    { role: "assistant", content: answer },
  ]),
  {
    role: "user",
    content: [...known({ knowledge }), request, ...read.flatMap((one) => (one.type === "user" ? [one.text] : []))].join(
      "\n\n",
    ),
  },
];

/** TA4. */
const ownOf = (notes: readonly string[], found: readonly string[]): string =>
  [
    ...part("Your own notes, which nobody else has", notes),
    ...part("Sums that were written, recalculated", found),
  ].join("\n\n");

const part = (what: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${what}:\n${quoted(lines.join("\n"))}`];

export const ballotOf = (
  kept: Kept,
  facts: TaskFacts,
  roster: Roster,
  { round, basis, options }: Extract<Unwritten, { type: "polled" }>,
): Assignment => ({
  ...assignmentOf(kept, facts, roster, { duty: "vote", basis, turn: round }),
  options: options.map(({ id }) => id),
});

/** TA2. */
export function summaryOf({ standing }: Kept, readUpTo: number, text: string, usage?: Usage): Unwritten {
  const upTo = Math.max(readUpTo, standing.summary?.upTo ?? 0);
  const named = new Set([...text.matchAll(/\[(\d{1,8})\]/g)].map(([, digits]) => Number(digits)));
  const there = standing.contributions.filter(({ seq }: Logged<"contributed">) => seq <= upTo).map(({ seq }) => seq);
  const cited = there.filter((seq) => named.has(seq));
  const cites = cited.length > 0 ? cited : there;
  return { type: "summary", upTo, text, cites, ...(usage === undefined ? {} : { usage }) };
}
