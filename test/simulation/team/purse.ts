/**
 * What the checker of logs believes of money: what was spent, what is set aside, what a call may cost at the most.
 *
 * Owns: its own reading of these, as machines/rules/money.ts and event-cost.ts say them. It shares no code with these.
 *
 * @see machines/README.md, TS12
 * @module
 */
import type { Billed, LogEvent, Logged } from "../../../machines/rules/log.ts";
import type { Books, Seated, Terminal } from "./books.ts";

/** The request went nowhere. */
const NEVER_SENT = [
  "privacy.refused",
  "endpoint.unknown",
  "endpoint.unauthorized",
  "endpoint.elsewhere",
  "endpoint.unreachable",
  "worker.unstable",
];
/** It was answered, and is billed like any other. */
const READ_BADLY = ["thinker.malformed", "thinker.empty"];
/** Of who answers alone. */
const ALONE_TOKENS = 1_024;

const ENDS: ReadonlySet<string> = new Set(["contributed", "passed", "failed", "cancelled", "rejected", "late"]);
const isTerminal = (event: LogEvent): event is Terminal => ENDS.has(event.type);

const sizeOf = (text: string): number => Buffer.byteLength(text);

export function withNotes({ memory = [] }: Logged<"opened">, name: string, billed: Billed | undefined) {
  if (billed === undefined) return undefined;
  const notes = memory.find(({ agent }) => agent === name)?.notes ?? [];
  return { ...billed, promptTokens: billed.promptTokens + sizeOf(notes.join("\n")) };
}

export function enterMoney(books: Books, event: LogEvent): void {
  books.readBytes += read(event);
  books.spentMicros += spentMicros(books, event);
  if (event.type === "summing") books.summingMicros = event.reservedMicros;
  if (event.type === "summary") books.summingMicros = 0;
}

/** The words of an event, and what stands around them. */
function read(event: LogEvent): number {
  const size = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + sizeOf(text) + 128, 0);
  switch (event.type) {
    case "user":
      return size([event.text]);
    case "contributed":
      return size([event.text]);
    case "claims":
      return size(event.list.map(({ text }) => text));
    case "passed":
      return size([event.why]);
    case "cancelled":
      return size([event.partial]);
    case "rejected":
      return size(event.text === undefined ? [] : [event.text]);
    case "ballot":
      return size([""]);
    default:
      return 0;
  }
}

/** What an event adds to what is spent for good. */
export function spentMicros(books: Books, event: LogEvent): number {
  if ("usage" in event && event.usage?.costMicros !== undefined && event.usage.isPart === undefined)
    return event.usage.costMicros;
  if ("kind" in event && NEVER_SENT.includes(event.kind) && !("usage" in event)) return 0;
  if (event.type === "abstained" || event.type === "ballot") return ballotAside(books, event);
  if (event.type === "summing" || event.type === "summary") return books.summingMicros;
  return isTerminal(event) ? (books.seated.get(event.agent)?.open?.reservedMicros ?? 0) : 0;
}

const asideFor = ({ reserved = [] }: Logged<"polled">, name: string): number =>
  reserved.find(({ agent }) => agent === name)?.micros ?? 0;

function ballotAside(books: Books, { round, agent }: Logged<"ballot" | "abstained">): number {
  const vote = books.votes.find(({ polled }) => polled.round === round);
  return vote === undefined ? 0 : asideFor(vote.polled, agent);
}

/** For who thinks, for ballots that are to come, and for a summary. */
export function asideMicros(books: Books): number {
  const turns = [...books.seated.values()].reduce((sum, { open }) => sum + (open?.reservedMicros ?? 0), 0);
  const vote = books.votes.find(({ tallied }) => tallied === undefined);
  const awaited = (vote?.polled.reserved ?? []).filter(
    ({ agent }) => vote?.ballots.has(agent) !== true && vote?.abstained.has(agent) !== true,
  );
  return turns + awaited.reduce((sum, { micros }) => sum + micros, 0) + books.summingMicros;
}

/** At the most, for so many calls that say so much together. */
function atMost({ config, readBytes }: Books, billed: Billed | undefined, calls: 1 | 2, tokens: number): number {
  if (billed === undefined || config.costMaxMicros === undefined) return 0;
  const again = calls === 2 ? 2 * config.turnTokensMax : 0;
  return Math.ceil(billed.input * (calls * (billed.promptTokens + readBytes) + again) + billed.output * tokens);
}

