/**
 * What an agent keeps for itself: what it alone thought in a discussion, and takes into the next one of its session.
 *
 * Owns: which of a log is an agent's own, and how much of it is kept. Does not own: how long (agent.ts).
 *
 *  NT1 It is a function of the log up to where it reads, and of what the agent was given when the log began: nothing
 *      later, and nothing of another agent's, changes a byte of it (TS9, TS10).
 *  NT2 It is bounded: the newest notes, each cut to a length.
 *  NT3 A note carries the label of its discussion, and goes only into one of that label or a more private one (TS11).
 *
 * @module
 */
import type { Label } from "../words.ts";
import { mayGo } from "./label.ts";
import type { LogEvent } from "./log.ts";

export interface Note {
  readonly text: string;
  readonly label: Label;
}

export const NOTES_MAX = 8;
const NOTE_LENGTH_MAX = 240;

/** NT1. What `agent` knows at this place of the log that nobody else was told. */
export function ownNotes(log: readonly LogEvent[], agent: string, basis: number): readonly string[] {
  const [opened] = log;
  const given = opened?.type === "opened" ? (opened.memory ?? []) : [];
  const brought = given.find((its) => its.agent === agent)?.notes ?? [];
  return [...brought, ...thoughtIn(log.slice(0, basis + 1), agent)].slice(-NOTES_MAX);
}

/** What is kept of a discussion that is over. */
export function notesOf(log: readonly LogEvent[], agent: string): readonly Note[] {
  const [opened] = log;
  if (opened?.type !== "opened") return [];
  return thoughtIn(log, agent)
    .slice(-NOTES_MAX)
    .map((text) => ({ text, label: opened.label }));
}

/** NT2. The same thing is noted once, where it was noted last. */
export function keptWith(before: readonly Note[], notes: readonly Note[]): readonly Note[] {
  const isNew = ({ text, label }: Note): boolean => !notes.some((one) => one.text === text && one.label === label);
  return [...before.filter(isNew), ...notes].slice(-NOTES_MAX);
}

/** NT3. */
export const notesFor = (notes: readonly Note[], label: Label): readonly string[] =>
  notes.filter((note) => mayGo(note.label, label)).map(({ text }) => text);

const thoughtIn = (log: readonly LogEvent[], agent: string): readonly string[] =>
  log.flatMap((event) => {
    if (!("agent" in event) || event.agent !== agent) return [];
    const text = thoughtOf(event);
    return text === undefined ? [] : [text.slice(0, NOTE_LENGTH_MAX)];
  });

function thoughtOf(event: LogEvent): string | undefined {
  switch (event.type) {
    case "passed":
      return `I passed: ${event.why}`;
    case "rejected":
      return event.text === undefined ? undefined : `I came too late to say: ${event.text}`;
    case "cancelled":
      return event.partial === "" ? undefined : `I was cut off saying: ${event.partial}`;
    case "ballot":
      return `I voted for ${event.option}, ${Math.round(event.conf * 10)} of 10 sure`;
    default:
      return undefined;
  }
}
