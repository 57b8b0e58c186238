/**
 * Rules of votes and of what is said of the whole: ballots are sealed and counted once, summaries cite what there is.
 *
 * @see machines/README.md, TS13 TS15
 * @module
 */
import type { LogEvent, Logged } from "../../../machines/rules/log.ts";
import { type Books, counted, isReached, openVote, voteOf, type Vote } from "./books.ts";
import type { Rule } from "./rule.ts";

function voted(books: Books, event: LogEvent): string | undefined {
  switch (event.type) {
    case "polled":
      return called(books, event);
    case "ballot":
    case "abstained":
      return cast(books, event);
    case "tallied":
      return tallied(books, event);
    default:
      return undefined;
  }
}

function called(books: Books, { round, basis, seq, options, voters }: Logged<"polled">): string | undefined {
  if (openVote(books) !== undefined) return `a vote is called while another is open`;
  if (round !== books.votes.length + 1) return `round ${round} is called behind ${books.votes.length}`;
  if (basis >= seq) return `it is founded on event ${basis}, which is not written`;
  const ids = new Set(options.map(({ id }) => id));
  if (ids.size !== options.length || ids.size === 0) return `its options are not one name each`;
  const unknown = options.find(({ of }) => !books.contributions.some((each) => each.seq === of && of <= basis));
  if (unknown !== undefined) return `${unknown.id} stands for event ${unknown.of}, which is no contribution`;
  const stranger = voters.find((name) => !books.seated.has(name));
  if (stranger !== undefined) return `${stranger} has no seat`;
  return new Set(voters).size === voters.length ? undefined : `somebody is to vote twice`;
}

function cast(books: Books, event: Logged<"ballot"> | Logged<"abstained">): string | undefined {
  const { agent, round } = event;
  const vote = voteOf(books, round);
  if (vote === undefined) return `no vote ${round} was called`;
  if (vote.tallied !== undefined) return `vote ${round} is counted already`;
  if (!vote.polled.voters.includes(agent)) return `${agent} has no vote in round ${round}`;
  if (vote.ballots.has(agent) || vote.abstained.has(agent)) return `${agent} has voted already`;
  return event.type === "ballot" ? unsealed(vote, event, books.opened.mode === "vote") : undefined;
}

/** @param isSample a sample of a vote is a ballot as it stands: it was founded on the question */
function unsealed({ polled, ballots }: Vote, event: Logged<"ballot">, isSample: boolean): string | undefined {
  const { options, basis, seq } = polled;
  if (!options.some(({ id }) => id === event.option)) return `nobody may vote for ${event.option}`;
  if ([...ballots.values()].some((other) => other.seq <= event.basis)) return `${event.agent} knew of another's vote`;
  const sound = isSample ? [0] : [basis, seq];
  return sound.includes(event.basis) ? undefined : `it is founded on ${event.basis}, not on ${sound.join(" or ")}`;
}

function tallied(books: Books, { round, winner, reached, agreement }: Logged<"tallied">): string | undefined {
  const vote = voteOf(books, round);
  if (vote === undefined) return `no vote ${round} was called`;
  if (vote.tallied !== undefined) return `vote ${round} is counted already`;
  const missing = vote.polled.voters.find((name) => !vote.ballots.has(name) && !vote.abstained.has(name));
  if (missing !== undefined) return `${missing} has not voted yet`;
  const own = counted(vote);
  if (own.winner !== winner) return `${own.winner ?? "nobody"} has won, and not ${winner ?? "nobody"}`;
  if (Math.abs(own.agreement - agreement) > 1e-9) return `${own.agreement} agree, and not ${agreement}`;
  const isTrue = isReached(own, books.config.quorum) === reached;
  return isTrue ? undefined : `the quorum ${reached ? "is not" : "is"} reached`;
}

function summed(books: Books, event: LogEvent): string | undefined {
  if (event.type === "final") return concluded(books, event);
  if (event.type !== "summary") return undefined;
  if (event.upTo >= event.seq) return `it sums up event ${event.upTo}, which is not written`;
  if (event.upTo < books.summedTo) return `it goes back from ${books.summedTo} to ${event.upTo}`;
  const wrong = event.cites.find((cited) => !isCitable(books, cited, event.upTo));
  return wrong === undefined ? undefined : `it cites event ${wrong}, which is no contribution that it sums up`;
}

const isCitable = ({ contributions }: Books, cited: number, upTo: number): boolean =>
  cited <= upTo && contributions.some(({ seq }) => seq === cited);

function concluded({ contributions, seated }: Books, { upTo, text, minority }: Logged<"final">): string | undefined {
  const last = contributions.at(-1)?.seq ?? 0;
  if (upTo !== last) return `it speaks of events up to ${upTo}, and the last contribution is ${last}`;
  if (text.trim() === "") return `it says nothing`;
  const stranger = minority.find(({ agent }) => !seated.has(agent));
  return stranger === undefined ? undefined : `${stranger.agent} has no seat`;
}

export const VOTE_RULES: readonly Rule[] = [
  { id: "TS15", broken: voted },
  { id: "TS13", broken: summed },
];
