/**
 * Whether an answer is right, and what the ways of answering are worth beside each other.
 *
 * Owns: the judgement of an answer, and the figures. Does not own: asking (ask-all.ts), how it is told
 * (report-text.ts).
 *
 *  EV1 One rule judges every way alike: an answer is right when its key is that of the expected one (answer-key.ts); of
 *      a number also when it is the last number of the answer, for who answers in a sentence; what a final word cites
 *      by its number is no number of the answer.
 *  EV2 A failure is no answer: it is not right, and is told apart from what was wrong.
 *  EV3 Only questions that were asked in every way are counted, so that all are compared on the same ones.
 *
 * @module
 */
import { answerKey, sameAnswer } from "../../../machines/rules/answer-key.ts";
import type { Mode } from "../../../machines/rules/log.ts";
import { type Interval, mcNemar, wilson } from "./statistics.ts";

/** What came of one question in one way. */
export interface Answered {
  readonly mode: Mode;
  /** Nothing where it failed. */
  readonly answer: string | undefined;
  readonly isRight: boolean;
  /** Somebody had said what is right, and it was not what came of it. */
  readonly isLost: boolean;
  readonly flips: number;
  readonly tokens: number;
  readonly ms: number;
}

const NUMBER = /^-?\d+(?:\.\d+)?$/;
const NUMBERS = /[-−]?\d[\d,]*(?:\.\d+)?/g;
const CITED = /\[\d{1,8}(?:, ?\d{1,8})*\]/g;

/** EV1. */
export function isRight(answer: string, expected: string): boolean {
  if (sameAnswer(answer, expected)) return true;
  const key = answerKey(expected);
  const last = (answer.replaceAll(CITED, "").match(NUMBERS) ?? answer.match(NUMBERS))?.at(-1);
  return NUMBER.test(key) && last !== undefined && answerKey(last) === key;
}

export interface ModeFigures {
  readonly mode: Mode;
  readonly right: number;
  readonly failed: number;
  readonly accuracy: number;
  readonly interval: Interval;
  readonly lost: number;
  readonly flips: number;
  readonly tokensEach: number;
  readonly secondsEach: number;
}

/** Of a way beside the first one that was asked. */
export interface Difference {
  readonly mode: Mode;
  readonly to: Mode;
  readonly gained: number;
  readonly lost: number;
  readonly p: number;
  readonly isClaimed: boolean;
}

export interface Figures {
  readonly questions: number;
  readonly modes: readonly ModeFigures[];
  readonly differences: readonly Difference[];
}

/** One in twenty, shared by all that is compared. */
const SIGNIFICANT = 0.05;

/** @param rows what came of each question, in the order of the modes */
export function figuresOf(modes: readonly Mode[], rows: readonly (readonly Answered[])[]): Figures {
  // EV3.
  const whole = rows.filter((row) => modes.every((mode) => row.some((its) => its.mode === mode)));
  const [first, ...others] = modes;
  const differences = first === undefined ? [] : others.map((mode) => differenceOf(first, mode, whole, others.length));
  return { questions: whole.length, modes: modes.map((mode) => ofMode(mode, whole)), differences };
}

const of = (mode: Mode, rows: readonly (readonly Answered[])[]): readonly Answered[] =>
  rows.flatMap((row) => row.find((its) => its.mode === mode) ?? []);

function ofMode(mode: Mode, rows: readonly (readonly Answered[])[]): ModeFigures {
  const its = of(mode, rows);
  const count = (holds: (one: Answered) => boolean): number => its.filter(holds).length;
  const each = (what: (one: Answered) => number): number =>
    its.length === 0 ? 0 : its.reduce((sum, one) => sum + what(one), 0) / its.length;
  const right = count((one) => one.isRight);
  return {
    mode,
    right,
    failed: count(({ answer }) => answer === undefined),
    accuracy: its.length === 0 ? 0 : right / its.length,
    interval: wilson(right, its.length),
    lost: count(({ isLost }) => isLost),
    flips: its.reduce((sum, { flips }) => sum + flips, 0),
    tokensEach: each(({ tokens }) => tokens),
    secondsEach: each(({ ms }) => ms) / 1000,
  };
}

function differenceOf(to: Mode, mode: Mode, rows: readonly (readonly Answered[])[], compared: number): Difference {
  const [before, after] = [of(to, rows), of(mode, rows)];
  const gained = after.filter((one, index) => one.isRight && before[index]?.isRight === false).length;
  const lost = after.filter((one, index) => !one.isRight && before[index]?.isRight === true).length;
  const p = mcNemar(gained, lost);
  return { mode, to, gained, lost, p, isClaimed: p < SIGNIFICANT / compared };
}
