/**
 * Discussions played by the program's own rules, with its own prompts: only the words of the models are made up.
 *
 * Owns: the course of such a discussion, and the lessons that its steps are. Does not own: what a good thinker says
 * (teacher.ts), who is granted a turn (machines/rules), what is asked of it (src/actors/team).
 *
 *   P1 What a lesson asks is what the program would ask, letter for letter, of thinkers with these prompts.
 *   P2 Others in the log may be wrong; what is learnt never is.
 *   P3 What is learnt fits the form that the sampler holds it to.
 *
 * @module
 */
import type { Roster } from "../../../machines/discussion.ts";
import { next, openPoll, refusalOf, wakeAt } from "../../../machines/rules/discuss.ts";
import type { DiscussionConfig, LogEvent, Unwritten } from "../../../machines/rules/log.ts";
import { begun, fold, type OpenTurn, type Poll, type Standing } from "../../../machines/rules/standing.ts";
import type { Step } from "../../../machines/specialist.ts";
import type { Assignment } from "../../../src/actors/team/assignment.ts";
import { requestFor } from "../../../src/actors/team/instructions.ts";
import { assignmentOf, ballotOf, type TaskOf } from "../../../src/actors/team/tasks.ts";
import type { Chance } from "../seeded.ts";
import { type Example, example } from "./example.ts";
import { isRight } from "./right.ts";
import type { Subject } from "./subject.ts";
import * as teacher from "./teacher.ts";

export interface Team {
  readonly frame: string;
  readonly summarizer: Roster;
  readonly roster: readonly Roster[];
  readonly config: DiscussionConfig;
}

/** What one step of a thinker is asked, and should say. */
export interface Lesson extends Example {
  /** Lessons of one stage begin with the same words. */
  readonly stage: string;
  /** What the sampler holds the answer to; nothing of one in prose. */
  readonly form: unknown;
}

export type Before = readonly { readonly request: string; readonly answer: string }[];

interface Table {
  readonly chance: Chance;
  readonly team: Team;
  readonly subject: Subject;
  readonly events: LogEvent[];
  readonly standing: Standing;
  readonly said: teacher.Said[];
  readonly given: Map<number, { readonly assignment: Assignment; readonly seen: teacher.Seen }>;
  readonly lessons: Lesson[];
}

const MISTAKES_SHARE = 0.2;
/** Of contributions behind which somebody is asked where the discussion stands. */
const SUMMARIES_SHARE = 0.3;
/** Of passes on a question with one answer: it is asked to speak all the same. */
const SPOKEN_SHARE = 0.1;
const STEPS_MAX = 400;
const SOURCE = { job: "", model: "", worker: "" };
const usage = { promptTokens: 0, completionTokens: 0 };

/** @throws RangeError where the rules let it go on without end */
export function play(chance: Chance, team: Team, subject: Subject, before: Before): readonly Lesson[] {
  const table = opened(chance, team, subject, before);
  for (let at = 0, steps = 0; steps < STEPS_MAX; steps += 1) {
    const body = next(table.standing, at);
    if (body?.type === "closing") {
      conclude(table, "final");
      return table.lessons;
    }
    if (body !== undefined) write(table, body);
    if (body?.type === "granted") give(table, body.turn);
    const poll = openPoll(table.standing);
    if (poll !== undefined) vote(table, poll);
    else if (body === undefined && table.standing.turns.size > 0) endTurn(table);
    else if (body === undefined) at = wakeAt(table.standing);
  }
  throw new RangeError("a discussion has no end");
}

function opened(chance: Chance, team: Team, subject: Subject, before: Before): Table {
  const its = { seq: 0, at: 0, type: "opened", mode: "discuss", why: "", label: "private" } as const;
  const first = { ...its, request: subject.question, before, agents: team.roster, config: team.config };
  return { chance, team, subject, events: [first], standing: begun(first), said: [], given: new Map(), lessons: [] };
}

function write({ events, standing }: Table, body: Unwritten): number {
  const seq = standing.length;
  const event: LogEvent = { seq, at: standing.at, ...body };
  events.push(event);
  fold(standing, event);
  return seq;
}

const rosterOf = ({ team }: Table, name: string): Roster =>
  team.roster.find((its) => its.name === name) ?? team.summarizer;

const assigned = (table: Table, name: string, task: TaskOf): Assignment =>
  assignmentOf(table, { discussion: "d", frame: table.team.frame, row: undefined }, rosterOf(table, name), task);

function seenUpTo({ subject, said, standing }: Table, basis: number): teacher.Seen {
  const claims = [...standing.claims].map(([id, { agent, text }]) => ({ id, by: agent, text }));
  const objected = new Set(standing.objections.filter(({ seq }) => seq <= basis).map(({ claim }) => claim));
  return { subject, said: said.filter(({ seq }) => seq <= basis), claims: basis === 0 ? [] : claims, objected };
}

/** What it knows is what there was when it was granted its turn. */
function give(table: Table, turn: number): void {
  const open = table.standing.turns.get(turn);
  if (open === undefined) return;
  const { agent, kind, basis } = open;
  const assignment = assigned(table, agent, { duty: kind, basis, turn });
  table.given.set(turn, { assignment, seen: seenUpTo(table, basis) });
}

