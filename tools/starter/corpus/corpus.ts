/**
 * The whole corpus: which families of examples there are, how often each comes, and where the held-out wall stands.
 *
 *   C1 One seed, one corpus, on every machine.
 *   C2 No question of the examination is ever trained on: its templates are on the other side of the wall, and so are
 *      most of the nouns in them.
 *
 * @module
 */
import { type Chance, seeded } from "../seeded.ts";
import { aboutExample, itselfExample } from "./about.ts";
import { repeatExample, storyExample, talkExample } from "./chat.ts";
import { choiceExample } from "./choices.ts";
import { type Example, type Maker, type Turn, turns } from "./example.ts";
import { farExample } from "./far.ts";
import { generalPrompt } from "./roles.ts";
import { TEAM_FAMILIES } from "./played.ts";
import { beyondExample, minusExample, plusExample } from "./sums.ts";
import { discussionLessons, QUEEN, sampleExample } from "./team.ts";
import { differenceExample, wordExample } from "./words.ts";

interface Family {
  readonly make: Maker;
  /** Weight among the training chats. */
  readonly share: number;
  /** Asked of the starter itself: any general system prompt may stand before it, and other such questions. */
  readonly general: boolean;
}

const FAMILIES: readonly Family[] = [
  { make: wordExample, share: 24, general: true },
  { make: differenceExample, share: 4, general: true },
  { make: aboutExample, share: 12, general: true },
  { make: itselfExample, share: 5, general: true },
  { make: farExample, share: 14, general: true },
  { make: choiceExample, share: 5, general: true },
  { make: plusExample, share: 22, general: true },
  { make: minusExample, share: 20, general: true },
  { make: beyondExample, share: 2, general: true },
  { make: talkExample, share: 2, general: true },
  { make: storyExample, share: 4, general: true },
  { make: repeatExample, share: 10, general: true },
  { make: sampleExample, share: 12, general: false },
];

/** Of a discussion, beside the families. */
const DISCUSSION_SHARE = 14;
const EARLIER_TURNS = 2;
/** Of discussions that go on from an earlier answer. */
const EARLIER_SHARE = 0.06;
/** Of one discussion; more of them would say much the same. */
const LESSONS_MAX = 8;

/** Drafts and final words are what people hear of a discussion. */
const FIRST_STAGE_SHARE = 0.2;
const LAST_STAGE_SHARE = 0.5;

/** What is learnt side by side: chats that begin with the same words, or a single one. */
export type Group = readonly (readonly Turn[])[];

export function* trainingGroups(seed: number, count: number): Generator<Group> {
  const chance = seeded(seed);
  for (let made = 0; made < count; made++) yield trainingGroup(chance).map(turns);
}

function trainingGroup(chance: Chance): readonly Example[] {
  const whole = FAMILIES.reduce((sum, { share }) => sum + share, DISCUSSION_SHARE);
  if (chance.next() * whole < DISCUSSION_SHARE) return oneStage(chance);
  const family = chosenFamily(chance);
  const example = family.make(chance, "train");
  if (!family.general) return [example];
  const system = generalPrompt(chance, "train", QUEEN);
  if (chance.next() < 0.88) return [{ ...example, system }];
  const before = earlier(chance).flatMap(({ question, answer }) => [
    { role: "user", content: question } as const,
    { role: "assistant", content: answer } as const,
  ]);
  return [{ ...example, system, before }];
}

function earlier(chance: Chance): readonly Example[] {
  const general = FAMILIES.filter((candidate) => candidate.general);
  return Array.from({ length: chance.integer(1, EARLIER_TURNS) }, () => chance.pick(general).make(chance, "train"));
}

/** Of one discussion: some of what is asked at one place of its log. */
function oneStage(chance: Chance): readonly Example[] {
  const before = chance.next() < EARLIER_SHARE ? earlier(chance) : [];
  const lessons = discussionLessons(
    chance,
    "train",
    before.map(({ question, answer }) => ({ request: question, answer })),
  );
  const stages = [...new Set(lessons.map((lesson) => lesson.stage))];
  const roll = chance.next();
  const stage = stages.at(
    roll < FIRST_STAGE_SHARE ? 0 : roll < LAST_STAGE_SHARE ? -1 : chance.integer(0, stages.length - 1),
  );
  const its = lessons.filter((lesson) => lesson.stage === stage);
  return chance.sample(its, Math.min(its.length, LESSONS_MAX));
}

function chosenFamily(chance: Chance): Family {
  let left = chance.next() * FAMILIES.reduce((sum, { share }) => sum + share, 0);
  for (const family of FAMILIES) {
    left -= family.share;
    if (left < 0) return family;
  }
  throw new RangeError("the shares of the families do not add up");
}

/** The seed of the examination is fixed: another corpus is still measured with the same questions. */
const HELD_OUT_SEED = 2026;
export const HELD_OUT_PER_FAMILY = 60;

/** The questions the starter is scored on, as many of each maker. */
export function heldOutExamples(perFamily: number = HELD_OUT_PER_FAMILY): Example[] {
  const chance = seeded(HELD_OUT_SEED);
  const single = FAMILIES.flatMap(({ make, general }) =>
    Array.from({ length: perFamily }, () => {
      const example = make(chance, "heldOut");
      return general ? { ...example, system: generalPrompt(chance, "heldOut", QUEEN) } : example;
    }),
  );
  const ofTeam = TEAM_FAMILIES.flatMap((family) =>
    Array.from({ length: perFamily }, () => heldOutLesson(chance, family)),
  );
  return [...single, ...ofTeam];
}

/** One step of a discussion in which it comes. */
function heldOutLesson(chance: Chance, family: string): Example {
  for (;;) {
    const its = discussionLessons(chance, "heldOut").filter((lesson) => lesson.family === family);
    if (its.length > 0) return chance.pick(its);
  }
}
