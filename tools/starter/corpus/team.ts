/**
 * The team's part of the corpus: who discusses what, and single answers for a vote.
 *
 * Thinkers are mostly those that the program comes with, told what their files tell them; in some chats a sentence of
 * theirs is missing, or a specialist of somebody's own is there, so that the starter does not lean on every word.
 *
 * @module
 */
import type { Roster } from "../../../machines/discussion.ts";
import type { DiscussionConfig } from "../../../machines/rules/log.ts";
import { requestFor } from "../../../src/actors/team/instructions.ts";
import { assignmentOf } from "../../../src/actors/team/tasks.ts";
import { begun } from "../../../machines/rules/standing.ts";
import { readPart } from "../../../src/hosts/team/prompts.ts";
import { seated } from "../../../src/hosts/team/roster.ts";
import { readTeam } from "../../../src/hosts/team/thinkers.ts";
import type { Chance } from "../seeded.ts";
import { type Example, example } from "./example.ts";
import { inventedWord, type Split } from "./phrase.ts";
import { type Before, type Lesson, play, type Team } from "./played.ts";
import { OTHERS, SPECIALISTS } from "./roles.ts";
import { closedSubject, openSubject, type Subject } from "./subject.ts";
import * as teacher from "./teacher.ts";

/** Where nobody has a file of his own. */
const NO_HOME = "/nowhere/config.yaml";
const SHIPPED = readTeam(SPECIALISTS, NO_HOME).map(seated);
const SUMMARIZER = seated(readPart("summarizer"));
const FRAME = readPart("frame").body;
const SAMPLE = seated(readPart("sample"));
export const QUEEN = readPart("queen").body;

const CONFIG: DiscussionConfig = {
  style: "structured",
  contributionsMax: 3,
  roundsMax: 10,
  staleMax: 2,
  quorum: "majority",
  samples: 5,
  tokensMax: Number.MAX_SAFE_INTEGER,
  turnTokensMax: 320,
  idleMs: 1,
  hardMs: Number.MAX_SAFE_INTEGER,
  graceMs: 1,
  draftMs: 1,
  turnMs: 1,
  finalMs: 1,
  summaryMs: 1,
};

/** Those that the program comes with. */
export const TEAM: Team = { frame: FRAME, summarizer: SUMMARIZER, roster: SHIPPED, config: CONFIG };

const FREE_SHARE = 0.08;
const THINNED_SHARE = 0.25;
const OTHER_SHARE = 0.15;
const CLOSED_SHARE = 0.5;

export function discussionLessons(chance: Chance, split: Split, before: Before = []): readonly Lesson[] {
  const make = chance.next() < CLOSED_SHARE ? closedSubject : openSubject;
  return play(chance, team(chance, split), make(chance, split), before);
}

function team(chance: Chance, split: Split): Team {
  const isThinned = split === "train" && chance.next() < THINNED_SHARE;
  const told = (its: Roster): Roster => (isThinned ? { ...its, body: thinned(chance, its.body) } : its);
  const seats = chance.next() < OTHER_SHARE ? [...chance.sample(SHIPPED, 2), other(chance)] : SHIPPED;
  return {
    frame: isThinned ? thinned(chance, FRAME) : FRAME,
    summarizer: told(SUMMARIZER),
    roster: seats.map(told),
    config: { ...CONFIG, style: chance.next() < FREE_SHARE ? "free" : "structured" },
  };
}

/** The first sentence, and most of the others. */
function thinned(chance: Chance, body: string): string {
  const kept = body.split(/(?<=\.)(?=\s)/).filter((_, index) => index === 0 || chance.next() < 0.7);
  return kept.join("").trim();
}

/** A specialist of somebody's own, of whom the starter knows no more than the name. */
function other(chance: Chance): Roster {
  const name = chance.next() < 0.4 ? inventedWord(chance) : chance.pick(OTHERS).replaceAll(" ", "-");
  const body = `You look after ${name}. ${thinned(chance, chance.pick(SHIPPED).body)}`;
  return { name, colour: "white", hash: "", place: "any", body };
}

export const sampleExample = (chance: Chance, split: Split): Example => sampleOf(closedSubject(chance, split));

/** One independent answer of a vote. */
export function sampleOf(subject: Subject): Example {
  const opened = { seq: 0, at: 0, type: "opened", request: subject.question, mode: "vote", why: "" } as const;
  const first = { ...opened, label: "private", before: [], agents: [SAMPLE], config: CONFIG } as const;
  const kept = { events: [first], standing: begun(first) };
  const facts = { discussion: "d", frame: FRAME, row: undefined };
  const assignment = assignmentOf(kept, facts, SAMPLE, { duty: "sample", basis: 0 });
  const { messages: [system, asked] = [] } = requestFor("sample", assignment, "k", "");
  const right = teacher.sample(subject);
  return example("samples", asked?.content ?? "", JSON.stringify(right), {
    system: system?.content ?? "",
    accepts: (given) => given.includes(`"answer":${JSON.stringify(right.answer)},"sure":`) && given.endsWith("}"),
  });
}
