/**
 * What the members of the team say: contributions, passes and summaries.
 *
 * The rule by which a specialist passes is the simplest that can be seen in a transcript: it has had its say and has
 * answered the others once. The program keeps its own, harder limits; this is what the starter makes of "nothing new".
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { type Example, example, sentences } from "./example.ts";
import { phrase, type Split } from "./phrase.ts";
import { assemble, otherSpecialist, SPECIALISTS, type Specialist, specialistPrompt } from "./roles.ts";
import { readTexts } from "./text.ts";
import { CHECKS, IDEAS, topic } from "./topics.ts";
import { contribute, type Contribution, discussion, type Discussion, written } from "./transcript.ts";

export const PASS = "[PASS]";
const CONTRIBUTIONS_EACH = 2;
/** Of each of the three. */
const CONTRIBUTIONS_MAX = 3 * CONTRIBUTIONS_EACH;

const TEXTS = readTexts("team");

/** Whether a specialist still has something to say after what was said. */
export function hasNews(by: Specialist, contributions: readonly Contribution[]): boolean {
  return contributions.filter((said) => said.by === by).length < CONTRIBUTIONS_EACH;
}

export function contributionExample(chance: Chance, split: Split): Example {
  const by = chance.pick(SPECIALISTS);
  const talk = discussionWhere(chance, split, (said) => hasNews(by, said));
  const { text } = contribute(chance, by, talk.topic, talk.contributions);
  return example("contributions", askToSpeak(chance, split, talk), text, {
    system: specialistPrompt(chance, split, by),
    accepts: (answer) => onTopic(answer, talk.topic) && soundsLike(by, answer),
  });
}

/** A discussion that a member of the team may be asked about; it is empty a little more often than not. */
function discussionWhere(chance: Chance, split: Split, holds: (said: readonly Contribution[]) => boolean): Discussion {
  for (;;) {
    const count = chance.next() < 0.4 ? 0 : chance.integer(1, CONTRIBUTIONS_MAX);
    const talk = discussion(chance, split, count);
    if (holds(talk.contributions)) return talk;
  }
}

function askToSpeak(chance: Chance, split: Split, talk: Discussion): string {
  const asked = phrase(chance, chance.pick(TEXTS.section("ask to speak")[split]));
  const said = written(chance, split, talk).text;
  return asked === "" ? said : `${said}\n\n${asked}`;
}

const onTopic = (answer: string, about: string): boolean => {
  const count = sentences(answer);
  return answer.includes(about) && count >= 2 && count <= 3;
};

/** Each role has words of its own; an answer with another's is out of role. */
function soundsLike(by: Specialist, answer: string): boolean {
  if (by === "divergent") return /more than one way|another way/.test(answer);
  if (by === "critical") return /weak point|risk/.test(answer);
  return /I would/.test(answer);
}

export function passExample(chance: Chance, split: Split): Example {
  const by = chance.pick(SPECIALISTS);
  const talk = discussionWhere(chance, split, (said) => !hasNews(by, said));
  return example("passes", askToSpeak(chance, split, talk), PASS, { system: specialistPrompt(chance, split, by) });
}

/** A specialist of the user's own: on the topic, and no more than that. */
export function otherSpecialistExample(chance: Chance, split: Split): Example {
  const { role, prompt } = otherSpecialist(chance, split);
  const about = topic(chance, split);
  const talk = discussion(chance, split, chance.next() < 0.5 ? 0 : chance.integer(1, 4), { topic: about });
  const answer = `As to ${role}: with ${about} we should ${chance.pick(IDEAS)}. ${chance.pick(CHECKS)}.`;
  return example("other specialists", askToSpeak(chance, split, talk), answer, {
    system: prompt,
    accepts: (given) => onTopic(given, about) && given.startsWith(`As to ${role}:`),
  });
}

export function summaryExample(chance: Chance, split: Split): Example {
  const final = chance.next() < 0.5;
  const talk = discussion(chance, split, chance.integer(final ? 2 : 1, CONTRIBUTIONS_MAX));
  const text = written(chance, split, talk);
  const earlier = final && chance.next() < 0.4 ? `\n\nRolling summary:\n${rollingSummary(talk, () => "")}` : "";
  const name = final ? "final summary" : "rolling summary";
  const asked = phrase(chance, chance.pick(TEXTS.section(name)[split]));
  const inSystem = chance.next() < 0.35;
  const opening = phrase(chance, chance.pick(TEXTS.section("summarizer")[split]));
  const answer = (final ? finalSummary : rollingSummary)(talk, text.cite);
  const [fewest, most] = final ? [4, 5] : [2, 3];
  return example(
    final ? "final summaries" : "rolling summaries",
    `${text.text}${earlier}${inSystem ? "" : `\n\n${asked}`}`,
    answer,
    {
      system: assemble(chance, inSystem ? `${opening} ${asked}` : opening),
      accepts: (given) => {
        const count = sentences(given);
        return (
          given.includes(talk.topic) &&
          count >= fewest &&
          count <= most &&
          keyPoints(talk).some((key) => given.includes(key))
        );
      },
    },
  );
}

const keyPoints = ({ contributions }: Discussion): string[] =>
  contributions.flatMap(({ idea, risk }) => [idea ?? [], risk ?? []].flat());

type Cite = (index: number) => string;

/** The topic and the last two points. */
function rollingSummary({ topic: about, contributions }: Discussion, cite: Cite): string {
  const from = Math.max(0, contributions.length - 2);
  const points = contributions.slice(from).map((said, index) => point(said, cite(from + index)));
  return [`The team is talking about ${about}.`, ...points].join(" ");
}

/** The topic, what each speaker said first, and what to do. */
function finalSummary({ topic: about, contributions }: Discussion, cite: Cite): string {
  const firsts = contributions.flatMap((said, index) =>
    contributions.findIndex(({ by }) => by === said.by) === index ? [point(said, cite(index))] : [],
  );
  const lastIdea = contributions.findLast(({ idea }) => idea !== undefined)?.idea;
  const next =
    lastIdea === undefined ? "The team has not settled what to do first." : `The next step is to ${lastIdea}.`;
  return [`The team has talked about ${about}.`, ...firsts, next].join(" ");
}

function point({ by, idea, risk }: Contribution, citation: string): string {
  return risk === undefined
    ? `The ${by} specialist would ${idea}${citation}.`
    : `The ${by} specialist warns that ${risk}${citation}.`;
}
