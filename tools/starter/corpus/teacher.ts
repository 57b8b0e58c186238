/**
 * What a good thinker of the starter's size says in each step, from what it can see and from nothing else.
 *
 * Where there is a right answer it says that, objects to whoever says another, and passes otherwise. On an open
 * question it speaks in its role until it has spoken twice. The program's own limits are harder.
 *
 * @module
 */
import type { Chance } from "../seeded.ts";
import { capital } from "./phrase.ts";
import { contribute, isSpecialist } from "./roles.ts";
import { firstSentence, type Subject } from "./subject.ts";
import { CHECKS, IDEAS, RISKS } from "./topics.ts";

/** One contribution, with the points that others take up word for word. */
export interface Said {
  readonly by: string;
  readonly seq: number;
  readonly text: string;
  readonly idea?: string;
  readonly risk?: string;
}

export interface Claimed {
  readonly id: string;
  readonly by: string;
  readonly text: string;
}

/** What a thinker knows of a discussion when it is asked. */
export interface Seen {
  readonly subject: Subject;
  readonly said: readonly Said[];
  /** Of all, in their order. */
  readonly claims: readonly Claimed[];
  /** That somebody objected to. */
  readonly objected: ReadonlySet<string>;
}

export type Words = Omit<Said, "by" | "seq">;

const SAID_EACH = 2;
/** As long as the program lets a line be. */
const LINE_CHARS = 120;

const truthOf = ({ truth = "" }: Subject): string => firstSentence(truth);
const isClosed = ({ truth }: Subject): boolean => truth !== undefined;

/** The first time on the question, and later on what the others said. */
export function contribution(chance: Chance, by: string, { subject, said }: Seen): Words {
  if (subject.truth !== undefined) return { text: subject.truth };
  if (isSpecialist(by)) return contribute(chance, by, subject, said);
  const idea = chance.pick(IDEAS.filter((each) => said.every((its) => its.idea !== each)));
  const lead = subject.way === undefined ? `with ${subject.topic}` : `before we ${subject.way}`;
  return { idea, text: `As to ${by}: ${lead} we should ${idea}. ${chance.pick(CHECKS)}.` };
}

/** What can be checked in somebody's own words. */
export function claimsIn(text: string, subject: Subject): readonly string[] {
  if (isClosed(subject)) return [firstSentence(text).slice(0, LINE_CHARS)];
  const could = [...text.matchAll(/we could ([^,.]+)/gi)].map(([, idea]) => `We could ${idea}.`);
  if (could.length > 0) return could;
  const risk = /is that ([^.]+)\./.exec(text)?.[1];
  if (risk !== undefined) return [`${capital(risk)}.`];
  const first = /I would ([^.]+)\./.exec(text)?.[1];
  if (first !== undefined) return [`I would ${first}.`];
  return [`We should ${/we should ([^.]+)\./.exec(text)?.[1] ?? "wait"}.`];
}

export interface Bid {
  readonly move: "pass" | "speak" | "object";
  readonly why: string;
}

/** @returns the claim that it objects to, or nothing */
export function disputed(by: string, { subject, said, claims, objected }: Seen): Claimed | undefined {
  const others = claims.filter((claim) => claim.by !== by);
  if (isClosed(subject)) {
    return others.find(({ id, text }) => text !== truthOf(subject).slice(0, LINE_CHARS) && !objected.has(id));
  }
  const last = others.at(-1);
  const mine = said.filter((its) => its.by === by).length;
  return by === "critical" && mine === 1 && last?.by === "divergent" && objected.size === 0 ? last : undefined;
}

const WHY: Readonly<Record<string, string>> = {
  divergent: "I see another way.",
  convergent: "I can bring the ideas together.",
  critical: "I see a risk.",
};

export function bid(by: string, seen: Seen): Bid {
  if (disputed(by, seen) !== undefined) return { move: "object", why: "A claim is wrong." };
  const { subject, said } = seen;
  const mine = said.filter((its) => its.by === by).length;
  if (isClosed(subject)) {
    return said.length > 0 ? { move: "pass", why: "It was said." } : { move: "speak", why: "Nobody has answered." };
  }
  if (mine >= SAID_EACH) return { move: "pass", why: "My point stands." };
  return { move: "speak", why: WHY[by] ?? `I speak for ${by}.` };
}

/** The error that it names. */
export function error(chance: Chance, { subject, said }: Seen): Words {
  if (isClosed(subject)) return { text: truthOf(subject).slice(0, LINE_CHARS) };
  const risk = chance.pick(RISKS.filter((each) => said.every((its) => its.risk !== each)));
  return { risk, text: `${capital(risk)}.` };
}

export function ballot({ subject, said }: Seen, options: readonly string[]): { choice: string; sure: number } {
  const latest = (of: string): string => said.findLast(({ by }) => by === of)?.text ?? "";
  const right = options.find((option) => latest(option).startsWith(truthOf(subject)));
  if (isClosed(subject)) return { choice: right ?? options[0] ?? "", sure: right === undefined ? 3 : 9 };
  return { choice: options.includes("convergent") ? "convergent" : (options[0] ?? ""), sure: 7 };
}

/** A short answer by itself, with what led there. */
export function sample({ truth = "", short = "" }: Subject): { steps: string; answer: string; sure: number } {
  const isKnown = !/^I am only|do not know/.test(truth);
  const steps = short.length < LINE_CHARS && truth !== short ? truth : "I look it up in what I know.";
  return { steps, answer: short.slice(0, LINE_CHARS), sure: isKnown ? 9 : 1 };
}

const cited = (said: readonly Said[]): string => ` [${said.map(({ seq }) => seq).join(", ")}]`;

/** So far: two or three sentences. */
export function rolling(seen: Seen): string {
  const { subject, said } = seen;
  if (subject.truth !== undefined) return settled(seen, "So far all say the same");
  return [`The team is talking about ${subject.topic}.`, ...said.slice(-2).map(point)].join(" ");
}

/** At the end: what each speaker said first, and what to do. */
export function final(seen: Seen): string {
  const { subject, said } = seen;
  if (subject.truth !== undefined) return settled(seen, "All say the same");
  const firsts = said.filter((its) => said.find(({ by }) => by === its.by) === its).slice(0, 3);
  const lastIdea = said.findLast(({ idea }) => idea !== undefined)?.idea;
  const next =
    lastIdea === undefined ? "The team has not settled what to do first." : `The next step is to ${lastIdea}.`;
  return [`The team has talked about ${subject.topic}.`, ...firsts.map(point), next].join(" ");
}

/** The answer stands last, as one who looks for it expects. */
function settled({ subject, said }: Seen, same: string): string {
  const wrong = said.filter(({ text }) => !text.startsWith(truthOf(subject)));
  const first = wrong.length === 0 ? `${same}${cited(said)}.` : `One answer is wrong${cited(wrong.slice(0, 1))}.`;
  return `${first} ${subject.truth}`;
}

const point = (its: Said): string =>
  its.risk === undefined
    ? `The ${its.by} specialist would ${its.idea}${cited([its])}.`
    : `The ${its.by} specialist warns that ${its.risk}${cited([its])}.`;
