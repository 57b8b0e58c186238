/**
 * What is learnt of a discussion: that to which it agreed.
 *
 * Owns: whether there is something to be learnt, and its words. Does not own: where it is kept, whom it is told.
 *
 *  LU1 Only what was agreed on is learnt: a discussion that ended in any other way teaches nothing, nor does an answer
 *      that nobody discussed.
 *  LU2 It carries how many agreed, whence it comes, and the label of its discussion (TS11).
 *  LU3 What is asked for with an API key teaches nothing: it is not the owner's to put words into what is known.
 *
 * @module
 */
import type { Label } from "../words.ts";
import type { LogEvent, Logged } from "./log.ts";

/** Whence something is known: somebody said so, or it was concluded there. */
export type Origin =
  | { readonly by: "user" }
  | { readonly by: "discussion"; readonly session: string; readonly discussion: string; readonly seq: number };

export interface Lesson {
  /** The question that it answers; "" where it was just said. */
  readonly about: string;
  readonly text: string;
  readonly origin: Origin;
  /** From 0 to 1. */
  readonly confidence: number;
  readonly label: Label;
}

export const LESSON_LENGTH_MAX = 2_000;
const QUESTION_LENGTH_MAX = 400;

/** As it is read, and as it is looked for. */
export const wholeOf = ({ about, text }: Pick<Lesson, "about" | "text">): string =>
  about === "" ? text : `${about}\n${text}`;

/** As a log is told from when something is forgotten that was known when it began: its place stays, its words go. */
export const withoutKnown = (opened: Logged<"opened">, id: string): Logged<"opened"> => ({
  ...opened,
  knowledge: (opened.knowledge ?? []).map((known) => (known.id === id ? { id, text: "" } : known)),
});

/** Two of one are one: written alike but for case and space, under one label. */
export const isSameLesson = (one: Lesson, other: Lesson): boolean =>
  one.label === other.label && plainOf(one.about || one.text) === plainOf(other.about || other.text);

const plainOf = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, " ").trim();

/** LU1. @returns nothing where there is nothing to be learnt */
export function lessonOf(
  log: readonly LogEvent[],
  {
    session,
    discussion,
    key,
  }: { readonly session: string; readonly discussion: string; readonly key?: string | undefined },
): Lesson | undefined {
  const [opened] = log;
  const closing = log.find((event): event is Logged<"closing"> => event.type === "closing");
  const final = log.find((event): event is Logged<"final"> => event.type === "final");
  if (opened?.type !== "opened" || opened.mode !== "discuss" || closing?.reason !== "consensus") return undefined;
  if (final === undefined || key !== undefined) return undefined;
  return {
    about: opened.request.trim().slice(0, QUESTION_LENGTH_MAX),
    text: final.text.trim().slice(0, LESSON_LENGTH_MAX),
    origin: { by: "discussion", session, discussion, seq: final.seq },
    confidence: final.worth.agreement ?? 0,
    label: opened.label,
  };
}
