/**
 * A vote: ballots weighted by confidence, the quorum they reach, who disagrees, and when no more are needed.
 *
 * Owns: the count. Does not own: who may vote on what and in which round (the log), or which answers are one
 * (answer-key.ts).
 *
 *  BA1 The result depends on the ballots and not on the order they came in; more weight for a winner leaves it one.
 *  BA2 One ballot an agent: the first counts. One for what nobody proposed counts for nothing.
 *  BA3 A confidence is a number from 0 to 1; one beyond is cut, one that is not known counts a half. No ballot weighs
 *      nothing: it was cast.
 *  BA4 Equal weights: the option that was proposed first.
 *  BA5 A quorum is reached by weight and by heads, over all who may vote: neither does one who is very sure make a
 *      consensus, nor do those who happened to be quick.
 *  BA6 It is decided when the ballots to come cannot overturn it, whatever they say; or when what was cast makes one
 *      answer so likely that asking on is waste.
 *
 * BA6, the second half, is the idea of confidence-guided early stopping (CGES, 2511.02603: 16 samples became 4.9 to 6.7
 * within 0.4 points): each sample is right with the probability of its confidence, and else gave any of the other
 * answers. Samples of one model err together and models are too sure of themselves, so confidences are cut to CONF_MIN
 * and CONF_MAX there, and one sample never decides.
 *
 * @module
 */

export interface Ballot {
  readonly agent: string;
  readonly option: string;
  /** From 0 to 1, as the agent has it. */
  readonly conf?: number | undefined;
}

/** A fraction of weight and of heads; `majority` is more than a half. */
export type Quorum = "all" | "majority" | number;

export interface Standing {
  readonly option: string;
  /** In thousandths: whole numbers have one sum in whatever order they are added. */
  readonly weight: number;
  readonly votes: number;
}

export interface Tally {
  readonly winner: string | undefined;
  /** Of the weight that was cast, the winner's. */
  readonly share: number;
  /** Of all who may vote, those who voted for the winner. */
  readonly agreement: number;
  readonly reached: boolean;
  /** Options as they were proposed. */
  readonly standings: readonly Standing[];
}

export interface Election {
  readonly quorum: Quorum;
  /** As they were proposed, the first one first. */
  readonly options: readonly string[];
  /** How many may vote; left out: as many as did. */
  readonly voters?: number;
}

const WHOLE = 1_000;
const CONF_UNKNOWN = 0.5;

/** BA3. In thousandths. */
function weightOf(conf: number | undefined): number {
  const known = conf === undefined || Number.isNaN(conf) ? CONF_UNKNOWN : conf;
  return Math.max(1, Math.round(Math.min(1, Math.max(0, known)) * WHOLE));
}

/** BA2. */
function counted(ballots: readonly Ballot[], options: readonly string[]): readonly Ballot[] {
  const first = new Map<string, Ballot>();
  for (const ballot of ballots) if (!first.has(ballot.agent)) first.set(ballot.agent, ballot);
  return [...first.values()].filter(({ option }) => options.includes(option));
}

export function tally(ballots: readonly Ballot[], { quorum, options, voters }: Election): Tally {
  const cast = counted(ballots, options);
  const standings = [...new Set(options)].map((option): Standing => {
    const own = cast.filter((ballot) => ballot.option === option);
    return { option, weight: own.reduce((sum, { conf }) => sum + weightOf(conf), 0), votes: own.length };
  });
  const all = standings.reduce((sum, { weight }) => sum + weight, 0);
  const heads = Math.max(cast.length, voters ?? cast.length);
  const best = leading(standings);
  if (best === undefined) return { winner: undefined, share: 0, agreement: 0, reached: false, standings };
  const [share, agreement] = [best.weight / all, best.votes / heads];
  const reached = enough(share, quorum) && enough(agreement, quorum);
  return { winner: best.option, share, agreement, reached, standings };
}

/** BA4. */
function leading(standings: readonly Standing[]): Standing | undefined {
  let best: Standing | undefined;
  for (const each of standings) if (each.weight > (best?.weight ?? 0)) best = each;
  return best;
}

/** Two of three are 0.67 to whoever writes a fraction with two digits. */
const ROUNDING = 0.005;

function enough(part: number, quorum: Quorum): boolean {
  if (quorum === "all" || quorum === 1) return part === 1;
  return quorum === "majority" ? part > 1 / 2 : part >= quorum - ROUNDING;
}

/** Who voted for something else, in the order of the ballots. */
export function minority(ballots: readonly Ballot[], winner: string): readonly Ballot[] {
  const first = new Map<string, Ballot>();
  for (const ballot of ballots) if (!first.has(ballot.agent)) first.set(ballot.agent, ballot);
  return [...first.values()].filter(({ option }) => option !== winner);
}

const CONF_MIN = 0.05;
const CONF_MAX = 0.9;
const CAST_MIN = 2;

export interface Patience {
  /** From so much probability on an answer is taken. */
  readonly massMin?: number;
  /** How many answers there could be; two of a verdict, those of a multiple choice, many where anything may be said. */
  readonly answers?: number;
}

/**
 * BA6, over what was cast so far.
 * @param outstanding ballots that may still come
 */
export function isDecided(ballots: readonly Ballot[], outstanding: number, patience: Patience = {}): boolean {
  const { massMin = 0.95, answers = 10 } = patience;
  // The order only breaks ties, and what is tied is not decided.
  const options = [...new Set(ballots.map(({ option }) => option))];
  const { winner, standings } = tally(ballots, { quorum: "majority", options });
  if (winner === undefined) return outstanding <= 0;
  const [first, second] = standings.map(({ weight }) => weight).toSorted((a, b) => b - a);
  if ((first ?? 0) - (second ?? 0) > outstanding * WHOLE || outstanding <= 0) return true;
  const cast = counted(ballots, options);
  return cast.length >= CAST_MIN && massOf(winner, cast, Math.max(answers, options.length)) >= massMin;
}

/** The probability of one answer, with every other equally likely before anybody was asked. */
function massOf(answer: string, cast: readonly Ballot[], answers: number): number {
  const seen = [...new Set(cast.map(({ option }) => option))];
  const likelihood = (option: string | undefined): number =>
    cast.reduce((sum, ballot) => {
      const right = Math.min(CONF_MAX, Math.max(CONF_MIN, weightOf(ballot.conf) / WHOLE));
      return sum + Math.log(ballot.option === option ? right : (1 - right) / Math.max(1, answers - 1));
    }, 0);
  const own = likelihood(answer);
  const others = seen.reduce((sum, option) => sum + Math.exp(likelihood(option) - own), 0);
  const unseen = (answers - seen.length) * Math.exp(likelihood(undefined) - own);
  return 1 / (others + unseen);
}