/** Drafts come with claims, and whoever talks is asked first whether it has something to say. */
export function turnMicros(books: Books, { billed }: Seated): number {
  const { mode } = books.opened;
  return atMost(
    books,
    billed,
    mode === "discuss" ? 2 : 1,
    mode === "alone" ? ALONE_TOKENS : books.config.turnTokensMax,
  );
}

export const ballotMicros = (books: Books, { billed }: Seated): number =>
  atMost(books, billed, 1, books.config.turnTokensMax);

export const summaryMicros = (books: Books): number =>
  atMost(books, books.opened.summarizer, 1, books.config.turnTokensMax);

/** It is kept aside as long as somebody else is asked. */
export function lastMicros(books: Books): number {
  const { config, opened } = books;
  const tokens = Math.min(config.turnTokensMax, config.answerTokensMax ?? Infinity);
  return opened.mode === "discuss" ? atMost(books, opened.summarizer, 1, tokens) : 0;
}

/** Even if nothing that is set aside were spent. */
export function isTooDear(books: Books, its: Seated): boolean {
  const micros = turnMicros(books, its);
  return micros > 0 && books.spentMicros + lastMicros(books) + micros > (books.config.costMaxMicros ?? Infinity);
}

export const isPaid = (books: Books, micros: number): boolean =>
  micros === 0 ||
  books.spentMicros + asideMicros(books) + lastMicros(books) + micros <= (books.config.costMaxMicros ?? Infinity);

// TS12.

/** Spent and set aside are never more than there is, and what is set aside for a call is all that it may cost. */
export function solvent(books: Books, event: LogEvent): string | undefined {
  const { costMaxMicros } = books.config;
  if (costMaxMicros === undefined) return undefined;
  const wrong = misreserved(books, event) ?? overtold(event);
  if (wrong !== undefined) return wrong;
  const before = books.spentMicros + asideMicros(books);
  const now = before + added(books, event);
  return now > before && now > costMaxMicros
    ? `${now} millionths are spent or set aside, of ${costMaxMicros}`
    : undefined;
}

/** Of a request that was sent and never answered. */
function overtold(event: LogEvent): string | undefined {
  if (event.type === "cancelled" && event.usage?.isPart === undefined && (event.usage?.completionTokens ?? 0) > 0)
    return `${event.agent} was cut, and says that it knows all that this took`;
  if (event.type !== "failed" || event.usage?.costMicros === undefined || event.usage.isPart) return undefined;
  if (NEVER_SENT.includes(event.kind) || READ_BADLY.includes(event.kind)) return undefined;
  return `${event.agent} says what its turn cost, and nobody knows that behind ${event.kind}`;
}

function added(books: Books, event: LogEvent): number {
  const spent = spentMicros(books, event);
  switch (event.type) {
    case "granted":
    case "summing":
      return (event.reservedMicros ?? 0) + spent - (event.type === "summing" ? books.summingMicros : 0);
    case "polled":
      return (event.reserved ?? []).reduce((sum, { micros }) => sum + micros, 0);
    case "ballot":
    case "abstained":
      return spent - ballotAside(books, event);
    case "summary":
      return spent - books.summingMicros;
    default:
      return isTerminal(event) ? spent - (books.seated.get(event.agent)?.open?.reservedMicros ?? 0) : spent;
  }
}

function misreserved(books: Books, event: LogEvent): string | undefined {
  const off = (who: string, said: number | undefined, is: number): string | undefined =>
    (said ?? 0) === is ? undefined : `${who} may cost ${is} millionths, and ${said ?? 0} are set aside`;
  if (event.type === "summing") return off("a summary", event.reservedMicros, summaryMicros(books));
  const its = "agent" in event && event.type === "granted" ? books.seated.get(event.agent) : undefined;
  if (event.type === "granted" && its !== undefined) return off(its.name, event.reservedMicros, turnMicros(books, its));
  if (event.type !== "polled" || books.opened.mode !== "discuss") return undefined;
  return event.voters
    .flatMap((name) => books.seated.get(name) ?? [])
    .map((voter) => off(voter.name, asideFor(event, voter.name), ballotMicros(books, voter)))
    .find((what) => what !== undefined);
}
