/**
 * What the team knows, for a screen of 80 columns, and what `/knowledge` may be told.
 *
 *  KT1 Each is told with its id, by which it is forgotten, and with whence it is known.
 *  KT2 How something was found is told, and so is that no model could compare meanings.
 *
 * @module
 */
import type { FoundView, KnownForgotten, KnownView } from "../../protocol/knowledge-api.ts";
import { wrapTo } from "../team/columns.ts";
import { plain } from "../team/plain.ts";
import type { Session } from "../session/session.ts";

const COLUMNS = 79;
const INDENT = "  ";

/** KT1. */
export function knowledgeText(known: readonly KnownView[]): string {
  if (known.length === 0) return "nothing is known yet: the team learns what it agrees on, and what you teach it";
  return known.flatMap((one) => linesOf(one, whence(one))).join("\n");
}

/** KT2. */
export function knownText({ found, model }: FoundView): string {
  const how =
    model === undefined
      ? "words were compared: no model is in memory that can compare meanings"
      : `meanings were compared by ${model}`;
  if (found.length === 0) return `nothing that is known is near to it (${how})`;
  const lines = found.flatMap((one) => linesOf(one, `${percent(one.score)} by ${one.by}, ${whence(one)}`));
  return [...lines, `(${how})`].join("\n");
}

export function forgottenText({ id, redacted, session }: KnownForgotten): string {
  const taken = redacted.length === 0 ? [] : [`it was taken out of ${redacted.join(", ")}, where it had been given`];
  const stays =
    session === undefined ? [] : [`${session} came to it and still says so: rbee sessions remove ${session}`];
  return [`${id} is forgotten`, ...taken, ...stays].join("\n");
}

const linesOf = ({ id, about, text }: KnownView, aside: string): readonly string[] => [
  `${id}  ${aside}`,
  ...wrapTo(plain(about === "" ? text : `${about}\n${text}`).trim(), COLUMNS - INDENT.length).map((line) =>
    `${INDENT}${line}`.trimEnd(),
  ),
];

const whence = ({ origin, confidence, label }: KnownView): string =>
  origin.by === "user" ? `you said so, ${label}` : `${percent(confidence)} agreed in ${origin.session}, ${label}`;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

type Knower = Pick<Session, "knowledge" | "searchKnowledge" | "teach" | "forgetKnown">;

/** `/knowledge`, `/knowledge TEXT`, `/knowledge add TEXT`, `/knowledge forget ID`. */
export async function knowledgeCommand(argument: string, session: Knower): Promise<string> {
  const [, word = "", rest = ""] = /^(\S+)(?:\s+(.*))?$/s.exec(argument) ?? [];
  if (word === "") return knowledgeText(await session.knowledge());
  if (word === "add" && rest !== "") return `${await session.teach(rest)} is known`;
  if (word === "forget" && rest !== "") return forgottenText(await session.forgetKnown(rest.trim()));
  if ((word === "add" || word === "forget") && rest === "") return "/knowledge add TEXT, /knowledge forget ID";
  return knownText(await session.searchKnowledge(argument));
}
