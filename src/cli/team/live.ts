/**
 * What is drawn anew while a team talks: a line for each who speaks now, and how it stands so far.
 *
 * Several speak at once and a terminal has one end. So each has one line with the latest of its words, and what it said
 * is told whole when it has ended (told.ts).
 *
 *  LV1 It never has more lines than it may, nor a wider one than the screen.
 *
 * @module
 */
import type { OpenTurn, Standing } from "../../../machines/rules/standing.ts";
import { headOf, tailOf, widthOf } from "./columns.ts";
import type { Hearing } from "./hearing.ts";
import { palette, type Screen } from "./paint.ts";
import { summaryPanel } from "./panel.ts";
import { plainLine } from "./plain.ts";

const SPEAKERS_MAX = 6;
const SUMMARY_LINES_MAX = 3;
const NAME_COLUMNS_MAX = 24;
/** Enough letters for any screen; all that a model has said is measured with every word of its otherwise. */
const WORDS_NEAR = 1_000;

export function liveLines({ standing, words, ending }: Hearing, screen: Screen): readonly string[] {
  if (standing === undefined || standing.final !== undefined || standing.opened.mode === "alone") return [];
  const turns = [...standing.turns.values()];
  const { dim } = palette(screen);
  const more = turns.length - SPEAKERS_MAX;
  return [
    ...turns.slice(0, SPEAKERS_MAX).map((turn) => speakerLine(standing, turn, words.get(turn.turn) ?? "", screen)),
    ...(more > 0 ? [dim(`  and ${more} more`)] : []),
    ...(turns.length === 0 ? [dim(waitingText(standing, ending, screen.columns - 1))] : []),
    ...(standing.summary === undefined ? [] : summaryPanel(standing.summary, screen, SUMMARY_LINES_MAX)),
  ];
}

function speakerLine(standing: Standing, { agent, kind }: OpenTurn, words: string, screen: Screen): string {
  const { thinker, dim } = palette(screen);
  const { opened, thinkers } = standing;
  const colour = opened.agents.find(({ name }) => name === agent)?.colour ?? "";
  const number = (thinkers.get(agent)?.contributed ?? 0) + 1;
  const name = headOf(plainLine(kind === "sample" ? agent : `${agent} ${number}`), NAME_COLUMNS_MAX);
  const said = plainLine(words.slice(-WORDS_NEAR));
  const columns = screen.columns - 2 - widthOf(name);
  return `${thinker(colour)(name)} ${said === "" ? dim(headOf(THINKING, columns)) : dim(tailOf(said, columns))}`;
}

const THINKING = "...";

function waitingText({ reason, polls }: Standing, ending: string, columns: number): string {
  if (reason !== undefined && ending !== "") return `  ${tailOf(plainLine(ending.slice(-WORDS_NEAR)), columns - 2)}`;
  if (reason !== undefined) return headOf("  the answer is put together ...", columns);
  const isVoting = polls.length > 0 && polls.at(-1)?.tally === undefined;
  return headOf(isVoting ? "  they vote ..." : "  they listen ...", columns);
}