function learn(table: Table, step: Step, assignment: Assignment, answer: string, earlier = ""): void {
  const { messages: [system, asked] = [], jsonSchema: form } = requestFor(step, assignment, "k", earlier);
  const { agent, system: frame, shared } = assignment;
  const lesson = example(FAMILIES[step] ?? step, asked?.content ?? "", answer, {
    system: system?.content ?? "",
    accepts: isRight(step, agent, table.subject, answer),
  });
  table.lessons.push({ ...lesson, stage: `${frame}\n${shared}`, form });
}

const FAMILIES: Partial<Record<Step, string>> = {
  draft: "drafts",
  claims: "claims",
  bid: "bids",
  speak: "contributions",
  object: "objections",
  vote: "ballots",
  summary: "rolling summaries",
  final: "final summaries",
};
export const TEAM_FAMILIES: readonly string[] = Object.values(FAMILIES);

function endTurn(table: Table): void {
  const open = table.chance.pick([...table.standing.turns.values()]);
  const its = table.given.get(open.turn);
  if (its === undefined) throw new RangeError("a turn that nobody was given");
  if (open.kind === "draft") draft(table, open, its);
  else talk(table, open, its);
  if (table.chance.next() < SUMMARIES_SHARE && table.said.length > 0) conclude(table, "summary");
}

type Given = NonNullable<ReturnType<Table["given"]["get"]>>;

/** P2. */
function draft(table: Table, open: OpenTurn, { assignment, seen }: Given): void {
  const { chance, subject } = table;
  const words = teacher.contribution(chance, open.agent, seen);
  learn(table, "draft", assignment, words.text);
  const isMistaken = subject.mistake !== undefined && chance.next() < MISTAKES_SHARE;
  const said = isMistaken ? { text: subject.mistake ?? "" } : words;
  const claims = teacher.claimsIn(said.text, subject);
  learn(table, "claims", assignment, JSON.stringify({ claims }), said.text);
  say(table, open, said);
  const known = table.standing.claims.size;
  const list = claims.map((text, index) => ({ id: `c${known + index + 1}`, text }));
  write(table, { type: "claims", agent: open.agent, turn: open.turn, list });
}

function say(table: Table, { agent, turn, basis }: OpenTurn, words: teacher.Words): void {
  const seq = write(table, { type: "contributed", agent, turn, basis, text: words.text, usage, source: SOURCE });
  table.said.push({ by: agent, seq, ...words });
}

function talk(table: Table, open: OpenTurn, { assignment, seen }: Given): void {
  const { chance, standing } = table;
  const { agent, turn, basis } = open;
  const bid = teacher.bid(agent, seen);
  learn(table, "bid", assignment, JSON.stringify(bid));
  const why = refusalOf(standing, agent, basis);
  if (bid.move === "object") return object(table, open, { assignment, seen });
  const words = teacher.contribution(chance, agent, seen);
  const isSpoken = bid.move === "speak" || (seen.subject.truth !== undefined && chance.next() < SPOKEN_SHARE);
  if (isSpoken) learn(table, "speak", assignment, words.text);
  if (bid.move === "pass") return void write(table, { type: "passed", agent, turn, basis, why: bid.why, usage });
  if (why !== undefined) return void write(table, { type: "rejected", agent, turn, why, usage });
  say(table, open, words);
}

function object(table: Table, open: OpenTurn, { assignment, seen }: Given): void {
  const { agent, turn, basis } = open;
  const words = teacher.error(table.chance, seen);
  const claim = teacher.disputed(agent, seen);
  if (claim === undefined) throw new RangeError("an objection to nothing");
  learn(table, "object", assignment, JSON.stringify({ claim: claim.id, error: words.text }));
  const why = refusalOf(table.standing, agent, basis);
  if (why !== undefined) return void write(table, { type: "rejected", agent, turn, why, usage });
  write(table, { type: "objection", agent, turn, claim: claim.id, quote: claim.text, error: words.text });
  say(table, open, words);
}

function vote(table: Table, poll: Poll): void {
  const seen = seenUpTo(table, poll.basis);
  for (const agent of poll.voters) {
    const facts = { discussion: "d", frame: table.team.frame, row: undefined };
    const assignment = ballotOf(table, facts, rosterOf(table, agent), { ...poll, type: "polled" });
    const { choice, sure } = teacher.ballot(seen, assignment.options);
    learn(table, "vote", assignment, JSON.stringify({ choice, sure }));
    const { round, basis } = poll;
    write(table, { type: "ballot", agent, round, basis, option: choice, conf: sure / 10, usage });
  }
}

function conclude(table: Table, duty: "summary" | "final"): void {
  const basis = duty === "final" ? table.standing.length - 1 : table.standing.newsSeq;
  const assignment = assigned(table, table.team.summarizer.name, { duty, basis });
  const seen = seenUpTo(table, basis);
  learn(table, duty, assignment, duty === "final" ? teacher.final(seen) : teacher.rolling(seen));
}
