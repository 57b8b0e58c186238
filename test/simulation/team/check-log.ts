/**
 * An independent checker of exported logs: reads the events and says which promise one of them breaks.
 *
 * Owns: the order in which rules are asked. Does not own: the rules (turn-rules.ts, end-rules.ts, vote-rules.ts), what
 * is believed of a log (books.ts). It is written from the promises in machines/README.md and shares no code with what
 * writes logs, so that a mistake there is not made here too.
 *
 *  CL1 Every prefix is judged: a finding is of the event that broke something, not of what became of it later.
 *  CL2 A log that is said to have ended has its final word (TL1).
 *
 * @module
 */
import type { LogEvent } from "../../../machines/rules/log.ts";
import { LABELS } from "../../../machines/rules/label.ts";
import { type Books, enter, opened } from "./books.ts";
import { END_RULES } from "./end-rules.ts";
import type { Rule } from "./rule.ts";
import { TURN_RULES } from "./turn-rules.ts";
import { VOTE_RULES } from "./vote-rules.ts";

export interface Broken {
  readonly rule: string;
  readonly seq: number;
  readonly what: string;
}

const RULES: readonly Rule[] = [...END_RULES, ...TURN_RULES, ...VOTE_RULES];
/** So much later a real clock may tell that a time is up. */
const TICK_MS = 1_000;

/**
 * @param isEnded whether the discussion is said to be over
 * @param tickMs how late a timer may be, which is how long a host was down where one was
 */
export function checkLog(log: readonly LogEvent[], isEnded: boolean, tickMs = TICK_MS): readonly Broken[] {
  const [first, ...rest] = log;
  if (first?.type !== "opened" || first.seq !== 0) return [{ rule: "TS1", seq: 0, what: "a log begins with opened" }];
  const books = opened(first);
  const broken = [...begun(books), ...rest.flatMap((event) => judged(books, event, tickMs))];
  if (isEnded && books.final === undefined) broken.push({ rule: "TL1", seq: log.length, what: "it has no final word" });
  return broken;
}

/** Judges one event, and enters it. */
function judged(books: Books, event: LogEvent, tickMs: number): readonly Broken[] {
  const found = RULES.flatMap(({ id, broken }) => {
    const what = broken(books, event, tickMs);
    return what === undefined ? [] : [{ rule: id, seq: event.seq, what }];
  });
  enter(books, event);
  return found;
}

/** What is broken from an event on, in a log that was judged up to there. */
export function checkFrom(log: readonly LogEvent[], seq: number, tickMs: number): readonly Broken[] {
  const [first, ...rest] = log;
  if (first?.type !== "opened") return [{ rule: "TS1", seq: 0, what: "a log begins with opened" }];
  const books = opened(first);
  for (const event of rest.slice(0, seq - 1)) enter(books, event);
  return rest.slice(seq - 1).flatMap((event) => judged(books, event, tickMs));
}

function begun({ opened: { agents, label } }: Books): Broken[] {
  const names = new Set(agents.map(({ name }) => name));
  if (names.size !== agents.length) return [{ rule: "TS1", seq: 0, what: "two thinkers have one name" }];
  return LABELS.includes(label) ? [] : [{ rule: "TS11", seq: 0, what: `${label} is no label` }];
}

/** What a test prints of them. */
export const told = (broken: readonly Broken[]): readonly string[] =>
  broken.map(({ rule, seq, what }) => `${rule} at ${seq}: ${what}`);
