/**
 * Who takes a seat in a discussion of which mode, and by which bounds it is held.
 *
 * Owns: the composition. Does not own: the files that thinkers are made of (prompts.ts).
 *
 *  RO1 Alone it is the queen; in a vote so many samples, of different models where several are in memory; in a
 *      discussion the specialists, each of which must be there.
 *  RO2 Whoever answers once may contribute once.
 *  RO3 Where there is a bound to what it may cost, the log says who is billed, and what they are told beside it: no
 *      prompt of theirs is longer (TS12).
 *  RO4 That stands in the log for good: who would be billed otherwise when it is gone on with is told of.
 *
 * @module
 */
import type { Roster } from "../../../machines/discussion.ts";
import type { Billed, DiscussionConfig, Logged, Mode, Unwritten } from "../../../machines/rules/log.ts";
import type { Price } from "../../../machines/rules/usage.ts";
import type { TeamConfig } from "../../runtime/config/team.ts";
import { readPart, type Thinker } from "./prompts.ts";
import { readTeam } from "./thinkers.ts";

/** How many contributions of others a thought may miss (TS9). */
const STALE_MAX = 2;
/** Of one turn: a judgement whether to speak, and two or three sentences. */
const TURN_TOKENS_MAX = 320;
const MICROS = 1_000_000;
const NO_BOUND = Number.MAX_SAFE_INTEGER;

export interface RosterWish {
  readonly config: TeamConfig;
  /** The user's; his own thinkers lie beside it. */
  readonly configFile: string;
  /** Asked for by name. */
  readonly model: string | undefined;
  readonly loaded: readonly string[];
}

/** RO1. @throws RbeeError specialist.invalid */
export function rosterOf(mode: Mode, wish: RosterWish): readonly Roster[] {
  if (mode === "alone") return [seated(readPart("queen"))];
  if (mode === "vote") return samples(readPart("sample"), wish);
  return readTeam(wish.config.specialists, wish.configFile).map(seated);
}

/** Those who sat there, as their files are now. @throws RbeeError specialist.invalid */
export function seatedAgain({ mode, agents }: Logged<"opened">, configFile: string): readonly Roster[] {
  const part = mode === "alone" ? readPart("queen") : readPart("sample");
  if (mode === "discuss")
    return readTeam(
      agents.map(({ name }) => name),
      configFile,
    ).map(seated);
  return agents.map(({ name, model }) => ({ ...seated({ ...part, name }), ...(model === undefined ? {} : { model }) }));
}

function samples(sample: Thinker, { config, model, loaded }: RosterWish): readonly Roster[] {
  return Array.from({ length: config.samples }, (_, index) => {
    const its = seated({ ...sample, name: `sample-${index + 1}` });
    const drawn = model ?? (loaded.length > 1 ? loaded[index % loaded.length] : undefined);
    return drawn === undefined ? its : { ...its, model: drawn };
  });
}

export const seated = ({ name, colour, hash, model, contributionsMax, place, tools, body }: Thinker): Roster => ({
  name,
  colour,
  hash,
  ...(model === undefined ? {} : { model }),
  ...(contributionsMax === undefined ? {} : { contributionsMax }),
  place,
  ...(tools.length === 0 ? {} : { tools }),
  body,
});

export interface Billing {
  /** Of a model by its name; nothing where nobody bills its work. */
  readonly priceOf: (model: string) => Price | undefined;
  /** What every thinker is told. */
  readonly frame: string;
  readonly summarizer: Roster;
}

type Opened = Extract<Unwritten, { type: "opened" }>;

/** Beside what it is told and what it reads: what is asked in a step, its form, a name, the marks of a chat. */
const ASKED_BYTES = 768;
/** What its tools find. */
const FOUND_BYTES = 1_536;

/** RO3. @param model what each asks for that has none of its own, and what all of them do where somebody named one */
export function billedIn(
  opened: Opened,
  roster: readonly Roster[],
  { priceOf, frame, summarizer }: Billing,
  model: { readonly asked: string | undefined; readonly fallback: string },
): Opened {
  if (opened.config.costMaxMicros === undefined) return opened;
  const { request, before, knowledge = [] } = opened;
  // A vote names everybody: in its words, and in its form.
  const names = roster.map(({ name }) => name);
  const given = Buffer.byteLength(JSON.stringify([request, before, knowledge, names, names]));
  const billed = (its: Roster): { readonly billed?: Billed } => {
    const price = priceOf(model.asked ?? its.model ?? model.fallback);
    if (price === undefined) return {};
    const told = Buffer.byteLength(`${frame}${its.body}`) + ASKED_BYTES + (its.tools === undefined ? 0 : FOUND_BYTES);
    return { billed: { ...price, promptTokens: given + told } };
  };
  const summing = billed(summarizer).billed;
  const seats = new Map(roster.map((its) => [its.name, billed(its)]));
  return {
    ...opened,
    agents: opened.agents.map((its) => ({ ...its, ...seats.get(its.name) })),
    ...(opened.mode !== "discuss" || summing === undefined ? {} : { summarizer: summing }),
  };
}

/** RO4. @returns whose bounds in the log are not those that it has now; nothing where no bound is set to the cost */
export function billedOtherwise(
  { seq: _seq, at: _at, ...opened }: Logged<"opened">,
  roster: readonly Roster[],
  billing: Billing,
  model: Parameters<typeof billedIn>[3],
): string | undefined {
  const bare = opened.agents.map(({ billed: _billed, ...its }) => its);
  const now = billedIn({ ...opened, agents: bare, summarizer: undefined }, roster, billing, model);
  const nowOf = new Map(now.agents.map(({ name, billed }) => [name, billed]));
  const other = opened.agents.find(({ name, billed }) => !isPaidBy(billed, nowOf.get(name)));
  return other?.name ?? (isPaidBy(opened.summarizer, now.summarizer) ? undefined : billing.summarizer.name);
}

function isPaidBy(logged: Billed | undefined, now: Billed | undefined): boolean {
  if (logged === undefined || now === undefined) return logged === now;
  return logged.input === now.input && logged.output === now.output && now.promptTokens <= logged.promptTokens;
}

/** RO2. */
export function configOf(mode: Mode, team: TeamConfig): DiscussionConfig {
  const {
    style,
    roundsMax,
    quorum,
    samples: count,
    idleMs,
    hardMs,
    graceMs,
    draftMs,
    turnMs,
    finalMs,
    summaryMs,
  } = team;
  return {
    style,
    contributionsMax: mode === "discuss" ? team.contributionsMax : 1,
    roundsMax,
    staleMax: STALE_MAX,
    quorum,
    samples: count,
    tokensMax: team.tokensMax === 0 ? NO_BOUND : team.tokensMax,
    ...(team.costMax === 0 ? {} : { costMaxMicros: Math.round(team.costMax * MICROS) }),
    turnTokensMax: TURN_TOKENS_MAX,
    idleMs,
    hardMs,
    graceMs,
    draftMs,
    turnMs,
    finalMs,
    summaryMs,
  };
}
