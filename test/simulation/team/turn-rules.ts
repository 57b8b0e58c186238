/**
 * Rules of turns: who is given one, how it ends, and what it was founded on.
 *
 * @see machines/README.md, TS2 TS3 TS4 TS7 TS8 TS9 TS12 TS14 TS15 TS17 TL5 TL6
 * @module
 */
import type { LogEvent, Logged } from "../../../machines/rules/log.ts";
import { isErrorCode } from "../../../src/protocol/errors.ts";
import { type Books, isSpent, isTerminal, reservedTokens, spentBy } from "./books.ts";
import { isTooDear, solvent } from "./purse.ts";
import type { Rule } from "./rule.ts";

/** Founded on the question alone: what others say is no news to them. */
const isSealed = (grant: Logged<"granted"> | undefined): boolean => grant !== undefined && grant.kind !== "talk";

/** Contributions of others that whoever has this turn did not read. */
const missed = ({ contributions }: Books, { basis, agent }: Logged<"granted">): number =>
  contributions.filter(({ seq, agent: author }) => seq > basis && author !== agent).length;

function twice({ lastSpeaker }: Books, event: LogEvent): string | undefined {
  if (event.type !== "contributed" || lastSpeaker !== event.agent) return undefined;
  return `${event.agent} speaks twice in a row`;
}

function overspent(books: Books, event: LogEvent): string | undefined {
  if (event.type !== "granted") return undefined;
  const its = books.seated.get(event.agent);
  if (its === undefined) return `${event.agent} has no seat`;
  return isSpent(its) ? `${its.name} has contributed ${its.contributed} times already` : undefined;
}

function doubled({ seated }: Books, event: LogEvent): string | undefined {
  if (event.type !== "granted" || seated.get(event.agent)?.open === undefined) return undefined;
  return `${event.agent} has a turn already`;
}

function conserved(books: Books, event: LogEvent): string | undefined {
  const { granted, endedBy, seated, closed } = books;
  const open = [...seated.values()].filter((its) => its.open !== undefined).map(({ name }) => name);
  if (event.type === "final" && open.length > 0) return `the turn of ${open.join(" and ")} never ended`;
  if (!isTerminal(event)) return undefined;
  const grant = granted.get(event.turn);
  if (grant === undefined) return `nobody was granted turn ${event.turn}`;
  if (grant.agent !== event.agent) return `turn ${event.turn} is ${grant.agent}'s`;
  const before = endedBy.get(event.turn);
  if (before !== undefined) return `turn ${event.turn} has ended already: ${before}`;
  if (event.type === "late" && closed === undefined) return `nothing is late before the end`;
  return undefined;
}

function named({ granted }: Books, event: LogEvent): string | undefined {
  if (event.type !== "granted") return undefined;
  if (granted.has(event.turn)) return `there is a turn ${event.turn} already`;
  return event.turn === event.seq ? undefined : `a turn is named by its number, ${event.seq}, and not ${event.turn}`;
}

function founded(books: Books, event: LogEvent): string | undefined {
  if (event.type === "granted") {
    if (event.basis >= event.seq) return `it is founded on event ${event.basis}, which is not written`;
    if (isSealed(event) && event.basis !== books.userSaid)
      return `a ${event.kind} is founded on what the user said, ${books.userSaid}, not on ${event.basis}`;
    return undefined;
  }
  if (!isTerminal(event)) return undefined;
  const grant = books.granted.get(event.turn);
  if (grant === undefined) return undefined;
  if ("basis" in event && event.basis !== grant.basis)
    return `it was founded on ${grant.basis} and says ${event.basis}`;
  if (event.type === "contributed" && !isSealed(grant) && missed(books, grant) > books.config.staleMax)
    return `${missed(books, grant)} contributions were missed, at the most ${books.config.staleMax} may be`;
  return event.type === "rejected" ? misjudged(books, grant, event) : undefined;
}

function misjudged(books: Books, grant: Logged<"granted">, { why }: Logged<"rejected">): string | undefined {
  if (why === "twice") return books.lastSpeaker === grant.agent ? undefined : `${grant.agent} did not speak last`;
  if (isSealed(grant)) return `a ${grant.kind} is never stale`;
  const count = missed(books, grant);
  return count > books.config.staleMax ? undefined : `it missed ${count}, which is not stale`;
}

/** Claims follow the contribution that makes them at once; an objection is made while its turn runs. */
function attached(books: Books, event: LogEvent): string | undefined {
  if (event.type === "claims") return claimed(books, event);
  if (event.type !== "objection") return undefined;
  if (books.seated.get(event.agent)?.open?.turn !== event.turn) return `${event.agent} has no turn ${event.turn}`;
  const claim = books.claims.get(event.claim);
  if (claim === undefined) return `there is no claim ${event.claim}`;
  if (event.quote === "" || !claim.includes(event.quote)) return `it quotes what ${event.claim} does not say`;
  return event.error.trim() === "" ? `it names no error` : undefined;
}

