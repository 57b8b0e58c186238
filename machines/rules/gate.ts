/**
 * How a request is answered: by the queen alone, by a vote of sealed samples, or by a discussion.
 *
 * Owns: the judgement, from features of the request alone (gate-features.ts) and what was learned of them from requests
 * that people labelled (gate-weights.json, made by tools/gate). Does not own: what a person asked for, which always
 * wins, or how sure a model is once it has answered.
 *
 *  GT1 The same request is judged the same everywhere: no clock, no network, no model, and whole numbers.
 *  GT2 Where nothing speaks clearly for more, the queen answers alone: a discussion that is not needed costs the most
 *      and is often worse.
 *  GT3 Where both are spoken for equally, the cheaper one is taken, the vote.
 *
 * @module
 */
import { type Features, featuresOf, isShape, isSign } from "./gate-features.ts";
import written from "./gate-weights.json" with { type: "json" };

export type AnswerMode = "alone" | "vote" | "discuss";

/** Why an answer came as it did where somebody said how. */
export const ASKED_FOR = "it was asked for";

export interface Verdict {
  readonly mode: AnswerMode;
  /** For a person: what in the request decided. */
  readonly why: string;
  /** What speaks for each and against one answer, in hundredths of log odds. */
  readonly score: { readonly vote: number; readonly discuss: number };
}

/** Of each feature, what it says for a vote and for a discussion, in hundredths of log odds. */
export interface Weights {
  readonly before: readonly number[];
  readonly features: ReadonlyMap<string, readonly number[]>;
}

/** `-12 130 should we`: what a feature says for each, and its name. */
export const weightsOf = ({ before, features }: typeof written): Weights => ({
  before,
  features: new Map(
    features.map((line) => {
      const [vote, discuss, ...name] = line.split(" ");
      return [name.join(" "), [Number(vote), Number(discuss)]];
    }),
  ),
});

/** A node that starts asks for none. */
let learned: Weights | undefined;

/** GT2: of a hundred requests that are for one, seven are then given to several. Measured: tools/gate/README.md. */
const ENOUGH = 110;

/** GT1. */
export const gate = (request: string): Verdict => verdictOf(featuresOf(request), (learned ??= weightsOf(written)));

export function verdictOf(features: Features, weights: Weights): Verdict {
  const known = [...features.keys()].filter((name) => weights.features.has(name));
  const signs = known.filter(isSign);
  const words = known.filter((name) => !isSign(name));
  const scoreOf = (at: number): number => {
    const sum = (names: readonly string[]): number =>
      names.reduce((total, name) => total + (weights.features.get(name)?.[at] ?? 0), 0);
    // A long request has more words, and is not the surer for it.
    return (weights.before[at] ?? 0) + sum(signs) + Math.round(sum(words) / Math.sqrt(Math.max(1, words.length)));
  };
  const score = { vote: scoreOf(0), discuss: scoreOf(1) };
  const mode = modeOf(score);
  if (mode === "alone") return { mode, why: "nothing in it asks for more than one answer", score };
  return { mode, why: whyOf(mode, known, features, weights), score };
}

/** GT2, GT3. */
function modeOf({ vote, discuss }: Verdict["score"]): AnswerMode {
  if (vote >= ENOUGH && vote >= discuss) return "vote";
  return discuss >= ENOUGH ? "discuss" : "alone";
}

const SHOWN_MAX = 3;
/** What spoke so many times less than the loudest is no reason beside it. */
const FAINT = 3;

interface Reason {
  readonly says: string;
  readonly isSentence: boolean;
}

/** What spoke the loudest: the shape of it in sentences, and words as they are. */
function whyOf(mode: "vote" | "discuss", known: readonly string[], features: Features, weights: Weights): string {
  const at = mode === "vote" ? 0 : 1;
  const words = known.filter((name) => !isSign(name)).length;
  const loudness = (name: string): number =>
    (weights.features.get(name)?.[at] ?? 0) / (isSign(name) ? 1 : Math.sqrt(words));
  const loudest = Math.max(1, ...known.map(loudness));
  const loud = known.filter((name) => loudness(name) * FAINT >= loudest).toSorted((a, b) => loudness(b) - loudness(a));
  const all = loud.map((name): Reason => ({ says: features.get(name) ?? "", isSentence: isShape(name) }));
  const told = apart(all).slice(0, SHOWN_MAX);
  if (told.length === 0) return "its length and its form";
  const quoted = told.filter(({ isSentence }) => !isSentence).map(({ says }) => `"${says}"`);
  const sentences = told.filter(({ isSentence }) => isSentence).map(({ says }) => says);
  return [...sentences, ...(quoted.length === 0 ? [] : [`words such as ${quoted.join(" and ")}`])].join(", ");
}

/** Of words that are in one another the most, where the loudest of them stood. A number was any, and tells nothing. */
function apart(loud: readonly Reason[]): readonly Reason[] {
  const told: Reason[] = [];
  for (const each of loud.filter(({ says }) => HAS_WORD.test(says) && !says.includes("#"))) {
    const index = told.findIndex(({ says }) => isIn(says, each.says) || isIn(each.says, says));
    if (index < 0) told.push(each);
    else if (isIn(told[index]?.says ?? "", each.says)) told[index] = each;
  }
  return told;
}

const HAS_WORD = /\p{L}/u;
const isIn = (part: string, whole: string): boolean => ` ${whole} `.includes(` ${part} `);
