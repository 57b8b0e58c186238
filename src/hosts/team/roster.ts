/**
 * Who takes a seat in a discussion of which mode, and by which bounds it is held.
 *
 * Owns: the composition. Does not own: the files that thinkers are made of (prompts.ts).
 *
 *  RO1 Alone it is the queen; in a vote so many samples, of different models where several are in memory; in a
 *      discussion the specialists, each of which must be there.
 *  RO2 Whoever answers once may contribute once.
 *
 * @module
 */
import type { Roster } from "../../../machines/discussion.ts";
import type { DiscussionConfig, Logged, Mode } from "../../../machines/rules/log.ts";
import type { TeamConfig } from "../../runtime/config/team.ts";
import { readPart, type Thinker } from "./prompts.ts";
import { readTeam } from "./thinkers.ts";

/** How many contributions of others a thought may miss (TS9). */
const STALE_MAX = 2;
/** Of one turn: a judgement whether to speak, and two or three sentences. */
const TURN_TOKENS_MAX = 320;
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