function claimed(books: Books, { turn, agent, list }: Logged<"claims">): string | undefined {
  const last = books.contributions.at(-1);
  if (last?.turn !== turn || last.agent !== agent) return `it belongs to no contribution before it`;
  const again = list.find(({ id }) => books.claims.has(id));
  return again === undefined ? undefined : `there is a claim ${again.id} already`;
}

function affordable(books: Books, event: LogEvent): string | undefined {
  const { spentTokens, config } = books;
  const now = entered(books, event);
  if (now.spent === spentTokens && now.reserved <= reservedTokens(books)) return undefined;
  if (now.spent + now.reserved <= config.tokensMax) return undefined;
  return `${now.spent} tokens are spent and ${now.reserved} reserved, of ${config.tokensMax}`;
}

function entered(books: Books, event: LogEvent): { readonly spent: number; readonly reserved: number } {
  return { spent: books.spentTokens + spentBy(event), reserved: reservedTokens(books) + changed(books, event) };
}

function changed({ seated, config, opened }: Books, event: LogEvent): number {
  if (isTerminal(event)) return -(seated.get(event.agent)?.open?.reservedTokens ?? 0);
  if (event.type === "granted") return event.reservedTokens;
  if (opened.mode === "vote") return 0;
  if (event.type === "polled") return event.voters.length * config.turnTokensMax;
  return event.type === "ballot" || event.type === "abstained" ? -config.turnTokensMax : 0;
}

function spoken(_books: Books, event: LogEvent): string | undefined {
  if (event.type === "passed" && event.why.trim() === "") return `a pass without a word of why is a failure`;
  if (event.type === "contributed" && event.text.trim() === "") return `a contribution without a word is a failure`;
  if (event.type !== "failed" && event.type !== "abstained") return undefined;
  return isErrorCode(event.kind) ? undefined : `${event.kind} is no error's code`;
}

/** Nobody reads a draft before every draft is in: none may be thinking about them while another writes its own. */
function sealed(books: Books, event: LogEvent): string | undefined {
  const { seated, opened, config } = books;
  if (event.type !== "granted" || opened.mode !== "discuss" || config.style !== "structured") return undefined;
  const others = [...seated.values()].filter(({ name }) => name !== event.agent);
  const kind = event.kind === "draft" ? "talk" : "draft";
  const beside = kind === "draft" ? others.find(({ open }) => open?.kind === kind) : undefined;
  if (beside !== undefined) return `${event.agent} is asked while ${beside.name} still writes its draft`;
  const unasked = others.find((its) => its.grants === 0 && !its.isMuted && !its.isOut && !isTooDear(books, its));
  if (event.kind === "talk" && unasked !== undefined)
    return `${event.agent} is asked before ${unasked.name} was asked for its draft`;
  return undefined;
}

function quiet({ isStopped }: Books, event: LogEvent): string | undefined {
  if (!isStopped) return undefined;
  if (event.type === "granted" || event.type === "polled") return `a model is asked behind the user's stop`;
  return event.type === "final" && event.by === "model" ? `a model writes the end behind the user's stop` : undefined;
}

/** No turn is open longer than it may be, whatever else is written meanwhile. */
function timely({ seated, config, closing }: Books, event: LogEvent, tickMs: number): string | undefined {
  if (closing !== undefined || isGoneOn(event)) return undefined;
  const msOf = ({ kind }: Logged<"granted">): number => (kind === "draft" ? config.draftMs : config.turnMs);
  const open = [...seated.values()].flatMap((its) => its.open ?? []);
  const late = open.find((grant) => event.at - grant.at > msOf(grant) + tickMs);
  return late === undefined ? undefined : `turn ${late.turn} is open for ${event.at - late.at} ms`;
}

/** Where a discussion goes on from a log of long ago, it is given more time, and what ran then is given up. */
const isGoneOn = (event: LogEvent): boolean =>
  (event.type === "ordered" && event.order === "extend") || event.type === "cancelled";

function heard({ head }: Books, event: LogEvent): string | undefined {
  if (event.type !== "granted" || event.kind !== "talk" || event.basis >= head) return undefined;
  return `${event.agent} is asked without having been told of event ${head}`;
}

export const TURN_RULES: readonly Rule[] = [
  { id: "TS2", broken: twice },
  { id: "TS3", broken: overspent },
  { id: "TS4", broken: doubled },
  { id: "TS7", broken: conserved },
  { id: "TS8", broken: named },
  { id: "TS9", broken: founded },
  { id: "TS9", broken: attached },
  { id: "TS12", broken: affordable },
  { id: "TS12", broken: solvent },
  { id: "TS14", broken: spoken },
  { id: "TS15", broken: sealed },
  { id: "TS17", broken: quiet },
  { id: "TL5", broken: timely },
  { id: "TL6", broken: heard },
];
