/**
 * What was asked before, and who can be asked, for a screen of 80 columns.
 *
 *  ST1 Each is a line, the newest last: nearest to where the person types.
 *  ST2 Words are found wherever the user or the team has said them: in a question, in what was said while they talked,
 *      in the answer.
 *
 * @module
 */
import type { SessionView, SpecialistsView } from "../../protocol/session-api.ts";
import { headOf, widthOf, wrapTo } from "../team/columns.ts";
import { plain, plainLine } from "../team/plain.ts";

const COLUMNS = 79;
const LINES_MAX = 20;

type Asked = SessionView["asked"][number];

/** The day and the minute, as this machine's clock has them. */
const when = (at: number): string => {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
};

export function sessionsText(sessions: readonly SessionView[]): string {
  const lines = sessions.map(({ session, at, asked, damaged = [] }) => {
    const more = [
      ...(asked.length > 1 ? [` (and ${asked.length - 1} more)`] : []),
      ...(asked.some(({ answer }) => answer === undefined) ? [" (they talk)"] : []),
      ...(damaged.length > 0 ? [` (${damaged.length} damaged)`] : []),
    ].join("");
    const head = `${when(at)}  ${session}  `;
    return head + headOf(plainLine(asked[0]?.request ?? ""), COLUMNS - widthOf(head) - more.length) + more;
  });
  return shown(lines.toReversed(), "nothing was asked yet");
}

/** What was asked and answered in one of them. */
export function historyText(session: SessionView | undefined): string {
  if (session === undefined || session.asked.length === 0) return "nothing was asked here yet";
  return session.asked
    .flatMap(({ request, answer }) => [...under("> ", request), ...under("  ", answer ?? "...")])
    .join("\n");
}

const under = (mark: string, text: string): readonly string[] =>
  wrapTo(plain(text).trim(), COLUMNS - 2).map((line, index) => `${index === 0 ? mark : "  "}${line}`.trimEnd());

/** ST2. */
export const isFoundIn = (one: Asked, words: string): boolean => excerpt(one, words.toLowerCase()) !== undefined;

/** ST2. Where it stands. */
export function foundText(sessions: readonly SessionView[], words: string): string {
  const wanted = words.toLowerCase();
  const lines = sessions.flatMap(({ session, asked }) =>
    asked.flatMap((one) => {
      const hit = excerpt(one, wanted);
      return hit === undefined ? [] : [headOf(`${session}  ${hit}`, COLUMNS)];
    }),
  );
  return shown(lines.toReversed(), `${plainLine(words)} is nowhere in what was asked, said and answered`);
}

const BEFORE_HIT = 20;

function excerpt({ request, said = [], answer = "" }: Asked, wanted: string): string | undefined {
  const text = [request, ...said, answer].map(plainLine).find((part) => part.toLowerCase().includes(wanted));
  if (text === undefined) return undefined;
  const from = Math.max(0, text.toLowerCase().indexOf(wanted) - BEFORE_HIT);
  return from === 0 ? text : `...${text.slice(from)}`;
}

export function specialistsText(specialists: SpecialistsView["specialists"]): string {
  const columns = Math.max(0, ...specialists.map(({ name }) => name.length));
  const lines = specialists
    .toSorted((one, other) => Number(other.inTeam) - Number(one.inTeam))
    .map(({ name, duty, inTeam }) =>
      headOf(`${inTeam ? "*" : " "} ${name.padEnd(columns)}  ${plainLine(duty)}`, COLUMNS),
    );
  return [...lines, "* discusses here; the others do where team.specialists names them"].join("\n");
}

function shown(lines: readonly string[], none: string): string {
  if (lines.length === 0) return none;
  const left = lines.length - LINES_MAX;
  return [...(left > 0 ? [`... and ${left} older`] : []), ...lines.slice(-LINES_MAX)].join("\n");
}
