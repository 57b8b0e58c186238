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
import { type Example, type Maker, type Turn, turns } from "./example.ts";
import { farExample } from "./far.ts";
import { ballotExample, bidExample, gateExample } from "./forms.ts";
import { generalPrompt } from "./roles.ts";
import { beyondExample, minusExample, plusExample } from "./sums.ts";
import { contributionExample, otherSpecialistExample, passExample, summaryExample } from "./team.ts";
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
  { make: plusExample, share: 22, general: true },
  { make: minusExample, share: 20, general: true },
  { make: beyondExample, share: 2, general: true },
  { make: talkExample, share: 2, general: true },
  { make: storyExample, share: 3, general: true },
  { make: repeatExample, share: 6, general: true },
  { make: contributionExample, share: 6, general: false },
  { make: passExample, share: 2, general: false },
  { make: otherSpecialistExample, share: 2, general: false },
  { make: summaryExample, share: 4, general: false },
  { make: gateExample, share: 4, general: false },
  { make: ballotExample, share: 2, general: false },
  { make: bidExample, share: 2, general: false },
];

const EARLIER_TURNS = 2;

export function* trainingChats(seed: number, count: number): Generator<readonly Turn[]> {
  const chance = seeded(seed);
  for (let made = 0; made < count; made++) yield turns(trainingChat(chance));
}

function trainingChat(chance: Chance): Example {
  const family = chosenFamily(chance);
  const example = family.make(chance, "train");
  if (!family.general) return example;
  const system = generalPrompt(chance, "train");
  if (chance.next() < 0.88) return { ...example, system };
  const general = FAMILIES.filter((candidate) => candidate.general);
  const before = Array.from({ length: chance.integer(1, EARLIER_TURNS) }, () => {
    const { question, answer } = chance.pick(general).make(chance, "train");
    return [{ role: "user", content: question } as const, { role: "assistant", content: answer } as const];
  }).flat();
  return { ...example, system, before };
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
  return FAMILIES.flatMap(({ make, general }) =>
    Array.from({ length: perFamily }, () => {
      const example = make(chance, "heldOut");
      return general ? { ...example, system: generalPrompt(chance, "heldOut") } : example;
    }),
  );
}
